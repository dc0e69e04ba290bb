package main

import (
	"context"
	"errors"
	"net"
	"time"

	"go.uber.org/zap"

	"dragoman/translator"
	"dragoman/translator/trace"
	"dragoman/translator/web"
)

// problem logs what went wrong behind an answer of the site.
func (s *shift) problem(what string, err error) {
	s.warn(err)("the page could not be answered", zap.String("page", what), zap.Error(err))
}

// figures is what the site looks up in the store.
func (s *shift) figures() web.Database {
	return web.Database{
		Tally: func(ctx context.Context) ([]translator.VersionTally, error) {
			return s.stories.Tally(ctx, translator.Selection{})
		},
		Jobs: func(ctx context.Context) (map[string]int, error) {
			c, err := s.queue.Counts(ctx)
			return map[string]int{"available": c.Available, "running": c.Running, "retryable": c.Retryable, "scheduled": c.Scheduled}, err
		},
		Spent: func(ctx context.Context) ([]web.Spent, error) { return s.budgets(ctx, time.Now()) },
	}
}

// tracer returns what sends traces where the settings say, or nil.
func (s *shift) tracer(ctx context.Context) (*trace.Tracer, error) {
	if s.cfg.Traces.Endpoint == "" || s.cfg.Traces.Ratio == 0 {
		return nil, nil
	}
	return trace.New(ctx, &trace.Options{
		Endpoint: s.cfg.Traces.Endpoint, Ratio: s.cfg.Traces.Ratio, Version: version().Version, Instance: s.id,
		Problem: func(err error) { s.log.Warn("traces could not be sent; these are lost", zap.Error(err)) },
	})
}

// tracesTime is how long the last traces may take.
const tracesTime = 5 * time.Second

// closeTracer sends what is left. That a collector is away is no failure of the work.
func closeTracer(ctx context.Context, t *trace.Tracer) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tracesTime)
	defer cancel()
	if err := t.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// watched begins to answer where the settings say, and returns what ends that.
func (s *shift) watched(ctx context.Context) (end func() error, err error) {
	if s.cfg.Serve.Listen == "" {
		return func() error { return nil }, nil
	}
	site, err := s.site()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", s.cfg.Serve.Listen)
	if err != nil {
		refused := translator.NewError("listen", translator.Invalid, err)
		refused.Hint = `choose another address with --listen, or --listen "" to be watched nowhere`
		return nil, refused
	}
	s.log.Info("to be watched", zap.String("at", listener.Addr().String()))
	serving, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		err := site.Serve(serving, listener)
		if err != nil {
			s.log.Error("not to be watched any more; the work goes on", zap.Error(err))
		}
		ended <- err
	}()
	return func() error { cancel(); return <-ended }, nil
}

// site builds the pages.
func (s *shift) site() (*web.Site, error) {
	c := s.cfg.Serve
	password, err := c.Secret()
	if err != nil {
		return nil, err
	}
	opts := &web.Options{
		Metrics: s.metrics, OpenMetrics: c.Local(), Pulses: []*web.Pulse{s.pulse}, Checks: s.checks(), Draining: s.ending.Load,
		User: c.User, Password: password.Reveal(), BehindProxy: c.BehindProxy, CertFile: c.TLSCertFile, KeyFile: c.TLSKeyFile,
		Denied:  s.denied,
		Problem: s.problem,
	}
	if opts.Password != "" {
		if opts.Queue, err = pagesOf(s.db, s.river); err != nil {
			return nil, err
		}
	}
	return web.New(opts), nil
}

// denied logs a try to see what needs the password.
func (s *shift) denied(address string, throttled bool) {
	why := "a wrong name or password"
	if throttled { // it may have been the right one
		why = "a try was not looked at: too many wrong names or passwords came from there before"
	}
	s.log.Warn(why, zap.String("from", address))
}

// storeAnswers tells whether the store can be asked.
func (s *shift) storeAnswers(ctx context.Context) error {
	// A file that was deleted can be read and written to its end.
	if n, ok := s.db.(named); ok {
		if _, err := n.Identity(ctx); err != nil {
			return err
		}
	}
	_, err := s.db.Spending(ctx, translator.Window{Since: time.Now()})
	return err
}

// checks is what must hold for work to be taken.
func (s *shift) checks() []web.Check {
	return []web.Check{
		{Name: "store", Do: s.outage.look}, // so that the log has told whatever a page has shown
		{Name: "schema", Do: func(ctx context.Context) error {
			current, err := s.queue.Current(ctx)
			if err == nil && !current {
				err = errors.New("the queue's tables are those of an older dragoman")
			}
			return err
		}},
		{Name: "queue", Do: func(ctx context.Context) error {
			_, err := s.queue.Counts(ctx)
			return err
		}},
	}
}
