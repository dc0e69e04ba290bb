package queue

import (
	"time"

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
	// Turn tells a job that a person asked for from the one before it of the
	// same versions, which may still be there.
	Turn int64 `json:"turn,omitempty"`
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

// turnOf returns args of another job for a version that became Waiting at a time.
func turnOf(id translator.VersionID, since time.Time) jobArgs {
	return jobArgs{Versions: []translator.VersionID{id}, Turn: since.UnixMicro()}
}
