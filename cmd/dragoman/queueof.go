package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"dragoman/translator"
	"dragoman/translator/queue"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/sqlite"
	"dragoman/translator/web"
)

// This file hides that a store's transactions are of one database or another.

// storiesOf returns what a store has of submitted stories.
func storiesOf(db database) (translator.Stories, error) {
	if s, ok := db.(translator.Stories); ok {
		return s, nil
	}
	return nil, errPassing()
}

// errPassing refuses to submit to a store that ends with its process.
func errPassing() error {
	err := translator.NewError("store", translator.Unsupported, errors.New("the store ram: ends with its process, and what was submitted to it with it"))
	err.Hint = "name a file or a PostgreSQL database with --store, or use dragoman translate"
	return err
}

// jobs is what commands ask of a queue.
type jobs interface {
	Submit(context.Context, translator.Direction, translator.Articles, queue.SubmitOptions) (queue.Submitted, error)
	Work(ctx context.Context, stop <-chan struct{}, opts queue.WorkOptions) error
	Retry(context.Context, translator.VersionID) (bool, error)
	Cancel(context.Context, translator.VersionID) (bool, error)
	Hold(context.Context, translator.VersionID) (bool, error)
	Release(context.Context, translator.VersionID) (bool, error)
	Adopt(context.Context, []translator.VersionID) error
	Counts(context.Context) (queue.Counts, error)
	Current(context.Context) (bool, error)
}

// queueOf returns the queue of a store, and makes its tables if they are
// missing: on SQLite under the lock of those who work the store, which it waits
// for and says so.
func queueOf(ctx context.Context, db database, opts *queue.Options, waiting func(holder string)) (jobs, error) {
	switch s := db.(type) {
	case *sqlite.Store:
		q, err := queue.New(riversqlite.New(s.DB()), s, opts)
		if err != nil {
			return nil, err
		}
		return q, prepare(ctx, q, func(ctx context.Context, f func(context.Context) error) error {
			return underLock(ctx, s, q.Current, waiting, f)
		})
	case *postgres.Store:
		with := *opts
		with.Beat = riverpgxv5.New(s.Beat()).GetExecutor()
		q, err := queue.New(riverpgxv5.New(s.Pool()), s, &with)
		if err != nil {
			return nil, err
		}
		return q, prepare(ctx, q, s.Exclusive)
	}
	return nil, errPassing()
}

// prepare makes a queue's tables, alone, unless they are there.
func prepare(ctx context.Context, q interface {
	Current(context.Context) (bool, error)
	Migrate(context.Context) error
}, alone func(context.Context, func(context.Context) error) error) error {
	current, err := q.Current(ctx)
	if err != nil || current {
		return err
	}
	return alone(ctx, q.Migrate)
}

// lookAgain is how often whoever waits to make a queue's tables looks whether
// they are there.
const lookAgain = 100 * time.Millisecond

// underLock runs f under a store's lock, or not at all if whoever has the lock
// does meanwhile what f is for: he may go on to work for days.
func underLock(ctx context.Context, s *sqlite.Store, current func(context.Context) (bool, error), waiting func(string), f func(context.Context) error) error {
	wait, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	unlock, err := s.Lock(wait, func(holder string) {
		waiting(holder)
		looking.Go(func() {
			for wait.Err() == nil {
				if is, err := current(wait); err == nil && is {
					cancel()
				}
				select {
				case <-wait.Done():
				case <-time.After(lookAgain):
				}
			}
		})
	})
	cancel()
	looking.Wait() // the store may be closed from here on
	if err != nil {
		if is, failed := current(ctx); failed == nil && is {
			return nil
		}
		return err
	}
	return errors.Join(f(ctx), unlock())
}

// pagesOf returns River's own pages of a store's queue.
func pagesOf(db database, log *slog.Logger) (*web.Queue, error) {
	switch s := db.(type) {
	case *sqlite.Store:
		return web.NewQueue(riversqlite.New(s.DB()), log)
	case *postgres.Store:
		return web.NewQueue(riverpgxv5.New(s.Pool()), log)
	}
	return nil, errPassing()
}
