package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// The numbers of our advisory locks, which are a database's, not a schema's.
const (
	schemaLock = 0x447261676f6d6101 + iota // "Dragoma": whoever changes the schema
	budgetLock                             // whoever reserves against limits, to the end of its transaction
	indexLock                              // shared by those who save; see search.go
	submitLock                             // whoever submits, to the end of its transaction
)

// migrate brings the schema up to date, one transaction a version, so that a
// crash between them is made good by the next start. Two processes that meet
// at a new database make it once.
func (s *Store) migrate(ctx context.Context, opts *Options) error {
	current, err := s.look(ctx, opts.Existing)
	if err != nil || current {
		return err
	}
	if opts.AsIs {
		return invalid(s.place, "bring it up to date when no older dragoman is at work on it, by dragoman memory stats --store and its URL", errOlder)
	}
	return s.exclusive(ctx, opts.Waiting, func(ctx context.Context) error {
		if current, err := s.look(ctx, opts.Existing); err != nil || current {
			return err // by whoever had the lock before
		}
		// Asked for only where it is missing: IF NOT EXISTS needs the right to make one.
		if made, err := s.hasSchema(ctx); err != nil {
			return err
		} else if !made {
			if _, err := s.pool.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
				return err
			}
		}
		return s.withProvider(func(p *goose.Provider) error {
			_, err := p.Up(ctx)
			return err
		})
	})
}

// Exclusive runs f while no other process is in Exclusive on this database, or
// brings its schema up to date: for the tables of others than the store's. The
// lock ends with its connection, so that no process leaves it behind.
func (s *Store) Exclusive(ctx context.Context, f func(ctx context.Context) error) error {
	return s.exclusive(ctx, nil, f)
}

func (s *Store) exclusive(ctx context.Context, waiting func(holder string), f func(ctx context.Context) error) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return s.fail(ctx, "lock", err)
	}
	defer closeConn(ctx, conn) // which gives the lock back
	if err := lock(ctx, conn, waiting); err != nil {
		return s.fail(ctx, "lock", err)
	}
	return s.fail(ctx, "bring up to date", f(ctx))
}

// connect opens a connection beside the pool, for what is held as long as it lasts.
func (s *Store) connect(ctx context.Context) (*pgx.Conn, error) {
	config := s.pool.Config().ConnConfig
	config.RuntimeParams["statement_timeout"] = "0" // a role may have one
	config.RuntimeParams["lock_timeout"] = "0"
	config.RuntimeParams["idle_session_timeout"] = "0"
	return pgx.ConnectConfig(ctx, config)
}

func lock(ctx context.Context, conn *pgx.Conn, waiting func(holder string)) error {
	var got bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(schemaLock)).Scan(&got); err != nil || got {
		return err
	}
	if waiting != nil {
		holder, err := holderOf(ctx, conn)
		if err != nil {
			return err
		}
		waiting(holder)
	}
	_, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(schemaLock))
	return err
}

// holderOf returns who holds the lock of the schema, for people to read.
func holderOf(ctx context.Context, conn *pgx.Conn) (string, error) {
	var holder string
	err := conn.QueryRow(ctx, `SELECT a.application_name || ' on ' || coalesce(host(a.client_addr), 'the database''s machine')
		FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND (l.classid::bigint << 32) + l.objid::bigint = $1 AND l.objsubid = 1`, int64(schemaLock)).Scan(&holder)
	if errors.Is(err, pgx.ErrNoRows) {
		return "another process", nil // it has just ended
	}
	return holder, err
}

func (s *Store) withProvider(do func(*goose.Provider) error) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer db.Close() // which leaves the pool open
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	return do(p)
}

// oldestServer is PostgreSQL 14, the oldest that has all that our sessions set.
const oldestServer = 140_000

var (
	errForeign = errors.New("the schema " + schema + " is another program's")
	errOlder   = errors.New("written by an older dragoman")
	errNone    = errors.New("there is no store in this database")
)

// look tells whether the schema is this program's, and refuses one that is
// ahead of it or another program's.
func (s *Store) look(ctx context.Context, existing bool) (current bool, err error) {
	var versions, memory, allowed bool
	var tables, server int
	err = s.pool.QueryRow(ctx, `SELECT count(*), coalesce(bool_or(tablename = 'goose_db_version'), false),
		coalesce(bool_or(tablename = 'memory'), false), current_setting('server_version_num')::integer,
		coalesce((SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1), true)
		FROM pg_tables WHERE schemaname = $1`, schema).Scan(&tables, &versions, &memory, &server, &allowed)
	if err != nil {
		return false, err
	}
	if server < oldestServer {
		return false, invalid(s.place, "upgrade PostgreSQL to 14 or newer", fmt.Errorf("the server is of version %d", server/10_000))
	}
	if !allowed {
		return false, invalid(s.place, grantHint, errors.New("the store may not be read"))
	}
	// A crash in the first migration leaves goose's own table alone.
	if tables > 0 && (!versions || tables > 1 && !memory) {
		return false, invalid(s.place, "name another database, or rename that schema", errForeign)
	}
	if !memory {
		if existing {
			return false, invalid(s.place, "name the store of your runs with --store, or make one with dragoman translate, submit or serve", errNone)
		}
		return false, nil
	}
	err = s.withProvider(func(p *goose.Provider) error {
		current, err = s.refuseNewer(ctx, p)
		return err
	})
	return current, err
}

func (s *Store) refuseNewer(ctx context.Context, provider *goose.Provider) (current bool, err error) {
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return false, err
	}
	if has > knows {
		return false, invalid(s.place, "upgrade dragoman",
			fmt.Errorf("written by a newer dragoman (schema %d, this program knows %d)", has, knows))
	}
	return has == knows, nil
}

func (s *Store) hasSchema(ctx context.Context) (bool, error) {
	var has bool
	err := s.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", schema).Scan(&has)
	return has, err
}
