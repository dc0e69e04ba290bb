package memory

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"dragoman/translator"
)

// How a call waits for what other processes have in hand: it looks again after
// firstPause, and then ever less often, down to every lastPause.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// defaultPatience is the longest time a request may take (package backend).
const defaultPatience = 10 * time.Minute

// releaseTime is how long giving claims back may take. They end with the process
// at the latest, so that nobody who wants to go has to wait for long.
const releaseTime = 5 * time.Second

// Sharing holds what may be changed about how a Memory shares its store with
// other processes.
type Sharing struct {
	// Patience is how long a text that another process has in hand is waited
	// for while none of those a call waits for gets an answer. Then the call
	// sends it itself. It is for a process that lives and yet does not go on:
	// the claims of one that is dead or frozen end by themselves. 0 is 10 minutes.
	Patience time.Duration
	// Unclaimed is told when claims cannot be made or given back. It may be
	// called by several goroutines.
	Unclaimed func(error)
}

// Share changes how a Memory shares its store, before anything is translated.
func (m *Memory) Share(s Sharing) {
	if m.claims == nil {
		return
	}
	if s.Patience > 0 {
		m.claims.patience = s.Patience
	}
	if s.Unclaimed != nil {
		m.claims.unclaimed = s.Unclaimed
	}
}

// Stop ends the waiting for other processes, once the chain sends no more: what
// they have in hand goes to the chain, which says why it is not sent.
func (m *Memory) Stop() {
	if m.claims != nil {
		m.claims.stop()
	}
}

// claims is what a Memory has in hand before all other processes.
type claims struct {
	store     translator.Claims
	patience  time.Duration
	unclaimed func(error)
	stopped   chan struct{}
	stop      func() // closes stopped, once

	mu sync.Mutex
	// stuck holds what could not be given back. It is, with the next that is.
	stuck map[translator.Key]bool
}

// claimsOf returns the claims of a store, or nil if it makes none.
func claimsOf(store translator.Store) *claims {
	claiming, ok := store.(translator.Claims)
	if !ok {
		return nil
	}
	c := &claims{
		store: claiming, patience: defaultPatience, unclaimed: func(error) {},
		stopped: make(chan struct{}), stuck: map[translator.Key]bool{},
	}
	c.stop = sync.OnceFunc(func() { close(c.stopped) })
	return c
}

// share answers what is missing in the store where other processes send too.
// It sends what they do not have in hand, and only then, when it has let go of
// that, waits for the rest. So no two processes wait for each other. It looks
// into the store before it claims: an answer is saved before its claim ends.
func (r *recaller) share(ctx context.Context, req translator.Request, missing []question,
	answers map[translator.Key]translator.Result) error {
	theirs, err := r.sendFree(ctx, req, missing, answers)
	w := waiting{claims: r.claims, since: time.Now(), pause: firstPause}
	for err == nil && len(theirs) > 0 {
		theirs, err = r.waitOnce(ctx, req, theirs, answers, &w)
	}
	if err != nil {
		r.forget(theirs)
	}
	return err
}

// waitOnce waits a little for what others have, and returns what they still
// have. What was not answered for too long it sends itself.
func (r *recaller) waitOnce(ctx context.Context, req translator.Request, theirs []question,
	answers map[translator.Key]translator.Result, w *waiting) ([]question, error) {
	goOn, err := w.wait(ctx)
	if err != nil {
		return theirs, err
	}
	open, err := r.recall(ctx, theirs, answers)
	if err != nil {
		return theirs, err
	}
	if len(open) < len(theirs) {
		w.heard()
	}
	if !goOn || w.over() {
		return nil, r.sendAll(ctx, req, open, answers)
	}
	return r.sendFree(ctx, req, open, answers)
}

// sendFree sends what no other process has in hand, and returns what one has.
func (r *recaller) sendFree(ctx context.Context, req translator.Request, missing []question,
	answers map[translator.Key]translator.Result) (theirs []question, err error) {
	if len(missing) == 0 {
		return nil, nil
	}
	mine, theirs, err := r.claims.claim(ctx, missing)
	if err != nil || len(mine) == 0 {
		return theirs, err
	}
	sent, err := r.sendClaimed(ctx, req, mine, answers)
	if err != nil {
		return theirs, err
	}
	r.flights.land(sent, answers) // after the release, so that no claim outlives its flight
	return theirs, nil
}

// sendClaimed sends what it does not find in the store: another process may have
// saved it and let it go between the lookup and the claim. It returns what it sent.
func (r *recaller) sendClaimed(ctx context.Context, req translator.Request, mine []question,
	answers map[translator.Key]translator.Result) (sent []question, err error) {
	defer func() { err = r.landed(err, func() { r.claims.release(ctx, mine) }) }() // also when next panics
	missing, err := r.recall(ctx, mine, answers)
	if err != nil {
		r.forget(mine)
		return nil, err
	}
	return missing, r.send(ctx, req, missing, answers)
}

// claim parts questions into those that are this process's and those that
// others have. Claims only save money: where they cannot be made, everything
// is this process's, and may be paid for twice. If the database is away
// altogether, the lookup that comes next says so before anything is sent.
func (c *claims) claim(ctx context.Context, questions []question) (mine, theirs []question, err error) {
	got, err := c.store.Claim(ctx, keysOf(questions))
	if err != nil {
		if ctx.Err() != nil {
			c.release(ctx, questions) // they may be made although nobody heard of it
			return nil, questions, ctx.Err()
		}
		c.unclaimed(err)
		return questions, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	has := make(map[translator.Key]bool, len(got))
	for _, key := range got {
		has[key] = true
		delete(c.stuck, key)
	}
	for _, q := range questions {
		if has[q.key] {
			mine = append(mine, q)
		} else {
			theirs = append(theirs, q)
		}
	}
	return mine, theirs, nil
}

// release gives questions back, also when ctx is done.
func (c *claims) release(ctx context.Context, questions []question) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	keys := append(keysOf(questions), c.takeStuck()...)
	err := c.store.Release(ctx, keys)
	if err == nil {
		return
	}
	c.unclaimed(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range keys {
		c.stuck[key] = true
	}
}

func (c *claims) takeStuck() []translator.Key {
	c.mu.Lock()
	defer c.mu.Unlock()
	var keys []translator.Key
	for key := range c.stuck {
		keys = append(keys, key)
	}
	clear(c.stuck)
	return keys
}

// A waiting is one call's for other processes.
type waiting struct {
	*claims
	since time.Time // the last answer, or the begin
	pause time.Duration
}

// wait returns after a pause, which is the longer the longer nothing was heard
// of, and never the same for two processes. It returns false if there is to be no more waiting.
func (w *waiting) wait(ctx context.Context) (goOn bool, err error) {
	timer := time.NewTimer(w.pause/2 + rand.N(w.pause/2+1))
	defer timer.Stop()
	w.pause = min(w.pause*3/2, lastPause)
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-w.stopped:
		return false, nil
	case <-timer.C:
		return true, nil
	}
}

func (w *waiting) heard() { w.since, w.pause = time.Now(), firstPause }

func (w *waiting) over() bool { return time.Since(w.since) >= w.patience }
