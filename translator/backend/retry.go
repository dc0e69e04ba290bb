package backend

import (
	"errors"
	"fmt"
	"time"

	"dragoman/translator"
)

// extraFloor is how many requests may always be sent again within ten minutes,
// or three for each connection: when a service goes away, all that are on their
// way fail, most of them twice, before one at a time waits for it to come back.
const extraFloor = 10

// roundsToOpen is how often a service that was never there is tried, which
// takes a minute or two. One that has answered before is waited for longer.
const roundsToOpen = 8

// retry sends the request again after a while, unless it has had its attempts
// or too much is being sent again already. One that may be paid each time is
// sent twice at most.
func (c *Client) retry(r *request, err error) []*request {
	e, _ := errors.AsType[*translator.Error](err)
	paid := e != nil && e.MaybePaid
	now := time.Now()
	r.failures++
	c.mu.Lock()
	wait, outage := c.failedLocked(now, r, e)
	absent := !c.answered && outage >= roundsToOpen
	over := r.failures >= c.opts.Attempts || paid && r.maybePaid || absent
	spent := !over && !c.traffic.spend(now)
	c.mu.Unlock()
	switch {
	case absent:
		c.halt(c.absent(err, outage), false)
		c.giveUp(r, err, false)
	case over:
		c.giveUp(r, err, true)
	case spent:
		c.giveUp(r, c.spent(err, paid), outage >= c.opts.FailuresToOpen)
	default:
		r.maybePaid = r.maybePaid || paid
		c.opts.Observer.Retried(r.attempts, wait, err)
		return []*request{r}
	}
	return nil
}

// failedLocked notes that the service was not there for a request, and returns
// how long that one waits and how many rounds in a row it has been so. From the
// second round on, while nothing at all is answered, everybody waits.
func (c *Client) failedLocked(now time.Time, r *request, e *translator.Error) (wait time.Duration, rounds int) {
	rounds = c.connections.fail(now, r.sent)
	wait = fullJitter(backoff(r.failures))
	if rounds > 1 {
		wait = halfJitter(backoff(max(r.failures, rounds)))
	}
	if e != nil {
		wait = max(wait, min(e.After, pauseCap))
	}
	r.notBefore = now.Add(wait)
	if rounds > 1 {
		c.gate.hold(r.notBefore)
	}
	return wait, rounds
}

// absent is why nothing more is sent to a service that was never there.
func (c *Client) absent(err error, tries int) error {
	return &translator.Error{
		Op: c.traits.Name, Kind: translator.Unavailable, Hint: "check that the service runs and can be reached: dragoman check " + c.traits.Name,
		Err: fmt.Errorf("it has not answered once, tried %d times; the last error: %w", tries, err),
	}
}

// spent is the error of a request that would have been sent again, had there
// been fewer such requests before it.
func (c *Client) spent(err error, paid bool) error {
	return &translator.Error{
		Op: c.traits.Name, Kind: translator.Unavailable, MaybePaid: paid, Hint: "run again when the service answers",
		Err: fmt.Errorf("too many requests fail: %.0f %% of those of ten minutes were sent again already; the last error: %w", 100*c.opts.RetryShare, err),
	}
}

// giveUp answers with err, and opens the breaker after too many in a row. One
// that had not all its attempts counts only while nothing at all is answered.
func (c *Client) giveUp(r *request, err error, counts bool) {
	c.mu.Lock()
	if counts {
		c.failures++
	}
	open, n := counts && c.failures >= c.opts.FailuresToOpen, c.failures
	c.mu.Unlock()
	c.opts.Observer.GaveUp(len(r.jobs), err)
	if open {
		c.halt(&translator.Error{
			Op: c.traits.Name, Kind: translator.KindOf(err), Hint: "run again when the service answers",
			Err: fmt.Errorf("%d requests in a row failed; the last error: %w", n, err),
		}, false)
	}
	c.answerAll(r, err)
}
