package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	firstPause   = 50 * time.Millisecond
	longestPause = 2 * time.Second
	// grace is how long an operation that has begun may go on after its
	// context is done: ended in the middle, nobody would know whether the
	// database carried it out.
	grace = 5 * time.Second
)

// passing are the SQLSTATEs of what another attempt may get over within
// seconds: a transaction that stood in another's way, a server that is being
// stopped or started, has no connection left, or lost one.
var passing = []string{"40001", "40P01", "53300", "57P01", "57P02", "57P03", "08000", "08003", "08006"}

func mayPass(err error) bool {
	if errors.Is(err, errUnknown) {
		return false
	}
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		return slices.Contains(passing, said.Code)
	}
	return cutOff(err)
}

// retry does an operation until it succeeds, fails for good, or patience is at
// its end. Each attempt may take as long as Options.Answer. After the first
// one nobody knows whether an earlier one was carried out: do is told, and
// must see that nothing is done twice. Where whole is set, ctx no longer stops
// an attempt that has begun.
func (s *Store) retry(ctx context.Context, doing string, whole bool, do func(ctx context.Context, again bool) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	begun := time.Now()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := s.attempt(ctx, whole, pause > firstPause, do)
		if err == nil || !mayPass(err) || time.Since(begun)+pause > s.patience {
			return s.outcome(ctx, doing, whole, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
	}
}

func (s *Store) attempt(ctx context.Context, whole, again bool, do func(context.Context, bool) error) error {
	if whole {
		var cancel context.CancelFunc
		ctx, cancel = afterwards(ctx)
		defer cancel()
	}
	ctx, cancel := context.WithTimeout(ctx, s.answer)
	defer cancel()
	return do(ctx, again)
}

// outcome is what is said of an operation: what the database said of one that
// was not to be stopped, also when its context is done by now.
func (s *Store) outcome(ctx context.Context, doing string, whole bool, err error) error {
	if err != nil && whole && !cutOff(err) {
		ctx = context.WithoutCancel(ctx)
	}
	return s.fail(ctx, doing, err)
}

// afterwards returns a context that is done a while after ctx is.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	after, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-after.Done():
		}
	})
	return after, func() { stop(); cancel() }
}
