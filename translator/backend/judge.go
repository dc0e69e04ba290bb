package backend

import (
	"errors"
	"fmt"
	"time"

	"dragoman/translator"
)

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

// halve sends both halves of a refused request, so that in the end one bad text
// stands alone. Peers that send each text alone instead pay a request for
// every good one.
func (c *Client) halve(r *request, err error) []*request {
	n := len(r.jobs)
	if n == 1 {
		return c.refuse(r, err)
	}
	c.opts.Observer.Split(n, err)
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
	open, n := c.refusedLocked(), c.refusals
	c.mu.Unlock()
	if open {
		c.haltRefused(n, err)
	}
	c.answerAll(r, err)
	return nil
}

// refusedLocked tells whether so many texts in a row were refused that sending
// ends. It goes on where no more wait than were refused: stopping would save
// little, and a run that has only the sentences left which an engine never knew
// would be told that its settings are wrong.
func (c *Client) refusedLocked() bool {
	if c.refusals < refusalsToOpen {
		return false
	}
	pending := c.queue.texts()
	for _, r := range c.waiting {
		pending += len(r.jobs)
	}
	return pending > c.refusals
}

// haltRefused ends sending because so many texts in a row were refused. What
// was not sent is left for a later run, and not judged by what others met.
func (c *Client) haltRefused(n int, err error) {
	c.halt(&translator.Error{
		Op: c.traits.Name, Kind: translator.Unavailable, Hint: "try the backend with: dragoman check " + c.traits.Name + "; if that is green it is these sentences, and another backend in the chain may know them",
		Err: fmt.Errorf("%d texts in a row were refused; the last error: %w", n, err),
	}, false)
}

// shrink keeps as many texts as the budget still allows and puts the rest
// back; when it does not allow the first one, it ends the run's sending.
func (c *Client) shrink(r *request, err error) []*request {
	c.unsent(r)
	if c.mayFree(r, err) {
		return []*request{r}
	}
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

// mayFree tells whether requests on their way may come to less than was
// reserved for them, and lets r wait until one of them has landed: a limit must
// not end a run that would keep within it.
func (c *Client) mayFree(r *request, err error) bool {
	budget, ok := errors.AsType[*translator.BudgetError](err)
	if !ok || budget.Spent.Open == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r.landing = c.landed + 1
	return c.flying > 1
}

// unsent notes that a request never left, so that it does not count as
// something that the service accepted.
func (c *Client) unsent(r *request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.shipment.refused, r.unsent = true, true
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
