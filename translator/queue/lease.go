package queue

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// neverRescue keeps River's own rescuer from our jobs: it would go by how long
// a job runs, and not by whether its worker is alive.
const neverRescue = 100 * 365 * 24 * time.Hour

// rescueMost bounds the jobs of one rescue.
const rescueMost = 1000

// keepLease says three times in a lease that this process is alive, by moving
// the attempted_at of its running jobs, and gives those away whose processes
// have been silent for a lease. The function that it returns ends that.
func (w *work[Tx]) keepLease() (end func()) {
	ctx, cancel := context.WithCancel(w.life)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(w.q.opts.Lease / 3)
		defer tick.Stop()
		last := time.Now()
		for {
			last = w.beat(ctx, last)
			w.opts.Observer.beat()
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func() { cancel(); <-done }
}

// beat keeps this process's jobs and then rescues those of others: a process
// that was frozen itself looks first what it has lost. It returns when its own
// jobs were kept last.
func (w *work[Tx]) beat(ctx context.Context, last time.Time) time.Time {
	now, err := w.now(ctx)
	if err == nil {
		err = w.keep(ctx, now)
	}
	if err == nil {
		last = time.Now()
		err = w.rescue(ctx, now.Add(-w.q.opts.Lease))
	}
	if err != nil && ctx.Err() == nil {
		w.opts.Observer.trouble(w.q.fail("lease", err))
	}
	if time.Since(last) > w.q.opts.Lease {
		for _, h := range w.desk.all() {
			h.cancel(errStale) // by now it may be another's
		}
	}
	return last
}

// now returns the database's time, so that machines need not agree on theirs.
// With SQLite they are one.
func (w *work[Tx]) now(ctx context.Context) (time.Time, error) {
	now := time.Now()
	if w.q.driver.DatabaseName() != riverdriver.DatabaseNamePostgres {
		return now, nil
	}
	err := w.q.driver.GetExecutor().QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
	return now, err
}

// keep moves the attempted_at of this process's jobs. It does so by id, also
// where a job is another's by now: that has its lease a little longer then.
// Each row is a statement of its own, so that it waits for no other's lock.
func (w *work[Tx]) keep(ctx context.Context, now time.Time) error {
	for _, h := range w.desk.all() {
		row, err := w.q.driver.GetExecutor().JobUpdateFull(ctx, &riverdriver.JobUpdateFullParams{
			ID: h.job, AttemptedAtDoUpdate: true, AttemptedAt: &now,
		})
		switch {
		case errors.Is(err, rivertype.ErrNotFound):
			h.cancel(errStale)
		case err != nil:
			return err
		case row.State != rivertype.JobStateRunning || row.Attempt != h.attempt:
			h.cancel(errStale)
		}
	}
	return nil
}

// rescue makes jobs available whose process has been silent since a time.
func (w *work[Tx]) rescue(ctx context.Context, since time.Time) error {
	exec := w.q.driver.GetExecutor()
	stuck, err := exec.JobGetStuck(ctx, &riverdriver.JobGetStuckParams{Max: rescueMost, StuckHorizon: since})
	if err != nil {
		return err
	}
	stuck = slices.DeleteFunc(stuck, func(row *rivertype.JobRow) bool { return row.Queue != jobQueue })
	if len(stuck) == 0 {
		return nil
	}
	params := &riverdriver.JobRescueManyParams{StuckHorizon: since}
	var ids []int64
	for _, row := range stuck {
		why, err := json.Marshal(rivertype.AttemptError{At: time.Now().UTC(), Attempt: row.Attempt, Error: "the lease ran out"})
		if err != nil {
			return err
		}
		ids = append(ids, row.ID)
		params.ID, params.Error = append(params.ID, row.ID), append(params.Error, why)
		params.FinalizedAt, params.ScheduledAt = append(params.FinalizedAt, nil), append(params.ScheduledAt, time.Now())
		params.State = append(params.State, string(rivertype.JobStateAvailable))
	}
	if _, err := exec.JobRescueMany(ctx, params); err != nil {
		return err
	}
	w.opts.Observer.rescued(ids)
	return nil
}

// pollOnly tells whether to look for jobs instead of waiting for notice. On
// SQLite, notices are a table that River would look into 20 times a second.
func (w *work[Tx]) pollOnly() bool {
	return w.q.driver.DatabaseName() == riverdriver.DatabaseNameSQLite
}
