package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"dragoman/translator"
	"dragoman/translator/format"
)

// A stopwatch times the requests of one backend and adds up its bills.
type stopwatch struct {
	mu    sync.Mutex
	took  []time.Duration
	size  int64
	spent translator.USD
}

func (s *stopwatch) around(b translator.Backend) translator.Backend { return &timed{b, s} }

func (s *stopwatch) billed(_ translator.Line, bill translator.Bill) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size, s.spent = s.size+int64(bill.Size), s.spent+bill.Cost
}

// tell writes what was measured into a column.
func (s *stopwatch) tell(col *format.Compared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	col.Requests, col.Size, col.Cost = len(s.took), s.size, s.spent
	if len(s.took) == 0 {
		return
	}
	slices.Sort(s.took)
	for _, d := range s.took {
		col.Seconds += d.Seconds()
	}
	col.Median = s.took[len(s.took)/2].Seconds()
}

// timed is a Backend whose requests are timed.
type timed struct {
	translator.Backend
	watch *stopwatch
}

func (t *timed) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	begun := time.Now()
	resp, err := t.Backend.Translate(ctx, req)
	t.watch.mu.Lock()
	defer t.watch.mu.Unlock()
	t.watch.took = append(t.watch.took, time.Since(begun))
	return resp, err
}

// Close closes the Backend that is timed, if it can be closed.
func (t *timed) Close() error { return translator.Close(t.Backend) }
