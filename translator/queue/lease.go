package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
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
		for {
			w.beat(ctx)
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
// that was frozen itself looks first what it has lost. A database that does not
// answer is asked anew at the next beat, and no beat waits for the one before.
func (w *work[Tx]) beat(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, w.q.opts.Lease/3)
	defer cancel()
	now, err := w.now(asking)
	if err == nil {
		err = w.keep(asking, now)
	}
	if err == nil {
		err = w.rescue(asking, now)
	}
	if err == nil || ctx.Err() != nil {
		return
	}
	if asking.Err() != nil {
		err = fmt.Errorf("the database did not answer within %v", w.q.opts.Lease/3)
	}
	w.opts.Observer.trouble(w.q.fail("lease", err))
}

// now returns the database's time, so that machines need not agree on theirs.
// With SQLite they are one.
func (w *work[Tx]) now(ctx context.Context) (time.Time, error) {
	now := time.Now()
	if w.q.driver.DatabaseName() != riverdriver.DatabaseNamePostgres {
		return now, nil
	}
	err := w.q.opts.Beat.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
	if err == nil {
		w.ahead.Store(int64(time.Until(now)))
	}
	return now, err
}

// keep moves the attempted_at of this process's jobs, all in one statement. It
// does so by id, also where a job is another's by now: that has its lease a
// little longer then. It waits for nobody's lock: whose row is locked is kept by
// the next beat.
func (w *work[Tx]) keep(ctx context.Context, now time.Time) error {
	hands := w.desk.all()
	if len(hands) == 0 {
		return nil
	}
	ids := make([]int64, len(hands))
	for i, h := range hands {
		ids[i] = h.job
	}
	asked := time.Now()
	if err := w.move(ctx, ids); err != nil {
		return err
	}
	rows, err := w.q.opts.Beat.JobGetByIDMany(ctx, &riverdriver.JobGetByIDManyParams{ID: ids})
	if err != nil {
		return err
	}
	byID := make(map[int64]*rivertype.JobRow, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	now = now.Truncate(time.Millisecond) // as SQLite has it
	for _, h := range hands {
		row := byID[h.job]
		switch {
		case row == nil || row.State != rivertype.JobStateRunning || row.Attempt != h.attempt:
			h.cancel(errStale)
		case !row.AttemptedAt.Before(now):
			h.silence.Reset(w.q.opts.Lease - time.Since(asked))
		}
	}
	return nil
}

// move is a statement of our own: River has one for a single row only.
func (w *work[Tx]) move(ctx context.Context, ids []int64) error {
	if w.q.driver.DatabaseName() == riverdriver.DatabaseNamePostgres {
		return w.q.opts.Beat.Exec(ctx, "UPDATE river_job SET attempted_at = clock_timestamp() WHERE id IN"+
			" (SELECT id FROM river_job WHERE id = ANY ($1) AND state = 'running' FOR UPDATE SKIP LOCKED)", ids)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	return w.q.opts.Beat.Exec(ctx, "UPDATE river_job SET attempted_at = datetime('now', 'subsec')"+
		" WHERE state = 'running' AND id IN (SELECT value FROM json_each(?1))", string(list))
}

// rescue makes jobs available whose process has been silent for a lease.
func (w *work[Tx]) rescue(ctx context.Context, now time.Time) error {
	exec, since := w.q.opts.Beat, now.Add(-w.q.opts.Lease)
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
		why, err := json.Marshal(rivertype.AttemptError{At: time.Now().UTC(), Attempt: row.Attempt, Error: silentText})
		if err != nil {
			return err
		}
		ids = append(ids, row.ID)
		params.ID, params.Error = append(params.ID, row.ID), append(params.Error, why)
		params.FinalizedAt, params.ScheduledAt = append(params.FinalizedAt, nil), append(params.ScheduledAt, w.dueAfter(row, now))
		params.State = append(params.State, string(rivertype.JobStateAvailable))
	}
	if _, err := exec.JobRescueMany(ctx, params); err != nil {
		return err
	}
	w.opts.Observer.rescued(ids)
	return nil
}

// dueAfter returns when a rescued job may be tried again: at once, but after the
// first time at different moments, so that one that brings its worker down does
// not always take the same others with it.
func (w *work[Tx]) dueAfter(row *rivertype.JobRow, now time.Time) time.Time {
	if downs := downsOf(row); downs > 0 {
		now = now.Add(rand.N(time.Duration(min(downs, maxDowns)) * w.q.opts.Lease))
	}
	return now
}

// pollOnly tells whether to look for jobs instead of waiting for notice. On
// SQLite, notices are a table that River would look into 20 times a second.
func (w *work[Tx]) pollOnly() bool {
	return w.q.driver.DatabaseName() == riverdriver.DatabaseNameSQLite
}
