package main

import (
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"dragoman/translator/store/faultproxy"
	"dragoman/translator/store/postgres/postgrestest"
)

// TestFrozenWorkers is C5: three workers at a time are stopped at some moment of
// their work for longer than their lease, another does their stories, and when
// they wake they change nothing of those, and work on. All sentences are
// remembered before, so that the other need not wait for what is on its way,
// and the network is slow, so that a moment lasts.
func TestFrozenWorkers(t *testing.T) {
	t.Parallel()
	c := newCrew(t, postgrestest.Database(t), 20*time.Millisecond)
	c.shape = storyShape{12, 6}
	url, proxy := through(t, c.store)
	held := 0
	for range some(1, 7) {
		held += c.freeze(url, proxy)
	}
	c.run("work", "--drain", "--quiet")
	c.done()
	if twice := c.paid.again(); twice > 0 {
		t.Errorf("%d requests were paid for twice", twice)
	}
	t.Logf("the frozen workers had %d jobs", held)
}

// freeze freezes three workers while they work what is submitted, has it done
// by another, and wakes them. It returns how many jobs they had.
func (c *crew) freeze(url string, proxy *faultproxy.Proxy) (held int) {
	c.t.Helper()
	path := c.write()
	c.run("translate", "--quiet", "--format", "jsonl", path)
	var frozen []*hand
	for range 3 {
		h := begin(c.t, c.command("work", "--log-level", "debug", "--store", url))
		h.says("working", 1)
		frozen = append(frozen, h)
	}
	proxy.Set(faultproxy.Faults{Delay: 50 * time.Millisecond})
	c.run("submit", "--quiet", "--batch", crewBatch, path)
	c.anyBegins(frozen)
	time.Sleep(rand.N(300 * time.Millisecond))
	for _, h := range frozen {
		h.signal(syscall.SIGSTOP)
	}
	for _, h := range frozen {
		held += strings.Count(h.said(), `"job begun"`) - strings.Count(h.said(), `"story done"`)
	}
	c.run("work", "--drain", "--quiet") // as soon as the lease is over
	kept := c.kept()
	if strings.Count(kept, " done ") != c.stories() {
		c.t.Errorf("not all is done while they are frozen:\n%s", kept)
	}
	for _, h := range frozen {
		h.signal(syscall.SIGCONT)
	}
	proxy.Heal()
	for _, h := range frozen {
		h.stop()
	}
	if again := c.kept(); again != kept {
		c.t.Errorf("those that were frozen changed\n%s\nto\n%s", kept, again)
	}
	return held
}

// anyBegins waits until one of the workers has begun a job.
func (c *crew) anyBegins(hands []*hand) {
	c.t.Helper()
	for end := time.Now().Add(hangs); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for _, h := range hands {
			if strings.Contains(h.said(), `"job begun"`) {
				return
			}
		}
	}
	c.t.Fatal("no job is begun")
}

// kept returns what the store has of each story, and of each job.
func (c *crew) kept() (rows string) {
	c.t.Helper()
	db, _, _ := behindItsBack(c.t, c.store)
	defer db.Close()
	if err := db.QueryRowContext(c.t.Context(), `SELECT
		(SELECT string_agg(concat_ws(' ', id, state, changed, md5(result)), E'\n' ORDER BY id) FROM versions) || E'\n' ||
		(SELECT string_agg(concat_ws(' ', 'job', id, state, attempt, finalized_at), E'\n' ORDER BY id) FROM river_job)`).Scan(&rows); err != nil {
		c.t.Fatal(err)
	}
	return rows
}
