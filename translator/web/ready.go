package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// A Check is one thing that must hold before a process is ready. Do ends with
// its context, which ends after a second.
type Check struct {
	Name string
	Do   func(context.Context) error
}

// checkTime is how long a check may take, and checkFresh how long its answer
// is given again, so that those who ask often cost a query a second.
const (
	checkTime  = time.Second
	checkFresh = time.Second
)

// errLate is the answer of a check that gives none in time.
var errLate = errors.New("no answer in time")

// readiness makes the checks, for all who ask at the same time once.
type readiness struct {
	checks  []*checked
	problem func(what string, err error)

	mu     sync.Mutex
	states []state
	when   time.Time
}

// A checked is a check that is made once at a time, even if it does not end.
type checked struct {
	Check
	busy chan struct{} // has a place while nobody is at it
}

func newReadiness(opts Options) *readiness {
	r := &readiness{problem: opts.Problem}
	for _, c := range opts.Checks {
		r.checks = append(r.checks, &checked{c, make(chan struct{}, 1)})
	}
	return r
}

// readyz says whether the process can take work, and what stands against it.
func (s *Site) readyz(w http.ResponseWriter, _ *http.Request) {
	states := s.ready.look()
	draining := state{Name: "draining", OK: !s.opts.Draining()}
	if !draining.OK {
		draining.Problem = "the process ends and takes no more work"
	}
	healthOf(append(states, draining)).write(w)
}

// look returns what the checks say, in their order. It does not end with the
// one who asks, since others wait for the same answer.
func (r *readiness) look() []state {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.states == nil || time.Since(r.when) >= checkFresh {
		r.states = r.make()
		r.when = time.Now()
	}
	return append([]state(nil), r.states...)
}

func (r *readiness) make() []state {
	states := make([]state, len(r.checks))
	var all sync.WaitGroup
	for i, c := range r.checks {
		all.Go(func() { states[i] = r.stateOf(c) })
	}
	all.Wait()
	return states
}

func (r *readiness) stateOf(c *checked) state {
	err := c.make()
	if err == nil {
		return state{Name: c.Name, OK: true}
	}
	r.problem("readyz: "+c.Name, err)
	problem := "failed; the log says why"
	if errors.Is(err, errLate) || errors.Is(err, context.DeadlineExceeded) {
		problem = errLate.Error()
	}
	return state{Name: c.Name, Problem: problem}
}

// make returns what the check says, or errLate while it, or an earlier one, goes on.
func (c *checked) make() error {
	select {
	case c.busy <- struct{}{}:
	default:
		return errLate
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTime)
	answer := make(chan error, 1)
	go func() {
		defer cancel()
		defer func() { <-c.busy }()
		answer <- c.Do(ctx)
	}()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-answer: // both at once: ctx also ends when the check does
		return err
	default:
		return errLate
	}
}
