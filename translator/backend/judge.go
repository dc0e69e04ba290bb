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

// judge is the retry table: what is done about a request that failed, by the
// kind of its error. It answers texts, and returns the requests that send
// those that have no answer yet.
func (c *Client) judge(r *request, err error) []*request {
	kind := translator.KindOf(err)
	switch kind {
	case translator.Invalid, translator.TooLarge, translator.Corrupt, translator.Unsupported, translator.Missing:
		c.there()
	case translator.Exhausted, translator.Denied, translator.Interrupted:
		err = c.closable(err, kind)
		c.halt(err, false)
	case translator.Other:
		c.halt(err, true)
	case translator.Throttled:
		return c.pause(r, err)
	}
	if r.again { // what was answered first stands, so nothing more is spent on it
		c.answerAll(r, err)
		return nil
	}
	switch kind {
	case translator.Unavailable:
		return c.retry(r, err)
	case translator.OverBudget:
		return c.shrink(r, err)
	case translator.Invalid, translator.TooLarge, translator.Corrupt:
		return c.halve(r, err)
	}
	c.answerAll(r, err)
	return nil
}

// there notes that the service is there, whatever it says.
func (c *Client) there() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered, c.connections.failed = true, 0
}

// closable returns an error that opens the breaker with a hint how to close it.
// The driver's own hint is better, if there is one.
func (c *Client) closable(err error, kind translator.Kind) error {
	hint := map[translator.Kind]string{
		translator.Denied: fmt.Sprintf("mend the key, the account or its permission, try it with: dragoman check %s, and run the same command again",
			c.traits.Name),
		translator.Exhausted: "run the same command again when the quota is renewed or raised",
	}[kind]
	if hint == "" || translator.HintOf(err) != "" {
		return err
	}
	if e, ok := err.(*translator.Error); ok {
		hinted := *e
		hinted.Hint = hint
		return &hinted
	}
	return &translator.Error{Op: c.traits.Name, Kind: kind, Hint: hint, Err: err}
}

// retry sends the request again after a while, unless it has had its attempts
// or too much is being sent again already. One that may be paid each time is
// sent twice at most. While nothing at all is answered, everybody waits.
func (c *Client) retry(r *request, err error) []*request {
	e, _ := errors.AsType[*translator.Error](err)
	paid := e != nil && e.MaybePaid
	now := time.Now()
	r.failures++
	c.mu.Lock()
	if !r.sent.Before(c.connections.failedAt) {
		c.connections.failed++
		c.connections.failedAt = now
	}
	outage := c.connections.failed
	wait := fullJitter(backoff(r.failures))
	if outage > 1 {
		wait = halfJitter(backoff(max(r.failures, outage)))
	}
	if e != nil {
		wait = max(wait, min(e.After, pauseCap))
	}
	r.notBefore = now.Add(wait)
	if outage > 1 {
		c.gate.hold(r.notBefore)
	}
	absent := !c.answered && outage >= roundsToOpen
	over := r.failures >= c.opts.Attempts || paid && r.maybePaid || absent
	spent := !over && !c.traffic.spend(now)
	c.mu.Unlock()
	switch {
	case absent:
		c.halt(&translator.Error{
			Op: c.traits.Name, Kind: translator.Unavailable, Hint: "check that the service runs and can be reached: dragoman check " + c.traits.Name,
			Err: fmt.Errorf("it has not answered once, tried %d times; the last error: %w", outage, err),
		}, false)
		c.giveUp(r, err, false)
		return nil
	case over:
		c.giveUp(r, err, true)
		return nil
	case spent:
		c.giveUp(r, c.spent(err, paid), outage >= c.opts.FailuresToOpen)
		return nil
	}
	r.maybePaid = r.maybePaid || paid
	c.opts.Observer.Retried(r.attempts, wait, err)
	return []*request{r}
}

