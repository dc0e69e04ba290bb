package queue

import (
	"context"
	"time"

	"github.com/riverqueue/river/riverdriver"
)

const (
	// drainPause is how often a drain looks whether it is over.
	drainPause = 100 * time.Millisecond
	// drainTrouble is how long it waits where the database does not answer.
	drainTrouble = 2 * time.Second
)

// watchDrain closes drained when no worker anywhere has anything to do: nothing
// is available, running or to be tried again soon. What runs elsewhere is
// waited for, because its process may be killed, and then somebody must be
// there to rescue it, and what is due within ten seconds. What is held for longer is not.
func (w *work[Tx]) watchDrain(ctx context.Context) {
	for {
		left, err := w.left(ctx)
		if err == nil && !left {
			close(w.drained)
			return
		}
		pause := drainPause
		if err != nil && ctx.Err() == nil {
			w.opts.Observer.trouble(w.q.fail("drain", err))
			pause = drainTrouble
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// left tells whether any job is to be worked now or soon. It is one statement of
// our own: between two, a job may go from what the second looks for to what the
// first did.
func (w *work[Tx]) left(ctx context.Context) (left bool, err error) {
	soon := "now() + interval '10 seconds'"
	if w.q.driver.DatabaseName() == riverdriver.DatabaseNameSQLite {
		soon = "datetime('now', 'subsec', '+10 seconds')"
	}
	err = w.q.driver.GetExecutor().QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM river_job WHERE state IN ('available', 'running', 'retryable'))"+
		" OR EXISTS (SELECT 1 FROM river_job WHERE state = 'scheduled' AND scheduled_at < "+soon+")").Scan(&left)
	return left, err
}
