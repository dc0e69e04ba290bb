package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/queue"
	"dragoman/translator/web"
)

func (a *app) workCommand() *cobra.Command {
	var drain bool
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Work the stories that were submitted",
		Long: `Takes submitted stories of all directions from the store, the most urgent first, translates them and puts what came of them back,
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
	addSettings(cmd, "store", "backend", "concurrency", "budget", "listen")
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
	defer func() {
		err = errors.Join(err, within(closeTime, "closing the store", func() error { return closeStore(db) }))
	}()
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
	s.shop.build = s.build
	defer func() { err = errors.Join(err, s.shop.close()) }()
	site, err := s.watched(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site()) }()
	over := make(chan struct{})
	defer close(over)
	go s.untilStopped(over) // also while stories are submitted
	if err := s.submit(ctx); err != nil {
		return err
	}
	return s.work(ctx)
}

// work works until the end, and says what was done.
func (s *shift) work(ctx context.Context) error {
	watching, unwatch := context.WithCancel(ctx)
	defer unwatch()
	go s.outage.watch(watching)
	begun := time.Now()
	s.pulse.Beat() // from here on
	s.log.Info("working", zap.String("run", s.id), zap.Int("workers", s.cfg.Queue.Workers))
	err := s.queue.Work(ctx, s.stop, queue.WorkOptions{
		Do: s.shop.do, Workers: s.cfg.Queue.Workers, Drain: s.drain, Patience: s.cfg.Queue.Patience, Observer: s.observer(),
	})
	switch {
	case err != nil && ctx.Err() == nil:
		return err
	case err != nil && err.Error() != ctx.Err().Error():
		s.log.Warn("ended at once", zap.Error(err))
	}
	if err := s.shop.close(); err != nil { // the ledger is complete from here on
		return err
	}
	s.log.Info("ended", zap.String("run", s.id))
	return s.conclude(ctx, time.Since(begun))
}

// build builds a chain, whose last requests the tally is told of.
func (s *shift) build(ctx context.Context, o order, db database, opts *ledger.Options) (*chain, error) {
	settled := opts.Settled
	opts.Settled = func(line translator.Line, bill translator.Bill, err error) {
		settled(line, bill, err)
		if ctx.Err() != nil {
			s.tally.cutOff(bill)
		}
	}
	return newChain(ctx, o, db, opts)
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
	sum, err := s.queue.Submit(ctx, j.dir, seen.watch(s.log, j.articles(ctx)), queue.SubmitOptions{Batch: batch})
	if err != nil {
		return err
	}
	s.log.Info("submitted", zap.String("batch", sum.Batch), zap.Int("new", sum.New), zap.Int("corrections", sum.Corrections), zap.Int("failed", sum.Failed), zap.Int("known", sum.All()-sum.New-sum.Failed))
	for _, c := range sum.Corrected {
		s.log.Info("a story is corrected", zap.String("story", c.Story), zap.String("path", c.Path), zap.String("was", c.Was))
	}
	for _, u := range seen.Unread[:min(len(seen.Unread), shownNeeds)] {
		s.log.Warn("a file could not be read", zap.String("path", u.Path), zap.String("reason", u.Reason), zap.String("remedy", u.Remedy))
	}
	if more := len(seen.Unread) + seen.LeftOut - shownNeeds; more > 0 {
		s.log.Warn("more files could not be read: see dragoman status", zap.Int("more", more))
	}
	return nil
}
