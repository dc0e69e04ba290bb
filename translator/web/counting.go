package web

import (
	"context"
	"errors"
	"time"

	"dragoman/translator"
)

// countTime is how long the store may take to count its stories, which reads
// all of a million. It rests ten times as long as that took.
const (
	countTime = 30 * time.Second
	countRest = 9
)

// A counting counts the stories of the store beside the scrapes, which do not
// wait for it to the end: so a large store is not one that does not answer.
// Its owner calls one method at a time.
type counting struct {
	do func(context.Context) ([]translator.VersionTally, error)

	tally []translator.VersionTally // the last answer
	taken time.Time                 // when that was asked for; zero before the first
	due   time.Time                 // when to ask again

	done   chan struct{} // of what is under way, or nil
	asked  time.Time
	took   time.Duration
	answer []translator.VersionTally
	err    error
}

// look begins to count if it is time to, and waits until it is done or ctx is.
// The error is that of a count that has ended.
func (c *counting) look(life, ctx context.Context) error {
	err := c.take()
	if c.done == nil && !time.Now().Before(c.due) {
		c.begin(life)
	}
	if c.done != nil {
		select {
		case <-c.done:
		case <-ctx.Done():
		}
	}
	return errors.Join(err, c.take())
}

func (c *counting) begin(life context.Context) {
	done := make(chan struct{})
	c.done, c.asked = done, time.Now()
	go func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(life, countTime)
		defer cancel()
		c.answer, c.err = c.do(ctx)
		c.took = time.Since(c.asked)
	}()
}

// take takes the answer of a count that has ended.
func (c *counting) take() error {
	if c.done == nil {
		return nil
	}
	select {
	case <-c.done:
	default:
		return nil
	}
	c.done, c.due = nil, c.asked.Add((1+countRest)*c.took)
	switch {
	case c.err == nil:
		c.tally, c.taken = c.answer, c.asked
	case !errors.Is(c.err, context.DeadlineExceeded): // it is not only slow: nobody knows what is true now
		c.tally, c.taken = nil, time.Time{}
	}
	return c.err
}

// end waits for what is under way, whose context has ended.
func (c *counting) end() {
	if c.done != nil {
		<-c.done
	}
}
