package main

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"dragoman/translator/store/postgres/postgrestest"
)

// behindItsBack opens the database of a store, past the store.
func behindItsBack(t *testing.T, store string) (*sql.DB, goose.Dialect, string) {
	t.Helper()
	driver, dialect, kind := "sqlite", goose.DialectSQLite3, "sqlite"
	if strings.HasPrefix(store, "postgres:") {
		driver, dialect, kind = "pgx", goose.DialectPostgres, "postgres"
		store += "&search_path=dragoman"
		if !strings.Contains(store, "?") {
			store = strings.Replace(store, "&", "?", 1)
		}
	}
	db, err := sql.Open(driver, store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, dialect, "../../translator/store/" + kind + "/migrations"
}

// alter runs statements behind a store's back.
func alter(t *testing.T, store string, statements ...string) {
	t.Helper()
	db, _, _ := behindItsBack(t, store)
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// commandsOnAStore are those that must not begin on a store that is not theirs.
var commandsOnAStore = [][]string{
	{"work", "--drain"}, {"serve"}, {"submit", "wire-000.jsonl"}, {"status"}, {"export"}, {"retry", "1"}, {"translate", "wire-000.jsonl"},
}

// TestOtherSchemas has every command meet a store that a newer program has
// written, in its own tables and in the queue's, and one of another program: it
// says what to do, ends with 2, and changes nothing.
func TestOtherSchemas(t *testing.T) {
	onBoth(t, func(t *testing.T, store string) {
		c := newCrew(t, store, 0)
		c.environ = []string{"DRAGOMAN_CHAIN=pseudo"}
		c.submit(1)
		refused := func(what, remedy string) {
			t.Helper()
			for _, args := range commandsOnAStore {
				if what == "jobs" && (args[0] == "translate" || args[0] == "export") {
					continue // they look at no jobs
				}
				said, code := ended(t, c.command(args...))
				if code != exitUsage || !strings.Contains(said, "written by a newer dragoman ("+what) || !strings.Contains(said, "\n  "+remedy) {
					t.Errorf("%s of newer %s: ended with %d\n%s", args[0], what, code, said)
				}
			}
		}
		alter(t, store, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)")
		refused("schema", "upgrade dragoman")
		alter(t, store, "DELETE FROM goose_db_version WHERE version_id = 99", "INSERT INTO river_migration (line, version) VALUES ('main', 99)")
		refused("jobs", "upgrade dragoman")
		alter(t, store, "DELETE FROM river_migration WHERE version = 99")
		c.run("work", "--drain", "--quiet")
		c.done() // so nothing was changed
	})
}

// TestForeignDatabase is the same of another program's tables.
func TestForeignDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, store string) {
		c := newCrew(t, store, 0)
		c.write()
		if strings.HasPrefix(store, "postgres:") {
			if err := postgrestest.Exec(t.Context(), store, "CREATE SCHEMA dragoman"); err != nil {
				t.Fatal(err)
			}
		}
		alter(t, store, "CREATE TABLE recipes (id integer)")
		for _, args := range commandsOnAStore {
			said, code := ended(t, c.command(args...))
			if code != exitUsage || !strings.Contains(said, "another program") || strings.Count(said, "\n  ") == 0 {
				t.Errorf("%s: ended with %d\n%s", args[0], code, said)
			}
		}
		db, _, _ := behindItsBack(t, store)
		if _, err := db.ExecContext(t.Context(), "SELECT id FROM recipes"); err != nil {
			t.Error(err)
		}
	})
}

// TestOlderSchemas has a store that an older program has left brought up to
// date by each command that works it.
func TestOlderSchemas(t *testing.T) {
	onBoth(t, func(t *testing.T, store string) {
		c := newCrew(t, store, 0)
		c.environ = []string{"DRAGOMAN_CHAIN=pseudo"}
		olderStore(t, store)
		c.submit(1)
		c.run("work", "--drain", "--quiet")
		c.done()
	})
}

// olderStore makes a store as the first version of the program did.
func olderStore(t *testing.T, store string) {
	t.Helper()
	if strings.HasPrefix(store, "postgres:") {
		if err := postgrestest.Exec(t.Context(), store, "CREATE SCHEMA dragoman"); err != nil {
			t.Fatal(err)
		}
	}
	db, dialect, folder := behindItsBack(t, store)
	p, err := goose.NewProvider(dialect, db, os.DirFS(folder), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestKillMigration is C11: a process is killed while it makes a store, or
// brings an old one up to date; the next one finishes that.
func TestKillMigration(t *testing.T) {
	onBoth(t, func(t *testing.T, store string) {
		whole, kills := time.Duration(0), 0
		for i := range some(4, 50) {
			c := newCrew(t, another(t, store), 0)
			c.environ = []string{"DRAGOMAN_CHAIN=pseudo"}
			if i%2 == 1 {
				olderStore(t, c.store)
			}
			now, begun := make(chan struct{}), time.Now()
			if i > 0 {
				time.AfterFunc(time.Duration((0.2+0.8*rand.Float64())*float64(whole)), func() { close(now) })
			}
			switch said, code := endedOr(t, c.command("submit", "--batch", crewBatch, c.write()), now); code {
			case 0:
				whole = time.Since(begun)
			case -1:
				kills++
			default:
				t.Fatalf("it ended by itself with %d\n%s", code, said)
			}
			c.files = nil // the same again
			c.submit(1)
			c.run("work", "--drain", "--quiet")
			c.done()
		}
		t.Logf("%d kills; making a store and submitting takes %v", kills, whole)
	})
}

// another returns a new store of the kind of one.
func another(t *testing.T, store string) string {
	if strings.HasPrefix(store, "postgres:") {
		return postgrestest.Database(t)
	}
	return filepath.Join(t.TempDir(), "dragoman.db")
}

// TestVanishedStories takes the rows of submitted stories away: their jobs are
// cancelled, which is told, and the others are done.
func TestVanishedStories(t *testing.T) {
	onBoth(t, func(t *testing.T, store string) {
		c := newCrew(t, store, 0)
		c.environ = []string{"DRAGOMAN_CHAIN=pseudo"}
		c.submit(1)
		const gone = "(SELECT min(id) FROM versions)"
		statements := []string{"DELETE FROM submissions WHERE version_id = " + gone, "DELETE FROM versions WHERE id = " + gone}
		if !strings.HasPrefix(store, "postgres:") {
			statements = append([]string{"DELETE FROM articles WHERE version_id = " + gone}, statements...)
		}
		alter(t, store, statements...)
		h := c.start("work", "--drain")
		h.ends(exitDone)
		if n := strings.Count(h.said(), "not in the store any more"); n != 1 {
			t.Errorf("%d jobs were cancelled and told, want 1:\n%s", n, h.said())
		}
		if n := strings.Count(h.said(), `"story done"`); n != c.stories()-1 {
			t.Errorf("%d of the others are done:\n%s", n, h.said())
		}
		db, _, _ := behindItsBack(t, store)
		var cancelled int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM river_job WHERE state = 'cancelled'").Scan(&cancelled); err != nil || cancelled != 1 {
			t.Errorf("%d jobs are cancelled, %v", cancelled, err)
		}
	})
}
