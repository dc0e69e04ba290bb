package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"dragoman/translator"
)

const (
	// outagePause is how often a worker looks whether its store answers.
	outagePause = 2 * time.Second
	// outageAnswer is how long the store may take for that.
	outageAnswer = 3 * time.Second
)

// An outage tells once that the store is away, and once that it is back:
// everything that needs it fails meanwhile, and says so at the debug level.
type outage struct {
	log *zap.Logger
	ask func(context.Context) error

	mu    sync.Mutex
	since time.Time // zero while the store answers
}

// watch looks until ctx ends.
func (o *outage) watch(ctx context.Context) {
	tick := time.NewTicker(outagePause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			o.look(ctx)
		}
	}
}

// look asks the store now, and tells if that has changed.
func (o *outage) look(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, outageAnswer)
	defer cancel()
	err := o.ask(asking)
	if ctx.Err() != nil {
		return err // of who asks, and not of the store
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = translator.NewError("store", translator.Unavailable, fmt.Errorf("no answer within %v", outageAnswer))
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err != nil && o.since.IsZero():
		o.since = time.Now()
		o.log.Warn("the store does not answer; trying again until it does", zap.Error(err), zap.String("remedy", translator.HintOf(err)))
	case err == nil && !o.since.IsZero():
		o.log.Info("the store answers again", zap.Duration("after", time.Since(o.since).Round(time.Millisecond)))
		o.since = time.Time{}
	}
	return err
}

// away tells whether the store does not answer, and so explains an error that
// came just now.
func (o *outage) away(ctx context.Context) bool {
	o.mu.Lock()
	known := !o.since.IsZero()
	o.mu.Unlock()
	return known || o.look(ctx) != nil
}
