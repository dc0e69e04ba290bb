package main

import (
	"math/rand/v2"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// atOnceSaid is what a process says that was told twice to end.
var atOnceSaid = regexp.MustCompile(`(?s)stor(y|ies) done.* requests? sent, \$.*ended at once: \d+ requests? on the way cut off, at most \$0\.\d+ billed`)

// TestDrain is C4: a worker is told to end while requests are on their way. It
// finishes them and ends well, and nothing is paid for twice. Told twice, it ends at
// once, and what was on its way may be paid for again. Others do the rest.
func TestDrain(t *testing.T) {
	onBoth(t, func(t *testing.T, store string) {
		c := newCrew(t, store, 200*time.Millisecond)
		gently, atOnce := some(3, 100), some(2, 20)
		c.shape = storyShape{4, 10}
		c.submit(gently + atOnce)
		var longest time.Duration
		for range gently {
			h := c.start("work")
			c.requested()
			time.Sleep(rand.N(300 * time.Millisecond))
			begun := time.Now()
			h.stop()
			longest = max(longest, time.Since(begun))
		}
		if twice := c.paid.again(); twice > 0 {
			t.Errorf("after %d drains, %d requests were paid for twice", gently, twice)
		}
		c.slow.Store(true)
		for range atOnce {
			h := c.start("work")
			c.requested()
			h.signal(syscall.SIGTERM)
			h.says("ending: ", 1)
			time.Sleep(signalGrace + 100*time.Millisecond) // a second one before that is the first again
			h.signal(syscall.SIGTERM)
			h.ends(exitInterrupted)
			if said := h.said(); !atOnceSaid.MatchString(said) {
				t.Errorf("it does not say what it did, and what it cut off:\n%s", said)
			}
		}
		c.slow.Store(false)
		twice := c.finish(atOnce * crewConnections)
		t.Logf("%d drains took at most %v; after %d ends at once, %d requests were paid for twice", gently, longest, atOnce, twice)
	})
}
