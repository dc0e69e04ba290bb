package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"dragoman/translator"
)

// A fate is how a process left a version that is not done.
type fate struct {
	state translator.State
	kind  translator.Kind // of what a held one waits for
}

// A tally is what became of the versions that a process worked. It is safe for
// concurrent use.
type tally struct {
	mu     sync.Mutex
	done   int
	undone map[translator.VersionID]fate // what each came to last; those that are done are only counted
}

func newTally() *tally { return &tally{undone: map[translator.VersionID]fate{}} }

// left notes what versions came to, and why if that is not the end.
func (t *tally) left(state translator.State, why error, versions ...translator.VersionID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range versions {
		delete(t.undone, id)
		if state == translator.StateDone {
			t.done++
		} else {
			t.undone[id] = fate{state, translator.KindOf(why)}
		}
	}
}

// code returns with which code of the exit table a drain ends.
func (t *tally) code() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := map[fate]bool{}
	for _, f := range t.undone {
		all[f] = true
	}
	switch {
	case len(all) == 0:
		return exitDone
	case len(all) == 1 && all[fate{translator.StateHeld, translator.OverBudget}]:
		return exitBudget
	case len(all) == 1 && all[fate{translator.StateHeld, translator.Denied}]:
		return exitDenied
	}
	return exitPartial
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
}

func (t *tally) result(run string, took time.Duration) shiftResult {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := shiftResult{Run: run, Seconds: took.Round(time.Millisecond).Seconds()}
	r.Stories.Done = t.done
	for _, f := range t.undone {
		switch f.state {
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
	return b.String() + "\n"
}

// sumTime is how long the ledger may take to say what was spent.
const sumTime = 5 * time.Second

// conclude says what the process did, and with which code a drain ends. Other
// processes may go on: what is done in them is theirs to tell.
func (s *shift) conclude(ctx context.Context, took time.Duration) error {
	r := s.tally.result(s.id, took)
	asking, cancel := context.WithTimeout(ctx, sumTime)
	defer cancel()
	spent, err := s.db.Spending(asking, translator.Window{Run: s.id})
	if err != nil {
		s.log.Warn("the ledger does not say what was spent: see dragoman ledger", zap.Error(err))
	} else {
		r.Requests, r.CostUSD = &spent.Requests, &spent.Cost
	}
	switch {
	case s.app.json:
		err = writeJSON(s.app.out, r)
	case s.app.quiet:
		err = nil
	default:
		_, err = io.WriteString(s.app.out, r.text())
	}
	if code := s.tally.code(); err == nil && s.drain && code != exitDone {
		n := r.Stories.Partial + r.Stories.Failed + r.Stories.PutOff
		return &outcomeError{code: code, err: fmt.Errorf("%s not done: see dragoman status", areStories(n))}
	}
	return err
}
