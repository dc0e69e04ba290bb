package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/ledger"
	"dragoman/translator/memory"
	"dragoman/translator/quality"
)

// attempts is how often a request is tried. An engine of this machine that
// does not start does not start a minute later either.
func attempts(name string) int {
	if name == "command" {
		return 2
	}
	return 0
}

// linger is how long a text waits for others to share its request. A backend
// that answers from memory is not worth waiting for.
func linger(t translator.Traits) time.Duration {
	if t.Origin == translator.Seed || t.Origin == translator.Pseudo {
		return -1
	}
	return 0
}

// patience is how long a request waits for the i-th of n backends that says it
// is asked too fast: 0 is as long as a client waits by itself. Where another one
// can answer, the night does not wait a quarter of an hour.
func patience(i, n int) time.Duration {
	if i < n-1 {
		return 2 * time.Minute
	}
	return 0
}

// An engine is one backend of a run, with ledger and memory around its driver
// and a client in front.
type engine struct {
	name   string
	traits translator.Traits
	driver translator.Backend
	client *backend.Client
}

// engine builds one. The order of what is around the driver is that of
// translator/docs/architecture.md.
func (o order) engine(ctx context.Context, name string, db database, meter *ledger.Options, patience time.Duration) (*engine, error) {
	driver, err := o.open(ctx, name)
	if err != nil {
		return nil, err
	}
	traits := driver.Traits()
	if o.metrics != nil {
		driver = o.metrics.Backend(driver)
	}
	driver = o.tracer.Backend(driver)
	metered := ledger.Meter(db, memory.Keep(o.tracer.Store(db), o.judge(backend.Check(driver))), meter)
	client := backend.New(metered, &backend.Options{
		Connections: o.cfg.Concurrency,
		Pace:        pace(name, o.cfg),
		Linger:      linger(traits),
		Attempts:    attempts(name),
		Patience:    patience,
		Observer:    o.observer(name, traits.Name),
	})
	return &engine{name, traits, metered, client}, nil
}

// close ends the client, waits for the ledger, and closes the driver.
func (e *engine) close() error {
	e.client.Close()
	return translator.Close(e.driver)
}

// newMemory returns the memory over a store.
func newMemory(store translator.Store) *memory.Memory { return memory.New(store, quality.DoubtOf) }

// shared says what happens when a run cannot tell other machines what it sends.
func shared(log *zap.Logger) memory.Sharing {
	return memory.Sharing{Unclaimed: func(err error) {
		log.Warn("other machines cannot be told what is sent here; some sentences may be paid for twice", zap.Error(err))
	}}
}

// A chain is the engines of a run, and memory in front of them.
type chain struct {
	translate translator.Func
	engines   []*seat // in the order they are asked; at least one
	memory    *memory.Memory
	closed    sync.Once
}

// newChain builds the chain that the settings name. Engines that are open are
// closed again if one of them cannot be built.
func newChain(ctx context.Context, o order, db database, meter *ledger.Options) (*chain, error) {
	remembered := newMemory(o.tracer.Store(db))
	remembered.Share(shared(o.log))
	c := &chain{memory: remembered}
	var links []backend.Link
	for i, name := range o.cfg.Chain {
		e, err := newSeat(name, o.rest, o.log, func() (*engine, error) {
			return o.engine(ctx, name, db, meter, patience(i, len(o.cfg.Chain)))
		})
		if err != nil {
			return nil, errors.Join(err, c.close())
		}
		c.engines = append(c.engines, e)
		links = append(links, backend.Link{Name: name, Func: remembered.Link(e.traits.Signature, e.translate)})
	}
	c.translate = remembered.Recall(backend.Fallback(links...))
	return c, nil
}

func budgetOf(cfg *config.Config) ledger.Budget {
	b := cfg.Budget
	return ledger.Budget{
		RunSize: b.RunChars, RunCost: translator.Dollars(b.RunUSD),
		DayCost: translator.Dollars(b.DayUSD), MonthCost: translator.Dollars(b.MonthUSD),
	}
}

