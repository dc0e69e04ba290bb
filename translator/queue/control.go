package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"dragoman/translator"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// ErrUnread refuses to work a version again that could not be read when it was
// submitted: no worker reads it.
var ErrUnread error = &translator.Error{Kind: translator.Invalid, Hint: "submit it mended, or cancel it",
	Err: errors.New("it could not be read, and is not read again")}

// Retry has a version worked again at once that is failed, partial, cancelled or
// held, and sees that one that is waiting has a job. It reports whether there
// was such a version. One that could not be read stays as it is: ErrUnread.
func (q *Queue[Tx]) Retry(ctx context.Context, id translator.VersionID) (bool, error) {
	return q.resume(ctx, id, translator.Waiting, translator.StateFailed, translator.StatePartial,
		translator.StateCancelled, translator.StateHeld)
}

// Release lets workers go on with a version that is on hold, and reports whether it was.
func (q *Queue[Tx]) Release(ctx context.Context, id translator.VersionID) (bool, error) {
	return q.resume(ctx, id, translator.StateOnHold)
}

// Cancel ends the work on a version, and reports whether there was one that is
// not cancelled: also one that failed or is partial, so that nobody is to look at
// it any more, and one that is done, which is withdrawn so. A worker that is at
// it stops within seconds.
func (q *Queue[Tx]) Cancel(ctx context.Context, id translator.VersionID) (bool, error) {
	return q.take(ctx, id, translator.StateCancelled, translator.Waiting, translator.StateHeld, translator.StateOnHold,
		translator.StateFailed, translator.StatePartial, translator.StateDone)
}

// Hold keeps workers from a version that is not over until Release, and
// reports whether there was such a version.
func (q *Queue[Tx]) Hold(ctx context.Context, id translator.VersionID) (bool, error) {
	return q.take(ctx, id, translator.StateOnHold, translator.Waiting, translator.StateHeld)
}

// resume makes a version Waiting, with a job that is due.
func (q *Queue[Tx]) resume(ctx context.Context, id translator.VersionID, from ...translator.State) (bool, error) {
	for {
		versions, err := q.register.Load(ctx, []translator.VersionID{id})
		if err != nil || len(versions) == 0 || !slices.Contains(from, versions[0].State) {
			return false, err
		}
		v := versions[0]
		if Unread(v) && v.State != translator.StateOnHold {
			return false, ErrUnread
		}
		change := translator.Change{ID: id, From: []translator.State{v.State}, To: translator.Waiting, Time: time.Now()}
		changed, err := q.register.Change(ctx, []translator.Change{change}, func(ctx context.Context, tx Tx, changed []translator.VersionID) error {
			if len(changed) == 0 {
				return nil
			}
			return q.wake(ctx, tx, v)
		})
		if err != nil || len(changed) > 0 {
			return err == nil, q.fail("retry", err)
		}
		// It has moved since it was loaded: what that calls for is another matter.
	}
}

// wake makes the job of a version due now, and puts one in where there is none.
// A version of a shard gets a job of its own: the others are left in peace.
func (q *Queue[Tx]) wake(ctx context.Context, tx Tx, v translator.Version) error {
	put, err := q.client.InsertTx(ctx, tx, jobOf(v.ID), &river.InsertOpts{Priority: v.Priority})
	if err != nil || !put.UniqueSkippedAsDuplicate {
		return err // River locked the row of the duplicate, so that it stays as it is
	}
	exec := q.driver.UnwrapExecutor(tx)
	if put.Job.State != rivertype.JobStateRunning {
		_, err := exec.JobRetry(ctx, &riverdriver.JobRetryParams{ID: put.Job.ID})
		return err
	}
	if v.State.Open() {
		return nil // its worker is at it
	}
	// Its worker may have passed it over, or be about to stop. It is stale from
	// now on, as after a rescue, and another one takes the job up.
	_, err = exec.JobUpdateFull(ctx, &riverdriver.JobUpdateFullParams{
		ID: put.Job.ID, StateDoUpdate: true, State: rivertype.JobStateAvailable,
		MetadataDoUpdate: true, Metadata: []byte("{}"), // that it was to be cancelled
	})
	return err
}

// raise gives the jobs of versions a priority that is above their own, and
// returns how many of them had a lower one. One that a worker is at stays as it is.
func (q *Queue[Tx]) raise(ctx context.Context, ids []translator.VersionID, priority int) (int, error) {
	jobs := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		jobs[i] = river.InsertManyParams{Args: jobOf(id), InsertOpts: &river.InsertOpts{Priority: priority}}
	}
	raised := 0
	_, err := q.register.Change(ctx, nil, func(ctx context.Context, tx Tx, _ []translator.VersionID) error {
		raised = 0
		puts, err := q.client.InsertManyTx(ctx, tx, jobs)
		if err != nil {
			return err
		}
		for _, put := range puts {
			did := !put.UniqueSkippedAsDuplicate // it is of a shard, and overtakes that
			if !did {
				if did, err = q.raiseJob(ctx, tx, put.Job.ID, priority); err != nil {
					return err
				}
			}
			if did {
				raised++
			}
		}
		return nil
	})
	return raised, q.fail("raise", err)
}

// raiseJob is a statement of our own: River has none.
func (q *Queue[Tx]) raiseJob(ctx context.Context, tx Tx, id int64, priority int) (bool, error) {
	arg := q.driver.ArgPlaceholder()
	err := q.driver.UnwrapExecutor(tx).QueryRow(ctx, "UPDATE river_job SET priority = "+arg+"1 WHERE id = "+arg+"2 AND priority > "+arg+"1"+
		" AND state <> 'running' RETURNING id", priority, id).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) { // pgx's is one, too
		return false, nil
	}
	return err == nil, err
}

// take moves a version out of the workers' reach and stops the one who has it.
// The job of one that is not running is left: it finds nothing to do.
func (q *Queue[Tx]) take(ctx context.Context, id translator.VersionID, to translator.State, from ...translator.State) (bool, error) {
	change := translator.Change{ID: id, From: from, To: to, Time: time.Now()}
	changed, err := q.register.Change(ctx, []translator.Change{change}, func(ctx context.Context, tx Tx, changed []translator.VersionID) error {
		if len(changed) == 0 {
			return nil
		}
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
