package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/backend/command"
	"dragoman/translator/backend/google"
	"dragoman/translator/backend/pseudo"
	"dragoman/translator/backend/tmx"
	"dragoman/translator/format"
	"dragoman/translator/ledger"
	"dragoman/translator/memory"
	"dragoman/translator/store/ram"
	"dragoman/translator/store/sqlite"
)

// A database is what any store driver gives.
type database interface {
	translator.Store
	translator.Archive
	translator.Ledger
}

// closeStore closes what of a store can be closed.
func closeStore(db database) error {
	if closer, ok := db.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// openStore opens the store that a location names.
func openStore(ctx context.Context, location string, log *zap.Logger) (database, error) {
	switch scheme, _, _ := strings.Cut(location, ":"); scheme {
	case "ram":
		return ram.New(), nil
	case "postgres", "postgresql":
		err := translator.NewError("store", translator.Unsupported, errors.New("PostgreSQL is not built in yet"))
		err.Hint = "use a path or a sqlite: URL"
		return nil, err
	}
	return sqlite.Open(ctx, location, &sqlite.Options{
		Damaged: func(k translator.Key) {
			log.Warn("a damaged row of the store is passed over; its sentence counts as new", zap.Stringer("key", k))
		},
		Waiting: func(holder string) { log.Warn("waiting for the store", zap.String("holder", holder)) },
	})
}

// lockStore makes this run the only one at work on the store, waiting if it must.
func lockStore(ctx context.Context, db database, say func(string)) (unlock func() error, err error) {
	locker, ok := db.(interface {
		Lock(context.Context, func(string)) (func() error, error)
	})
	if !ok {
		return func() error { return nil }, nil
	}
	return locker.Lock(ctx, func(holder string) {
		say(fmt.Sprintf("the store is in use by another run (%s); waiting for it to end", holder))
	})
}

// newDriver builds the driver of one backend from its settings.
func newDriver(ctx context.Context, name string, cfg *config.Config, dir translator.Direction, log *zap.Logger) (translator.Backend, error) {
	switch name {
	case "google":
		return newGoogle(ctx, cfg.Backends.Google, log)
	case "tmx":
		return newTMX(cfg.Backends.TMX.File, dir)
	case "command":
		c := cfg.Backends.Command
		return command.New(&command.Options{
			Argv: c.Argv, Protocol: command.Protocol(c.Protocol), Timeout: c.Timeout,
			Processes: c.Processes, Price: translator.Price(c.USDPerMillion),
		})
	case "pseudo":
		return pseudo.New(nil), nil
	}
	return nil, translator.NewError("backend", translator.Invalid, fmt.Errorf("there is no backend %q", name))
}

func newGoogle(ctx context.Context, c config.Google, log *zap.Logger) (translator.Backend, error) {
	opts := googleOptions(c)
	opts.OnModel = func(asked, answered string) {
		log.Warn("google answered with another model", zap.String("asked", asked), zap.String("answered", answered))
	}
	return google.New(ctx, opts)
}

func googleOptions(c config.Google) *google.Options {
	return &google.Options{
		Project: c.Project, Location: c.Location, Model: c.Model, Glossary: c.Glossary, Labels: c.Labels,
		RequestSize: c.RequestChars, Endpoint: c.Endpoint, Insecure: c.Insecure, CredentialsFile: c.CredentialsFile,
		Price: translator.Price(c.USDPerMillion), Connections: c.Connections,
	}
}

func newTMX(path string, dir translator.Direction) (driver translator.Backend, err error) {
	err = readTMX(path, dir, func(pairs translator.Pairs) error {
		driver, err = tmx.New(pairs, nil)
		return err
	})
	return driver, err
}

// readTMX runs do on the pairs of a TMX file.
func readTMX(path string, dir translator.Direction, do func(translator.Pairs) error) error {
	f, err := os.Open(path)
	if err != nil {
		e := translator.NewError("tmx", translator.Invalid, err)
		e.Hint = "name a TMX file in backends.tmx.file"
		return e
	}
	defer f.Close()
	return do(format.ReadTMX(path, f, dir, nil))
}

// pace returns what the settings say about how fast a backend may be fed.
func pace(name string, cfg *config.Config) backend.Pace {
	if name != "google" {
		return backend.Pace{}
	}
	return backend.Pace{RequestsPerMinute: cfg.Backends.Google.RequestsPerMinute, SizePerMinute: int(cfg.Backends.Google.CharsPerMinute)}
}

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

// A chain is the backends of a run, each behind its client, and memory in front of them.
type chain struct {
	translate  translator.Func
	first      translator.Traits // of the backend that is asked first
	signatures []translator.Signature
	clients    []*backend.Client
	backends   []translator.Backend // the drivers with ledger and memory around them
	closed     sync.Once
}

// newChain builds the chain that the settings name. Drivers that are open are
// closed again if one of them cannot be built.
func newChain(ctx context.Context, cfg *config.Config, dir translator.Direction, db database, meter *ledger.Options, log *zap.Logger) (*chain, error) {
	c := &chain{}
	remembered := memory.New(db, nil)
	var links []backend.Link
	for _, name := range cfg.Chain {
		driver, err := newDriver(ctx, name, cfg, dir, log)
		if err != nil {
			return nil, errors.Join(err, c.close())
		}
		traits := driver.Traits()
		metered := ledger.Meter(db, memory.Keep(db, backend.Check(driver)), meter)
		client := backend.New(metered, &backend.Options{
			Connections: cfg.Concurrency,
			Pace:        pace(name, cfg),
			Linger:      linger(traits),
			Attempts:    attempts(name),
			Observer:    observe(log.With(zap.String("backend", name))),
		})
		c.backends, c.clients = append(c.backends, metered), append(c.clients, client)
		c.signatures = append(c.signatures, traits.Signature)
		links = append(links, backend.Link{Name: name, Func: remembered.Link(traits.Signature, client.Translate)})
	}
	c.first = c.backends[0].Traits()
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
		Split: func(texts int) { log.Warn("request refused, halving it", zap.Int("texts", texts)) },
		Stopped: func(err error) {
			if translator.KindOf(err) != translator.Interrupted {
				log.Error("nothing more is sent", zap.Error(err))
			}
		},
	}
}

// stop ends sending; requests on their way finish.
func (c *chain) stop() {
	for _, client := range c.clients {
		client.Stop(&translator.Error{Kind: translator.Interrupted, Hint: "run the same command again to go on"})
	}
}

// reason returns why a backend, the first of those, is not asked any more, or nil.
func (c *chain) reason() error {
	for _, client := range c.clients {
		if err := client.Stopped(); err != nil {
			return err
		}
	}
	return nil
}

// close ends the clients, waits for the ledger, and closes the drivers, once.
func (c *chain) close() (err error) {
	c.closed.Do(func() {
		for _, client := range c.clients {
			client.Close()
		}
		for _, b := range c.backends {
			if closer, ok := b.(io.Closer); ok {
				err = errors.Join(err, closer.Close())
			}
		}
	})
	return err
}

// traitsOf returns a backend's traits without needing what only asking it needs.
func traitsOf(ctx context.Context, name string, cfg *config.Config, dir translator.Direction, log *zap.Logger) (translator.Traits, error) {
	if name == "google" {
		return google.Describe(googleOptions(cfg.Backends.Google))
	}
	driver, err := newDriver(ctx, name, cfg, dir, log)
	if err != nil {
		return translator.Traits{}, err
	}
	traits := driver.Traits()
	if closer, ok := driver.(io.Closer); ok {
		err = closer.Close()
	}
	return traits, err
}
