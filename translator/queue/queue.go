// Package queue works submitted stories as jobs, in any number of processes and
// on any database that River and a translator.Register share.
//
// A job is a row of River's; what a person sees of it is the State of its
// versions in the Register. Both change in one transaction, and only for the
// worker whose turn it is: see fence.go.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"dragoman/translator"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
)

// Options adjust a Queue. A nil *Options is all zero, and the zero value of
// each field is its default.
type Options struct {
	// Lease is how long a worker process may be silent before its jobs are
	// given to another; default 60 s. All processes must have the same.
	Lease time.Duration
	// Beat is how a worker process says that it is alive; default driver's own
	// connections. Those may all be waiting for a lock while jobs end, so that on
	// PostgreSQL it needs one of its own.
	Beat riverdriver.Executor
	// Logger is told what River has to say; default nothing.
	Logger *slog.Logger

	trouble time.Duration // default troubleFirst; tests do not wait for that
}

// A Queue holds the jobs of the stories in a Register. It is safe for concurrent use.
type Queue[Tx any] struct {
	driver   riverdriver.Driver[Tx]
	register translator.Shelf[Tx]
	opts     Options
	client   *river.Client[Tx] // which puts jobs in, and works none
}

// defaultLease bounds how long the stories of a killed process wait. A third of
// it passes between two beats, so that a database may be away for two of them.
const defaultLease = 60 * time.Second

// New returns the queue that driver keeps in the database of register. It does
// not touch the database: Migrate makes the tables.
func New[Tx any](driver riverdriver.Driver[Tx], register translator.Shelf[Tx], opts *Options) (*Queue[Tx], error) {
	q := &Queue[Tx]{driver: driver, register: register}
	if opts != nil {
		q.opts = *opts
	}
	if q.opts.Lease <= 0 {
		q.opts.Lease = defaultLease
	}
	if q.opts.Beat == nil {
		q.opts.Beat = driver.GetExecutor()
	}
	if q.opts.trouble <= 0 {
		q.opts.trouble = troubleFirst
	}
	if q.opts.Logger == nil {
		q.opts.Logger = slog.New(slog.DiscardHandler)
	}
	var err error
	q.client, err = river.NewClient(driver, &river.Config{Logger: q.opts.Logger})
	if err != nil {
		return nil, q.fail("open", err)
	}
	return q, nil
}

// Migrate brings River's tables up to date, or refuses those of a newer
// program. The caller sees that one process does so at a time.
func (q *Queue[Tx]) Migrate(ctx context.Context) error {
	m, current, err := q.tables(ctx)
	if err != nil || current {
		return q.fail("migrate", err)
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return q.fail("migrate", err)
}

// Current tells whether River's tables are up to date, so that Migrate has
// nothing to do, or refuses those of a newer program.
func (q *Queue[Tx]) Current(ctx context.Context) (bool, error) {
	_, current, err := q.tables(ctx)
	return current, q.fail("open", err)
}

func (q *Queue[Tx]) tables(ctx context.Context) (m *rivermigrate.Migrator[Tx], current bool, err error) {
	if m, err = rivermigrate.New(q.driver, &rivermigrate.Config{Logger: q.opts.Logger}); err != nil {
		return nil, false, err
	}
	has, err := q.version(ctx)
	if err != nil {
		return nil, false, err
	}
	all := m.AllVersions()
	knows := all[len(all)-1].Version
	if has > knows {
		err := translator.NewError("queue", translator.Invalid,
			fmt.Errorf("written by a newer dragoman (jobs %d, this program knows %d)", has, knows))
		err.Hint = "upgrade dragoman"
		return nil, false, err
	}
	return m, has == knows, nil
}

// version returns that of River's tables, 0 if there are none, or too few for
// them to say: River's migrator would not tell of those that it does not know.
func (q *Queue[Tx]) version(ctx context.Context) (int, error) {
	exec := q.driver.GetExecutor()
	const table = "river_migration"
	is, err := exec.TableExists(ctx, &riverdriver.TableExistsParams{Table: table})
	if err != nil || !is {
		return 0, err
	}
	is, err = exec.ColumnExists(ctx, &riverdriver.ColumnExistsParams{Table: table, Column: "line"})
	if err != nil || !is {
		return 0, err
	}
	rows, err := exec.MigrationGetByLine(ctx, &riverdriver.MigrationGetByLineParams{Line: riverdriver.MigrationLineMain})
	version := 0
	for _, row := range rows {
		version = max(version, row.Version)
	}
	return version, err
}

// fail says what of the queue failed. What has a kind, and a context's error,
// come back as they are.
func (q *Queue[Tx]) fail(op string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		translator.KindOf(err) != translator.Other {
		return err
	}
	failed := translator.NewError("queue: "+op, translator.Unavailable, err)
	if said, ok := errors.AsType[sqlError](err); ok && said.SQLState() == noRights {
		failed.Kind = translator.Invalid
		failed.Hint = "the database's user must own the store's tables, or be granted all rights on them and on their sequences"
		return failed
	}
	failed.Hint = "see whether the store can be reached and written"
	return failed
}

// A sqlError is what a database said, as the drivers of PostgreSQL return it.
type sqlError interface {
	error
	SQLState() string
}

// noRights is the SQLSTATE of what a user may not do.
const noRights = "42501"
