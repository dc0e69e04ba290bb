// Package ledger writes down every request before it is sent and what became of
// it afterwards, and keeps spending within the user's limits.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"dragoman/translator"
)

// ErrLedger says that a line could not be written, so that nothing was sent.
// It comes wrapped in an *Error of kind Other, which nobody retries: whoever
// finds it with errors.Is ends the run.
var ErrLedger = errors.New("the ledger could not be written")

// settleTime is how long a settlement goes on after the run was stopped.
const settleTime = 30 * time.Second

// Options holds what may be changed about a meter. A nil *Options is all zero.
type Options struct {
	Run    string         // names the run in the ledger; empty, the run's limits count all runs
	Budget Budget         // zero is no limit
	Zone   *time.Location // in which days and months begin; nil is time.Local
	// Settled is told of each request that was sent: its line, what it came to,
	// and the error of the settlement, after which the line stays open and
	// counts in full. Calls may come from several goroutines.
	Settled func(line translator.Line, billed translator.Bill, err error)
	// Exceeded is told of each request that the service billed above what was
	// reserved for it, and so above what the limits were checked against: the
	// estimate that the backend's Traits give is too low. Calls as of Settled.
	Exceeded func(line translator.Line, billed translator.Bill)
	// Alarm tells of spending that comes near a limit. All meters of a run
	// share one. Nil tells nobody.
	Alarm *Alarm
}

// Meter returns a Backend that reserves a line in the book before each request
// of b, and settles it afterwards. A *BudgetError comes back as it is, and
// nothing is sent. Close waits for the last settlements, and closes b if b is
// an io.Closer.
//
// A line that is billed as it was reserved is settled beside what follows,
// since it counts the same open or settled; any other before Translate
// returns, so that a retry does not find the budget taken by what it repeats.
//
// What is reserved is the most that Traits.Cost says. An answer is billed by
// what the service says, even above that, or else by what was sent, but for
// texts that are Missing, and what came back. In full is billed a request
// that failed but may have been carried out: any error but an *Error without
// MaybePaid, and a Corrupt one in any case, since an answer came. A meter around
// memory.Keep settles when the answers are saved, so that open lines are all
// that a crash can lose.
func Meter(book translator.Ledger, b translator.Backend, opts *Options) translator.Backend {
	if opts == nil {
		opts = &Options{}
	}
	m := &meter{Backend: b, book: book, opts: *opts}
	if m.opts.Zone == nil {
		m.opts.Zone = time.Local
	}
	return m
}

type meter struct {
	translator.Backend
	book     translator.Ledger
	opts     Options
	settling sync.WaitGroup
}

// Translate reserves, asks the backend, and settles.
func (m *meter) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	traits := m.Traits()
	line := lineOf(traits, req)
	line.Run, line.Time = m.opts.Run, time.Now().UTC()
	limits := Limits(m.opts.Budget, m.opts.Run, line.Time, m.opts.Zone)
	id, err := m.book.Reserve(ctx, line, limits)
	if err != nil {
		return translator.Response{}, reserveError(err)
	}
	resp, err := m.Backend.Translate(ctx, req)
	bill := billOf(line, traits, req, resp, err)
	bill.Time = time.Now().UTC()
	if m.opts.Exceeded != nil && (bill.Size > line.Size || bill.Cost > line.Cost) {
		m.opts.Exceeded(line, bill)
	}
	if bill.Size == line.Size && bill.Cost == line.Cost {
		m.settling.Go(func() { m.settle(ctx, id, limits, line, bill) })
	} else {
		m.settle(ctx, id, limits, line, bill)
	}
	return resp, err
}

// reserveError passes on what the caller must see as it is, and makes the rest
// an error that nobody retries.
func reserveError(err error) error {
	_, refused := errors.AsType[*translator.BudgetError](err)
	if refused || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &translator.Error{
		Op: "ledger", Kind: translator.Other, Hint: translator.HintOf(err), Err: fmt.Errorf("%w: %w", ErrLedger, err),
	}
}

// settle closes the line, also when the run was stopped meanwhile. That it
// fails does not take the answer away: a line that stays open counts in full.
func (m *meter) settle(ctx context.Context, id translator.LineID, limits []translator.Limit, line translator.Line, bill translator.Bill) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	err := m.book.Settle(ctx, id, bill)
	m.opts.Alarm.billed(ctx, m.book, limits, bill)
	if m.opts.Settled != nil {
		m.opts.Settled(line, bill, err)
	}
}

// Close waits for settlements and closes the backend if it is an io.Closer.
func (m *meter) Close() error {
	m.settling.Wait()
	return translator.Close(m.Backend)
}
