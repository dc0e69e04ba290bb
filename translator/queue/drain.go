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
	// drainSoon is how near a held story's next try may be for a drain to wait for it.
	drainSoon = 10 * time.Second
)

// watchDrain closes drained when no worker anywhere has anything to do: nothing
// is available, running or to be tried again soon. What runs elsewhere is
// waited for, because its process may be killed, and then somebody must be
// there to rescue it. What is held for longer is not.
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

// left tells whether any job is to be worked now or soon.
func (w *work[Tx]) left(ctx context.Context) (bool, error) {
	exec := w.q.driver.GetExecutor()
	rows, err := exec.JobList(ctx, &riverdriver.JobListParams{
		Max: 1, OrderByClause: "id", WhereClause: "state IN ('available', 'running', 'retryable')",
	})
	if err != nil || len(rows) > 0 {
		return true, err
	}
	rows, err = exec.JobList(ctx, &riverdriver.JobListParams{
		Max: 1, OrderByClause: "scheduled_at", WhereClause: "state = 'scheduled'",
	})
	if err != nil || len(rows) == 0 {
		return err != nil, err
	}
	return time.Until(rows[0].ScheduledAt) < drainSoon, nil
}
