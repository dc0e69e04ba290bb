package web_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"dragoman/translator"
	"dragoman/translator/web"
)

var arEn = translator.Direction{From: "ar", To: "en"}

// scrape asks for the metrics as Prometheus does.
func scrape(t *testing.T, m *web.Metrics) map[string]*dto.MetricFamily {
	t.Helper()
	got := answerOf(web.New(&web.Options{Metrics: m, OpenMetrics: true}), "/metrics", nil)
	if got.code != 200 {
		t.Fatalf("%d %s", got.code, got.body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(got.body))
	if err != nil {
		t.Fatalf("%v\n%s", err, got.body)
	}
	return families
}

// value returns what a series stands at; labels are "name=value". It is NaN if
// there is no such series. Of a histogram it is how many there were.
func value(families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	for _, m := range families[name].GetMetric() {
		var have []string
		for _, l := range m.GetLabel() {
			have = append(have, l.GetName()+"="+l.GetValue())
		}
		if strings.Join(have, " ") != strings.Join(labels, " ") {
			continue
		}
		switch {
		case m.Counter != nil:
			return m.Counter.GetValue()
		case m.Gauge != nil:
			return m.Gauge.GetValue()
		case m.Histogram != nil:
			return float64(m.Histogram.GetSampleCount())
		}
	}
	return math.NaN()
}

func expect(t *testing.T, families map[string]*dto.MetricFamily, want float64, name string, labels ...string) {
	t.Helper()
	if got := value(families, name, labels...); got != want {
		t.Errorf("%s%v is %v, want %v", name, labels, got, want)
	}
}

// An engine answers as it is told.
type engine struct {
	answer func(translator.Request) (translator.Response, error)
	closed bool
}

func (e *engine) Traits() translator.Traits {
	return translator.Traits{Name: "desk", Unit: "tokens"}
}

func (e *engine) Translate(_ context.Context, req translator.Request) (translator.Response, error) {
	return e.answer(req)
}

func (e *engine) Close() error { e.closed = true; return nil }

func TestSentencesAreCounted(t *testing.T) {
	t.Parallel()
	m := web.NewMetrics(nil)
	results := []translator.Result{
		{Text: "one", Recalled: true}, {Text: "two"}, {Text: "two", Repeated: true}, {Text: "one", Recalled: true, Repeated: true}, {Err: translator.NewError("x", translator.Missing, nil)}, {Text: "four", Recalled: true},
	}
	ask := m.Translate(func(context.Context, translator.Request) ([]translator.Result, error) { return results, nil })
	got, err := ask(t.Context(), translator.Request{Direction: arEn, Texts: []string{"واحد", "اثنان", "اثنان", "واحد", "ثلاثة", "أربعة"}})
	if err != nil || len(got) != 6 {
		t.Fatal(got, err)
	}
	f := scrape(t, m)
	for outcome, want := range map[string][2]float64{"recalled": {3, 13}, "translated": {1, 5}, "repeated": {1, 5}, "unanswered": {1, 5}} {
		expect(t, f, want[0], "dragoman_sentences_total", "direction=ar-en", "outcome="+outcome)
		expect(t, f, want[1], "dragoman_characters_total", "direction=ar-en", "outcome="+outcome)
	}
	expect(t, f, 1, "dragoman_sentence_errors_total", "kind=no translation")
	expect(t, f, 0, "dragoman_sentence_errors_total", "kind=denied")
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	m := web.NewMetrics(nil)
	var fail error
	e := &engine{answer: func(translator.Request) (translator.Response, error) { return translator.Response{}, fail }}
	b := m.Backend(e)
	expect(t, scrape(t, m), 0, "dragoman_backend_stopped", "backend=desk")
	for _, fail = range []error{nil, nil, translator.NewError("desk", translator.Throttled, nil), context.Canceled} {
		if _, err := b.Translate(t.Context(), translator.Request{}); !errors.Is(err, fail) {
			t.Errorf("got %v, want %v", err, fail)
		}
	}
	m.Settled(translator.Line{Backend: "desk"}, translator.Bill{Size: 120, Cost: translator.Dollars(0.25)})
	m.Settled(translator.Line{Backend: "desk"}, translator.Bill{})
	m.Retried("desk")
	m.Paused("desk")
	m.Stopped("desk", translator.Exhausted)
	f := scrape(t, m)
	expect(t, f, 2, "dragoman_request_duration_seconds", "backend=desk", "outcome=answered")
	expect(t, f, 2, "dragoman_request_duration_seconds", "backend=desk", "outcome=failed")
	expect(t, f, 1, "dragoman_request_errors_total", "backend=desk", "kind=rate limited")
	expect(t, f, 1, "dragoman_request_errors_total", "backend=desk", "kind=interrupted")
	expect(t, f, 120, "dragoman_billed_units_total", "backend=desk", "unit=tokens")
	expect(t, f, 0.25, "dragoman_cost_usd_total", "backend=desk")
	expect(t, f, 1, "dragoman_request_retries_total", "backend=desk")
	expect(t, f, 1, "dragoman_backend_pauses_total", "backend=desk")
	expect(t, f, 1, "dragoman_backend_stopped", "backend=desk")
	m.Backend(e) // as when the chain is built anew
	m.Stopped("desk", translator.Interrupted)
	expect(t, scrape(t, m), 0, "dragoman_backend_stopped", "backend=desk")
	if err := translator.Close(b); err != nil || !e.closed {
		t.Error("the backend inside is not closed", err)
	}
}

func TestJobsAreCounted(t *testing.T) {
	t.Parallel()
	m := web.NewMetrics(nil)
	expect(t, scrape(t, m), 0, "dragoman_jobs_total", "outcome=stale")
	first, second, third := m.Job(), m.Job(), m.Job()
	expect(t, scrape(t, m), 3, "dragoman_jobs_in_work")
	first(web.JobDone, nil)
	second(web.JobStale, errors.New("lost"))
	third("made up", translator.NewError("store", translator.Unavailable, nil))
	m.Story(arEn, translator.StateDone)
	m.Story(arEn, translator.StateHeld) // it is not over
	m.Rescued(2)
	f := scrape(t, m)
	expect(t, f, 0, "dragoman_jobs_in_work")
	expect(t, f, 3, "dragoman_job_duration_seconds")
	for outcome, want := range map[web.Outcome]float64{web.JobDone: 1, web.JobStale: 1, web.JobFailed: 1, web.JobPutOff: 0, web.JobTaken: 0} {
		expect(t, f, want, "dragoman_jobs_total", "outcome="+string(outcome))
	}
	expect(t, f, 1, "dragoman_job_errors_total", "kind=unavailable")
	expect(t, f, 1, "dragoman_stories_total", "direction=ar-en", "state=done")
	if n := len(f["dragoman_stories_total"].GetMetric()); n != 1 {
		t.Errorf("%d series of stories", n)
	}
	expect(t, f, 2, "dragoman_jobs_rescued_total")
}

// full is a Database with something of everything.
func full(asked *atomic.Int32) web.Database {
	oldest := time.Unix(1_764_000_000, 500e6)
	return web.Database{
		Tally: func(context.Context) ([]translator.VersionTally, error) {
			asked.Add(1)
			return []translator.VersionTally{
				{Direction: arEn, State: translator.StateDone, Versions: 40, Oldest: oldest},
				{Direction: arEn, State: translator.StateHeld, Versions: 2, Oldest: oldest.Add(time.Hour)},
				{Direction: arEn, State: translator.Waiting, Versions: 7, Oldest: oldest},
			}, nil
		},
		Jobs: func(context.Context) (map[string]int, error) {
			return map[string]int{"available": 5, "running": 2, "unheard of": 9}, nil
		},
		Spent: func(context.Context) ([]web.Spent, error) {
			return []web.Spent{{Limit: "budget.day_usd", Spent: translator.Dollars(3.5), Most: translator.Dollars(10)}}, nil
		},
	}
}

func TestWhatTheDatabaseHolds(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	f := scrape(t, web.NewMetrics(&web.MetricsOptions{Version: "v1.2.3", Revision: "abc", Database: full(&asked)}))
	expect(t, f, 1, "dragoman_store_up")
	expect(t, f, 40, "dragoman_queue_stories", "direction=ar-en", "state=done")
	expect(t, f, 7, "dragoman_queue_stories", "direction=ar-en", "state=waiting")
	expect(t, f, 1_764_000_000.5, "dragoman_queue_oldest_timestamp_seconds", "direction=ar-en", "state=waiting")
	expect(t, f, 1_764_003_600.5, "dragoman_queue_oldest_timestamp_seconds", "direction=ar-en", "state=held")
	if n := len(f["dragoman_queue_oldest_timestamp_seconds"].GetMetric()); n != 2 {
		t.Errorf("%d ages: that of what is over says nothing", n)
	}
	expect(t, f, 5, "dragoman_queue_jobs", "state=available")
	expect(t, f, 0, "dragoman_queue_jobs", "state=retryable")
	if n := len(f["dragoman_queue_jobs"].GetMetric()); n != 5 {
		t.Errorf("%d states of jobs", n)
	}
	expect(t, f, 3.5, "dragoman_budget_spent_usd", "limit=budget.day_usd")
	expect(t, f, 10, "dragoman_budget_limit_usd", "limit=budget.day_usd")
	for _, m := range f["dragoman_build_info"].GetMetric() {
		if s := m.String(); !strings.Contains(s, "v1.2.3") || !strings.Contains(s, "abc") || !strings.Contains(s, "go1.") {
			t.Errorf("the build is %s", s)
		}
	}
}

func TestTenScrapersCostOneQuery(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	m := web.NewMetrics(&web.MetricsOptions{Database: full(&asked)})
	s := web.New(&web.Options{Metrics: m, OpenMetrics: true})
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if got := answerOf(s, "/metrics", nil); got.code != 200 || !strings.Contains(got.body, "dragoman_store_up 1") {
				t.Errorf("answers %d", got.code)
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("ten scrapers cost %d queries", n)
	}
}

func TestMetricsOfAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		var problems []error
		var asked atomic.Int32
		database := full(&asked)
		jobs := database.Jobs
		database.Jobs = func(ctx context.Context) (map[string]int, error) {
			if away.Load() {
				<-ctx.Done() // as a connection that hangs
				return nil, ctx.Err()
			}
			return jobs(ctx)
		}
		m := web.NewMetrics(&web.MetricsOptions{Database: database, Problem: func(_ string, err error) { problems = append(problems, err) }})
		expect(t, scrape(t, m), 1, "dragoman_store_up")
		away.Store(true)
		expect(t, scrape(t, m), 1, "dragoman_store_up") // still fresh
		time.Sleep(5 * time.Second)
		start := time.Now()
		f := scrape(t, m)
		expect(t, f, 0, "dragoman_store_up")
		expect(t, f, 0, "dragoman_jobs_in_work") // what the process counts itself is there
		if len(f["dragoman_queue_stories"].GetMetric()) != 0 {
			t.Error("it shows what it cannot know")
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("a scrape took %v", took)
		}
		scrape(t, m)
		if len(problems) != 1 {
			t.Errorf("told of %v", problems)
		}
		away.Store(false)
		time.Sleep(5 * time.Second)
		expect(t, scrape(t, m), 1, "dragoman_store_up")
	})
}

