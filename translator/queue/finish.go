package queue

import (
	"context"
	"errors"
	"time"

	"dragoman/translator"
	"github.com/riverqueue/river"
)

// finishPause is how long a failed attempt to write an ending waits for the
// next, at first; it doubles up to finishMost.
const (
	finishPause = 50 * time.Millisecond
	finishMost  = 5 * time.Second
)

// finish writes what became of a job: its versions and its row in one
// transaction, or nothing if the job is not this worker's any more. Where the
// database does not answer it tries again, also while the process is to end, as
// long as the lease lasts; after that the job is another's to do again.
func (w *worker[Tx]) finish(ctx context.Context, e *ending) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.q.opts.Lease)
	defer cancel()
	defer context.AfterFunc(w.life, cancel)()
	for pause, again := finishPause, false; ; pause, again = min(2*pause, finishMost), true {
		changed, err := w.q.register.Change(ctx, e.changes, func(ctx context.Context, tx Tx, _ []translator.VersionID) error {
			return w.settle(ctx, tx, e)
		})
		if err == nil && again {
			changed, err = w.written(ctx, e.changes)
		}
		switch {
		case err == nil:
			w.report(e, changed)
			return
		case errors.Is(err, errStale):
			w.opts.Observer.stale(e.task)
			return
		}
		w.opts.Observer.trouble(err)
		select {
		case <-ctx.Done():
			w.opts.Observer.stale(e.task)
			return
		case <-time.After(pause):
		}
	}
}

// written returns which versions are what changes make of them. The commit of an
// attempt before may have lost its answer only, so that the next one finds
// nothing to change; and nobody but the worker who has the job writes an end.
func (w *worker[Tx]) written(ctx context.Context, changes []translator.Change) ([]translator.VersionID, error) {
	to := map[translator.VersionID]translator.State{}
	var ids []translator.VersionID
	for _, c := range changes {
		to[c.ID], ids = c.To, append(ids, c.ID)
	}
	versions, err := w.q.register.Load(ctx, ids)
	ids = nil
	for _, v := range versions {
		if v.State == to[v.ID] {
			ids = append(ids, v.ID)
		}
	}
	return ids, err
}

// settle changes what River keeps, as part of a transaction.
func (w *worker[Tx]) settle(ctx context.Context, tx Tx, e *ending) error {
	if err := w.q.settle(ctx, tx, e.task.Job, e.task.Attempt, e.rowEnd(w.clock())); err != nil {
		return err
	}
	if len(e.fresh) == 0 {
		return nil
	}
	jobs := make([]river.InsertManyParams, len(e.fresh))
	for i, id := range e.fresh {
		jobs[i] = river.InsertManyParams{Args: jobOf(id), InsertOpts: &river.InsertOpts{Priority: e.task.Priority}}
	}
	_, err := w.q.client.InsertManyTx(ctx, tx, jobs)
	return err
}

// report tells the observer what was written.
func (w *worker[Tx]) report(e *ending, changed []translator.VersionID) {
	took := time.Since(e.begun)
	for _, id := range changed {
		if v, ok := e.ended[id]; ok {
			w.opts.Observer.ended(e.task, v, took)
		}
	}
	if e.gone {
		w.opts.Observer.vanished(e.task)
	}
	if len(e.open) > 0 {
		w.opts.Observer.putBack(e.task.of(e.open), e.again, e.why)
	}
}
