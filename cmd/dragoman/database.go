package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/ram"
	"dragoman/translator/store/sqlite"
)

// A database is what any store driver gives.
type database interface {
	translator.Store
	translator.Archive
	translator.Ledger
	translator.Journal
}

// closeStore closes what of a store can be closed.
func closeStore(db database) error {
	if closer, ok := db.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// An opener opens the store that a location names.
type opener func(ctx context.Context, location string, log *zap.Logger) (database, error)

// openStore opens a store, and makes it if it is missing.
func openStore(ctx context.Context, location string, log *zap.Logger) (database, error) {
	if schemeOf(location) == "ram" {
		return ram.New(), nil
	}
	return openLasting(ctx, location, log, false, false)
}

// openExisting opens a store for a command that shows what is in it, and does
// not make one: the mistyped name of a store would show nothing.
func openExisting(ctx context.Context, location string, log *zap.Logger) (database, error) {
	return openLasting(ctx, location, log, true, false)
}

// openAsIs opens a store to be read that an older program may be at work on: it
// is not brought up to date.
func openAsIs(ctx context.Context, location string, log *zap.Logger) (database, error) {
	return openLasting(ctx, location, log, true, true)
}

// openLasting opens a store that outlives its process. It may have to exist, and
// to stay as it is.
func openLasting(ctx context.Context, location string, log *zap.Logger, existing, asIs bool) (database, error) {
	switch schemeOf(location) {
	case "ram":
		return nil, usageError{errors.New("a store in memory (ram:) ends with its process: there is nothing in it")}
	case "postgres":
		return postgres.Open(ctx, location, &postgres.Options{
			Existing: existing, AsIs: asIs, Damaged: damagedRow(log), Waiting: waitingForTables(log),
		})
	}
	return sqlite.Open(ctx, location, &sqlite.Options{
		Existing: existing, AsIs: asIs, Damaged: damagedRow(log), DamagedVersion: damagedVersion(log), Waiting: waitingFor(log),
	})
}

// schemeOf returns the scheme of a store's location in its shortest form.
func schemeOf(location string) string {
	scheme, _, _ := strings.Cut(location, ":")
	if scheme == "postgresql" {
		return "postgres"
	}
	return scheme
}

func damagedRow(log *zap.Logger) func(translator.Key) {
	return func(k translator.Key) {
		log.Warn("a damaged row of the store is passed over; its sentence counts as new", zap.Stringer("key", k))
	}
}

func damagedVersion(log *zap.Logger) func(translator.VersionID) {
	return func(id translator.VersionID) {
		log.Warn("a submitted story is damaged in the store; it counts as failed, and its reason says what to do", zap.Int64("version", int64(id)))
	}
}

func waitingFor(log *zap.Logger) func(holder string) {
	return func(holder string) {
		log.Warn("another process is at work on the store; waiting to bring its tables up to date", zap.String("holder", holder))
	}
}

// waitingForTables tells of a wait of moments: a PostgreSQL store is locked by
// nobody but who makes its tables, or changes them.
func waitingForTables(log *zap.Logger) func(holder string) {
	return func(holder string) {
		log.Info("another process is making the store's tables, or bringing them up to date; waiting", zap.String("process", holder))
	}
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

// withStore runs do on the configured store, which is made if it is missing.
func (a *app) withStore(cmd *cobra.Command, do func(context.Context, *config.Config, database) error) error {
	return a.withOpened(cmd, openStore, quietly(do))
}

// withExisting runs do on the configured store, which is not made.
func (a *app) withExisting(cmd *cobra.Command, do func(context.Context, *config.Config, database) error) error {
	return a.withOpened(cmd, openExisting, quietly(do))
}

// quietly makes a task of what has nothing to log.
func quietly(do func(context.Context, *config.Config, database) error) task {
	return func(ctx context.Context, cfg *config.Config, _ *zap.Logger, db database) error {
		return do(ctx, cfg, db)
	}
}

// A task is what a command does with a store.
type task func(context.Context, *config.Config, *zap.Logger, database) error

func (a *app) withOpened(cmd *cobra.Command, open opener, do task) (err error) {
	cfg, err := a.settings(cmd)
	if err != nil {
		return err
	}
	log, err := a.logger(cfg, a.err)
	if err != nil {
		return err
	}
	ctx, release := untilInterrupted(cmd.Context())
	defer release()
	db, err := open(ctx, cfg.Store, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(db)) }()
	return do(ctx, cfg, log, db)
}
