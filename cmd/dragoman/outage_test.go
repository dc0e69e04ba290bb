package main

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"dragoman/translator/store/faultproxy"
	"dragoman/translator/store/postgres/postgrestest"
)

const outageWorkers = 2

// through returns the URL of a database by way of a proxy.
func through(t *testing.T, store string) (string, *faultproxy.Proxy) {
	t.Helper()
	host, rest, ok := strings.Cut(strings.TrimPrefix(store, "postgres://postgres@"), "/")
	if !ok || strings.Contains(host, "@") {
		t.Skip("the server is not a private one, whose URL a proxy can stand in")
	}
	p := faultproxy.New(t, host)
	return "postgres://postgres@" + p.Addr() + "/" + rest, p
}

// TestOutages has workers whose database is cut off, slow, silent, refuses, and
// is stopped for longer than the store is patient, while stories come in. No
// worker ends, every story is done once, every request is in the ledger, and
// only what was on its way at a fault may be paid for twice.
func TestOutages(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, nil)
	c := newCrew(t, server.Database(t), 100*time.Millisecond)
	c.shape = storyShape{4, 10}
	url, proxy := through(t, c.store)
	hands := make([]*hand, outageWorkers)
	for i := range hands {
		cmd := c.command("work", "--store", url)
		hands[i] = begin(t, cmd)
	}
	for _, h := range hands {
		h.says("working", 1)
	}
	faults := 0
	for range some(1, 10) {
		for _, f := range []func(){
			func() { proxy.Cut() },
			func() { proxy.Set(faultproxy.Faults{CutAfter: 1 + rand.Int64N(50_000)}) },
			func() { proxy.Set(faultproxy.Faults{Delay: 50 * time.Millisecond}) },
			func() { proxy.Set(faultproxy.Faults{Swallow: true}) },
			func() { proxy.Set(faultproxy.Faults{Refuse: true}); proxy.Cut() },
		} {
			c.submit(1)
			c.requested()
			f()
			faults++
			time.Sleep(500 * time.Millisecond)
			proxy.Heal()
		}
	}
	c.submit(1)
	c.requested()
	server.Stop(t)
	faults++
	time.Sleep(time.Duration(some(8, 40)) * time.Second) // the store is patient for 30
	server.Start(t)
	for _, h := range hands {
		if !h.lives() {
			t.Errorf("a worker has ended:\n%s", h.said())
			continue
		}
		h.signal(syscall.SIGTERM)
		h.ends(exitDone)
	}
	c.run("work", "--drain", "--quiet")
	c.ledgered()
	twice := c.finish(faults * outageWorkers * crewConnections)
	t.Logf("%d stories, %d faults, %d requests, %d of them paid for twice", c.stories(), faults, c.google.Requests(), twice)
}

// ledgered checks that each request that the service was sent is in the ledger.
func (c *crew) ledgered() {
	c.t.Helper()
	var l struct {
		Total struct{ Requests, Unbilled int }
	}
	if err := json.Unmarshal([]byte(c.run("ledger", "--json")), &l); err != nil {
		c.t.Fatal(err)
	}
	if got, sent := l.Total.Requests-l.Total.Unbilled, c.google.Requests(); got < sent {
		c.t.Errorf("the service had %d requests, and the ledger has only %d", sent, got)
	}
}
