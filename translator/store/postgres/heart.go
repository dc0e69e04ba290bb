package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// beatEvery is how often a holder is heard of.
	beatEvery = 10 * time.Second
	// silence is how long it may be silent. It is two beats that are lost, and
	// less than anybody waits for the lease of a job.
	silence = 30 * time.Second
)

// A heart keeps a holder's session alive, which the server ends when it was
// silent for too long. So a process that is frozen, or cut off, loses its
// claims by a clock of the server's, and the process that lives, however slowly
// its engine answers, keeps them.
type heart struct {
	every, silence time.Duration
	begun          sync.Once
	beats          sync.WaitGroup
	once           sync.Once
	stop           chan struct{}
}

// start has the server listen to a session, and the heart beat.
func (h *heart) start(ctx context.Context, s *Store, conn *pgx.Conn) error {
	set := fmt.Sprintf("SET idle_session_timeout = '%dms'", h.silence.Milliseconds()) // PostgreSQL 14
	if _, err := conn.Exec(ctx, set); err != nil {
		return err
	}
	h.begun.Do(func() { h.beats.Go(func() { h.beat(s) }) })
	return nil
}

// beat is heard of until the end. A session that is lost is not made anew
// before it is needed.
func (h *heart) beat(s *Store) {
	tick := time.NewTicker(h.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.claims.ping(h.every)
		case <-h.stop:
			return
		}
	}
}

func (h *heart) end() {
	h.once.Do(func() { close(h.stop) })
	h.beats.Wait()
}

// ping says something to the server, if nobody else does at this moment.
func (c *claims) ping(patience time.Duration) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	default:
		return
	}
	if c.conn == nil || c.conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = c.conn.Ping(ctx) // one that fails closes the connection, which the next claim finds out
}
