package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dragoman/translator"
)

// A request is some texts of one direction and what became of them so far.
type request struct {
	jobs      []*job // still without an answer
	admitted  bool   // by the gate and the pace, for the next attempt
	attempts  int    // sent
	failures  int    // of those, Unavailable
	maybePaid bool   // one of them may be paid
	waited    time.Duration
	notBefore time.Time
	sent      time.Time
}

func (r *request) size() int {
	n := 0
	for _, j := range r.jobs {
		n += j.size
	}
	return n
}

// serve sees a request through until each of its texts has an answer.
func (c *Client) serve(r *request) {
	for c.admit(r) {
		resp, err := c.send(r)
		if err != nil {
			c.judge(r, err)
			continue
		}
		c.accept(r, resp)
	}
}

// admit waits until the request may go out and tells whether it is still to.
func (c *Client) admit(r *request) bool {
	for {
		wait, ok := c.admission(r)
		if !ok || wait <= 0 {
			return ok
		}
		select {
		case <-time.After(wait):
		case <-c.halted:
		}
	}
}

// admission returns how long a request must wait, and false when there is
// nothing to send: all is answered, the callers are gone, or the Client is halted.
func (c *Client) admission(r *request) (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.jobs = slices.DeleteFunc(r.jobs, func(j *job) bool { return j.call.gone })
	if c.reason != nil {
		c.failLocked(r.jobs, c.reason)
		r.jobs = nil
	}
	if len(r.jobs) == 0 {
		return 0, false
	}
	now := time.Now()
	if ready := later(r.notBefore, later(c.gate.until, c.pacer.next())); !r.admitted && ready.After(now) {
		return ready.Sub(now), true
	}
	if !r.admitted {
		c.pacer.spend(now, r.size())
	}
	r.admitted = false
	return 0, true
}

// send asks the Backend once.
func (c *Client) send(r *request) (translator.Response, error) {
	texts, contexts := make([]string, len(r.jobs)), make([]translator.Context, len(r.jobs))
	for i, j := range r.jobs {
		texts[i], contexts[i] = j.text, j.context
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.opts.RequestTimeout)
	defer cancel()
	r.attempts++
	r.sent = time.Now()
	c.opts.Observer.Sent(len(texts), r.size(), r.attempts)
	resp, err := c.backend.Translate(ctx, translator.Request{
		Direction: r.jobs[0].dir, Texts: slices.Clone(texts), Contexts: contexts,
	})
	if err != nil {
		return resp, c.timeout(ctx, err)
	}
	return checkResponse(c.traits.Name, texts, resp)
}

// timeout gives the error of a request that took too long its kind.
func (c *Client) timeout(ctx context.Context, err error) error {
	if translator.KindOf(err) != translator.Other || ctx.Err() == nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &translator.Error{
		Op: c.traits.Name, Kind: translator.Unavailable, MaybePaid: true,
		Err: fmt.Errorf("no answer within %v", c.opts.RequestTimeout),
	}
}

// accept answers every text of a request that was answered. A text whose own
// answer is Corrupt is asked once more, alone.
func (c *Client) accept(r *request, resp translator.Response) {
	origin := c.origin()
	var again []*job
	var last error // of a text that was refused
	c.mu.Lock()
	c.failures = 0
	c.gate.passed(r.sent)
	for i, tr := range resp.Translations {
		j := r.jobs[i]
		switch {
		case tr.Err == nil:
			c.refusals = 0
			c.answerLocked(j, translator.Result{Text: tr.Text, Origin: origin})
		case errors.Is(tr.Err, translator.Corrupt) && j.mayAskAgain(len(r.jobs)):
			again = append(again, j)
		case errors.Is(tr.Err, translator.Missing):
			c.answerLocked(j, translator.Result{Err: tr.Err})
		default:
			c.refusals, last = c.refusals+1, tr.Err
			c.answerLocked(j, translator.Result{Err: tr.Err})
		}
	}
	refused := c.refusals
	r.jobs = nil
	c.mu.Unlock()
	if last != nil && refused >= refusalsToOpen {
		c.haltRefused(refused, last)
	}
	for _, j := range again {
		c.serve(&request{jobs: []*job{j}})
	}
}

// mayAskAgain notes a Corrupt answer to a text that shared its request with
// others, or was alone. Alone, the second one is the last.
func (j *job) mayAskAgain(texts int) bool {
	j.spoilt++
	return texts > 1 || j.spoilt < 2
}

func (c *Client) origin() translator.Origin {
	return translator.Origin{
		Kind: first(c.traits.Origin, translator.Machine), Signature: c.traits.Signature,
		Time: time.Now().UTC().Truncate(time.Second),
	}
}

// answerAll gives every text of the request the error.
func (c *Client) answerAll(r *request, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failLocked(r.jobs, err)
	r.jobs = nil
}
