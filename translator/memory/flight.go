package memory

import (
	"context"
	"errors"
	"sync"

	"dragoman/translator"
)

// errAbandoned says that the call that had a question in hand was stopped by its
// own context, which is no answer for anybody else.
var errAbandoned = errors.New("abandoned")

// flights is the table of questions that calls have in hand.
type flights struct {
	mu    sync.Mutex
	table map[translator.Key]*flight
}

// A flight is one question in one call's hand. Its result and err are written
// before done is closed and not after.
type flight struct {
	done   chan struct{}
	over   bool // guarded by flights.mu
	result translator.Result
	err    error
}

// An awaited question is in another call's hand.
type awaited struct {
	question question
	flight   *flight
}

func newFlights() *flights { return &flights{table: map[translator.Key]*flight{}} }

// claim takes all questions in hand that nobody has, in one step.
func (f *flights) claim(questions []question) (own []question, others []awaited) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range questions {
		if there := f.table[q.key]; there != nil {
			others = append(others, awaited{q, there})
			continue
		}
		q.flight = &flight{done: make(chan struct{})}
		f.table[q.key] = q.flight
		own = append(own, q)
	}
	return own, others
}

// land lets questions go with their answers.
func (f *flights) land(questions []question, answers map[translator.Key]translator.Result) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range questions {
		q.flight.result = answers[q.key]
		f.release(q)
	}
}

// abandon lets go of those questions that are still in hand, because the call ends with
// an error. An error of its context leaves them to those who wait; any
// other is theirs too, or a broken store would be paid for by each of them in turn.
func (f *flights) abandon(questions []question, err error) {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = errAbandoned
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range questions {
		if !q.flight.over {
			q.flight.err = err
			f.release(q)
		}
	}
}

func (f *flights) release(q question) {
	delete(f.table, q.key)
	q.flight.over = true
	close(q.flight.done)
}

// wait returns the answer of the call that has the question in hand.
func (f *flight) wait(ctx context.Context) (translator.Result, error) {
	select {
	case <-f.done:
		return f.result, f.err
	case <-ctx.Done():
		return translator.Result{}, ctx.Err()
	}
}
