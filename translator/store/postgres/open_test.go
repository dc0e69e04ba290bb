package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
)

// refused opens a store that cannot be opened, and returns the error.
func refused(t *testing.T, url string, opts *Options, kind translator.Kind, hint string) error {
	t.Helper()
	s, err := Open(t.Context(), url, opts)
	if err == nil {
		s.Close()
		t.Fatalf("%s was opened", url)
	}
	if translator.KindOf(err) != kind || !strings.Contains(translator.HintOf(err), hint) {
		t.Errorf("%v (%v, %q)\nwant %v, %q", err, translator.KindOf(err), translator.HintOf(err), kind, hint)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is of more than one line", err)
	}
	return err
}

func exec(t *testing.T, url, statement string) {
	t.Helper()
	if err := postgrestest.Exec(t.Context(), url, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// TestOpenURL opens what is no URL of a database. No part of a password is shown.
func TestOpenURL(t *testing.T) {
	t.Parallel()
	for _, location := range []string{
		"", "dragoman.db", "mysql://u:geheim@h/d", "postgres://u:geheim%@h/d", "postgres://u:ge heim@h/d", "postgres://u:geheim@h:port/d",
		"postgres://u:geheim@h/d?sslmode=geheim", "postgres://u:geheim@h", "postgres://u:geheim@h/d?connect_timeout=geheim",
		"postgres://u@h/d?password=geheim&sslmode=x", "postgres://u:geheim@h/d?search_path=public", "postgres://u:geheim@h:99999/d",
		"postgresql://u:geheim@h/d?pool_max_conns=none", "host=h password=geheim", "postgres://u:geheim@[::1/d", "\x00geheim",
		"postgres://u:geheim@h/d?sslrootcert=/missing/geheim",
		"postgres:/u:geheim@h/d", "POSTGRES://u:geheim@h/d",
	} {
		err := refused(t, location, nil, translator.Invalid, "")
		if text := err.Error() + translator.HintOf(err); strings.Contains(text, "geheim") && !strings.Contains(location, "=geheim&") &&
			strings.Contains(location, ":geheim") {
			t.Errorf("Open(%q) says %q", location, text)
		}
		if translator.HintOf(err) == "" || strings.Contains(err.Error(), "keyword/value") {
			t.Errorf("Open(%q) has no remedy, or speaks of what nobody wrote: %v", location, err)
		}
	}
}

// TestOpenUnreachable: nobody listens, or somebody who is no database.
func TestOpenUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			conn.Close()
		}
	}()
	for _, address := range []string{"127.0.0.1:1", listener.Addr().String()} {
		err := refused(t, "postgres://u:geheim@"+address+"/news?sslmode=disable", nil, translator.Unavailable, "is running")
		if text := err.Error(); !strings.Contains(text, "postgres://u@"+address+"/news") || strings.Contains(text, "geheim") {
			t.Error(text)
		}
	}
}

