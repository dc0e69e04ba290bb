package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dragoman/translator"
)

// A Database is what is looked up when metrics are asked for. A function that
// is nil shows nothing.
type Database struct {
	// Tally counts versions: translator.Stories.Tally.
	Tally func(context.Context) ([]translator.VersionTally, error)
	// Jobs counts the jobs that are not over, by River's word for their state.
	Jobs func(context.Context) (map[string]int, error)
	// Spent says what was spent of each limit that is set.
	Spent func(context.Context) ([]Spent, error)
}

// Spent is how far a limit on spending is used up, on all machines.
type Spent struct {
	Limit string // its name, as "budget.day_usd"
	Spent translator.USD
	Most  translator.USD
}

// lookTime is how long the database may take to answer, and lookFresh how long
// its answer is given again: so ten that ask cost one query, and a database
// that does not answer is asked no more often than one that does. To count the
// stories may take longer: see counting.
const (
	lookTime  = 3 * time.Second
	lookFresh = 5 * time.Second
)

// jobStates are River's words for the jobs that are not over.
var jobStates = []string{"available", "pending", "retryable", "running", "scheduled"}

// gauges shows what the database holds. It is a prometheus.Collector.
type gauges struct {
	database Database
	problem  func(what string, err error)
	dirs     *bounded

	up, stories, oldest, counted, jobs, spent, limit *prometheus.Desc

	life context.Context // no question outlives it
	end  context.CancelFunc

	mu       sync.Mutex
	view     view
	taken    time.Time
	counting counting
}

// A view is one answer of the database.
type view struct {
	up      bool
	tally   []translator.VersionTally
	counted time.Time // zero without a tally
	jobs    map[string]int
	spent   []Spent
}

func newGauges(opts *MetricsOptions, dirs *bounded) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
	}
	g := &gauges{
		database: opts.Database, problem: opts.Problem, dirs: dirs,
		up:      desc("store_up", "1 if the store answered, else 0; then what it holds is not shown."),
		stories: desc("queue_stories", "Stories in the store by state.", "direction", "state"),
		oldest:  desc("queue_oldest_timestamp_seconds", "When the oldest of the stories that are not over was submitted, in Unix time.", "direction", "state"),
		counted: desc("queue_counted_timestamp_seconds", "When the stories were counted, in Unix time: of a large store not at each scrape."),
		jobs:    desc("queue_jobs", "Jobs that are not over, by River's state.", "state"),
		spent:   desc("budget_spent_usd", "US dollars spent or reserved of a limit.", "limit"),
		limit:   desc("budget_limit_usd", "The limit in US dollars.", "limit"),
	}
	if g.problem == nil {
		g.problem = func(string, error) {}
	}
	g.counting.do = g.database.Tally
	g.life, g.end = context.WithCancel(context.Background())
	return g
}

// close ends what is being asked.
func (g *gauges) close() {
	g.end()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counting.end()
}

// Describe is prometheus.Collector's.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.up, g.stories, g.oldest, g.counted, g.jobs, g.spent, g.limit} {
		out <- d
	}
}

// Collect is prometheus.Collector's.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	v := g.look()
	show := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	if !v.up {
		show(g.up, 0)
		return
	}
	show(g.up, 1)
	if !v.counted.IsZero() {
		show(g.counted, float64(v.counted.UnixMilli())/1000)
	}
	for _, t := range g.merged(v.tally) {
		dir, state := t.dir, string(t.state)
		show(g.stories, float64(t.versions), dir, state)
		if t.state.Open() || t.state == translator.StateOnHold {
			show(g.oldest, float64(t.oldest.UnixMilli())/1000, dir, state)
		}
	}
	for _, state := range jobStates {
		if v.jobs != nil {
			show(g.jobs, float64(v.jobs[state]), state)
		}
	}
	for _, s := range v.spent {
		show(g.spent, s.Spent.Float(), s.Limit)
		show(g.limit, s.Most.Float(), s.Limit)
	}
}

// A row is a tally under the label of its direction.
type row struct {
	dir      string
	state    translator.State
	versions int
	oldest   time.Time
}

// merged puts those directions together that are not told apart.
func (g *gauges) merged(tally []translator.VersionTally) []row {
	var rows []row
	for _, t := range tally {
		r := row{g.dirs.of(t.Direction.String()), t.State, t.Versions, t.Oldest}
		i := slices.IndexFunc(rows, func(o row) bool { return o.dir == r.dir && o.state == r.state })
		if i < 0 {
			rows = append(rows, r)
			continue
		}
		rows[i].versions += r.versions
		if r.oldest.Before(rows[i].oldest) {
			rows[i].oldest = r.oldest
		}
	}
	return rows
}

// look returns the last view while it is fresh, and else takes one, once for
// all who wait for it.
func (g *gauges) look() view {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.taken.IsZero() || time.Since(g.taken) >= lookFresh {
		g.view = g.ask()
		g.taken = time.Now()
	}
	return g.view
}

// ask takes a view. It does not end with the one who asks, since others wait for it too.
func (g *gauges) ask() (v view) {
	ctx, cancel := context.WithTimeout(g.life, lookTime)
	defer cancel()
	v.up = true
	if do := g.database.Jobs; do != nil {
		v.jobs = asked(ctx, g, &v.up, do)
	}
	if do := g.database.Spent; do != nil {
		v.spent = asked(ctx, g, &v.up, do)
	}
	if !v.up {
		g.counting.due = time.Time{} // as soon as it is back
	} else if g.database.Tally != nil {
		if err := g.counting.look(g.life, ctx); err != nil {
			g.problem("metrics", err)
		}
		v.tally, v.counted = g.counting.tally, g.counting.taken
	}
	return v
}

// asked makes one query, unless an earlier one failed.
func asked[T any](ctx context.Context, g *gauges, up *bool, do func(context.Context) (T, error)) (answer T) {
	if !*up {
		return answer
	}
	answer, err := do(ctx)
	if err != nil {
		g.problem("metrics", err)
		*up = false
	}
	return answer
}
