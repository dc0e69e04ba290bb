package main

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/queue"
	"dragoman/translator/trace"
	"dragoman/translator/web"
)

func (a *app) workCommand() *cobra.Command {
	var drain bool
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Work the stories that were submitted",
		Long: `Takes submitted stories from the store, the most urgent first, translates them and puts what came of them back,
until it is told to end; with --listen it can be watched, as serve. Any number of processes may work one PostgreSQL store; a SQLite store bears one.

SIGTERM or Ctrl-C ends it: requests on their way are finished and remembered, and the stories go back to be
worked by others. A second one, a second or more later, ends it at once: then those requests may be paid for again. Nothing is lost in
either case. At its end it says what it did. With --drain the code tells what is left, else it is 0 for an end that was asked for.

` + exitHelp(),
		Example: `  dragoman work --store postgres://db.example/dragoman
  dragoman work --drain`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.shift(cmd, nil, drain, cmd.Flags().Changed("listen"))
		},
	}
	cmd.Flags().BoolVar(&drain, "drain", false, "end when nothing is left to be worked; what is held for later is left")
	addSettings(cmd, "from", "to", "store", "backend", "concurrency", "budget", "listen")
	return cmd
}

func (a *app) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve [PATH...]",
		Short: "Work submitted stories, and be watched; submit those at the paths first",
		Long: `Does what work does, after it has submitted the stories at the paths, if there are any. It tells on the way where it
can be watched: metrics for Prometheus, whether it is healthy and ready, and, for those who know the password, the queue.

` + exitHelp(),
		Example: `  dragoman serve
  DRAGOMAN_SERVE_PASSWORD=... dragoman serve --listen 127.0.0.1:9000 night/`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.shift(cmd, args, false, true) },
	}
	addSettings(cmd, "from", "to", "store", "backend", "encoding", "concurrency", "budget", "listen")
	return cmd
}

// A turn is one try of one job.
type turn struct {
	job     int64
	attempt int
}

// A shift is a process that works submitted stories.
type shift struct {
	*desk
	app     *app
	id      string
	drain   bool
	paths   []string
	stop    <-chan struct{}
	metrics *web.Metrics
	shop    *workshop
	pulse   *web.Pulse
	ending  atomic.Bool
	turns   sync.Map // of turn to the function that ends its count
	tally   *tally
	outage  *outage
	life    context.Context // of the process
}

// shift works until it is told to end. Resources are given back in the reverse
// order of their taking, whatever happens.
func (a *app) shift(cmd *cobra.Command, paths []string, drain, listen bool) (err error) {
	cfg, err := a.settings(cmd)
	if err != nil {
		return err
	}
	if !listen { // two workers on one machine have no address in common
		cfg.Serve.Listen = ""
	}
	ctx, stop, release := interruptions(cmd.Context(), signalGrace)
	defer release()
	if err := errors.Join(cfg.Require(), cfg.RequireServe()); err != nil {
		return usageError{err}
	}
	log, err := a.logger(cfg, a.err)
	if err != nil {
		return err
	}
	db, err := openPatiently(ctx, stop, openStore, cfg.Store, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(db)) }()
	d, err := newDesk(ctx, cfg, log, db)
	if err != nil {
		return err
	}
	unlock, err := lockAlone(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	s := &shift{desk: d, app: a, id: newRunID("work"), drain: drain, paths: paths, stop: stop, tally: newTally(), life: ctx}
	s.outage = &outage{log: log, ask: s.storeAnswers}
	return s.run(ctx)
}

// signalGrace is within what two signals to a worker are one.
const signalGrace = time.Second

// How long a worker that starts waits for a database that is not there, and
// how often it looks: one that is started with the worker, or again, is there by then.
const (
	openTime  = time.Minute
	openPause = time.Second
	openTold  = 15 * time.Second // how often it says that it waits
)

// openPatiently opens the store of a worker.
func openPatiently(ctx context.Context, stop <-chan struct{}, open opener, location string, log *zap.Logger) (database, error) {
	var told time.Time
	for end := time.Now().Add(openTime); ; {
		db, err := open(ctx, location, log)
		if err == nil || translator.KindOf(err) != translator.Unavailable || time.Now().After(end) {
			return db, err
		}
		if time.Since(told) >= openTold {
			log.Warn("waiting for the store", zap.Error(err), zap.String("remedy", translator.HintOf(err)), zap.Duration("gives_up_after", time.Until(end).Round(time.Second)))
			told = time.Now()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-stop:
			return nil, translator.Interrupted
		case <-time.After(openPause):
		}
	}
}

// lockAlone makes this process the only one at work on a store that bears one,
// or says at once who is.
func lockAlone(ctx context.Context, db database) (unlock func() error, err error) {
	locker, ok := db.(interface {
		TryLock(context.Context) (func() error, error)
	})
	if !ok {
		return func() error { return nil }, nil
	}
	return locker.TryLock(ctx)
}

