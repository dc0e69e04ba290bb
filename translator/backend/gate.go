package backend

import (
	"math/rand/v2"
	"time"
)

// The waits of the retry table (translator/docs/errors.md).
const (
	backoffBase = time.Second
	backoffCap  = time.Minute
	pauseCap    = 15 * time.Minute // of what a service may ask for
)

// backoff returns how long the n-th wait may be, counted from 1.
func backoff(n int) time.Duration {
	if n > 6 {
		return backoffCap
	}
	return min(backoffBase<<max(n-1, 0), backoffCap)
}

// fullJitter returns any duration up to d, so that callers that failed
// together do not come back together.
func fullJitter(d time.Duration) time.Duration { return rand.N(d + 1) }

// halfJitter returns a duration between half of d and d.
func halfJitter(d time.Duration) time.Duration { return d/2 + fullJitter(d/2) }

// A gate holds all requests back while a service is too fast asked. The zero
// gate is open.
type gate struct {
	until  time.Time // closed before
	closed time.Time // when it was closed last
	level  int       // rate limits in a row, for a service that does not say how long
}

// close closes the gate for what the service asked, or, for 0, by backoff,
// and returns how long the request must wait that was sent at that time. Rate
// limits of requests that were on their way together count as one.
func (g *gate) close(now, sent time.Time, after time.Duration) time.Duration {
	if !sent.Before(g.closed) {
		g.level++
		g.closed = now
	}
	wait := min(after, pauseCap)
	if wait <= 0 {
		wait = halfJitter(backoff(g.level))
	}
	if until := now.Add(wait); until.After(g.until) {
		g.until = until
	}
	return g.until.Sub(now)
}

// passed notes that a request sent at that time was answered.
func (g *gate) passed(sent time.Time) {
	if !sent.Before(g.closed) {
		g.level = 0
	}
}

// next returns when the next request may go out.
func (p *pacer) next() time.Time { return later(p.request, p.size) }

// A pacer spreads requests evenly, each in its share of a minute. It allows no
// bursts: services measure their minute in ways that they do not tell.
type pacer struct {
	pace          Pace
	request, size time.Time // when the last request's share of each is used up
}

// spend uses up the share of a request of a size that goes out now.
func (p *pacer) spend(now time.Time, size int) {
	if n := p.pace.RequestsPerMinute; n > 0 {
		p.request = now.Add(time.Minute / time.Duration(n))
	}
	if n := p.pace.SizePerMinute; n > 0 {
		p.size = now.Add(time.Duration(float64(time.Minute) * float64(size) / float64(n)))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
