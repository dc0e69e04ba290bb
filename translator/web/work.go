package web

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dragoman/translator"
)

// jobBuckets reach from a story that is remembered whole to one that waits for a slow model.
var jobBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600}

// An Outcome is how a worker's turn at a job ended.
type Outcome string

// The outcomes of a job.
const (
	JobDone   Outcome = "done"       // its stories ended, well or not
	JobPutOff Outcome = "put off"    // some of its stories are held: it comes back
	JobFailed Outcome = "failed"     // an error of the process or its store: it comes back
	JobTaken  Outcome = "taken away" // a person held or cancelled its stories, or they are gone
	JobStale  Outcome = "stale"      // another worker has it: all was taken back
)

var outcomes = []Outcome{JobDone, JobPutOff, JobFailed, JobTaken, JobStale}

// endings are the states in which a worker leaves a story that is over.
var endings = []translator.State{translator.StateDone, translator.StatePartial, translator.StateFailed}

// work registers what is counted of jobs and stories.
func (m *Metrics) work() {
	m.jobs = m.counter("jobs_total", "Turns at a job, by how they ended: done, put off, failed, taken away or stale.", "outcome")
	m.jobErrors = m.counter("job_errors_total", "Turns at a job that ended with an error, by its kind.", "kind")
	m.jobTime = m.histogram("job_duration_seconds", "Time of a turn at a job.", jobBuckets).WithLabelValues().(prometheus.Histogram)
	m.working = m.gauge("jobs_in_work", "Jobs that this process is at.").WithLabelValues()
	m.stories = m.counter("stories_total", "Stories that a worker is over with, by their state: done, partial or failed.", "direction", "state")
	m.rescued = m.counter("jobs_rescued_total", "Jobs that were taken from a worker that gave no sign of life.").WithLabelValues()
	for _, o := range outcomes {
		m.jobs.WithLabelValues(string(o))
	}
}

// Job counts a turn at a job that begins now; ended is to be called once.
func (m *Metrics) Job() (ended func(outcome Outcome, err error)) {
	start := time.Now()
	m.working.Inc()
	return func(outcome Outcome, err error) {
		m.working.Dec()
		m.jobTime.Observe(seconds(time.Since(start)))
		if !slices.Contains(outcomes, outcome) {
			outcome = JobFailed
		}
		m.jobs.WithLabelValues(string(outcome)).Inc()
		if err != nil {
			m.jobErrors.WithLabelValues(kindOf(err)).Inc()
		}
	}
}

// Story counts a story that a worker is over with.
func (m *Metrics) Story(dir translator.Direction, s translator.State) {
	if !slices.Contains(endings, s) {
		return
	}
	m.stories.WithLabelValues(m.dirs.of(dir.String()), string(s)).Inc()
}

// Rescued counts jobs that this process took from workers that give no sign of life.
func (m *Metrics) Rescued(jobs int) { m.rescued.Add(float64(jobs)) }

// A bounded set tells apart so many values; what comes later is "other".
type bounded struct {
	mu   sync.Mutex
	most int
	seen map[string]bool
}

func newBounded(most int) *bounded { return &bounded{most: most, seen: map[string]bool{}} }

func (b *bounded) of(value string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.seen[value] {
		if len(b.seen) >= b.most {
			return "other"
		}
		b.seen[value] = true
	}
	return value
}
