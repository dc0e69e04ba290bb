package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"dragoman/translator"
)

// A Client feeds one Backend for any number of callers. Their texts share one
// queue and are packed into requests across callers, first come first served.
// It is safe for concurrent use.
type Client struct {
	backend  translator.Backend
	traits   translator.Traits
	opts     Options
	ctx      context.Context // of the requests; ends with Close
	cancel   context.CancelFunc
	requests sync.WaitGroup

	mu          sync.Mutex
	queue       queue
	waiting     []*request // to be sent again, the first that may go first
	flying      int        // requests on their way
	landed      int        // requests that were sent and are over
	connections connections
	wake        *time.Timer
	gate        gate
	pacer       pacer
	traffic     traffic                       // requests, and those sent again after a failure
	doubts      traffic                       // texts, and those asked again because of a doubt
	models      map[translator.Signature]bool // other than asked for, that answered
	answered    bool                          // the service said anything at all
	failures    int                           // requests given up in a row
	refusals    int                           // texts refused alone in a row
	reason      error                         // why nothing more is sent
	fatal       error                         // what ends the run
}

// A job is one text on its way.
type job struct {
	call    *call
	index   int // among the call's texts
	dir     translator.Direction
	text    string
	context translator.Context
	size    int
	queued  time.Time
	spoilt  int                // Corrupt answers so far
	doubted *translator.Result // the first answer, while a second one is asked for
}

// A call is one caller's texts.
type call struct {
	results []translator.Result
	left    int
	gone    bool // the caller waits no more
	done    chan struct{}
}

// New returns a Client of b. Close ends it.
func New(b translator.Backend, opts *Options) *Client {
	traits := b.Traits()
	c := &Client{backend: b, traits: traits, opts: opts.settled(traits), models: map[translator.Signature]bool{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.queue.maxTexts, c.queue.maxSize = first(traits.MaxTexts, maxTexts), traits.MaxSize
	c.connections = connections{most: c.opts.Connections, open: c.opts.Connections}
	c.pacer.set = load{float64(c.opts.Pace.RequestsPerMinute), float64(c.opts.Pace.SizePerMinute)}
	c.doubts.share, c.doubts.floor = doubtShare, doubtFloor
	c.traffic.share, c.traffic.floor = c.opts.RetryShare, max(extraFloor, 3*c.opts.Connections)
	return c
}

// Signature returns the signature of the Backend's answers.
func (c *Client) Signature() translator.Signature { return c.traits.Signature }

// Translate is a translator.Func. Once ctx is done it returns ctx's error as a
// translator.Underway; of its texts, those in the queue are not sent any more,
// and those already sent are still saved by whatever the Backend is decorated with.
//
// An error of no kind, such as of a store that cannot be written, ends the
// Client: every Translate returns it from then on.
func (c *Client) Translate(ctx context.Context, req translator.Request) ([]translator.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	call := c.enqueue(req)
	select {
	case <-call.done:
	case <-ctx.Done():
		c.abandon(call)
		return nil, &translator.Underway{Err: ctx.Err(), Landed: call.done}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fatal != nil {
		return nil, c.fatal
	}
	return call.results, nil
}

// Stop ends sending for good. Requests on their way finish and count; every
// other text, now and later, gets reason. Only the first reason holds.
func (c *Client) Stop(reason error) { c.halt(reason, false) }

// Stopped returns why nothing more is sent, or nil.
func (c *Client) Stopped() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

// Idle tells whether no request is on its way.
func (c *Client) Idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.flying == 0
}

var errClosed = errors.New("the client is closed")

// Close cancels the requests on their way and waits for them. It leaves the
// Backend open.
func (c *Client) Close() {
	c.halt(translator.NewError(c.traits.Name, translator.Interrupted, errClosed), true)
	c.cancel()
	c.requests.Wait()
}

// halt sets the reason, if there is none yet, and empties the queue.
func (c *Client) halt(reason error, fatal bool) {
	c.mu.Lock()
	if fatal && c.fatal == nil {
		c.fatal = reason
	}
	if c.reason != nil {
		c.mu.Unlock()
		return
	}
	c.reason = reason
	if c.wake != nil {
		c.wake.Stop()
	}
	c.failLocked(c.queue.empty(), reason)
	for _, r := range c.waiting {
		c.failLocked(r.jobs, reason)
	}
	c.waiting = nil
	c.mu.Unlock()
	c.opts.Observer.Stopped(reason)
}

// enqueue puts a caller's texts at the end of the queue. A text that no
// request can hold is answered at once, and so is every text after a halt.
func (c *Client) enqueue(req translator.Request) *call {
	n := len(req.Texts)
	k := &call{results: make([]translator.Result, n), left: n, done: make(chan struct{})}
	jobs := make([]job, n)
	now := time.Now()
	for i, text := range req.Texts {
		jobs[i] = job{call: k, index: i, dir: req.Direction, text: text, size: c.traits.SizeOf(text), queued: now}
		if req.Contexts != nil {
			jobs[i].context = req.Contexts[i]
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n == 0 {
		close(k.done)
	}
	for i := range jobs {
		j := &jobs[i]
		if err := first(c.reason, c.tooLarge(j.size)); err != nil {
			c.answerLocked(j, translator.Result{Err: err})
			continue
		}
		c.queue.push(j)
	}
	c.dispatchLocked()
	return k
}

// tooLarge refuses a text that no request can hold.
func (c *Client) tooLarge(size int) error {
	limit := first(c.traits.MaxTextSize, c.traits.MaxSize)
	if limit == 0 || size <= limit {
		return nil
	}
	return &translator.Error{
		Op: c.traits.Name, Kind: translator.TooLarge, Err: fmt.Errorf("the text has %d %s and the limit is %d", size, cmp.Or(c.traits.Unit, "characters"), limit),
		Hint: "shorten the sentence, or split it into two paragraphs in the source",
	}
}

// abandon takes a caller's texts out of the queue, and out of the requests that
// wait to be sent again. What is left of the call is on its way.
func (c *Client) abandon(k *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k.gone = true
	c.failLocked(c.queue.drop(k), context.Canceled)
	waiting := c.waiting
	c.waiting = nil
	c.waitLocked(waiting)
	c.dispatchLocked()
}

// answerLocked answers one text. Where a second answer was asked for and does
// not come, the first one stands.
func (c *Client) answerLocked(j *job, r translator.Result) {
	if r.Err != nil && j.doubted != nil {
		r = *j.doubted
	}
	k := j.call
	k.results[j.index] = r
	if k.left--; k.left == 0 {
		close(k.done)
	}
}

// wantedLocked returns those of jobs that somebody waits for. The others are done with.
func (c *Client) wantedLocked(jobs []*job) []*job {
	return slices.DeleteFunc(jobs, func(j *job) bool {
		if j.call.gone {
			c.answerLocked(j, translator.Result{Err: context.Canceled})
		}
		return j.call.gone
	})
}

func (c *Client) failLocked(jobs []*job, err error) {
	for _, j := range jobs {
		c.answerLocked(j, translator.Result{Err: err})
	}
}