// run works, with what is needed for it around it.
func (s *shift) run(ctx context.Context) (err error) {
	s.metrics = web.NewMetrics(&web.MetricsOptions{
		Version: version().Version, Revision: version().Revision, Database: s.figures(), Problem: s.problem,
	})
	s.pulse = web.NewPulse("leases", pulseWithin+s.cfg.Queue.Lease)
	tracer, err := s.tracer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTracer(ctx, tracer)) }()
	s.shop = newWorkshop(ctx, s.cfg, s.log, s.db, s.id, s.metrics)
	s.shop.trace = tracer
	defer func() { err = errors.Join(err, s.shop.close()) }()
	site, err := s.watched(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site()) }()
	if err := s.submit(ctx); err != nil {
		return err
	}
	over := make(chan struct{})
	defer close(over)
	go s.untilStopped(over)
	watching, unwatch := context.WithCancel(ctx)
	defer unwatch()
	go s.outage.watch(watching)
	begun := time.Now()
	s.log.Info("working", zap.String("run", s.id), zap.Int("workers", s.cfg.Queue.Workers))
	err = s.queue.Work(ctx, s.stop, queue.WorkOptions{
		Do: s.shop.do, Workers: s.cfg.Queue.Workers, Drain: s.drain, Patience: s.cfg.Queue.Patience, Observer: s.observer(),
	})
	if err != nil {
		return err
	}
	if err := s.shop.close(); err != nil { // the ledger is complete from here on
		return err
	}
	s.log.Info("ended", zap.String("run", s.id))
	return s.conclude(ctx, time.Since(begun))
}

func areStories(n int) string {
	if n == 1 {
		return "1 story is"
	}
	return count(n, "story") + " are"
}

// pulseWithin is how long looking after the leases may take before the process
// counts as ill: longer than a database that is away can make it.
const pulseWithin = 5 * time.Minute

// untilStopped ends sending at the first interruption.
func (s *shift) untilStopped(over <-chan struct{}) {
	select {
	case <-s.stop:
		s.ending.Store(true)
		s.shop.stop(&translator.Error{Kind: translator.Interrupted})
		s.log.Info("ending: requests on their way are finished first; interrupt again to end at once")
	case <-over:
	}
}

// submit submits the stories at the paths.
func (s *shift) submit(ctx context.Context) error {
	if len(s.paths) == 0 {
		return nil
	}
	j, err := newJob(s.cfg, s.paths, s.app.in, s.stop)
	if err != nil {
		return err
	}
	var seen submission
	batch, err := freshBatch(ctx, s.stories, time.Now())
	if err != nil {
		return err
	}
	sum, err := s.queue.Submit(ctx, j.dir, seen.watch(j.articles(ctx)), queue.SubmitOptions{Batch: batch})
	if err != nil {
		return err
	}
	s.log.Info("submitted", zap.String("batch", sum.Batch), zap.Int("new", sum.New), zap.Int("failed", sum.Failed), zap.Int("known", sum.All()-sum.New-sum.Failed))
	for _, u := range seen.Unread[:min(len(seen.Unread), shownNeeds)] {
		s.log.Warn("a file could not be read", zap.String("path", u.Path), zap.String("reason", u.Reason), zap.String("remedy", u.Remedy))
	}
	if more := len(seen.Unread) + seen.LeftOut - shownNeeds; more > 0 {
		s.log.Warn("more files could not be read: see dragoman status", zap.Int("more", more))
	}
	return nil
}

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
		Spent: func(ctx context.Context) ([]web.Spent, error) {
			var list []web.Spent
			for _, l := range sharedLimits(s.cfg, time.Now()) {
				spent, err := s.db.Spending(ctx, l.Window)
				if err != nil {
					return nil, err
				}
				list = append(list, web.Spent{Limit: l.Name, Spent: spent.Cost, Most: l.Cost})
			}
			return list, nil
		},
	}
}

// sharedLimits returns the limits that hold for all processes together.
func sharedLimits(cfg *config.Config, now time.Time) []translator.Limit {
	return slices.DeleteFunc(ledger.Limits(budgetOf(cfg), "", now, time.Local), func(l translator.Limit) bool {
		return l.Window.Since.IsZero()
	})
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
	go func() { ended <- site.Serve(serving, listener) }()
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
		Denied: func(address string, throttled bool) {
			s.log.Warn("a wrong name or password", zap.String("from", address), zap.Bool("throttled", throttled))
		},
		Problem: s.problem,
	}
	if opts.Password != "" {
		if opts.Queue, err = pagesOf(s.db, s.river); err != nil {
			return nil, err
		}
	}
	return web.New(opts), nil
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
		{Name: "store", Do: s.storeAnswers},
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
