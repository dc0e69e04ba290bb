package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// The fence. A worker that was frozen wakes up and believes that its job is
// still its own, while another process has rescued and perhaps finished it. So
// a job's row is changed in no way but this: in the transaction that changes its
// versions, if it is running and in the very attempt of the worker. A row's
// attempt only ever grows, so that this is true of one worker at most.
//
// River itself changes the row after a worker has returned, by its id alone and
// in a transaction of its own: too late, and for any worker. It is kept from that
// by a driver that passes everything else on.

// errStale says that a job is not this worker's any more.
var errStale = errors.New("the job was given to another worker")

// A rowEnd is what a try leaves a job as.
type rowEnd struct {
	state rivertype.JobState
	at    time.Time // when it is to be tried again, unless the state is final
	err   error     // to be written down in the row; may be nil
	trace string
}

// settle changes the row of a job that is running in an attempt, or returns
// errStale. An update locks the row, and the transaction is taken back if it
// was not ours. A commit whose answer was lost is found done.
func (q *Queue[Tx]) settle(ctx context.Context, tx Tx, id int64, attempt int, end rowEnd) error {
	exec := q.driver.UnwrapExecutor(tx)
	if end.state == rivertype.JobStateCompleted && end.err == nil {
		return q.complete(ctx, exec, id, attempt)
	}
	params, err := end.params(id, attempt)
	if err != nil {
		return err
	}
	if !end.final() {
		// A person may have cancelled the job before it was put off. River would
		// now end it; but what is to be worked is for the versions to say.
		_, err := exec.JobUpdateFull(ctx, &riverdriver.JobUpdateFullParams{ID: id, MetadataDoUpdate: true, Metadata: []byte("{}")})
		if err != nil && !errors.Is(err, rivertype.ErrNotFound) {
			return err
		}
	}
	rows, err := exec.JobSetStateIfRunningMany(ctx, params)
	if err != nil {
		return err
	}
	if len(rows) != 1 || rows[0].Attempt != attempt || rows[0].State != end.state {
		return errStale
	}
	return nil
}

// complete is settle for what nearly every job comes to. River's own statement
// for it does much else, and takes SQLite 0.3 ms to read each time.
func (q *Queue[Tx]) complete(ctx context.Context, exec riverdriver.Executor, id int64, attempt int) error {
	now := "now()"
	if q.driver.DatabaseName() == riverdriver.DatabaseNameSQLite {
		now = "datetime('now', 'subsec')"
	}
	arg := q.driver.ArgPlaceholder()
	var found int64
	err := exec.QueryRow(ctx, "UPDATE river_job SET state = 'completed', finalized_at = coalesce(finalized_at, "+now+")"+
		" WHERE id = "+arg+"1 AND attempt = "+arg+"2 AND state IN ('running', 'completed') RETURNING id", id, attempt).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) { // pgx's is one, too
		return errStale
	}
	return err
}

func (e rowEnd) params(id int64, attempt int) (*riverdriver.JobSetStateIfRunningManyParams, error) {
	now := time.Now()
	p := &riverdriver.JobSetStateIfRunningManyParams{
		ID: []int64{id}, State: []rivertype.JobState{e.state},
		Attempt: []*int{nil}, ErrData: [][]byte{nil}, MetadataDoMerge: []bool{false}, MetadataUpdates: [][]byte{nil},
		FinalizedAt: []*time.Time{nil}, ScheduledAt: []*time.Time{nil},
	}
	if e.final() {
		p.FinalizedAt[0] = &now
	} else {
		p.ScheduledAt[0] = &e.at
	}
	if e.err == nil {
		return p, nil
	}
	text, err := json.Marshal(rivertype.AttemptError{At: now.UTC(), Attempt: attempt, Error: storable(e.err.Error()), Trace: storable(e.trace)})
	p.ErrData[0] = text
	return p, err
}

// storable replaces what PostgreSQL does not take in JSON.
func storable(text string) string { return strings.ReplaceAll(text, "\x00", "\ufffd") }

func (e rowEnd) final() bool {
	return e.state == rivertype.JobStateCompleted || e.state == rivertype.JobStateCancelled || e.state == rivertype.JobStateDiscarded
}

// fenced is a driver that does not let River change the rows of our workers' jobs.
type fenced[Tx any] struct{ riverdriver.Driver[Tx] }

func (d fenced[Tx]) GetExecutor() riverdriver.Executor {
	return fencedExecutor{d.Driver.GetExecutor()}
}

type fencedExecutor struct{ riverdriver.Executor }

// JobSetStateIfRunningMany is how River says what became of jobs. It takes for
// completed what a worker was given, because worker.Work never fails.
func (e fencedExecutor) JobSetStateIfRunningMany(ctx context.Context, p *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	kept := &riverdriver.JobSetStateIfRunningManyParams{Now: p.Now, Schema: p.Schema}
	for i, id := range p.ID {
		if p.State[i] == rivertype.JobStateCompleted {
			continue
		}
		// A row that cannot be read, which no worker was given.
		kept.ID, kept.State = append(kept.ID, id), append(kept.State, p.State[i])
		kept.Attempt, kept.ErrData = append(kept.Attempt, p.Attempt[i]), append(kept.ErrData, p.ErrData[i])
		kept.FinalizedAt, kept.ScheduledAt = append(kept.FinalizedAt, p.FinalizedAt[i]), append(kept.ScheduledAt, p.ScheduledAt[i])
		kept.MetadataDoMerge = append(kept.MetadataDoMerge, p.MetadataDoMerge[i])
		kept.MetadataUpdates = append(kept.MetadataUpdates, p.MetadataUpdates[i])
	}
	if len(kept.ID) == 0 {
		return nil, nil
	}
	return e.Executor.JobSetStateIfRunningMany(ctx, kept)
}

// A desk is what one Work has in hand.
type desk struct {
	lease  time.Duration
	mu     sync.Mutex
	hands  map[*hand]struct{}
	closed error // of hands that are still taken up
	idle   sync.WaitGroup
}

// A hand is one worker at one job.
type hand struct {
	job     int64
	attempt int
	cancel  context.CancelCauseFunc
	silence *time.Timer // ends the context when the database was not reached for a lease
}

func newDesk(lease time.Duration) *desk {
	return &desk{lease: lease, hands: map[*hand]struct{}{}}
}

// take takes a job up. Its context ends with drop, when the desk is cleared, or
// a lease after the job was last known to be kept: by then it may be another's,
// and nothing that this process waits for is to keep it from stopping.
func (d *desk) take(ctx context.Context, job int64, attempt int) (context.Context, *hand) {
	ctx, cancel := context.WithCancelCause(ctx)
	h := &hand{job, attempt, cancel, time.AfterFunc(d.lease, func() { cancel(errStale) })}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hands[h] = struct{}{}
	d.idle.Add(1)
	if d.closed != nil {
		cancel(d.closed)
	}
	return ctx, h
}

// drop ends a hand, whatever became of its job.
func (d *desk) drop(h *hand) {
	h.silence.Stop()
	h.cancel(nil)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.hands, h)
	d.idle.Done()
}

// all returns the hands.
func (d *desk) all() []*hand {
	d.mu.Lock()
	defer d.mu.Unlock()
	hands := make([]*hand, 0, len(d.hands))
	for h := range d.hands {
		hands = append(hands, h)
	}
	return hands
}

// clear ends the contexts of all hands, now and from now on.
func (d *desk) clear(cause error) {
	d.mu.Lock()
	d.closed = cause
	d.mu.Unlock()
	for _, h := range d.all() {
		h.cancel(cause)
	}
}
