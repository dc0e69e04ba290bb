package queue

import (
	"context"
	"errors"
	"time"

	"dragoman/translator"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// rowSoon is within what a job is left available, with its time, instead of
// waiting for the leader, who looks every so often and may have been killed.
const rowSoon = 5 * time.Second

// An ending is what one try of a job comes to, version by version.
type ending struct {
	task    Task
	begun   time.Time
	downs   int // tries right before that brought their worker down
	trouble time.Duration
	halting func() bool // whether the process is to end
	changes []translator.Change
	ended   map[translator.VersionID]Ended
	fresh   []translator.VersionID // that go on as jobs of their own
	open    []translator.Version   // that go on with this job
	waiting bool                   // and one of these is Waiting
	again   time.Duration          // until then
	why     error                  // the first error of one that goes on
	row     rowEnd
	gone    bool // the store has none of the versions
}

func newEnding(job *river.Job[jobArgs], begun time.Time, trouble time.Duration, halting func() bool) *ending {
	return &ending{
		task:  Task{Job: job.ID, Attempt: job.Attempt, Priority: job.Priority, Versions: job.Args.Versions},
		begun: begun, downs: downsOf(job.JobRow), trouble: trouble, halting: halting, ended: map[translator.VersionID]Ended{},
		row: rowEnd{state: rivertype.JobStateCompleted},
	}
}

// of returns the task of some of its versions. Without any, those of the job's
// arguments are all that is known.
func (t Task) of(versions []translator.Version) Task {
	if len(versions) == 0 {
		return t
	}
	t.Versions, t.Stories = nil, nil
	for _, v := range versions {
		t.Direction = v.Direction
		t.Versions, t.Stories = append(t.Versions, v.ID), append(t.Stories, v.Story)
	}
	return t
}

// vanished ends a job of which the store has no version any more.
func (e *ending) vanished() {
	e.gone = true
	e.row = rowEnd{state: rivertype.JobStateCancelled, err: errors.New("its stories are not in the store any more")}
}

// split has each version go on as a job of its own, so that the one that brings
// its worker down does not fail those that are with it.
func (e *ending) split(versions []translator.Version) {
	for _, v := range versions {
		if v.State.Open() {
			e.fresh = append(e.fresh, v.ID)
		}
	}
}

// fail says the same of all versions.
func (e *ending) fail(ctx context.Context, versions []translator.Version, err error) {
	for _, v := range versions {
		e.add(ctx, v, try{err: err})
	}
}

// add says what happened to a version.
func (e *ending) add(ctx context.Context, v translator.Version, t try) {
	t.attempts, t.downs, t.now, t.trouble = e.task.Attempt, e.downs, time.Now(), e.trouble
	if b, ok := errors.AsType[*breakdown](t.err); ok {
		t.downs++
		e.row.err, e.row.trace = b, b.trace
	}
	err := t.err
	if t.story != nil {
		err = whyOf(t.story)
	}
	t.stopped = stopped(ctx, err) || e.halting() && errors.Is(err, translator.Interrupted)
	o := outcomeOf(t)
	if t.stopped {
		err = nil // nothing is wrong with the story
	}
	if o.state.Open() {
		if errors.Is(context.Cause(ctx), rivertype.ErrJobCancelledRemotely) {
			e.fresh = append(e.fresh, v.ID)
			return
		}
		e.putOff(v, o, err)
	}
	e.change(v, o, t.now)
}

// putOff leaves the job for another try.
func (e *ending) putOff(v translator.Version, o outcome, err error) {
	if len(e.open) == 0 || o.again < e.again {
		e.again = o.again
	}
	if e.why == nil {
		e.why = err
	}
	e.open = append(e.open, v)
	e.waiting = e.waiting || o.state == translator.Waiting
}

// change moves a version, unless a person has moved it meanwhile.
func (e *ending) change(v translator.Version, o outcome, now time.Time) {
	c := translator.Change{
		ID: v.ID, From: []translator.State{translator.Waiting, translator.StateHeld},
		To: o.state, Reason: o.reason, Time: now,
	}
	if o.result != nil {
		c.Result = EncodeStory(*o.result)
	}
	if o.state == translator.Waiting && v.State == translator.Waiting {
		return // nothing changes
	}
	e.changes = append(e.changes, c)
	if !o.state.Open() {
		e.ended[v.ID] = Ended{ID: v.ID, Story: v.Story, State: o.state, Reason: o.reason}
	}
}

// rowEnd returns what the job's row becomes, now being the database's time.
func (e *ending) rowEnd(now time.Time) rowEnd {
	if len(e.open) == 0 {
		return e.row
	}
	row := e.row
	row.at = now.Add(e.again)
	switch {
	case e.again <= rowSoon:
		row.state = rivertype.JobStateAvailable
	case e.waiting:
		row.state = rivertype.JobStateRetryable
	default:
		row.state = rivertype.JobStateScheduled
	}
	return row
}
