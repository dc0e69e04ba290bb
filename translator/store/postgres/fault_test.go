package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
)

// TestConnectionsCut reserves, settles, saves and looks up from many goroutines
// while every connection is cut again and again. Nobody is told of it, and
// every line is there once: one that was written although its answer was lost
// is found again, not written twice.
func TestConnectionsCut(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	s, cutter := mustOpen(t, location, nil), mustOpen(t, location, nil)
	stop := make(chan struct{})
	var cuts atomic.Int64
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for {
			var n int64
			if err := cutter.Pool().QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < 0.3`).Scan(&n); err != nil {
				t.Error(err)
				return
			}
			cuts.Add(n)
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	const workers, each = 8, 40
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() { workThroughCuts(t, s, w, each) })
	}
	group.Wait()
	close(stop)
	cutting.Wait()
	if cuts.Load() < 20 {
		t.Errorf("only %d connections were cut", cuts.Load())
	}
	spent, err := s.Spending(t.Context(), translator.Window{})
	if want := (translator.Spending{Requests: workers * each, Size: workers * each * 9, Cost: workers * each * 18}); err != nil || spent != want {
		t.Errorf("%+v, %v\nwant %+v", spent, err, want)
	}
	lines := 0
	for p, err := range s.Lines(t.Context(), translator.Window{}) {
		if err != nil || p.Open || p.Bill.Size != 9 || len(p.Line.Shares) != 2 {
			t.Fatalf("%+v, %v", p, err)
		}
		lines++
	}
	if lines != workers*each {
		t.Errorf("%d lines, want %d", lines, workers*each)
	}
}

func workThroughCuts(t *testing.T, s *Store, worker, times int) {
	now := time.Unix(1_700_000_000, 0)
	limits := []translator.Limit{{Name: "day", Window: translator.Window{Since: now.Add(-time.Hour)}, Size: 1 << 40}}
	for i := range times {
		line := translator.Line{Run: fmt.Sprint(worker), Texts: 2, Size: 10, Cost: 20, Time: now,
			Shares: []translator.Share{{Story: fmt.Sprint(i), Texts: 1, Size: 5}, {Story: "all", Texts: 1, Size: 5}}}
		id, err := s.Reserve(t.Context(), line, limits[:i%2])
		if err != nil {
			t.Error("Reserve:", err)
			return
		}
		e := entry(fmt.Sprint(worker, " ", i), "target")
		if err := s.Save(t.Context(), []translator.Entry{e}); err != nil {
			t.Error("Save:", err)
			return
		}
		if found, err := s.Lookup(t.Context(), []translator.Key{e.Key}); err != nil || len(found) != 1 {
			t.Error("Lookup:", len(found), err)
			return
		}
		if err := s.Settle(t.Context(), id, translator.Bill{Size: 9, Cost: 18, Time: now}); err != nil {
			t.Error("Settle:", err)
			return
		}
	}
}

// TestServerRestarts goes on through two restarts and a crash, and gives up on
// a server that does not come back, in words.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, nil)
	location := server.Database(t)
	s := mustOpen(t, location, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	var saved atomic.Int64
	for w := range 4 {
		group.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := s.Save(t.Context(), []translator.Entry{entry(fmt.Sprint(w, " ", i), "target")}); err != nil {
					t.Error(err)
					return
				}
				saved.Add(1)
				if _, err := s.Claim(t.Context(), numberedKeys(3)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	server.Restart(t)
	server.Kill(t)
	time.Sleep(200 * time.Millisecond) // the database is away for a moment
	server.Start(t)
	server.Restart(t)
	cancel()
	group.Wait()
	found := 0
	for _, err := range s.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		found++
	}
	if int64(found) != saved.Load() || found == 0 {
		t.Errorf("%d entries, want the %d that were saved", found, saved.Load())
	}
	impatient := mustOpen(t, location, &Options{Patience: 100 * time.Millisecond})
	server.Stop(t)
	err := impatient.Save(t.Context(), []translator.Entry{entry("late", "late")})
	if translator.KindOf(err) != translator.Unavailable || translator.HintOf(err) == "" {
		t.Errorf("%v, %q", err, translator.HintOf(err))
	}
}

// TestSilence: a database that takes a question and never answers counts as cut off.
func TestSilence(t *testing.T) {
	t.Parallel()
	location, wire := proxied(t, postgrestest.Database(t))
	s := mustOpen(t, location, nil)
	e := entry("نص", "text")
	if err := s.Save(t.Context(), []translator.Entry{e}); err != nil {
		t.Fatal(err)
	}
	s.answer, s.patience = 50*time.Millisecond, 200*time.Millisecond
	wire.silent.Store(true)
	_, err := s.Lookup(t.Context(), []translator.Key{e.Key})
	if translator.KindOf(err) != translator.Unavailable {
		t.Errorf("a silent database: %v", err)
	}
	wire.silent.Store(false)
	s.answer, s.patience = defaultAnswer, defaultPatience
	if found, err := s.Lookup(t.Context(), []translator.Key{e.Key}); err != nil || len(found) != 1 {
		t.Errorf("once it answers again: %v, %v", found, err)
	}
}

// TestAnswersLost loses the answer to what the database has carried out: it is
// not carried out again, and the caller is told of nothing, but where only a
// look could tell.
func TestAnswersLost(t *testing.T) {
	t.Parallel()
	location, wire := proxied(t, postgrestest.Database(t))
	s := mustOpen(t, location+"&pool_max_conns=1", nil)
	now := time.Unix(1_700_000_000, 0).UTC()
	line := translator.Line{Run: "r", Texts: 1, Size: 10, Cost: 20, Time: now, Shares: []translator.Share{{Story: "a", Texts: 1, Size: 1}}}
	limits := []translator.Limit{{Name: "run", Window: translator.Window{Run: "r"}, Size: 25}}
	var ids []translator.LineID
	for i := range 2 {
		warm(t, s, line)
		wire.lose.Store(true)
		id, err := s.Reserve(t.Context(), line, limits)
		if err != nil {
			t.Fatalf("line %d: %v", i, err)
		}
		ids = append(ids, id)
	}
	if _, err := s.Reserve(t.Context(), line, limits); translator.KindOf(err) != translator.OverBudget {
		t.Errorf("a third line: %v", err)
	}
	bill := translator.Bill{Size: 9, Cost: 18, Said: true, Time: now}
	for _, id := range ids {
		warm(t, s, line)
		wire.lose.Store(true)
		if err := s.Settle(t.Context(), id, bill); err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(t.Context(), id, bill); translator.KindOf(err) != translator.Invalid {
			t.Errorf("settled twice: %v", err)
		}
	}
	spent, err := s.Spending(t.Context(), translator.Window{Run: "r"})
	if want := (translator.Spending{Requests: 2, Size: 18, Cost: 36}); err != nil || spent != want {
		t.Errorf("%+v, %v\nwant %+v", spent, err, want)
	}
	changeWithoutAnswer(t, s, wire)
}

// warm writes and settles a line of another run, so that the statements are
// prepared on the store's connection.
func warm(t *testing.T, s *Store, line translator.Line) {
	t.Helper()
	line.Run = "warm"
	id, err := s.Reserve(t.Context(), line, []translator.Limit{{Name: "none"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context(), id, translator.Bill{Time: line.Time}); err != nil {
		t.Fatal(err)
	}
}

// changeWithoutAnswer loses the answer to a commit: the caller is told that
// nobody knows, and what was to be done with it was done once.
func changeWithoutAnswer(t *testing.T, s *Store, wire *wire) {
	t.Helper()
	versions, err := s.Submit(t.Context(), "night", []translator.Version{{Story: "a", Submitted: time.Now()}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	_, err = s.Change(t.Context(), []translator.Change{{ID: versions[0].ID, From: []translator.State{translator.Waiting}, To: translator.StateDone}},
		func(context.Context, pgx.Tx, []translator.VersionID) error {
			calls++
			wire.lose.Store(true)
			return nil
		})
	if !errors.Is(err, errUnknown) || translator.KindOf(err) != translator.Unavailable || !strings.Contains(err.Error(), "may have been") || calls != 1 {
		t.Errorf("%v, after %d calls", err, calls)
	}
	if v, err := s.Load(t.Context(), []translator.VersionID{versions[0].ID}); err != nil || v[0].State != translator.StateDone {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestRoundTrips counts how often a question has to wait for its answer.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	location, wire := proxied(t, postgrestest.Database(t))
	s := mustOpen(t, location+"&pool_max_conns=1", nil)
	var entries []translator.Entry
	for i := range 1000 {
		entries = append(entries, entry(fmt.Sprint("جملة ", i), "sentence"))
	}
	var keys []translator.Key
	for _, e := range entries {
		keys = append(keys, e.Key)
	}
	line := translator.Line{Run: "r", Texts: 1, Size: 1, Cost: 1, Time: time.Now(), Shares: []translator.Share{{Story: "a", Texts: 1, Size: 1}}}
	limits := []translator.Limit{{Name: "run", Window: translator.Window{Run: "r"}, Size: 1000}, {Name: "day", Size: 1000}}
	var id translator.LineID
	versions := make([]translator.Version, 1000)
	for i := range versions {
		versions[i] = translator.Version{Story: fmt.Sprint(i), Submitted: time.Now(), Article: []byte("article")}
	}
	change := []translator.Change{{ID: 1, From: []translator.State{translator.Waiting}, To: translator.StateDone}}
	for _, tt := range []struct {
		name string
		most int64
		do   func() error
	}{
		{"Submit", 3, func() error { _, err := s.Submit(t.Context(), "night", versions, nil); return err }}, // begin, write, commit
		{"Change", 3, func() error { _, err := s.Change(t.Context(), change, nil); return err }},
		{"Save", 1, func() error { return s.Save(t.Context(), entries) }},
		{"Lookup", 1, func() error { _, err := s.Lookup(t.Context(), keys); return err }},
		{"Reserve", 1, func() (err error) { id, err = s.Reserve(t.Context(), line, limits); return err }},
		{"Settle", 1, func() error { return s.Settle(t.Context(), id, translator.Bill{Size: 1, Cost: 1, Time: time.Now()}) }},
		{"Spending", 1, func() error { _, err := s.Spending(t.Context(), translator.Window{Run: "r"}); return err }},
	} {
		for i := range 4 { // the first times statements are prepared, and names made
			if tt.name == "Settle" {
				var err error
				if id, err = s.Reserve(t.Context(), line, limits); err != nil {
					t.Fatal(err)
				}
			}
			before := wire.turns.Load()
			if err := tt.do(); err != nil {
				t.Fatal(tt.name, err)
			}
			if n := wire.turns.Load() - before; i > 1 && n > tt.most {
				t.Errorf("%s took %d round trips, want %d", tt.name, n, tt.most)
			}
		}
	}
}

// A wire is a way to a database that counts turns: each time that the client
// speaks after the server did.
type wire struct {
	turns  atomic.Int64
	silent atomic.Bool // answers are kept
	lose   atomic.Bool // the next answer is lost, and the connection with it
}

// proxied returns the URL of a database by way of a wire.
func proxied(t *testing.T, location string) (string, *wire) {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	w, to := &wire{}, u.Host
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go w.join(client, to)
		}
	}()
	u.Host, u.RawQuery = listener.Addr().String(), "sslmode=disable"
	return u.String(), w
}

func (w *wire) join(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	var answered atomic.Bool
	answered.Store(true)
	go func() {
		defer client.Close()
		copyEach(client, server, func() bool {
			answered.Store(true)
			if w.lose.CompareAndSwap(true, false) {
				client.Close()
				return false
			}
			return !w.silent.Load()
		})
	}()
	copyEach(server, client, func() bool {
		if answered.CompareAndSwap(true, false) {
			w.turns.Add(1)
		}
		return true
	})
}

// copyEach copies what comes, unless pass says no.
func copyEach(to io.Writer, from io.Reader, pass func() bool) {
	buffer := make([]byte, 1<<20)
	for {
		n, err := from.Read(buffer)
		if n > 0 && pass() {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