// spent is the error of a request that would have been sent again, had there
// been fewer such requests before it.
func (c *Client) spent(err error, paid bool) error {
	return &translator.Error{
		Op: c.traits.Name, Kind: translator.Unavailable, MaybePaid: paid, Hint: "run again when the service answers",
		Err: fmt.Errorf("too many requests fail: %.0f %% of those of ten minutes were sent again already; the last error: %w", 100*c.opts.RetryShare, err),
	}
}

// pause closes the gate for all callers, and learns from the refusal.
func (c *Client) pause(r *request, err error) []*request {
	var after time.Duration
	if e, ok := errors.AsType[*translator.Error](err); ok {
		after = e.After
	}
	c.mu.Lock()
	if r.waited >= c.opts.Patience {
		c.mu.Unlock()
		c.giveUp(r, err, true)
		return nil
	}
	adapted := c.throttledLocked(r, after)
	until := c.gate.until
	c.mu.Unlock()
	c.opts.Observer.Paused(until, err)
	adapted()
	if r.again {
		c.answerAll(r, err)
		return nil
	}
	return []*request{r}
}

// throttledLocked closes the gate and lowers the pace or, once for all requests
// that were on their way together, the number of connections. A refusal
// that the pace explains says nothing about the connections.
func (c *Client) throttledLocked(r *request, after time.Duration) (adapted func()) {
	c.answered, c.connections.failed = true, 0
	together := c.gate.together(r.sent)
	r.waited += c.gate.close(time.Now(), r.sent, after)
	explained := c.pacer.refused(r.shipment, together, c.gate.until)
	if together {
		return func() {}
	}
	if !explained {
		c.connections.halve()
	}
	return c.adaptedLocked()
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

// halve sends both halves of a refused request, so that in the end one bad text
// stands alone. Peers that send each text alone instead pay a request for
// every good one.
func (c *Client) halve(r *request, err error) []*request {
	n := len(r.jobs)
	if n == 1 {
		return c.refuse(r, err)
	}
	c.opts.Observer.Split(n)
	if errors.Is(err, translator.Corrupt) {
		for _, j := range r.jobs {
			j.spoilt++
		}
	}
	return []*request{{jobs: r.jobs[: n/2 : n/2]}, {jobs: r.jobs[n/2:]}}
}

// refuse answers the one text of a request, or asks once more when its first
// answer was Corrupt. Too many refusals in a row open the breaker.
func (c *Client) refuse(r *request, err error) []*request {
	if errors.Is(err, translator.Corrupt) && r.jobs[0].mayAskAgain(1) {
		return []*request{r}
	}
	c.mu.Lock()
	c.refusals++
	open, n := c.refusals >= refusalsToOpen, c.refusals
	c.mu.Unlock()
	if open {
		c.haltRefused(n, err)
	}
	c.answerAll(r, err)
	return nil
}

// haltRefused ends sending because so many texts in a row were refused. What
// was not sent is left for a later run, and not judged by what others met.
func (c *Client) haltRefused(n int, err error) {
	c.halt(&translator.Error{
		Op: c.traits.Name, Kind: translator.Unavailable, Hint: "check the backend's settings: dragoman check " + c.traits.Name,
		Err: fmt.Errorf("%d texts in a row were refused; the last error: %w", n, err),
	}, false)
}

// shrink keeps as many texts as the budget still allows and puts the rest
// back; when it does not allow the first one, it ends the run's sending.
func (c *Client) shrink(r *request, err error) []*request {
	n := c.affordable(r, err)
	if n == 0 {
		c.halt(err, false)
		c.answerAll(r, err)
		return nil
	}
	rest := r.jobs[n:]
	r.jobs = r.jobs[:n:n]
	c.requeue(rest)
	return []*request{r}
}

// affordable counts the texts that fit into what the budget leaves. It is
// always fewer than the request has, so that shrinking ends.
func (c *Client) affordable(r *request, err error) int {
	budget, ok := errors.AsType[*translator.BudgetError](err)
	if !ok {
		return 0
	}
	left, n := budget.Left(c.traits), 0
	for n < len(r.jobs)-1 {
		if left -= r.jobs[n].size; left < 0 {
			break
		}
		n++
	}
	return n
}
