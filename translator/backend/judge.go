package backend

import (
	"errors"
	"fmt"
	"time"

	"dragoman/translator"
)

// judge is the retry table: what is done about a request that failed, by the
// kind of its error. It leaves in r.jobs the texts that are to be sent again.
func (c *Client) judge(r *request, err error) {
	switch translator.KindOf(err) {
	case translator.Unavailable:
		c.retry(r, err)
	case translator.Throttled:
		c.pause(r, err)
	case translator.OverBudget:
		c.shrink(r, err)
	case translator.Invalid, translator.TooLarge, translator.Corrupt:
		c.halve(r, err)
	case translator.Unsupported, translator.Missing:
		c.answerAll(r, err)
	case translator.Exhausted, translator.Denied, translator.Interrupted:
		c.halt(err, false)
		c.answerAll(r, err)
	default:
		c.halt(err, true)
		c.answerAll(r, err)
	}
}

// retry sends the request again after a while, unless it has had its attempts.
// One that may be paid each time is sent twice at most.
func (c *Client) retry(r *request, err error) {
	e, _ := errors.AsType[*translator.Error](err)
	paid := e != nil && e.MaybePaid
	r.failures++
	if r.failures >= c.opts.Attempts || paid && r.maybePaid {
		c.giveUp(r, err)
		return
	}
	r.maybePaid = r.maybePaid || paid
	wait := fullJitter(backoff(r.failures))
	if e != nil {
		wait = max(wait, min(e.After, pauseCap))
	}
	r.notBefore = time.Now().Add(wait)
	c.opts.Observer.Retried(r.attempts, wait, err)
}

// pause closes the gate for all callers.
func (c *Client) pause(r *request, err error) {
	if r.waited >= c.opts.Patience {
		c.giveUp(r, err)
		return
	}
	var after time.Duration
	if e, ok := errors.AsType[*translator.Error](err); ok {
		after = e.After
	}
	c.mu.Lock()
	r.waited += c.gate.close(time.Now(), r.sent, after)
	until := c.gate.until
	c.mu.Unlock()
	c.opts.Observer.Paused(until, err)
}

// giveUp answers with err, and opens the breaker after too many in a row.
func (c *Client) giveUp(r *request, err error) {
	c.mu.Lock()
	c.failures++
	open, n := c.failures >= c.opts.FailuresToOpen, c.failures
	c.mu.Unlock()
	if open {
		c.halt(&translator.Error{
			Op: c.traits.Name, Kind: translator.KindOf(err), Hint: "run again when the service answers",
			Err: fmt.Errorf("%d requests in a row failed; the last error: %w", n, err),
		}, false)
	}
	c.answerAll(r, err)
}

// halve sends both halves of a refused request, one after the other, so that
// in the end one bad text stands alone. Peers that send each text alone
// instead pay a request for every good one.
func (c *Client) halve(r *request, err error) {
	n := len(r.jobs)
	if n == 1 {
		c.refuse(r, err)
		return
	}
	c.opts.Observer.Split(n)
	left, right := r.jobs[:n/2:n/2], r.jobs[n/2:]
	r.jobs = nil
	if errors.Is(err, translator.Corrupt) {
		for _, j := range left {
			j.spoilt++
		}
		for _, j := range right {
			j.spoilt++
		}
	}
	c.serve(&request{jobs: left})
	c.serve(&request{jobs: right})
}

// refuse answers the one text of a request, or asks once more when its first
// answer was Corrupt. Too many refusals in a row open the breaker.
func (c *Client) refuse(r *request, err error) {
	if errors.Is(err, translator.Corrupt) && r.jobs[0].mayAskAgain(1) {
		return
	}
	c.mu.Lock()
	c.refusals++
	open, n := c.refusals >= refusalsToOpen, c.refusals
	c.mu.Unlock()
	if open {
		c.haltRefused(n, err)
	}
	c.answerAll(r, err)
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
func (c *Client) shrink(r *request, err error) {
	n := c.affordable(r, err)
	if n == 0 {
		c.halt(err, false)
		c.answerAll(r, err)
		return
	}
	rest := r.jobs[n:]
	r.jobs = r.jobs[:n:n]
	c.requeue(rest)
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
