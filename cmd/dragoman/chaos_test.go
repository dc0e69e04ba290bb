package main

import (
	"math/rand/v2"
	"testing"
	"time"

	"dragoman/translator/store/postgres/postgrestest"
)

const (
	chaosTime    = 2 * time.Minute
	chaosWorkers = 3
	chaosLatency = 300 * time.Millisecond
)

// TestChaos has three workers on PostgreSQL, one of them killed every second
// for two minutes, and the database restarted twice, the second time as a
// crash does it, while stories come in all the time. In the end every story is
// done once, no sentence was paid for twice but those on their way at a kill,
// and what is exported is what an undisturbed run writes.
func TestChaos(t *testing.T) {
	t.Parallel()
	c := newChaos(t)
	for i := range c.workers {
		c.begin(i)
	}
	whole := chaosTime
	if testing.Short() {
		whole = 12 * time.Second
	}
	restart, crash := time.After(whole/3), time.After(2*whole/3)
	for end := time.Now().Add(whole); time.Now().Before(end); {
		second := time.After(time.Second)
		c.submit(1)
		c.kill(rand.IntN(chaosWorkers))
		select {
		case <-restart:
			c.server.Restart(t)
		case <-crash:
			c.server.Kill(t)
			c.server.Start(t)
		default:
		}
		<-second
	}
	for i := range c.workers {
		c.kill(i)
	}
	c.check()
}

// A chaos is a crew on one PostgreSQL with workers that do not live long.
type chaos struct {
	*crew
	server  *postgrestest.Server
	workers [chaosWorkers]*hand
	kills   int
}

func newChaos(t *testing.T) *chaos {
	server := postgrestest.Start(t, nil)
	c := &chaos{crew: newCrew(t, server.Database(t), chaosLatency), server: server}
	c.environ = []string{"DRAGOMAN_LOG_LEVEL=error"}
	return c
}

// begin starts a worker.
func (c *chaos) begin(i int) { c.workers[i] = c.start("work", "--quiet") }

// kill kills a worker, which must not have ended by itself, and starts another.
func (c *chaos) kill(i int) {
	c.t.Helper()
	h := c.workers[i]
	_ = h.cmd.Process.Kill()
	<-h.over
	if code := h.cmd.ProcessState.ExitCode(); code != -1 {
		c.t.Errorf("a worker ended by itself with code %d\n%s", code, h.said())
	}
	c.kills++
	c.begin(i)
}

// check looks at what came of it.
func (c *chaos) check() {
	c.t.Helper()
	// At a kill, the requests of one worker are on their way; at a restart, those of all.
	twice := c.finish(c.kills*crewConnections + 2*chaosWorkers*crewConnections)
	c.t.Logf("%d stories, %d kills, %d requests, %d of them paid for twice", c.stories(), c.kills, c.google.Requests(), twice)
}
