package queue

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
)

// Every kind of error, as a story's own and as Do's, with what becomes of it.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 22, 30, 0, 0, time.UTC)
	budget := func(name string, w translator.Window) error {
		return fmt.Errorf("story: %w", &translator.BudgetError{Limit: translator.Limit{Name: name, Window: w, Cost: 1}})
	}
	reserved := &translator.BudgetError{
		Limit: translator.Limit{Name: "budget.day_usd", Window: translator.Window{Since: now.Truncate(24 * time.Hour)}, Cost: 10},
		Spent: translator.Spending{Cost: 9, Open: 1, OpenCost: 8}, Asked: translator.Line{Cost: 2},
	}
	asked := func(kind translator.Kind, after time.Duration) error {
		return &translator.Error{Op: "engine", Kind: kind, Err: &translator.Error{Op: "x", Kind: kind, After: after}}
	}
	for name, tt := range map[string]struct {
		err      error
		attempts int
		downs    int
		state    translator.State
		again    time.Duration
	}{
		"run budget":            {budget("budget.run_usd", translator.Window{Run: "r"}), 1, 0, translator.StateHeld, time.Hour},
		"day budget":            {budget("budget.day_usd", translator.Window{Since: now.Truncate(24 * time.Hour)}), 1, 0, translator.StateHeld, 90 * time.Minute},
		"month budget":          {budget("budget.month_usd", translator.Window{Since: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}), 9, 0, translator.StateHeld, 49*time.Hour + 30*time.Minute},
		"day that is over":      {budget("budget.day_usd", translator.Window{Since: now.Add(-25 * time.Hour)}), 1, 0, translator.StateHeld, time.Minute},
		"reserved":              {reserved, 1, 0, translator.StateHeld, 5 * time.Second},
		"reserved again":        {reserved, 6, 0, translator.StateHeld, 5 * time.Second},
		"reserved by a crash":   {reserved, 8, 0, translator.StateHeld, 2 * time.Minute},
		"over budget, no limit": {translator.OverBudget, 1, 0, translator.StateHeld, time.Hour},
		"denied":                {translator.Denied, 3, 0, translator.StateHeld, time.Hour},
		"exhausted":             {translator.Exhausted, 3, 0, translator.StateHeld, time.Hour},
		"exhausted, asked":      {asked(translator.Exhausted, 3*time.Hour), 1, 0, translator.StateHeld, 3 * time.Hour},
		"asked for a year":      {asked(translator.Exhausted, 9000*time.Hour), 1, 0, translator.StateHeld, 24 * time.Hour},
		"throttled":             {translator.Throttled, 1, 0, translator.StateHeld, time.Minute},
		"throttled again":       {translator.Throttled, 3, 0, translator.StateHeld, 4 * time.Minute},
		"throttled, asked":      {asked(translator.Throttled, 7*time.Second), 3, 0, translator.StateHeld, 7 * time.Second},
		"unavailable for ever":  {translator.Unavailable, 4000, 0, translator.StateHeld, 30 * time.Minute},
		"interrupted by itself": {translator.Interrupted, 1, 0, translator.Waiting, time.Second},
		"a full disk":           {errors.New("disk full"), 1, 0, translator.Waiting, time.Second},
		"a full disk, long":     {errors.New("disk full"), 6, 0, translator.Waiting, 32 * time.Second},
		"a full disk, for long": {errors.New("disk full"), 7, 0, translator.StateHeld, 64 * time.Second},
		"a full disk for ever":  {errors.New("disk full"), 400, 0, translator.StateHeld, 5 * time.Minute},
		"a bug":                 {&breakdown{value: "x"}, 4, 4, translator.Waiting, 8 * time.Second},
		"a bug that stays":      {&breakdown{value: "x"}, 5, 5, translator.StateFailed, 0},
		"damaged":               {spoilt{translator.Corrupt}, 1, 0, translator.StateFailed, 0},
		"unread, unsupported":   {spoilt{translator.Unsupported}, 2, 0, translator.StateFailed, 0},
		"written by a newer":    {translator.Unsupported, 2, 0, translator.StateHeld, 2 * time.Minute},
		"unread":                {spoilt{translator.Unavailable}, 1, 0, translator.StateFailed, 0},
	} {
		tr := try{err: tt.err, attempts: tt.attempts, downs: tt.downs, now: now, trouble: troubleFirst}
		o := outcomeOf(tr)
		if o.state != tt.state || o.again != tt.again || o.result != nil {
			t.Errorf("%s: %s in %v, want %s in %v", name, o.state, o.again, tt.state, tt.again)
		}
		if said := o.reason.Text != ""; said == (o.state == translator.Waiting) {
			t.Errorf("%s: %s because of %q", name, o.state, o.reason.Text)
		}
		story := storyOf(article("a", "نص"), translator.Held, tt.err)
		tr.story, tr.err = &story, nil
		if held := outcomeOf(tr); held.state != o.state || held.again != o.again || held.reason != o.reason {
			t.Errorf("%s, of a held story: %+v, want %+v", name, held, o)
		}
		tr.stopped = true
		if o := outcomeOf(tr); !reflect.DeepEqual(o, outcome{state: translator.Waiting}) {
			t.Errorf("%s, of a process that ends: %+v", name, o)
		}
	}
}

