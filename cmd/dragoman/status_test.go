package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dragoman/translator"
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
	var b strings.Builder
	if err := s.write(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
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
