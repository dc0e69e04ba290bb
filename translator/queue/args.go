package queue

import (
	"dragoman/translator"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// jobQueue is the queue of River's that all jobs are in.
const jobQueue = "stories"

// maxAttempts is more than a job ever has: nothing but this package ends one.
// Each fetch is an attempt, and none is ever given back, because the number of
// the attempt is what tells a worker from the ones before it. The databases
// hold it in 15 bits, which a story that is held for half an hour each time
// fills in less than two years.
const maxAttempts = 30_000

// jobArgs is a job: versions of one direction, which one worker works.
type jobArgs struct {
	Versions []translator.VersionID `json:"versions"`
}

// Kind names the kind of job in River's table.
func (jobArgs) Kind() string { return "story" }

// InsertOpts lets no two jobs of the same versions be in hand.
func (jobArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: jobQueue, MaxAttempts: maxAttempts,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
			rivertype.JobStateRetryable, rivertype.JobStateScheduled,
		}},
	}
}

// jobOf returns the job of a version alone, of which there is one at a time.
func jobOf(id translator.VersionID) jobArgs {
	return jobArgs{Versions: []translator.VersionID{id}}
}