// TestMetricsOfALargeStore has one that takes 20 seconds to count its stories: it
// is up, shows the last count with its time, and counts a tenth of the time.
func TestMetricsOfALargeStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var asked, problems atomic.Int32
		var counting, takes atomic.Int64 // nanoseconds
		takes.Store(int64(20 * time.Second))
		database := full(&asked)
		tally := database.Tally
		database.Tally = func(ctx context.Context) ([]translator.VersionTally, error) {
			since := time.Now()
			defer func() { counting.Add(int64(time.Since(since))) }()
			select {
			case <-time.After(time.Duration(takes.Load())):
				return tally(ctx)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		m := web.NewMetrics(&web.MetricsOptions{Database: database, Problem: func(string, error) { problems.Add(1) }})
		look := func(most time.Duration) map[string]*dto.MetricFamily {
			t.Helper()
			start := time.Now()
			f := scrape(t, m)
			if took := time.Since(start); took > most {
				t.Errorf("a scrape took %v", took)
			}
			expect(t, f, 1, "dragoman_store_up")
			expect(t, f, 5, "dragoman_queue_jobs", "state=available")
			return f
		}
		if f := look(3 * time.Second); len(f["dragoman_queue_stories"].GetMetric()) != 0 || f["dragoman_queue_counted_timestamp_seconds"] != nil {
			t.Error("it shows a count that has not ended")
		}
		time.Sleep(30 * time.Second)
		f := look(0)
		expect(t, f, 7, "dragoman_queue_stories", "direction=ar-en", "state=waiting")
		expect(t, f, float64(begun.UnixMilli())/1000, "dragoman_queue_counted_timestamp_seconds")
		for time.Since(begun) < time.Hour {
			time.Sleep(15 * time.Second)
			look(3 * time.Second)
		}
		if n, took := asked.Load(), time.Duration(counting.Load()); n < 15 || n > 18 || took > time.Since(begun)/10+20*time.Second {
			t.Errorf("it was counted %d times and for %v of %v", n, took, time.Since(begun))
		}
		if n := problems.Load(); n != 0 {
			t.Errorf("%d problems", n)
		}
		takes.Store(int64(time.Hour))
		time.Sleep(4 * time.Minute)
		look(3 * time.Second)
		time.Sleep(time.Minute)
		f = look(3 * time.Second)
		expect(t, f, 7, "dragoman_queue_stories", "direction=ar-en", "state=waiting")
		if n := problems.Load(); n != 1 {
			t.Errorf("told %d times of a count that did not end", n)
		}
	})
}

