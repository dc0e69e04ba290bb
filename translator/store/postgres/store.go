// Package postgres keeps memory, ledger and submitted stories in a PostgreSQL database, for any
// number of machines.
//
// Its tables stand in a schema of their own, dragoman, so that they can share a
// database with anything else. What one call writes of memory and ledger goes to
// the server at once and is one transaction there: a process that stops, or is
// frozen, once that is sent holds nothing that others wait for. Submit and
// Change speak to the server several times in a transaction, which it ends when
// it hears nothing for three seconds.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"dragoman/translator"
)

// A Store is a translator.Store, Archive, Ledger, Journal, Register, Stories
// and Claims in one database. It is safe for concurrent use, also by several processes.
type Store struct {
	pool     *pgxpool.Pool
	beat     *pgxpool.Pool
	place    string // the database for messages, without the password
	names    names
	claims   claims
	damaged  func(translator.Key)
	patience time.Duration
	answer   time.Duration
}

var (
	_ translator.Store            = (*Store)(nil)
	_ translator.Archive          = (*Store)(nil)
	_ translator.Ledger           = (*Store)(nil)
	_ translator.Journal          = (*Store)(nil)
	_ translator.Register[pgx.Tx] = (*Store)(nil)
	_ translator.Stories          = (*Store)(nil)
	_ translator.Claims           = (*Store)(nil)
	_ io.Closer                   = (*Store)(nil)
)

// Options holds what may be changed about a Store. A nil *Options is all zero.
type Options struct {
	// Damaged is told of each row read that no longer matches its checksum,
	// and is otherwise treated as absent; saving the entry again heals it.
	// The key may itself be damaged. Calls may come from several goroutines.
	Damaged func(translator.Key)
	// Existing refuses a database without a store, instead of making one.
	Existing bool
	// AsIs refuses a store of an older schema, instead of bringing it up to
	// date: older programs may be at work on it.
	AsIs bool
	// Waiting is told once who holds the lock of the schema, when that must be
	// brought up to date and another process is at it.
	Waiting func(holder string)
	// Patience is how long an operation goes on trying while the database
	// cannot be reached, 30 s if it is zero. Open waits that long for one that
	// is starting or has no connection left, but not for one that is not there.
	Patience time.Duration
	// Answer is how long the database may take for one lookup, save or line of
	// the ledger, 30 s if it is zero. What takes longer counts as cut off.
	Answer time.Duration
}

const (
	defaultPatience = 30 * time.Second
	defaultAnswer   = 30 * time.Second
)

// Open opens the store in the database that a URL names, as
// postgres://me@db.example/news, and makes it if it is missing unless Options
// say otherwise. An older schema is brought up to date. Its errors are
// Invalid or Unavailable and say what to do; none shows a password.
func Open(ctx context.Context, url string, opts *Options) (*Store, error) {
	if opts == nil {
		opts = &Options{}
	}
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	s := &Store{
		place: placeOf(config.ConnConfig), claims: newClaims(), damaged: opts.Damaged,
		patience: opts.Patience, answer: opts.Answer,
	}
	if s.patience == 0 {
		s.patience = defaultPatience
	}
	if s.answer == 0 {
		s.answer = defaultAnswer
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, s.fail(ctx, "open", err)
	}
	if s.beat, err = pgxpool.NewWithConfig(ctx, single(config)); err != nil {
		s.pool.Close()
		return nil, s.fail(ctx, "open", err)
	}
	if err := s.patiently(ctx, isPassing, func() error { return s.open(ctx, opts) }); err != nil {
		return nil, errors.Join(s.fail(ctx, "open", err), s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, opts *Options) error {
	if err := s.migrate(ctx, opts); err != nil {
		return err
	}
	return s.names.load(ctx, s.pool)
}

// Identity returns what no other store returns, by whatever name it is opened:
// the server's number and the database's in it.
func (s *Store) Identity(ctx context.Context) (string, error) {
	var server, database int64
	err := s.pool.QueryRow(ctx, `SELECT system_identifier, (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
		FROM pg_control_system()`).Scan(&server, &database)
	return fmt.Sprintf("postgres:%d/%d", server, database), s.fail(ctx, "identify", err)
}

// Pool returns the store's connections, for what else has tables in its
// schema. They find these without naming it.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Beat returns one connection beside Pool, for a sign of life that must not wait
// for what all the others may be waiting for. It is made when it is first used.
func (s *Store) Beat() *pgxpool.Pool { return s.beat }

// Close waits for what is under way and closes the store's connections. What
// this process claimed is free from then on.
func (s *Store) Close() error {
	s.claims.close()
	s.pool.Close()
	s.beat.Close()
	return nil
}
