package transfer_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/postgres/postgrestest"
	"dragoman/translator/transfer"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m).Run()) }

func openPostgres(t *testing.T) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgrestest.Database(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A whole store is all of it.
type whole[Tx any] interface {
	translator.Store
	translator.Archive
	transfer.Book
	translator.Shelf[Tx]
}

// fill fills a store at random.
func fill[Tx any](t *testing.T, s whole[Tx], seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 3))
	var entries []translator.Entry
	for i := range 1200 {
		e := entry(arEn, engine, fmt.Sprintf("الخبر\x00 %d", i), fmt.Sprintf("Item %d\xff", i))
		if i%10 == 0 {
			e.Flags, e.Direction, e.Origin.Signature = []string{"length"}, enAr, "engine:2"
		}
		entries = append(entries, e)
	}
	save(t, s, entries...)
	(&book{t: t, ledger: s, random: random}).write(30)
	d := &desk[Tx]{t: t, shelf: s, random: random, clock: noon}
	for range 20 {
		d.submit("story")
		d.work()
	}
}

// copyWhole copies all of a store and compares what people see of both.
func copyWhole[F, T any](t *testing.T, from whole[F], to whole[T]) {
	t.Helper()
	for range 2 { // the second time in vain
		_, err1 := transfer.Memory(t.Context(), from, to, nil)
		_, err2 := transfer.Ledger(t.Context(), from, to, nil)
		_, err3 := transfer.Stories(t.Context(), from, to, nil)
		for _, err := range []error{err1, err2, err3} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if a, b := all(t, from.Entries(t.Context())), all(t, to.Entries(t.Context())); !reflect.DeepEqual(a, b) {
		t.Errorf("%d entries were copied to %d, and they differ", len(a), len(b))
	}
	if a, b := lines(t, from), lines(t, to); !reflect.DeepEqual(a, b) {
		t.Errorf("%d lines were copied to %d, and they differ", len(a), len(b))
	}
	if a, b := holdingOf(t, from), holdingOf(t, to); !reflect.DeepEqual(a, b) {
		t.Errorf("the stories differ: %s", a.difference(b))
	}
}

// TestBothWays moves a store from SQLite to PostgreSQL and back, and another
// from PostgreSQL to SQLite and on to PostgreSQL.
func TestBothWays(t *testing.T) {
	t.Parallel()
	t.Run("from SQLite", func(t *testing.T) {
		t.Parallel()
		file, server, again := open(t), openPostgres(t), open(t)
		fill[*sql.Tx](t, file, 1)
		copyWhole[*sql.Tx, pgx.Tx](t, file, server)
		copyWhole[pgx.Tx, *sql.Tx](t, server, again)
	})
	t.Run("from PostgreSQL", func(t *testing.T) {
		t.Parallel()
		server, file, again := openPostgres(t), open(t), openPostgres(t)
		fill[pgx.Tx](t, server, 2)
		copyWhole[pgx.Tx, *sql.Tx](t, server, file)
		copyWhole[*sql.Tx, pgx.Tx](t, file, again)
	})
}
