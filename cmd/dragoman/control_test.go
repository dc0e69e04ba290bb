package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
)

// A counter is a desk at which a person types commands, on a store in a folder.
type counter struct {
	t      *testing.T
	folder string
}

func newCounter(t *testing.T) *counter { return &counter{t, t.TempDir()} }

func (c *counter) write(path, text string) {
	c.t.Helper()
	path = filepath.Join(c.folder, path)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		c.t.Fatal(err)
	}
}

// run runs a command, wants its code and that it says something, and returns all it says.
func (c *counter) run(code int, says string, args ...string) string {
	c.t.Helper()
	cmd := process(c.t, c.folder, args...)
	cmd.Env = append(os.Environ(), "DRAGOMAN_STORE=s.db", "DRAGOMAN_CHAIN=pseudo", "DRAGOMAN_LOG_LEVEL=error", withoutRules)
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(out), says) {
		c.t.Fatalf("%v: %v, code %d, want %d and %q\n%s", args, err, got, code, says, out)
	}
	return string(out)
}

// outcome runs a verb with --json.
func (c *counter) outcome(code int, args ...string) (o outcome) {
	c.t.Helper()
	text := c.run(code, "{", append(args, "--json")...)
	if err := json.Unmarshal([]byte(text[strings.Index(text, "{"):]), &o); err != nil {
		c.t.Fatalf("%v: %v\n%s", args, err, text)
	}
	return o
}

// What could not be read is not tried again, by ID or with others, and it is
// said what to do instead.
func TestRetryOfUnread(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.write("good.txt", "وصل القطار إلى المدينة.")
	c.write("bad.jsonl", "{\n")
	c.run(exitPartial, "1 new", "submit", "good.txt", "bad.jsonl")
	c.run(exitPartial, "submit it mended, or cancel it", "retry", "2")
	c.run(exitPartial, "1 story left out: it could not be read", "retry", "--state", "failed")
	if o := c.outcome(exitPartial, "retry", "--state", "failed"); o.Changed != 0 || o.LeftOut != 1 || o.Nothing != "" || !strings.Contains(o.Stories[0].Why, "submit it mended") {
		t.Errorf("%+v", o)
	}
	if o := c.outcome(exitPartial, "retry", "--state", "partial"); o.Changed+o.LeftOut != 0 || o.Nothing != "no story is partial" {
		t.Errorf("%+v", o)
	}
	c.run(exitPartial, "nothing to release: no story is on hold", "release", "--state", "on hold")
	c.run(exitDone, "cancelled", "cancel", "2")
	c.run(exitDone, "on hold", "hold", "good")
	c.run(exitDone, "with dragoman release 1\n", "status")
	c.run(exitDone, "with dragoman release --store s.db 1\n", "status", "--store", "s.db")
	c.run(exitDone, `with dragoman release --store s.db 1"`, "status", "--store", "s.db", "--json")
}

// An empty ID, as of a variable of a script that is not set, means no story, and
// an ID that is named twice means it once.
func TestIDsThatAreEmptyOrTwice(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.write("good.txt", "وصل القطار إلى المدينة.")
	c.run(exitDone, "1 new", "submit", "good.txt")
	for _, v := range verbs {
		c.run(exitUsage, "an ID is empty", v.name, "")
		c.run(exitUsage, "an ID is empty", v.name, "1", "")
	}
	if said := c.run(exitDone, "1 good: on hold", "hold", "1", "good", "1"); strings.Contains(said, "only") {
		t.Error(said)
	}
}

// A story that is done can be withdrawn: by its ID or name, and not by the way
// with others. Retry takes it up again, from memory.
func TestWithdraw(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.write("a.txt", "وصل القطار إلى المدينة.")
	c.write("b.txt", "هطل المطر على الساحل.")
	c.run(exitDone, "2 new", "submit", "--batch", "n", "a.txt", "b.txt")
	c.run(exitDone, "2 stories done", "work", "--drain")
	c.run(exitPartial, "nothing to cancel", "cancel", "--batch", "n")
	c.run(exitDone, "2 b: cancelled", "cancel", "b")
	c.run(exitPartial, "nothing more to cancel", "cancel", "2")
	c.run(exitDone, "1 story: 1 done", "export", "--format", "jsonl")
	c.run(exitDone, "1 a: cancelled", "cancel", "--batch", "n", "--state", "done")
	c.run(exitDone, "waiting again", "retry", "1")
	c.run(exitDone, "1 story done; nothing was sent", "work", "--drain")
	c.run(exitDone, "1 story: 1 done", "export", "--format", "jsonl")
}

// A correction that is withdrawn may bring an earlier version back: that is said.
func TestWithdrawCorrection(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.write("a.txt", "وصل القطار إلى المدينة.")
	c.run(exitDone, "1 new", "submit", "a.txt")
	c.write("a.txt", "وصل القطار إلى القرية.")
	c.run(exitDone, "is a correction", "submit", "a.txt")
	c.run(exitDone, "2 stories done", "work", "--drain")
	said := c.run(exitDone, "2 a: cancelled", "cancel", "a")
	if !strings.Contains(said, "version 1 of a is exported now; cancel that too") {
		t.Errorf("it says %q", said)
	}
	c.run(exitDone, "1 story: 1 done", "export", "--format", "jsonl")
	c.run(exitUsage, "version 2 of \"a\" is cancelled, and version 1 counts, which is done\n  dragoman cancel 1, if that one is meant", "cancel", "a")
	c.run(exitDone, "2 a: waiting again", "retry", "a")
	c.run(exitDone, "1 story done", "work", "--drain")
	c.run(exitDone, "2 a: cancelled", "cancel", "a")
	c.run(exitDone, "2 a: waiting again", "retry", "--state", "cancelled")
	if said := c.run(exitDone, "2 a: cancelled", "cancel", "2", "1"); strings.Contains(said, "is exported now") {
		t.Errorf("both are cancelled, and it says %q", said)
	}
	c.run(exitDone, "1 a: waiting again", "retry", "1")
	if states := verbs[slices.IndexFunc(verbs, func(v verb) bool { return v.name == "cancel" })].of; slices.Contains(states, translator.StateDone) {
		t.Error("a batch is withdrawn by the way")
	}
}
