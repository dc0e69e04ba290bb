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
// seconds: a transaction that stood in another's way, or waited too long for
// one, a statement that a limit of the user's own ended, a server that is being stopped or started, has no connection left, or
// lost one, or ended one that was silent.
var passing = []string{"25P03", "40001", "40P01", "53300", "55P03", "57014", "57P01", "57P02", "57P03", "57P05", "08000", "08003", "08006"}

// mayPass tells whether another attempt may get over an error.
func mayPass(err error) bool {
	if errors.Is(err, errUnknown) {
		return false
	}
	_, isSaid := errors.AsType[*pgconn.PgError](err)
	return isPassing(err) || !isSaid && cutOff(err)
}

// isPassing tells whether a server is there and says so.
func isPassing(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains(passing, said.Code)
}

// retry does an operation until it succeeds, fails for good, or patience is at
// its end. Each attempt may take as long as Options.Answer. After the first
// one nobody knows whether an earlier one was carried out: do is told, and
// must see that nothing is done twice. Where whole is set, ctx no longer stops
// an attempt that has begun.
func (s *Store) retry(ctx context.Context, doing string, whole bool, do func(ctx context.Context, again bool) error) error {
	return s.retryWithin(ctx, doing, s.answer, whole, do)
}

func (s *Store) retryWithin(ctx context.Context, doing string, answer time.Duration, whole bool, do func(ctx context.Context, again bool) error) error {
	again := false
	err := s.patiently(ctx, mayPass, func() error {
		defer func() { again = true }()
		return attempt(ctx, answer, whole, again, do)
	})
	if err != nil && err != ctx.Err() && whole && !cutOff(err) {
		ctx = context.WithoutCancel(ctx) // what the database said counts, although ctx is done by now
	}
	return s.fail(ctx, doing, err)
}

// patiently does something again while its errors may pass.
func (s *Store) patiently(ctx context.Context, may func(error) bool, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	begun := time.Now()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := do()
		if err == nil || !may(err) || time.Since(begun)+pause > s.patience {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
	}
}

func attempt(ctx context.Context, answer time.Duration, whole, again bool, do func(context.Context, bool) error) error {
	if whole {
		var cancel context.CancelFunc
		ctx, cancel = afterwards(ctx)
		defer cancel()
	}
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	return do(ctx, again)
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
