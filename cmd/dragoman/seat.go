package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"dragoman/translator"
)

// A seat is the place of an engine in a chain. Some time after the engine has
// stopped, another one of the same settings takes its place, once nothing of the
// first is on its way any more: so the two never send side by side, and the
// engines beside them go on. It is safe for concurrent use.
type seat struct {
	name   string
	traits translator.Traits
	rest   time.Duration // 0 is for good
	log    *zap.Logger
	open   func() (*engine, error)

	mu     sync.Mutex
	engine *engine
	users  int       // calls that the engine has
	since  time.Time // when its stop was first seen; zero while it goes on
	over   bool      // no other engine follows
}

func newSeat(name string, rest time.Duration, log *zap.Logger, open func() (*engine, error)) (*seat, error) {
	e, err := open()
	if err != nil {
		return nil, err
	}
	return &seat{name: name, traits: e.traits, rest: rest, log: log, open: open, engine: e}, nil
}

// translate is the translator.Func of whichever engine there is.
func (s *seat) translate(ctx context.Context, req translator.Request) ([]translator.Result, error) {
	e := s.enter()
	defer s.leave()
	return e.client.Translate(ctx, req)
}

func (s *seat) enter() *engine {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rested() {
		s.renew()
	}
	s.users++
	return s.engine
}

func (s *seat) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
	if s.since.IsZero() && s.engine.client.Stopped() != nil {
		s.since = time.Now()
	}
}

// rested tells whether the engine has stopped long enough, and nobody is at it.
// A request may be on its way although its caller is gone.
func (s *seat) rested() bool {
	return s.rest > 0 && !s.over && s.users == 0 && !s.since.IsZero() && time.Since(s.since) >= s.restOf() && s.engine.client.Idle()
}

// reservedRest is how long an engine rests that a limit stopped which others
// have only reserved: less than the queue lets its stories wait.
const reservedRest = 3 * time.Second

func (s *seat) restOf() time.Duration {
	if refused, ok := errors.AsType[*translator.BudgetError](s.engine.client.Stopped()); ok && refused.Reserved() {
		return min(s.rest, reservedRest)
	}
	return s.rest
}

// renew opens another engine. While that cannot be done, the first one goes on
// to say why it has stopped.
func (s *seat) renew() {
	next, err := s.open()
	if err != nil {
		s.log.Warn("a backend cannot be asked again", zap.String("backend", s.name), zap.Error(err), zap.String("remedy", translator.HintOf(err)))
		s.since = time.Now()
		return
	}
	s.log.Info("asking the backend again", zap.String("backend", s.name))
	if err := s.engine.close(); err != nil {
		s.log.Warn("a backend could not be closed", zap.String("backend", s.name), zap.Error(err))
	}
	s.engine, s.since = next, time.Time{}
}

// stop ends sending for good; requests on their way finish.
func (s *seat) stop(reason error) {
	s.last().client.Stop(reason)
}

// close closes the engine.
func (s *seat) close() error { return s.last().close() }

// last returns the engine, which no other one follows from now on.
func (s *seat) last() *engine {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	return s.engine
}

// reason returns why the engine is not asked any more, or nil.
func (s *seat) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.engine.client.Stopped()
}
