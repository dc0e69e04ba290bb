package backend

import (
	"slices"
	"time"
)

// lingerMost is how many times Linger a text waits while other requests are on
// their way. Pages of texts come one after the other, as fast as stories are
// read; while the service is at work anyway, the end of a page waits for the
// beginning of the next.
const lingerMost = 10

// dispatchLocked sends what can be sent now, and sets the alarm for what can
// be sent later. It is called whenever a text, a connection or a moment
// arrives, so that no goroutine needs to wait for them.
func (c *Client) dispatchLocked() {
	for c.reason == nil {
		now := time.Now()
		send, ready := c.nextLocked(now)
		if send == nil {
			return
		}
		if ready.After(now) {
			c.wakeInLocked(ready.Sub(now))
			return
		}
		c.sendLocked(now, send())
	}
}

func (c *Client) wakeInLocked(d time.Duration) {
	if c.wake != nil {
		c.wake.Reset(d)
		return
	}
	c.wake = time.AfterFunc(d, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.dispatchLocked()
	})
}

// nextLocked returns what takes the next request out of where it waits, and
// when it may go, or nil. One that is sent again goes before a new one, and holds
// its place among the connections while it waits.
func (c *Client) nextLocked(now time.Time) (take func() *request, ready time.Time) {
	if c.flying >= c.connections.now() {
		return nil, ready
	}
	for _, r := range c.waiting {
		if r.landing > c.landed && c.flying > 0 {
			continue // for a request on its way
		}
		at := later(r.notBefore, c.admissionLocked(now, r.size()))
		if take == nil || at.Before(ready) {
			take, ready = func() *request { return c.resumeLocked(r) }, at
		}
	}
	if c.flying+len(c.waiting) >= c.connections.now() {
		return take, ready
	}
	linger := c.opts.Linger
	if c.flying > 0 {
		linger *= lingerMost
	}
	if l, at := c.queue.ready(linger); l != nil {
		at = later(at, c.admissionLocked(now, l.next.size))
		if take == nil || at.Before(ready) {
			take, ready = func() *request { return &request{jobs: c.queue.take(l)} }, at
		}
	}
	return take, ready
}

// admissionLocked returns when the gate and the pace let a request of a size go.
func (c *Client) admissionLocked(now time.Time, size int) time.Time {
	return later(c.gate.until, c.pacer.ready(now, size))
}

// resumeLocked takes a request out of those that wait.
func (c *Client) resumeLocked(r *request) *request {
	c.waiting = slices.DeleteFunc(c.waiting, func(other *request) bool { return other == r })
	return r
}

// waitLocked puts requests to those that wait to be sent again, without the
// texts that nobody waits for any more: before them, so that halves are followed
// to their end, and one that failed behind them, so that others have their turn.
func (c *Client) waitLocked(rs []*request) {
	if c.reason != nil {
		for _, r := range rs {
			c.failLocked(r.jobs, c.reason)
		}
		return
	}
	for _, r := range rs {
		r.jobs = c.wantedLocked(r.jobs)
	}
	rs = slices.DeleteFunc(rs, func(r *request) bool { return len(r.jobs) == 0 })
	if len(rs) == 1 && rs[0].failures > 0 {
		c.waiting = append(c.waiting, rs[0])
		return
	}
	c.waiting = slices.Concat(rs, c.waiting)
}

// sendLocked sends a request on a connection of its own.
func (c *Client) sendLocked(now time.Time, r *request) {
	r.attempts++
	r.unsent, r.landing = false, 0
	r.sent, r.shipment = now, c.pacer.spend(now, r.size())
	c.traffic.count(now, 1)
	if !r.again {
		c.doubts.count(now, len(r.jobs))
	}
	c.flying++
	c.requests.Go(func() { c.run(r) })
}

// run sends a request, sees to its answer, and gives its connection back.
func (c *Client) run(r *request) {
	var more []*request
	if resp, err := c.send(r); err != nil {
		more = c.judge(r, err)
	} else {
		more = c.accept(r, resp)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flying--
	if !r.unsent {
		c.landed++
	}
	c.waitLocked(more)
	c.dispatchLocked()
}

// requeue puts texts back where they came from.
func (c *Client) requeue(jobs []*job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil {
		c.failLocked(jobs, c.reason)
		return
	}
	c.queue.pushFront(c.wantedLocked(jobs))
}
