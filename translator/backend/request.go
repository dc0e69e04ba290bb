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
	again     bool   // their first answers are doubted
	attempts  int    // sent
	failures  int    // of those, Unavailable
	maybePaid bool   // one of them may be paid
	waited    time.Duration
	notBefore time.Time
	sent      time.Time // the last attempt
	shipment  *shipment // the same, in the pacer's books
	unsent    bool      // the last attempt was refused by a limit of the user's
	landing   int       // it waits until so many requests are over
}

func (r *request) size() int {
	n := 0
	for _, j := range r.jobs {
		n += j.size
	}
	return n
}

// send asks the Backend once.
func (c *Client) send(r *request) (translator.Response, error) {
	texts, contexts := make([]string, len(r.jobs)), make([]translator.Context, len(r.jobs))
	for i, j := range r.jobs {
		texts[i], contexts[i] = j.text, j.context
	}
	size := r.size()
	limit := c.opts.deadline(size)
	ctx, cancel := context.WithTimeout(c.ctx, limit)
	defer cancel()
	c.opts.Observer.Sent(len(texts), size, r.attempts)
	resp, err := c.backend.Translate(ctx, translator.Request{
		Direction: r.jobs[0].dir, Texts: slices.Clone(texts), Contexts: contexts, Again: r.again,
	})
	if err != nil {
		return resp, c.timeout(ctx, limit, err)
	}
	return checkResponse(c.traits.Name, texts, resp)
}

// timeout gives the error of a request that took too long its kind.
func (c *Client) timeout(ctx context.Context, limit time.Duration, err error) error {
	if translator.KindOf(err) != translator.Other || ctx.Err() == nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &translator.Error{
		Op: c.traits.Name, Kind: translator.Unavailable, MaybePaid: true,
		Err: fmt.Errorf("no answer within %v", limit),
	}
}

// accept answers every text of a request that was answered, and returns what
// is to be asked once more: a text whose own answer is Corrupt, alone, and
// those whose answers are doubted.
func (c *Client) accept(r *request, resp translator.Response) (again []*request) {
	origin := c.origin(resp.Signature)
	var doubted []*job
	var last error // of a text that was refused
	c.mu.Lock()
	adapted := c.succeededLocked(r)
	for i, tr := range resp.Translations {
		j := r.jobs[i]
		switch {
		case tr.Err == nil:
			c.refusals = 0
			if c.doubtLocked(r, j, tr, origin) {
				doubted = append(doubted, j)
			}
		case j.doubted != nil, errors.Is(tr.Err, translator.Missing):
			c.answerLocked(j, translator.Result{Err: tr.Err})
		case errors.Is(tr.Err, translator.Corrupt) && j.mayAskAgain(len(r.jobs)):
			again = append(again, &request{jobs: []*job{j}})
		default:
			c.refusals, last = c.refusals+1, tr.Err
			c.answerLocked(j, translator.Result{Err: tr.Err})
		}
	}
	again = append(again, c.askAgainLocked(doubted, len(r.jobs))...)
	open, refused := c.refusedLocked(), c.refusals
	other := c.otherLocked(origin.Signature)
	c.mu.Unlock()
	adapted()
	if other {
		c.opts.Observer.Model(c.traits.Signature, origin.Signature)
	}
	if last != nil && open {
		c.haltRefused(refused, last)
	}
	return again
}

// succeededLocked notes what an answer says about the service, and returns
// what tells the Observer.
func (c *Client) succeededLocked(r *request) (adapted func()) {
	c.failures, c.answered = 0, true
	c.gate.passed(r.sent)
	wider, faster := c.connections.succeeded(), c.pacer.learnt.succeeded(time.Now(), r.shipment)
	if !wider && !faster {
		return func() {}
	}
	return c.adaptedLocked()
}

// adaptedLocked returns what tells the Observer what is known of the service now.
func (c *Client) adaptedLocked() func() {
	n, l := c.connections.now(), &c.pacer.learnt
	var pace Pace
	if rate := l.rate(); l.phase == settled {
		if l.binds != sizeBinds {
			pace.RequestsPerMinute = int(rate.requests)
		}
		if l.binds != requestsBind {
			pace.SizePerMinute = int(rate.size)
		}
	}
	return func() { c.opts.Observer.Adapted(n, pace) }
}

// mayAskAgain notes a Corrupt answer to a text that shared its request with
// others, or was alone. Alone, the second one is the last.
func (j *job) mayAskAgain(texts int) bool {
	j.spoilt++
	return texts > 1 || j.spoilt < 2
}

// origin returns the origin of answers that bear a signature, or that of the Traits.
func (c *Client) origin(answered translator.Signature) translator.Origin {
	return translator.Origin{
		Kind: first(c.traits.Origin, translator.Machine), Signature: first(answered, c.traits.Signature),
		Time: time.Now().UTC().Truncate(time.Second),
	}
}

// otherLocked tells, the first time, that answers bear another signature.
func (c *Client) otherLocked(answered translator.Signature) bool {
	if answered == c.traits.Signature || c.models[answered] {
		return false
	}
	c.models[answered] = true
	return true
}

// answerAll gives every text of the request the error.
func (c *Client) answerAll(r *request, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failLocked(r.jobs, err)
}
