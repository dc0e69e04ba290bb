package postgrestest

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestMain(m *testing.M) { os.Exit(Main(m).Run()) }

// number reads one number over a connection of its own.
func number(t *testing.T, url, query string) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var n int
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func mustExec(t *testing.T, url, statement string) {
	t.Helper()
	if err := Exec(t.Context(), url, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	a, b := Database(t), Database(t)
	mustExec(t, a, "CREATE TABLE one (n int)")
	mustExec(t, b, "CREATE TABLE one (n int)")
	mustExec(t, a, "INSERT INTO one VALUES (1)")
	if n := number(t, b, "SELECT count(*) FROM one"); n != 0 {
		t.Errorf("%d rows of another test", n)
	}
}

// TestServerComesBack sees that what was committed survives a stop and a kill,
// at the same address, and that nobody answers in between.
func TestServerComesBack(t *testing.T) {
	t.Parallel()
	s := Start(t, &Options{Password: "long ' secret", Settings: []string{"max_connections=7"}})
	url := s.Database(t)
	mustExec(t, url, "CREATE TABLE kept (n int)")
	for i, end := range []func(testing.TB){s.Stop, s.Kill} {
		mustExec(t, url, "INSERT INTO kept VALUES (1)")
		end(t)
		if err := Exec(t.Context(), url, "SELECT 1"); err == nil {
			t.Fatal("a stopped server answers")
		}
		s.Start(t)
		if n := number(t, url, "SELECT count(*) FROM kept"); n != i+1 {
			t.Errorf("%d rows, want %d", n, i+1)
		}
	}
	s.Restart(t)
	if n := number(t, url, "SELECT current_setting('max_connections')::int"); n != 7 {
		t.Errorf("max_connections is %d, want 7", n)
	}
	other := *s
	other.opts.Password = "wrong"
	refused, ok := errors.AsType[*pgconn.PgError](Exec(t.Context(), other.URL("postgres"), ""))
	if !ok || refused.Code != "28P01" {
		t.Errorf("a wrong password: %v", refused)
	}
}
