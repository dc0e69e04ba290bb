package backend

import "time"

// Connections are how many requests may be on their way at once. A Client
// begins with the most, for that is what the Traits say the service bears or
// the user set, and a short run has no time to work its way up; one rate limit
// brings it down within one answer.
type connections struct {
	most, open int
	answered   int // since open changed
	// failed is how many rounds of requests in a row the service was not there
	// for. From the second on, one request at a time tries it.
	failed   int
	failedAt time.Time // when the last of them failed
}

// now returns how many may be used.
func (c *connections) now() int {
	if c.failed > 1 {
		return 1
	}
	return c.open
}

// succeeded counts an answer: as many as there are connections make one more.
// It tells whether the number changed.
func (c *connections) succeeded() bool {
	was := c.now()
	c.failed = 0
	if c.open < c.most {
		if c.answered++; c.answered >= c.open {
			c.open, c.answered = c.open+1, 0
		}
	}
	return c.now() != was
}

// halve notes a rate limit.
func (c *connections) halve() {
	c.open, c.answered = max(c.open/2, 1), 0
}

// fail notes that the service was not there for a request sent at that time,
// and returns how many rounds in a row that was so.
func (c *connections) fail(now, sent time.Time) int {
	if !sent.Before(c.failedAt) {
		c.failed, c.failedAt = c.failed+1, now
	}
	return c.failed
}
