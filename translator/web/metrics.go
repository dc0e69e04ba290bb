package web

import (
	"context"
	"net/http"
	"runtime"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"dragoman/translator"
)

// Metrics counts what a process does, and looks at the database when it is
// asked. Everything it counts begins at 0 with the process; what the database
// says is the same from every process. It is safe for concurrent use.
//
// No label holds what a story brings along but its direction, of which the
// first 50 are told apart.
type Metrics struct {
	registry *prometheus.Registry
	backends *backends
	dirs     *bounded
	gauges   *gauges

	sentences, characters, sentenceErrors *prometheus.CounterVec
	requests                              *prometheus.HistogramVec
	requestErrors, retries, pauses        *prometheus.CounterVec
	units, cost                           *prometheus.CounterVec
	stopped                               *prometheus.GaugeVec
	jobs, jobErrors                       *prometheus.CounterVec
	jobTime                               prometheus.Histogram
	working                               prometheus.Gauge
	stories                               *prometheus.CounterVec
	rescued                               prometheus.Counter
}

// MetricsOptions adjust Metrics. The zero value of each field is its default.
type MetricsOptions struct {
	Version, Revision string // of the program
	Database          Database
	// Problem is told why the database did not answer.
	Problem func(what string, err error)
}

const namespace = "dragoman"

// The ways a sentence's question ends.
const (
	recalled   = "recalled"   // it was in memory
	translated = "translated" // a backend answered
	repeated   = "repeated"   // by the answer to the same sentence, asked at the same time
	unanswered = "unanswered" // it has no translation, or none yet
)

// NewMetrics returns Metrics in a registry of their own, with those of the Go
// runtime and of the process.
func NewMetrics(opts *MetricsOptions) *Metrics {
	if opts == nil {
		opts = &MetricsOptions{}
	}
	m := &Metrics{registry: prometheus.NewRegistry(), backends: newBackends(), dirs: newBounded(50)}
	m.texts()
	m.traffic()
	m.work()
	m.build(opts.Version, opts.Revision)
	m.gauges = newGauges(opts, m.dirs)
	m.registry.MustRegister(m.gauges, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

func (m *Metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

func (m *Metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(v)
	return v
}

// texts registers what is counted of sentences.
func (m *Metrics) texts() {
	m.sentences = m.counter("sentences_total", "Sentences whose translation was asked for, by how that ended: recalled, translated, repeated or unanswered.", "direction", "outcome")
	m.characters = m.counter("characters_total", "Characters (code points) of those sentences.", "direction", "outcome")
	m.sentenceErrors = m.counter("sentence_errors_total", "Sentences that have no translation, or none yet, by the kind of error.", "kind")
	for k := translator.Other; k <= translator.Interrupted; k++ {
		m.sentenceErrors.WithLabelValues(k.Error())
	}
}

func (m *Metrics) build(version, revision string) {
	m.gauge("build_info", "The program: always 1.", "version", "revision", "goversion").
		WithLabelValues(version, revision, runtime.Version()).Set(1)
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// Translate counts what next, the chain with memory in front, is asked.
func (m *Metrics) Translate(next translator.Func) translator.Func {
	return func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		results, err := next(ctx, req)
		if err == nil {
			m.count(req, results)
		}
		return results, err
	}
}

func (m *Metrics) count(req translator.Request, results []translator.Result) {
	dir := m.dirs.of(req.Direction.String())
	sentences, characters := map[string]int{}, map[string]int{}
	for i, r := range results {
		outcome := translated
		switch {
		case r.Err != nil:
			outcome = unanswered
			m.sentenceErrors.WithLabelValues(translator.KindOf(r.Err).Error()).Inc()
		case r.Recalled:
			outcome = recalled
		case r.Repeated:
			outcome = repeated
		}
		sentences[outcome]++
		characters[outcome] += utf8.RuneCountInString(req.Texts[i])
	}
	for _, outcome := range []string{recalled, translated, repeated, unanswered} {
		m.sentences.WithLabelValues(dir, outcome).Add(float64(sentences[outcome]))
		m.characters.WithLabelValues(dir, outcome).Add(float64(characters[outcome]))
	}
}

// seconds is how Prometheus has its times.
func seconds(d time.Duration) float64 { return d.Seconds() }
