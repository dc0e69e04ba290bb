package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a store's file header; the first migration writes it.
const applicationID = 1148346727

// migrate brings the schema up to date, one transaction a version, so that a
// crash between them is made good by the next start. It holds the store's lock
// meanwhile: no run sees the schema change under it, and two processes that
// meet at a new file make it once.
func (s *Store) migrate(ctx context.Context, opts *Options) error {
	if err := s.refuseForeign(ctx); err != nil {
		return err
	}
	provider, err := newProvider(s.writer)
	if err != nil {
		return err
	}
	current, err := s.refuseNewer(ctx, provider)
	if err != nil || current {
		return err
	}
	if opts.AsIs {
		return invalid(s.path, "bring it up to date when no older dragoman is at work on it, by dragoman memory stats --store and its name",
			errors.New("written by an older dragoman"))
	}
	unlock, err := s.lockToMigrate(ctx, provider, opts.Waiting)
	if err != nil || unlock == nil {
		return err
	}
	_, err = provider.Up(ctx)
	return errors.Join(err, unlock())
}

// lockToMigrate waits for the store's lock, or until whoever has it has brought
// the schema up to date: then unlock is nil. That one may go on to work for days.
func (s *Store) lockToMigrate(ctx context.Context, provider *goose.Provider, waiting func(string)) (unlock func() error, err error) {
	lock := flock.New(s.lockPath())
	for told := false; ; {
		locked, err := lock.TryLock()
		if err != nil {
			return nil, errors.Join(err, lock.Close())
		}
		if locked {
			return s.hold(lock, forMigration), nil
		}
		if current, err := s.refuseNewer(ctx, provider); err != nil || current {
			return nil, errors.Join(err, lock.Close())
		}
		if !told && waiting != nil {
			waiting(readHolder(lock.Path()))
		}
		told = true
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), lock.Close())
		case <-time.After(lockPause):
		}
	}
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
}

var errForeign = errors.New("the file is a SQLite database of another program")

// refuseForeign refuses a database that another program made.
func (s *Store) refuseForeign(ctx context.Context) error {
	var id, tables int
	// A crash in the first migration leaves goose's own tables and no mark.
	// One statement, so that no other process makes the store between two.
	const look = `SELECT (SELECT application_id FROM pragma_application_id), count(*) FROM sqlite_schema
		WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'`
	if err := s.writer.QueryRowContext(ctx, look).Scan(&id, &tables); err != nil {
		return err
	}
	if id != applicationID && (id != 0 || tables > 0) {
		return notAStore(s.path, errForeign)
	}
	return nil
}

// refuseNewer tells whether the schema is this program's, and refuses one that is ahead of it.
func (s *Store) refuseNewer(ctx context.Context, provider *goose.Provider) (current bool, err error) {
	if exists, err := s.hasVersions(ctx); err != nil || !exists {
		return false, err
	}
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return false, err
	}
	if has > knows {
		return false, invalid(s.path, "upgrade dragoman",
			fmt.Errorf("written by a newer dragoman (schema %d, this program knows %d)", has, knows))
	}
	return has == knows, nil
}

// hasVersions tells whether goose's table is there; asking goose would make it,
// outside the lock.
func (s *Store) hasVersions(ctx context.Context) (bool, error) {
	var n int
	err := s.writer.QueryRowContext(ctx,
		"SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'").Scan(&n)
	return n > 0, err
}
