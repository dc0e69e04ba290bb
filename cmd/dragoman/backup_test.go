package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBackupAtWork is C12: a store is backed up while a worker writes it, by the
// means of its database. What was done by then is there, and is exported as it is
// in the end; the rest is worked on from there.
func TestBackupAtWork(t *testing.T) {
	onBoth(t, func(t *testing.T, store string) {
		c := newCrew(t, store, 20*time.Millisecond)
		c.shape = storyShape{6, 10}
		c.submit(1)
		h := c.start("work")
		h.says(`"story done"`, 1)
		for range some(1, 20) {
			c.submit(1)
			c.requested()
			restored := newCrew(t, another(t, store), 0)
			restored.shape, restored.files = c.shape, append([]string{}, c.files...)
			backUp(t, store, restored.store)
			restored.goesOn()
		}
		h.stop()
		c.finish(0)
	})
}

// backUp copies a store into a new one.
func backUp(t *testing.T, from, to string) {
	t.Helper()
	if !strings.HasPrefix(from, "postgres:") {
		db, _, _ := behindItsBack(t, from)
		if _, err := db.ExecContext(t.Context(), "VACUUM INTO ?", to); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if err != nil || len(found) == 0 {
		t.Skip("there is no pg_dump here")
	}
	bin := filepath.Dir(found[len(found)-1])
	file := filepath.Join(t.TempDir(), "backup")
	for _, cmd := range []*exec.Cmd{
		exec.Command(filepath.Join(bin, "pg_dump"), "--format=custom", "--file="+file, from),
		exec.Command(filepath.Join(bin, "pg_restore"), "--no-owner", "--exit-on-error", "--dbname="+to, file),
	} {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
		}
	}
}

// goesOn finishes what a restored store has, and checks that what was done
// before is exported as it is in the end.
func (c *crew) goesOn() {
	c.t.Helper()
	said, code := ended(c.t, c.command("export", "--quiet", "--batch", crewBatch))
	if code != exitDone && code != exitPartial {
		c.t.Fatalf("export ended with %d\n%s", code, said)
	}
	before, n := outputs(c.t, filepath.Join(c.folder, "out")), 0
	c.finish(0)
	after := outputs(c.t, filepath.Join(c.folder, "out"))
	for name, content := range before {
		if strings.HasPrefix(name, "stories/") {
			if n++; after[name] != content {
				c.t.Errorf("%s was another before the rest was done", name)
			}
		}
	}
	if n == 0 {
		c.t.Error("the backup has nothing that was done")
	}
}
