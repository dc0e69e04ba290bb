package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/ledger"
)

// Stories that are held for one reason are one line, however much was spent when
// each was stopped; others are told one by one.
func TestStatusGroupsHeld(t *testing.T) {
	t.Parallel()
	var s overview
	for i := range 30 {
		s.need(translator.Version{ID: translator.VersionID(i + 1), Path: fmt.Sprintf("s%d.txt", i), State: translator.StateHeld, Reason: translator.Reason{
			Text: fmt.Sprintf("budget.run_chars is 500: %d are spent", i*7), Hint: "tried again at 2026-11-29 00:00 by itself",
		}})
	}
	s.need(translator.Version{ID: 31, Path: "away.txt", State: translator.StateHeld, Reason: translator.Reason{Text: "google: unavailable"}})
	for i := range 2 {
		s.need(translator.Version{ID: translator.VersionID(i + 32), Path: "broken.txt", State: translator.StateFailed, Reason: translator.Reason{Text: "empty"}})
	}
	text := s.text()
	if len(s.Needs) != 4 || !strings.Contains(text, "held 1 s0.txt and 29 more: budget.run_chars is 500: 0 are spent\n  tried again at 2026-11-29") ||
		!strings.Contains(text, "failed 33 broken.txt: empty") {
		t.Errorf("%d needs:\n%s", len(s.Needs), text)
	}
}

// A command that is suggested is given --config and --store exactly where this
// one was, and no password.
func TestSuggestedCommands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "dragoman retry 4; see dragoman status"},
		{[]string{"--store", "night one.db"}, "dragoman retry --store 'night one.db' 4; see dragoman status --store 'night one.db'"},
		{[]string{"--config", "a.yaml", "--store", "postgres://desk:hush@db/x?sslpassword=hush"},
			"dragoman retry --config a.yaml --store 'postgres://desk@db/x' 4; see dragoman status --config a.yaml --store 'postgres://desk@db/x'"},
	} {
		a := &app{}
		cmd := a.statusCommand()
		cmd.Flags().String("config", "", "")
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		a.given = given(cmd, "config", "store")
		if got := a.here("dragoman retry 4; see dragoman status"); got != c.want {
			t.Errorf("%q: %s", c.args, got)
		}
	}
}

// A submission that corrects stories says so, and names them with their paths:
// two stories of one name are seen.
func TestSubmitTellsCorrections(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(folder, path)), 0o755), os.WriteFile(filepath.Join(folder, path), []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	submit := func(want string, args ...string) {
		t.Helper()
		cmd := process(t, folder, append([]string{"submit", "--store", "s.db"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("%v: %v\n%s\nhas no %q", args, err, out, want)
		}
	}
	write("n1/alert.txt", "وصل القطار إلى المدينة.")
	write("n2/alert.txt", "هطل المطر على الساحل.")
	submit(": 1 new, 0 known already\nnext: ", "n1")
	submit(": 1 new, of which 1 is a correction, 0 known already\nalert is corrected by n2/alert.txt, and was n1/alert.txt: if that is another story", "n2")
	write("n2/alert.txt", "هطل المطر على الساحل كله.")
	submit(`"corrections":1,`, "--json", "n2")
	submit(": 0 new, 1 known already\n", "n1")
}

// What workers finished is counted by versions, as their own last lines count,
// without what could not be read; an earlier version that still waits is told.
func TestStatusCountsVersions(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.write("a.txt", "وصل القطار إلى المدينة.")
	c.write("bad.jsonl", "{\n")
	c.run(exitPartial, "1 new", "submit", "--batch", "one", "a.txt", "bad.jsonl")
	c.write("a.txt", "وصل القطار إلى القرية.")
	c.run(exitDone, "is a correction", "submit", "--batch", "two", "a.txt")
	if said := c.run(exitDone, "earlier versions of corrected stories, waiting or held: 1", "status"); !strings.Contains(said, "minutes: 0 stories finished") {
		t.Errorf("before the work:\n%s", said)
	}
	c.run(exitDone, "2 stories done", "work", "--drain")
	if said := c.run(exitDone, "minutes: 2 stories finished; pseudo: 2 sentences in ", "status"); strings.Contains(said, "earlier versions") {
		t.Errorf("after it:\n%s", said)
	}
	c.run(exitDone, "minutes: 1 story finished; of all batches; pseudo: 2 sentences in ", "status", "--batch", "two")
	c.run(exitDone, "3 a: cancelled", "cancel", "a")
	c.run(exitDone, "minutes: 1 story finished; pseudo", "status")
}

// Requests that were billed are told from those that failed or have no answer.
func TestStatusTellsRequestsApart(t *testing.T) {
	t.Parallel()
	s := overview{}
	s.Recent.Backends = recentBackends([]ledger.Row{{Name: "google", Requests: 6, Open: 2, Unbilled: 1, Texts: 14, Billed: 600, Cost: 12_000, OpenCost: 40_000}},
		order{cfg: &config.Config{}})
	if text, want := s.text(), "14 sentences in 3 requests, 600 "; !strings.Contains(text, want) ||
		!strings.Contains(text, "; 1 request not billed; 2 requests on the way or lost, at most $0.04\n") {
		t.Errorf("it says\n%s", text)
	}
}
