package web

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"dragoman/translator"
)

// requestBuckets reach from a memory file's answer to a model's longest.
var requestBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300}

// traffic registers what is counted of requests to backends.
func (m *Metrics) traffic() {
	m.requests = m.histogram("request_duration_seconds", "Time a backend took to answer a request, or to fail.", requestBuckets, "backend", "outcome")
	m.requestErrors = m.counter("request_errors_total", "Requests that failed, by the kind of error.", "backend", "kind")
	m.retries = m.counter("request_retries_total", "Requests that are sent again after a failure.", "backend")
	m.pauses = m.counter("backend_pauses_total", "Times a backend asked to be asked more slowly.", "backend")
	m.stopped = m.gauge("backend_stopped", "1 while nothing is sent to a backend because of credentials, a quota or a budget.", "backend")
	m.units = m.counter("billed_units_total", "Units that were billed, as the backend counts them.", "backend", "unit")
	m.cost = m.counter("cost_usd_total", "US dollars that were billed.", "backend")
}

// Backend counts what b, the driver itself, is sent. What it returns is an
// io.Closer that closes b if b is one.
func (m *Metrics) Backend(b translator.Backend) translator.Backend {
	traits := b.Traits()
	m.backends.put(traits.Name, cmp.Or(traits.Unit, "characters"))
	m.stopped.WithLabelValues(traits.Name).Set(0)
	m.retries.WithLabelValues(traits.Name)
	m.pauses.WithLabelValues(traits.Name)
	m.cost.WithLabelValues(traits.Name)
	m.units.WithLabelValues(traits.Name, cmp.Or(traits.Unit, "characters"))
	return &counted{b, m, traits.Name}
}

type counted struct {
	translator.Backend
	metrics *Metrics
	name    string
}

func (c *counted) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	start := time.Now()
	resp, err := c.Backend.Translate(ctx, req)
	outcome := "answered"
	if err != nil {
		outcome = "failed"
		c.metrics.requestErrors.WithLabelValues(c.name, kindOf(err)).Inc()
	}
	c.metrics.requests.WithLabelValues(c.name, outcome).Observe(seconds(time.Since(start)))
	return resp, err
}

// Close closes the Backend that is counted, if it can be closed.
func (c *counted) Close() error { return translator.Close(c.Backend) }

// kindOf is translator.KindOf in words, with a request that was called off as an interruption.
func kindOf(err error) string {
	if errors.Is(err, context.Canceled) {
		return translator.Interrupted.Error()
	}
	return translator.KindOf(err).Error()
}

// Settled counts what a request came to, as ledger.Options.Settled is told.
func (m *Metrics) Settled(line translator.Line, bill translator.Bill) {
	m.units.WithLabelValues(line.Backend, m.backends.unit(line.Backend)).Add(float64(bill.Size))
	m.cost.WithLabelValues(line.Backend).Add(bill.Cost.Float())
}

// Retried counts a request that is sent again, as backend.Observer.Retried is told.
func (m *Metrics) Retried(backend string) { m.retries.WithLabelValues(backend).Inc() }

// Paused counts a backend that asks for time, as backend.Observer.Paused is told.
func (m *Metrics) Paused(backend string) { m.pauses.WithLabelValues(backend).Inc() }

// Stopped marks a backend that is not asked any more, as
// backend.Observer.Stopped is told, until Backend is called for it anew.
func (m *Metrics) Stopped(backend string, reason error) {
	if translator.KindOf(reason) != translator.Interrupted {
		m.stopped.WithLabelValues(backend).Set(1)
	}
}

// backends knows in what each backend counts.
type backends struct {
	mu    sync.Mutex
	units map[string]string
}

func newBackends() *backends { return &backends{units: map[string]string{}} }

func (b *backends) put(name, unit string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.units[name] = unit
}

func (b *backends) unit(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return cmp.Or(b.units[name], "characters")
}
