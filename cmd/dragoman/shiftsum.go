package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"dragoman/translator"
)

// A tally is what became of the versions that a process worked, and of its last
// requests. It is safe for concurrent use.
type tally struct {
	mu     sync.Mutex
	done   int
	undone map[translator.VersionID]translator.State // what each came to last; those that are done are only counted
	cut    int                                       // requests that were on their way when the process was to end at once
	lost   translator.USD                            // what those count as
}

func newTally() *tally { return &tally{undone: map[translator.VersionID]translator.State{}} }

// left notes what versions came to.
func (t *tally) left(state translator.State, versions ...translator.VersionID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range versions {
		delete(t.undone, id)
		if state == translator.StateDone {
			t.done++
		} else {
			t.undone[id] = state
		}
	}
}

// cutOff notes a request that was on its way when the process was to end at once.
func (t *tally) cutOff(bill translator.Bill) {
	if bill.Size == 0 && bill.Cost == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cut++
	t.lost += bill.Cost
}

// interrupted says what an end at once cost.
func (t *tally) interrupted() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := "ended at once: no request was on its way"
	if t.cut > 0 {
		text = fmt.Sprintf("ended at once: %s on the way cut off, at most %s billed; the answers may be lost and be paid for again", count(t.cut, "request"), t.lost)
	}
	return &outcomeError{code: exitInterrupted, err: errors.New(text)}
}

// A remainder is what a drain leaves in the store, whoever worked it.
type remainder struct {
	Waiting int             `json:"waiting"`
	Held    int             `json:"held"`
	OnHold  int             `json:"on_hold"` // as a person wants it
	kind    translator.Kind // what all that are held wait for, or Other
	hint    string
}

// remainder looks for what is left. What failed or is partial is no work any
// more, and was told by whoever worked it.
func (s *shift) remainder(ctx context.Context) (*remainder, error) {
	tallies, err := s.stories.Tally(ctx, translator.Selection{})
	if err != nil {
		return nil, err
	}
	l := &remainder{}
	for _, t := range tallies {
		switch t.State {
		case translator.Waiting:
			l.Waiting += t.Versions
		case translator.StateHeld:
			l.Held += t.Versions
		case translator.StateOnHold:
			l.OnHold += t.Versions
		}
	}
	err = l.findKind(s.stories.Versions(ctx, translator.Selection{States: []translator.State{translator.StateHeld}, Brief: true}))
	return l, err
}

func (l *remainder) findKind(held iter.Seq2[translator.Version, error]) error {
	first := true
	for v, err := range held {
		if err != nil {
			return err
		}
		why := whyNot(v)
		kind := translator.KindOf(why)
		switch {
		case first:
			l.kind, l.hint, first = kind, translator.HintOf(why), false
		case kind != l.kind:
			l.kind, l.hint = translator.Other, "dragoman status says why each is held; dragoman retry --state held tries them at once"
			return nil
		}
	}
	return nil
}

// A shiftResult is the output of work --json and serve --json.
type shiftResult struct {
	Run     string `json:"run"`
	Stories struct {
		Done    int `json:"done"`
		Partial int `json:"partial"`
		Failed  int `json:"failed"`
		PutOff  int `json:"put_off"` // held for later
	} `json:"stories"`
	// What the process sent, by the ledger; null where the store did not say.
	Requests *int            `json:"requests"`
	CostUSD  *translator.USD `json:"cost_usd"`
	Seconds  float64         `json:"seconds"`
	Left     *remainder      `json:"left,omitempty"` // of a drain
}

func (t *tally) result(run string, took time.Duration) shiftResult {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := shiftResult{Run: run, Seconds: took.Round(time.Millisecond).Seconds()}
	r.Stories.Done = t.done
	for _, state := range t.undone {
		switch state {
		case translator.StatePartial:
			r.Stories.Partial++
		case translator.StateFailed:
			r.Stories.Failed++
		default:
			r.Stories.PutOff++
		}
	}
	return r
}

// text says it for people: "12 stories done, 1 failed, 2 put off; ...".
func (r shiftResult) text() string {
	var b strings.Builder
	b.WriteString(count(r.Stories.Done, "story") + " done")
	for _, some := range []struct {
		n    int
		what string
	}{{r.Stories.Partial, "partial"}, {r.Stories.Failed, "failed"}, {r.Stories.PutOff, "put off"}} {
		if some.n > 0 {
			fmt.Fprintf(&b, ", %d %s", some.n, some.what)
		}
	}
	switch {
	case r.Requests == nil:
	case *r.Requests == 0:
		b.WriteString("; nothing was sent")
	default:
		fmt.Fprintf(&b, "; %s sent, %s", count(*r.Requests, "request"), *r.CostUSD)
	}
	fmt.Fprintf(&b, "; %v", time.Duration(r.Seconds*float64(time.Second)).Round(100*time.Millisecond))
	if r.Stories.Partial+r.Stories.Failed+r.Stories.PutOff > 0 {
		b.WriteString("; why: dragoman status")
	}
	if r.Left != nil && r.Left.OnHold > 0 {
		fmt.Fprintf(&b, "; %s on hold until dragoman release", areStories(r.Left.OnHold))
	}
	return b.String() + "\n"
}

// ends returns with what a drain ends: nil where nothing is left to do. Here
// makes the commands of a remedy fit.
func (r shiftResult) ends(here func(string) string) error {
	l, over := r.Left, r.Stories.Partial+r.Stories.Failed
	var parts []string
	for _, some := range []struct {
		n    int
		what string
	}{{l.Held, "held"}, {l.Waiting, "waiting"}, {over, "partial or failed"}} {
		if some.n > 0 {
			parts = append(parts, areStories(some.n)+" "+some.what)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	code := exitPartial
	switch {
	case l.Waiting+over > 0:
	case l.kind == translator.OverBudget:
		code = exitBudget
	case l.kind == translator.Denied:
		code = exitDenied
	}
	why := &translator.Error{Hint: "dragoman status says why, and what to do"}
	switch {
	case l.Held > 0:
		why.Hint = cmp.Or(l.hint, why.Hint)
	case l.Waiting > 0:
		why.Hint = "start dragoman work again"
	}
	why.Err, why.Hint = errors.New(strings.Join(parts, ", ")), here(why.Hint)
	return &outcomeError{code: code, err: why}
}

// sumTime is how long the ledger may take to say what was spent.
const sumTime = 5 * time.Second

// conclude says what the process did, and with which code it ends: a drain, by
// what is left in the store.
func (s *shift) conclude(ctx context.Context, took time.Duration) error {
	r := s.tally.result(s.id, took)
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), sumTime)
	defer cancel()
	spent, err := s.db.Spending(asking, translator.Window{Run: s.id})
	if err != nil {
		s.log.Warn("the ledger does not say what was spent: see dragoman ledger", zap.Error(err))
	} else {
		r.Requests, r.CostUSD = &spent.Requests, &spent.Cost
	}
	cut := ctx.Err() != nil
	if s.drain && !cut {
		if r.Left, err = s.remainder(ctx); err != nil {
			return err
		}
	}
	switch {
	case s.app.json:
		err = writeJSON(s.app.out, r)
	case s.app.quiet:
		err = nil
	default:
		_, err = io.WriteString(s.app.out, s.app.here(r.text()))
	}
	switch {
	case err != nil:
		return err
	case cut:
		return s.tally.interrupted()
	case s.drain:
		return r.ends(s.app.here)
	}
	return nil
}
