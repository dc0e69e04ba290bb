package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTwoServers is C6: two processes start at once to work one SQLite store,
// new or old. One works, and the other says so and ends. A run of translate
// waits for the one that works.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	var c *crew
	for i := range some(4, 50) {
		if i%2 == 0 {
			c = newCrew(t, filepath.Join(t.TempDir(), "dragoman.db"), 0)
			c.environ = []string{"DRAGOMAN_CHAIN=pseudo"}
		}
		what := [...][2]string{{"work", "work"}, {"serve", "work"}, {"serve", "serve"}}[i%3]
		works := race(t, c.start(what[0]), c.start(what[1]))
		waits := c.start("translate", c.write())
		if !waits.says("the store is in use by another run (process "+fmt.Sprint(works.cmd.Process.Pid), 1) {
			t.Fatalf("translate does not wait:\n%s", waits.said())
		}
		works.stop()
		waits.ends(exitDone)
	}
}

// race returns which of two processes works; the other must have ended.
func race(t *testing.T, one, other *hand) *hand {
	t.Helper()
	loser, winner := one, other
	select {
	case <-one.over:
	case <-other.over:
		loser, winner = other, one
	case <-time.After(hangs):
		t.Fatalf("both live:\n%s\n%s", one.said(), other.said())
	}
	loser.ends(exitInternal)
	said := loser.said()
	if !strings.Contains(said, "another run is at work on it: ") || !strings.Contains(said, "\n  one process at a time works a SQLite store") {
		t.Errorf("it does not say why it ended:\n%s", said)
	}
	if !winner.says("working", 1) {
		t.Fatalf("nobody works:\n%s\n%s", said, winner.said())
	}
	return winner
}