// TestSeriesAreBounded counts much of everything that stories bring along.
func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	var tally []translator.VersionTally
	for i := range 200 {
		tally = append(tally, translator.VersionTally{Direction: arEn, State: translator.Waiting, Versions: 1, Oldest: time.Unix(int64(1000-i), 0)})
		tally[i].Direction.From = translator.Lang(fmt.Sprintf("ar-x-%d", i))
	}
	m := web.NewMetrics(&web.MetricsOptions{Database: web.Database{
		Tally: func(context.Context) ([]translator.VersionTally, error) { return tally, nil },
	}})
	ask := m.Translate(func(_ context.Context, req translator.Request) ([]translator.Result, error) {
		return make([]translator.Result, len(req.Texts)), nil
	})
	for _, row := range tally {
		req := translator.Request{Direction: row.Direction, Texts: []string{"نص"}, Contexts: []translator.Context{{Story: "planted-story"}}}
		if _, err := ask(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	f := scrape(t, m)
	if n := len(f["dragoman_sentences_total"].GetMetric()); n != 4*51 {
		t.Errorf("%d series of sentences", n)
	}
	expect(t, f, 150, "dragoman_queue_stories", "direction=other", "state=waiting")
	expect(t, f, 801, "dragoman_queue_oldest_timestamp_seconds", "direction=other", "state=waiting")
	for name, family := range f {
		if strings.Contains(family.String(), "planted-story") {
			t.Errorf("%s names a story", name)
		}
	}
}

// TestMetricsAreAsPrometheusWants asks its linter, and that every one of ours
// is a counter if and only if it says so.
func TestMetricsAreAsPrometheusWants(t *testing.T) {
	t.Parallel()
	f := scrape(t, everything(t))
	var ours []*dto.MetricFamily
	for name, family := range f {
		if strings.HasPrefix(name, "dragoman_") {
			ours = append(ours, family)
			if (family.GetType() == dto.MetricType_COUNTER) != strings.HasSuffix(name, "_total") {
				t.Errorf("%s is a %v", name, family.GetType())
			}
		}
	}
	problems, err := promlint.NewWithMetricFamilies(ours).Lint()
	if err != nil || len(problems) > 0 || len(ours) < 20 {
		t.Errorf("%d metrics: %v, %v", len(ours), problems, err)
	}
	for _, name := range []string{"go_goroutines", "process_start_time_seconds"} {
		if f[name] == nil {
			t.Errorf("there is no %s", name)
		}
	}
}

// everything returns metrics in which every family has a series.
func everything(t *testing.T) *web.Metrics {
	t.Helper()
	m := web.NewMetrics(&web.MetricsOptions{Version: "v1", Database: full(new(atomic.Int32))})
	denied := translator.NewError("desk", translator.Denied, nil)
	b := m.Backend(&engine{answer: func(translator.Request) (translator.Response, error) { return translator.Response{}, denied }})
	if _, err := b.Translate(t.Context(), translator.Request{}); err == nil {
		t.Fatal("no error")
	}
	ask := m.Translate(func(context.Context, translator.Request) ([]translator.Result, error) {
		return []translator.Result{{}}, nil
	})
	if _, err := ask(t.Context(), translator.Request{Direction: arEn, Texts: []string{"نص"}}); err != nil {
		t.Fatal(err)
	}
	m.Job()(web.JobFailed, denied)
	m.Story(arEn, translator.StateDone)
	return m
}