// meter returns how requests of a run are written down and bounded: every
// command that spends gives warnings the same way.
func (o order) meter(run string, settled func(translator.Line, translator.Bill)) *ledger.Options {
	return &ledger.Options{
		Run: run, Budget: budgetOf(o.cfg),
		Settled: func(line translator.Line, bill translator.Bill, _ error) { settled(line, bill) },
		Exceeded: func(line translator.Line, bill translator.Bill) {
			if bill.Cost <= line.Cost {
				return // of a free engine
			}
			o.log.Warn("a request was billed above what was reserved for it", zap.String("backend", line.Backend),
				zap.Stringer("reserved", line.Cost), zap.Stringer("billed", bill.Cost))
		},
		Alarm: o.alarm(),
	}
}

// alarm warns when spending passes a share of a limit; nil for no shares.
func (o order) alarm() *ledger.Alarm {
	shares := o.cfg.Budget.Shares()
	if len(shares) == 0 {
		return nil
	}
	return ledger.NewAlarm(func(limit translator.Limit, spent translator.Spending, share float64) {
		o.log.Warn("spending comes near a limit", zap.String("limit", limit.Name), zap.String("passed", fmt.Sprintf("%.0f %%", 100*share)),
			zap.Stringer("spent", spent.Cost), zap.Int64("units", spent.Size))
	}, shares...)
}

// observer tells log and metrics what a backend's client does.
func (o order) observer(name, as string) backend.Observer {
	told := observe(o.log.With(zap.String("backend", name)))
	if o.metrics == nil {
		return told
	}
	counted := told
	counted.Retried = func(attempt int, wait time.Duration, err error) {
		o.metrics.Retried(as)
		told.Retried(attempt, wait, err)
	}
	counted.Paused = func(until time.Time, err error) {
		o.metrics.Paused(as)
		told.Paused(until, err)
	}
	counted.Stopped = func(err error) {
		o.metrics.Stopped(as, err)
		told.Stopped(err)
	}
	return counted
}

// observe writes what a client does to the log.
func observe(log *zap.Logger) backend.Observer {
	return backend.Observer{
		Sent: func(texts, size, attempt int) {
			log.Debug("request", zap.Int("texts", texts), zap.Int("size", size), zap.Int("attempt", attempt))
		},
		Retried: func(attempt int, wait time.Duration, err error) {
			log.Warn("request failed, trying again", zap.Int("attempt", attempt), zap.Duration("after", wait), zap.Error(err))
		},
		Paused: func(until time.Time, err error) {
			log.Warn("rate limited, all requests wait", zap.Time("until", until), zap.Error(err))
		},
		GaveUp: func(texts int, err error) {
			if errors.Is(err, context.Canceled) || translator.KindOf(err) == translator.Interrupted {
				log.Debug("request given up, as was asked for", zap.Int("texts", texts), zap.Error(err))
				return
			}
			log.Warn("request given up, its sentences are held or move on", zap.Int("texts", texts), zap.Error(err))
		},
		Adapted: func(connections int, pace backend.Pace) {
			log.Debug("pace adapted", zap.Int("connections", connections), zap.Int("requests_per_minute", pace.RequestsPerMinute), zap.Int("units_per_minute", pace.SizePerMinute))
		},
		Model: func(asked, answered translator.Signature) {
			log.Warn("another model answered than was asked for: its answers are kept under its own name, and a later run asks again unless the settings name it",
				zap.String("asked", string(asked)), zap.String("answered", string(answered)))
		},
		Split: func(texts int, err error) {
			log.Warn("request refused, halving it", zap.Int("texts", texts), zap.Error(err))
		},
		Stopped: func(err error) {
			if translator.KindOf(err) != translator.Interrupted {
				log.Error("nothing more is sent", zap.Error(err))
			}
		},
	}
}

// stop ends sending, here and by waiting for others; requests on their way finish.
func (c *chain) stop() {
	for _, e := range c.engines {
		e.stop(&translator.Error{Kind: translator.Interrupted, Hint: "run the same command again to go on"})
	}
	c.memory.Stop() // after them: what it waited for goes to them
}

// reason returns why a backend, the first of those, is not asked any more, or nil.
func (c *chain) reason() error {
	for _, e := range c.engines {
		if err := e.reason(); err != nil {
			return err
		}
	}
	return nil
}

// close closes the engines, once.
func (c *chain) close() (err error) {
	c.closed.Do(func() {
		for _, e := range c.engines {
			err = errors.Join(err, e.close())
		}
		c.memory.Wait()
	})
	return err
}
