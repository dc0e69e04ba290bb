package main

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/pipeline"
	"dragoman/translator/trace"
	"dragoman/translator/web"
)

// A workshop translates stories for a process that runs for long: it keeps a
// chain for each direction, whose engines are opened anew some time after they
// have stopped. It is safe for concurrent use.
type workshop struct {
	ctx   context.Context // ends the drivers
	cfg   *config.Config
	log   *zap.Logger
	db    database
	run   string // names the process in the ledger
	watch *web.Metrics
	trace *trace.Tracer                                                           // nil is none
	build func(context.Context, order, database, *ledger.Options) (*chain, error) // newChain

	mu      sync.Mutex
	benches map[translator.Direction]*bench
	stopped error // why no chain is used any more
}

// A bench is one direction's chain at work.
type bench struct {
	order order
	chain *chain
	users sync.WaitGroup
}

// rest is how long an engine that stopped stays so before it is opened anew: a
// key may have been mended and a budget's day have ended, and one request finds
// out. Until then stories get the reason at once, or the chain's next engine.
const rest = 30 * time.Second

func newWorkshop(ctx context.Context, cfg *config.Config, log *zap.Logger, db database, run string, watch *web.Metrics) *workshop {
	return &workshop{
		ctx: ctx, cfg: cfg, log: log, db: db, run: run, watch: watch, build: newChain,
		benches: map[translator.Direction]*bench{},
	}
}

// do translates articles of one direction. The error is about the process or
// its store, not about a story.
func (w *workshop) do(ctx context.Context, dir translator.Direction, articles []translator.Article) (stories []translator.Story, err error) {
	ctx, end := w.trace.Job(ctx, dir, idsOf(articles))
	defer func() { end(err) }()
	b, err := w.enter(dir)
	if err != nil {
		return w.refused(articles, err)
	}
	defer b.users.Done()
	_, err = pipeline.Run(ctx, dir, sequenceOf(articles), b.chain.translate, func(s translator.Story) error {
		stories = append(stories, s)
		return nil
	}, &pipeline.Options{Size: b.chain.engines[0].traits.SizeOf, Check: b.order.checker.Flags})
	return stories, err
}

// refused holds stories that no chain can be had for, since a person can mend
// what is wrong with the settings.
func (w *workshop) refused(articles []translator.Article, err error) ([]translator.Story, error) {
	kind := translator.KindOf(err)
	if !kind.Holds() {
		kind = translator.Denied
	}
	hint := cmp.Or(translator.HintOf(err), "mend the settings and start the worker again")
	stories := make([]translator.Story, len(articles))
	for i, a := range articles {
		stories[i] = translator.Story{Article: a, Status: translator.Held,
			Err: &translator.Error{Kind: kind, Err: err, Hint: hint}}
	}
	return stories, nil
}

// enter returns the direction's bench, which is in use until users.Done.
func (w *workshop) enter(dir translator.Direction) (*bench, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped != nil {
		return nil, w.stopped
	}
	b := w.benches[dir]
	if b == nil {
		var err error
		if b, err = w.open(dir); err != nil {
			return nil, err
		}
		w.benches[dir] = b
	}
	b.users.Add(1)
	return b, nil
}

func (w *workshop) open(dir translator.Direction) (*bench, error) {
	cfg := w.cfg.For(string(dir.From), string(dir.To))
	if err := cfg.Require(); err != nil {
		return nil, err
	}
	o, err := newOrder(cfg, dir, w.log)
	if err != nil {
		return nil, err
	}
	o.metrics, o.tracer, o.rest = w.watch, w.trace, rest
	c, err := w.build(w.ctx, o, w.db, o.meter(w.run, w.watch.Settled))
	if err != nil {
		return nil, err
	}
	c.translate = w.trace.Translate(w.watch.Translate(c.translate))
	return &bench{order: o, chain: c}, nil
}

// stop ends sending; requests on their way finish, and what needs another is
// told reason.
func (w *workshop) stop(reason error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = reason
	for _, b := range w.benches {
		b.chain.stop()
	}
}

// What a process that ends waits for: that an answer is saved and its line
// settled, which each may take half a minute where the store is slow.
const (
	closeTold = 5 * time.Second // it says that it waits
	closeTime = time.Minute     // it ends all the same
)

// close closes all chains once their stories are done. A story or a request
// that does not end, though it was told to, keeps no process for ever: it is
// left behind with an error.
func (w *workshop) close() error {
	closed := make(chan error, 1)
	go func() { closed <- w.closeAll() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeTold):
		w.log.Warn("waiting for stories and requests that do not end", zap.Duration("at_most", closeTime))
	}
	select {
	case err := <-closed:
		return err
	case <-time.After(closeTime):
	}
	left := errors.New("stories or requests do not end, and are left as they are")
	w.log.Error("the process ends all the same", zap.Error(left), zap.String("remedy", "requests without an answer may have been paid for: see dragoman ledger"))
	return left
}

// closeAll closes the chains side by side, so that none waits for another's stories.
func (w *workshop) closeAll() error {
	w.mu.Lock()
	benches := w.benches
	w.benches = map[translator.Direction]*bench{}
	w.mu.Unlock()
	closed := make(chan error, len(benches))
	for _, b := range benches {
		go func() {
			b.users.Wait()
			closed <- b.chain.close()
		}()
	}
	var errs []error
	for range benches {
		errs = append(errs, <-closed)
	}
	return errors.Join(errs...)
}

func sequenceOf(articles []translator.Article) translator.Articles {
	return func(yield func(translator.Article, error) bool) {
		for _, a := range articles {
			if !yield(a, nil) {
				return
			}
		}
	}
}

func idsOf(articles []translator.Article) []string {
	ids := make([]string, len(articles))
	for i, a := range articles {
		ids[i] = a.ID
	}
	return ids
}
