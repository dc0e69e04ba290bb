package backend

import (
	"slices"
	"time"
)

// Pack returns how many of the sizes, from the first on, go into one request
// of at most maxTexts texts and maxSize in all, where 0 is no limit. A size
// that is above maxSize by itself goes alone, so that Pack is 0 only for no sizes.
func Pack(sizes []int, maxTexts, maxSize int) int {
	total := 0
	for i, size := range sizes {
		total += size
		if i > 0 && (maxTexts > 0 && i >= maxTexts || maxSize > 0 && total > maxSize) {
			return i
		}
	}
	return len(sizes)
}

// dispatchLocked sends what can be sent now, and sets the alarm for what can
// be sent later. It is called whenever a text, a connection or a moment
// arrives, so that no goroutine needs to wait for them.
func (c *Client) dispatchLocked() {
	for c.reason == nil && c.busy < c.opts.Connections && len(c.queue) > 0 {
		n, full := c.nextLocked()
		ready := later(c.gate.until, c.pacer.next())
		if !full {
			ready = later(ready, c.queue[0].queued.Add(c.opts.Linger))
		}
		now := time.Now()
		if ready.After(now) {
			c.wakeInLocked(ready.Sub(now))
			return
		}
		r := &request{jobs: c.takeLocked(n), admitted: true}
		c.pacer.spend(now, r.size())
		c.busy++
		c.requests.Go(func() { c.run(r) })
	}
}

// run serves a request and gives its connection back.
func (c *Client) run(r *request) {
	c.serve(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy--
	c.dispatchLocked()
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

// nextLocked returns how many texts of the first one's direction go into the
// next request, and whether waiting could not make it fuller.
func (c *Client) nextLocked() (n int, full bool) {
	most := first(c.traits.MaxTexts, maxTexts)
	dir, total := c.queue[0].dir, 0
	var sizes []int
	for _, j := range c.queue {
		if j.dir != dir {
			continue
		}
		sizes = append(sizes, j.size)
		total += j.size
		if len(sizes) > most || c.traits.MaxSize > 0 && total > c.traits.MaxSize {
			break
		}
	}
	n = Pack(sizes, most, c.traits.MaxSize)
	return n, n < len(sizes) || n == most || total == c.traits.MaxSize
}

// takeLocked removes the first n texts of the first one's direction.
func (c *Client) takeLocked(n int) []*job {
	dir := c.queue[0].dir
	taken := make([]*job, 0, n)
	c.queue = slices.DeleteFunc(c.queue, func(j *job) bool {
		if j.dir != dir || len(taken) == n {
			return false
		}
		taken = append(taken, j)
		return true
	})
	return taken
}

// requeue puts texts back where they came from.
func (c *Client) requeue(jobs []*job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil {
		c.failLocked(jobs, c.reason)
		return
	}
	c.queue = slices.Concat(jobs, c.queue)
}
