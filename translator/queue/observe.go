package queue

import (
	"time"

	"dragoman/translator"
)

// An Observer is told what workers do, for logs and figures. Each of its
// functions may be nil, and is called from several goroutines.
type Observer struct {
	Started func(Task)
	// Ended is told of each version that has its final state and result, which
	// are in the store by then, and how long the task took.
	Ended func(t Task, v Ended, took time.Duration)
	// PutBack is told that a task is to be tried again, in how long, and why,
	// which is nil where the process is to end. Its versions are those that go on.
	PutBack func(t Task, again time.Duration, why error)
	// Stale is told that a task was given to another worker meanwhile, so that
	// nothing of this try was kept but what is in memory.
	Stale func(Task)
	// Vanished is told of a task of whose versions the store has none any more;
	// its job is cancelled.
	Vanished func(Task)
	// Over is told of each task that was Started, last of all, also where
	// nothing else is: a person may have taken its versions away.
	Over func(Task)
	// Rescued is told of jobs whose workers were silent for a lease, and which
	// are available again.
	Rescued func(jobs []int64)
	// Trouble is told of what did not work and is tried again by itself.
	Trouble func(error)
	// Beat is called three times in a lease, when the leases were looked after
	// or at least tried to be.
	Beat func()
}

// A Task is one try of one job.
type Task struct {
	Job       int64 // River's id
	Attempt   int   // from 1
	Priority  int
	Direction translator.Direction
	Versions  []translator.VersionID
	Stories   []string // Article.ID of the versions
}

// An Ended is a version that is over.
type Ended struct {
	ID     translator.VersionID
	Story  string
	State  translator.State
	Reason translator.Reason
}

func (o *Observer) started(t Task) {
	if o.Started != nil {
		o.Started(t)
	}
}

func (o *Observer) ended(t Task, e Ended, took time.Duration) {
	if o.Ended != nil {
		o.Ended(t, e, took)
	}
}

func (o *Observer) putBack(t Task, again time.Duration, why error) {
	if o.PutBack != nil {
		o.PutBack(t, again, why)
	}
}

func (o *Observer) stale(t Task) {
	if o.Stale != nil {
		o.Stale(t)
	}
}

func (o *Observer) vanished(t Task) {
	if o.Vanished != nil {
		o.Vanished(t)
	}
}

func (o *Observer) rescued(jobs []int64) {
	if o.Rescued != nil && len(jobs) > 0 {
		o.Rescued(jobs)
	}
}

func (o *Observer) trouble(err error) {
	if o.Trouble != nil && err != nil {
		o.Trouble(err)
	}
}

func (o *Observer) beat() {
	if o.Beat != nil {
		o.Beat()
	}
}

func (o *Observer) over(t Task) {
	if o.Over != nil {
		o.Over(t)
	}
}
