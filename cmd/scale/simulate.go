package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// A Run is what a simulation came to.
type Run struct {
	Jobs           int             // that were done
	Sentences      int             // of theirs
	New            int             // of those, what memory lacked
	Texts, Chars   int             // that the service answered
	Requests       int             // that it answered
	Refused        int             // requests that it refused
	Flying         int             // requests on their way at once, at most
	Backlog        int             // jobs that waited for a worker, at most
	MinuteChars    int             // that the service took in its fullest minute
	MinuteRequests int             // so
	Done           time.Duration   // when the last job was done
	Waits          []time.Duration // of each job, from its arrival to its end, sorted
	Connections    float64         // share of connections × time in use; so the next two
	CPU, Database  float64
}

// wait returns what a share of the jobs waited at most.
func (r *Run) wait(share float64) time.Duration {
	if len(r.Waits) == 0 {
		return 0
	}
	return r.Waits[min(len(r.Waits)-1, int(share*float64(len(r.Waits))))]
}

// A simulation is one run on the way.
type simulation struct {
	clock
	load     Load
	house    House
	random   *rand.Rand
	service  *desk
	database station
	store    Database // what it costs
	workers  []*worker
	backlog  []*job
	run      Run
}

// A job is one shard of stories, usually one story.
type job struct {
	arrived   time.Duration
	sentences int
	left      int // texts that have no answer yet
}

// simulate works a load in virtual time. The same seed gives the same run.
func simulate(l Load, s Service, h House, seed uint64) *Run {
	m := &simulation{load: l, house: h, random: rand.New(rand.NewPCG(seed, 1))}
	m.service = newDesk(m, s)
	m.database, m.store = station{clock: &m.clock, servers: 1}, h.after(l)
	for range h.Processes {
		m.workers = append(m.workers, newWorker(m, s))
	}
	m.arrivals()
	m.clock.run()
	return m.close(s)
}

// arrivals sets when jobs come: bursts at random moments, each of a random
// number of stories, as on a wire.
func (m *simulation) arrivals() {
	jobs := (m.load.Stories + m.load.Shard - 1) / m.load.Shard
	for jobs > 0 {
		burst := min(jobs, m.geometric(max(1, m.load.Burst)))
		jobs -= burst
		var at time.Duration
		if m.load.Window > 0 {
			at = time.Duration(m.random.Int64N(int64(m.load.Window)))
		}
		for range burst {
			m.clock.after(at, m.arrive)
		}
	}
}

// geometric returns a random number of at least 1 with a mean.
func (m *simulation) geometric(mean float64) int {
	if mean <= 1 {
		return 1
	}
	return 1 + int(math.Log(1-m.random.Float64())/math.Log(1-1/mean))
}

// arrive gives a job to the worker with the fewest, or lets it wait.
func (m *simulation) arrive() {
	j := &job{arrived: m.now}
	for range m.load.Shard {
		j.sentences += m.geometric(float64(m.load.Sentences))
	}
	free := slices.MinFunc(m.workers, func(a, b *worker) int { return a.jobs - b.jobs })
	if free.jobs < m.house.Jobs {
		free.start(j)
		return
	}
	m.backlog = append(m.backlog, j)
	m.run.Backlog = max(m.run.Backlog, len(m.backlog))
}

// ended takes down that a job is done, and gives its worker the next.
func (m *simulation) ended(w *worker, j *job) {
	m.run.Jobs++
	m.run.Waits = append(m.run.Waits, m.now-j.arrived)
	m.run.Done = m.now
	if len(m.backlog) > 0 {
		next := m.backlog[0]
		m.backlog = m.backlog[1:]
		w.start(next)
	}
}

// close works out the sums.
func (m *simulation) close(s Service) *Run {
	r := &m.run
	slices.Sort(r.Waits)
	if r.Done == 0 {
		return r
	}
	took := r.Done.Seconds()
	var cpu time.Duration
	for _, w := range m.workers {
		cpu += w.cpu.used
	}
	r.Connections = m.service.used.Seconds() / took / float64(s.connections(m.house))
	r.CPU = cpu.Seconds() / took / float64(m.house.CPUs*m.house.Processes)
	r.Database = m.database.used.Seconds() / took
	return r
}
