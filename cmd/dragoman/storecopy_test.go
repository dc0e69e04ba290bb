package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"dragoman/translator"
	"dragoman/translator/queue"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/postgres/postgrestest"
	"dragoman/translator/store/sqlite"
)

// A copied store is all that store copy copies, without the numbers that a
// store gives.
type copied struct {
	entries  []translator.Entry
	lines    []translator.Posting
	versions []translator.Version
}

func readCopied(t *testing.T, path string) copied {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var c copied
	for e, err := range s.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		c.entries = append(c.entries, e)
	}
	for p, err := range s.Lines(t.Context(), translator.Window{}) {
		if err != nil {
			t.Fatal(err)
		}
		p.ID = 0
		c.lines = append(c.lines, p)
	}
	for v, err := range s.Versions(t.Context(), translator.Selection{}) {
		if err != nil {
			t.Fatal(err)
		}
		v.ID = 0
		c.versions = append(c.versions, v)
	}
	return c
}

// wantCopy compares two stores.
func wantCopy(t *testing.T, from, to string) copied {
	t.Helper()
	a, b := readCopied(t, from), readCopied(t, to)
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%d entries, %d lines, %d versions were copied to %d, %d, %d, and they differ",
			len(a.entries), len(a.lines), len(a.versions), len(b.entries), len(b.lines), len(b.versions))
	}
	return a
}

// fillStore makes a store of n entries, a tenth as many lines and versions.
func fillStore(t *testing.T, path string, n int) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dir := translator.Direction{From: translator.Arabic, To: translator.English}
	at := time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC)
	entries := make([]translator.Entry, n)
	versions := make([]translator.Version, n/10)
	for i := range entries {
		source := fmt.Sprintf("الخبر رقم %d", i)
		entries[i] = translator.Entry{Key: translator.KeyOf(dir, source), Direction: dir, Source: source, Target: fmt.Sprint("Item ", i),
			Origin: translator.Origin{Kind: translator.Machine, Signature: "engine:1", Time: at}}
	}
	if err := s.Save(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	for i := range versions {
		versions[i] = translator.Version{Direction: dir, Story: fmt.Sprint("story ", i), Priority: 3, Article: fmt.Append(nil, "article ", i), Submitted: at}
		l := translator.Line{Run: fmt.Sprint("run ", i/100), Backend: "engine", Signature: "engine:1", Direction: dir, Texts: 1, Size: 9, Cost: 1, Time: at,
			Shares: []translator.Share{{Story: versions[i].Story, Version: [16]byte{byte(i)}, Texts: 1, Size: 9}}}
		id, err := s.Reserve(t.Context(), l, nil)
		if err == nil && i%10 > 0 {
			err = s.Settle(t.Context(), id, translator.Bill{Size: 9, Cost: 1, Time: at})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	written, err := s.Submit(t.Context(), "night", versions, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range written[:len(written)/2] {
		c := translator.Change{ID: v.ID, From: []translator.State{translator.Waiting}, To: translator.StateDone, Result: fmt.Append(nil, "result ", i), Time: at.Add(time.Hour)}
		if _, err := s.Change(t.Context(), []translator.Change{c}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStoreCopyKilled kills copies at any moment. What they leave is no more
// than there is, and a last copy makes it whole.
func TestStoreCopyKilled(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	from, to := filepath.Join(folder, "from.db"), filepath.Join(folder, "to.db")
	fillStore(t, from, 1500)
	started := time.Now()
	if out, err := process(t, folder, "store", "copy", "from.db", "undisturbed.db").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := time.Since(started)
	kills := 0
	for range 5 {
		cmd := process(t, folder, "store", "copy", "--quiet", "from.db", "to.db")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(rand.Float64()*float64(whole)/2), func() { cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if err != nil && cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("a copy ended by itself: %v\n%s", err, &out)
		}
		if err != nil {
			kills++
		}
	}
	if out, err := process(t, folder, "store", "copy", "from.db", "to.db").CombinedOutput(); err != nil {
		t.Fatalf("after %d kills: %v\n%s", kills, err, out)
	}
	c := wantCopy(t, from, to)
	wantCopy(t, from, filepath.Join(folder, "undisturbed.db"))
	t.Logf("%d kills; %d entries, %d lines and %d versions in %v undisturbed", kills, len(c.entries), len(c.lines), len(c.versions), whole)
}

// TestStoreCopyAtWork copies a store again and again while translate fills it.
// Both go on, and a last copy after the run makes the other one whole.
func TestStoreCopyAtWork(t *testing.T) {
	t.Parallel()
	r := newKillRound(t, killStories(t))
	run := r.command()
	var said bytes.Buffer
	run.Stdout, run.Stderr = &said, &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- run.Wait() }()
	copies := 0
	for ended := false; !ended; {
		select {
		case err := <-over:
			if err != nil {
				t.Fatalf("the run beside the copies: %v\n%s", err, &said)
			}
			ended = true // and once more, after it
		default:
		}
		if _, err := os.Stat(filepath.Join(r.folder, "out")); err != nil && !ended {
			time.Sleep(5 * time.Millisecond) // the store is made before the folder
			continue
		}
		if out, err := process(t, r.folder, "store", "copy", "dragoman.db", "to.db").CombinedOutput(); err != nil {
			t.Fatalf("copy %d: %v\n%s", copies, err, out)
		}
		copies++
	}
	c := wantCopy(t, filepath.Join(r.folder, "dragoman.db"), filepath.Join(r.folder, "to.db"))
	t.Logf("%d copies, in the end of %d entries and %d lines", copies, len(c.entries), len(c.lines))
	r.server.Stop() // nothing is asked for from here on
	again := exec.Command(r.command().Path)
	again.Args = append(r.command().Args, "--store", "to.db", "--out", "again")
	again.Dir, again.Env = r.folder, r.command().Env
	if out, err := again.CombinedOutput(); err != nil {
		t.Fatalf("a run on the copy: %v\n%s", err, out)
	}
}

// TestStoreCopyToPostgres moves a store to PostgreSQL, where its open stories
// have jobs, and back.
func TestStoreCopyToPostgres(t *testing.T) {
	t.Parallel()
	database, folder := postgrestest.Database(t), t.TempDir()
	fillStore(t, filepath.Join(folder, "from.db"), 400)
	run := func(args ...string) string {
		out, err := process(t, folder, append([]string{"store", "copy", "--json"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("store copy %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	first := run("from.db", database)
	if again := run("from.db", database); first == again {
		t.Errorf("twice the same was copied: %s", again)
	}
	run(database, "back.db")
	wantCopy(t, filepath.Join(folder, "from.db"), filepath.Join(folder, "back.db"))
	store, err := postgres.Open(t.Context(), database, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	q, err := queue.New(riverpgxv5.New(store.Pool()), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	if counts, err := q.Counts(t.Context()); err != nil || counts.Available != 20 {
		t.Errorf("%+v, %v; 20 versions are open", counts, err)
	}
	out, err := process(t, folder, "store", "copy", database, strings.Replace(database, "postgres:", "postgresql:", 1)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "FROM and TO are the same store") {
		t.Errorf("onto itself: %v\n%s", err, out)
	}
}
