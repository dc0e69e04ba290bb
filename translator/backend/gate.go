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

// A gate holds all requests back while a service is too fast asked, or is not
// there. The zero gate is open.
type gate struct {
	until  time.Time // closed before
	closed time.Time // when it was closed last
	level  int       // rate limits in a row, for a service that does not say how long
}

// together tells whether a request that was sent at that time was on its way
// when the gate was closed last. Rate limits of such requests count as one.
func (g *gate) together(sent time.Time) bool { return sent.Before(g.closed) }

// close closes the gate for what the service asked, or, for 0, by backoff,
// and returns how long the request must wait that was sent at that time.
func (g *gate) close(now, sent time.Time, after time.Duration) time.Duration {
	if !g.together(sent) {
		g.level++
		g.closed = now
	}
	wait := min(after, pauseCap)
	if wait <= 0 {
		wait = halfJitter(backoff(g.level))
	}
	g.hold(now.Add(wait))
	return g.until.Sub(now)
}

// hold keeps the gate closed until then at least.
func (g *gate) hold(until time.Time) { g.until = later(g.until, until) }

// passed notes that a request sent at that time was answered.
func (g *gate) passed(sent time.Time) {
	if !g.together(sent) {
		g.level = 0
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