func TestOpenRefused(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, &postgrestest.Options{Password: "right", Settings: []string{"max_connections=5", "superuser_reserved_connections=0"}})
	location := server.Database(t)
	refused(t, server.URL("missing"), nil, translator.Invalid, "createdb")
	wrong, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	wrong.User = url.UserPassword("postgres", "geheim")
	if err := refused(t, wrong.String(), nil, translator.Invalid, "password"); strings.Contains(err.Error(), "geheim") {
		t.Error(err)
	}
	exec(t, location, "CREATE ROLE reader LOGIN PASSWORD 'right'")
	wrong.User = url.UserPassword("reader", "right")
	refused(t, wrong.String(), nil, translator.Invalid, "GRANT CREATE ON DATABASE")
	mustOpen(t, location, nil).Close()
	refused(t, wrong.String(), nil, translator.Invalid, "GRANT")

	var holders []*Store
	for range 5 {
		s, err := Open(t.Context(), location+"?pool_max_conns=1", &Options{Patience: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		holders = append(holders, s)
	}
	refused(t, location, &Options{Patience: time.Millisecond}, translator.Unavailable, "max_connections")
	holders[0].Close()
	mustOpen(t, location+"?pool_max_conns=1", nil).Close()
	server.Stop(t)
	refused(t, location, nil, translator.Unavailable, "is running")
}

// TestOpenMistypedParameters: what a URL asks for and the server does not have.
func TestOpenMistypedParameters(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	with := func(name, value string) string {
		u, err := url.Parse(location)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
	refused(t, with("sslmode", "require"), nil, translator.Invalid, "does not speak TLS")
	refused(t, with("foo", "bar"), nil, translator.Invalid, "parameter in the store's URL")
	refused(t, with("work_mem", "much"), nil, translator.Invalid, "parameter in the store's URL")
	err := refused(t, "postgres://u@nowhere.invalid/news", nil, translator.Unavailable, "can be reached")
	if n := strings.Count(err.Error(), "nowhere.invalid"); n > 2 { // the place, and the lookup
		t.Errorf("it is said %d times: %v", n, err)
	}
}

func TestExisting(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	refused(t, location, &Options{Existing: true}, translator.Invalid, "--store")
	mustOpen(t, location, nil)
	mustOpen(t, location, &Options{Existing: true})
}

// TestOtherSchemas: other programs' tables are neither touched nor taken for ours.
func TestOtherSchemas(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	exec(t, location, "CREATE TABLE public.memory (note text)")
	exec(t, location, "CREATE TABLE public.goose_db_version (version_id bigint)")
	mustOpen(t, location, nil).Close()
	exec(t, location, "INSERT INTO public.memory VALUES ('still here')")
	mustOpen(t, location, &Options{Existing: true}).Close()

	for _, table := range []string{"memory", "anything"} {
		location := postgrestest.Database(t)
		exec(t, location, "CREATE SCHEMA dragoman")
		exec(t, location, "CREATE TABLE dragoman."+table+" (note text)")
		if err := refused(t, location, nil, translator.Invalid, "another database"); !errors.Is(err, errForeign) {
			t.Error(err)
		}
	}
	empty := postgrestest.Database(t) // made by an administrator for somebody who may not
	exec(t, empty, "CREATE SCHEMA dragoman")
	mustOpen(t, empty, nil)
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	mustOpen(t, location, nil).Close()
	exec(t, location, "INSERT INTO dragoman.goose_db_version (version_id, is_applied) VALUES (99, true)")
	refused(t, location, nil, translator.Invalid, "upgrade dragoman")
}

// TestOpenTogether opens a new database from several processes' connections at once.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	var group sync.WaitGroup
	var waited atomic.Int64
	for range 8 {
		group.Go(func() {
			s, err := Open(t.Context(), location, &Options{Waiting: func(holder string) {
				if holder == "" {
					t.Error("nobody holds the lock that somebody waits for")
				}
				waited.Add(1)
			}})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if err := s.Save(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	s := mustOpen(t, location, &Options{Waiting: func(string) { t.Error("waits for a schema that is there") }})
	var times, versions int
	if err := s.Pool().QueryRow(t.Context(), "SELECT count(*), count(DISTINCT version_id) FROM goose_db_version").Scan(&times, &versions); err != nil || times != versions {
		t.Errorf("%d migrations ran %d times: %v", versions, times, err)
	}
}

func TestExclusive(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	a, b := mustOpen(t, location, nil), mustOpen(t, location, nil)
	inside := 0
	var group sync.WaitGroup
	for i := range 20 {
		s := a
		if i%2 == 1 {
			s = b
		}
		group.Go(func() {
			if err := s.Exclusive(t.Context(), func(context.Context) error {
				inside++ // the race detector sees two at once
				if inside != 1 {
					t.Errorf("%d inside", inside)
				}
				inside--
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	err := a.Exclusive(t.Context(), func(context.Context) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := b.Exclusive(ctx, func(context.Context) error { return errors.New("both are inside") }); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		return errStopped
	})
	if !errors.Is(err, errStopped) {
		t.Errorf("%v, want the error of the function", err)
	}
}

// TestRemedies: whatever a server may say, the user is told what to do.
func TestRemedies(t *testing.T) {
	t.Parallel()
	s := &Store{place: "postgres://db.example/news"}
	for code, want := range map[string]struct {
		kind translator.Kind
		hint string
	}{
		"53100": {translator.Unavailable, "disk is full"}, "53200": {translator.Unavailable, "memory"}, "53400": {translator.Unavailable, "log"},
		"25006": {translator.Unavailable, "standby"}, "57P01": {translator.Unavailable, "stopped or started"}, "57P03": {translator.Unavailable, "stopped or started"},
		"57014": {translator.Unavailable, "limit of time"}, "08006": {translator.Unavailable, "reached"}, "28000": {translator.Invalid, "pg_hba.conf"},
		"XX001": {translator.Invalid, "damaged"}, "40P01": {translator.Unavailable, "again"}, "54000": {translator.Invalid, "larger"},
		"42601": {translator.Other, ""},
	} {
		err := s.fail(t.Context(), "save", fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code, Message: "so it says"}))
		if translator.KindOf(err) != want.kind || !strings.Contains(translator.HintOf(err), want.hint) || !strings.Contains(err.Error(), "so it says ["+code+"]") {
			t.Errorf("%s: %v, %v, %q", code, err, translator.KindOf(err), translator.HintOf(err))
		}
	}
}

// TestReadOnly: a database that takes no changes is read all the same.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	saved := entry("وصل الوفد", "The delegation arrived")
	s := mustOpen(t, location, nil)
	if err := s.Save(t.Context(), []translator.Entry{saved}); err != nil {
		t.Fatal(err)
	}
	exec(t, location, "ALTER DATABASE "+s.pool.Config().ConnConfig.Database+" SET default_transaction_read_only = on")
	read := mustOpen(t, location, nil)
	if found, err := read.Lookup(t.Context(), []translator.Key{saved.Key}); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	err := read.Save(t.Context(), []translator.Entry{saved})
	if translator.KindOf(err) != translator.Unavailable || !strings.Contains(translator.HintOf(err), "read only") {
		t.Errorf("%v, %q", err, translator.HintOf(err))
	}
}

// entry returns a machine's entry.
func entry(source, target string) translator.Entry {
	dir := translator.Direction{From: "ar", To: "en"}
	return translator.Entry{
		Key: translator.KeyOf(dir, source), Direction: dir, Source: source, Target: target,
		Origin: translator.Origin{Kind: translator.Machine, Signature: "engine:1", Time: time.Unix(1_700_000_000, 0).UTC()},
	}
}
