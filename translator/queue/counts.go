package queue

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// Counts is how many jobs there are that are not over.
type Counts struct {
	Available int // for any worker
	Running   int
	Retryable int // tried again within minutes
	Scheduled int // held
}

// Counts counts the jobs that are not over.
func (q *Queue[Tx]) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	for _, of := range [...]struct {
		state rivertype.JobState
		n     *int
	}{
		{rivertype.JobStateAvailable, &c.Available}, {rivertype.JobStateRunning, &c.Running},
		{rivertype.JobStateRetryable, &c.Retryable}, {rivertype.JobStateScheduled, &c.Scheduled},
	} {
		n, err := q.driver.GetExecutor().JobCountByState(ctx, &riverdriver.JobCountByStateParams{State: of.state})
		if err != nil {
			return Counts{}, q.fail("count", err)
		}
		*of.n = n
	}
	return c, nil
}
