package queue

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"dragoman/translator"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Retry has a version worked again at once that is failed, partial, cancelled or
// held, and sees that one that is waiting has a job. It reports whether there
// was such a version.
func (q *Queue[Tx]) Retry(ctx context.Context, id translator.VersionID) (bool, error) {
	return q.resume(ctx, id, translator.Waiting, translator.StateFailed, translator.StatePartial,
		translator.StateCancelled, translator.StateHeld)
}

// Release lets workers go on with a version that is on hold, and reports whether it was.
func (q *Queue[Tx]) Release(ctx context.Context, id translator.VersionID) (bool, error) {
	return q.resume(ctx, id, translator.StateOnHold)
}

// Cancel ends the work on a version that is not over, and reports whether
// there was such a version. A worker that is at it stops within seconds.
func (q *Queue[Tx]) Cancel(ctx context.Context, id translator.VersionID) (bool, error) {
	return q.take(ctx, id, translator.StateCancelled, translator.Waiting, translator.StateHeld, translator.StateOnHold)
}

// Hold keeps workers from a version that is not over until Release, and
// reports whether there was such a version.
func (q *Queue[Tx]) Hold(ctx context.Context, id translator.VersionID) (bool, error) {
	return q.take(ctx, id, translator.StateOnHold, translator.Waiting, translator.StateHeld)
}

// resume makes a version Waiting and gives it a job.
func (q *Queue[Tx]) resume(ctx context.Context, id translator.VersionID, from ...translator.State) (bool, error) {
	versions, err := q.register.Load(ctx, []translator.VersionID{id})
	if err != nil || len(versions) == 0 || !slices.Contains(from, versions[0].State) {
		return false, err
	}
	v, now := versions[0], time.Now()
	args := turnOf(id, now)
	switch {
	case v.State != translator.Waiting:
	case v.Changed.Equal(v.Submitted):
		args = jobArgs{Versions: []translator.VersionID{id}} // the job that it has, unless somebody took that away
	default:
		args = turnOf(id, v.Changed) // likewise
	}
	change := translator.Change{ID: id, From: []translator.State{v.State}, To: translator.Waiting, Time: now}
	// Should the version have moved since, the job finds nothing to do.
	changed, err := q.register.Change(ctx, []translator.Change{change}, func(ctx context.Context, tx Tx) error {
		_, err := q.client.InsertTx(ctx, tx, args, &river.InsertOpts{Priority: v.Priority})
		return err
	})
	return len(changed) > 0, q.fail("retry", err)
}

// take moves a version out of the workers' reach and stops the one who has it.
// The job of one that is not running is left: it finds nothing to do.
func (q *Queue[Tx]) take(ctx context.Context, id translator.VersionID, to translator.State, from ...translator.State) (bool, error) {
	change := translator.Change{ID: id, From: from, To: to, Time: time.Now()}
	changed, err := q.register.Change(ctx, []translator.Change{change}, func(ctx context.Context, tx Tx) error {
		return q.interrupt(ctx, tx, id)
	})
	return len(changed) > 0, q.fail("change", err)
}

// interrupt stops the job that is running of a version alone. There are no
// more running jobs than workers, so that all may be looked at.
func (q *Queue[Tx]) interrupt(ctx context.Context, tx Tx, id translator.VersionID) error {
	running, err := q.client.JobListTx(ctx, tx, river.NewJobListParams().
		Kinds(jobArgs{}.Kind()).States(rivertype.JobStateRunning).First(10_000))
	if err != nil {
		return err
	}
	for _, row := range running.Jobs {
		if !isOf(row, id) {
			continue
		}
		if _, err := q.client.JobCancelTx(ctx, tx, row.ID); err != nil {
			return err
		}
	}
	return nil
}

// isOf tells whether a job is of one version and no other. Of a shard, the
// others are not to suffer.
func isOf(row *rivertype.JobRow, id translator.VersionID) bool {
	var args jobArgs
	err := json.Unmarshal(row.EncodedArgs, &args)
	return err == nil && len(args.Versions) == 1 && args.Versions[0] == id
}