// A story that ended is what its Status says, and its reason is its own or its first sentence's.
func TestOutcomesOfStories(t *testing.T) {
	t.Parallel()
	for _, status := range []translator.Status{translator.Done, translator.Partial, translator.Failed} {
		story := storyOf(article("a", "نص"), status, nil)
		if status != translator.Done {
			story.Sentences[0].Err = translator.TooLarge
		}
		o := outcomeOf(try{story: &story, attempts: 1})
		if o.state != translator.State(status) || o.result != &story || o.again != 0 {
			t.Errorf("%s: %+v", status, o)
		}
		if want := map[bool]translator.Kind{true: translator.TooLarge}[status != translator.Done]; o.reason.Kind != want {
			t.Errorf("%s: because of %v", status, o.reason)
		}
	}
}

// Only the end of the process makes an error one of no account.
func TestStopped(t *testing.T) {
	t.Parallel()
	with := func(cause error) context.Context {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		return ctx
	}
	for _, tt := range []struct {
		ctx  context.Context
		err  error
		want bool
	}{
		{with(translator.Interrupted), context.Canceled, true},
		{with(translator.Interrupted), fmt.Errorf("x: %w", translator.Interrupted), true},
		{with(translator.Interrupted), translator.OverBudget, false},
		{with(errStale), context.Canceled, true},
		{with(errors.New("other")), context.Canceled, false},
		{t.Context(), context.Canceled, false},
		{t.Context(), translator.Interrupted, false},
	} {
		if got := stopped(tt.ctx, tt.err); got != tt.want {
			t.Errorf("%v after %v: %v", tt.err, context.Cause(tt.ctx), got)
		}
	}
}

// A budget's remedy names the limit, and retry after what must come before it.
func TestBudgetRemedy(t *testing.T) {
	t.Parallel()
	day := &translator.BudgetError{Limit: translator.Limit{Name: "budget.day_usd", Cost: 1}}
	want := "raise budget.day_usd, start the workers again, then dragoman retry --state held"
	if got := RemedyOf(fmt.Errorf("story: %w", day)); got != want {
		t.Errorf("it is %q", got)
	}
	if got := outcomeOf(try{err: day, attempts: 1}).reason.Hint; !strings.HasPrefix(got, want+"; tried again at ") || strings.Count(got, "retry") != 1 {
		t.Errorf("a held story's is %q", got)
	}
	if got := RemedyOf(&translator.Error{Kind: translator.OverBudget, Hint: "ask"}); got != "ask" {
		t.Errorf("what is said is not passed on: %q", got)
	}
}
