package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
)

// claims is what this process claims with: one connection, whose session holds
// the lock of this process's number. The lock goes with the session, however
// that ends, and with it the claims. Locks of single keys would fill the
// server's table of locks, which has room for some ten thousand.
type claims struct {
	turn   chan struct{} // held by whoever uses conn
	conn   *pgx.Conn     // nil before the first claim
	holder int32
	closed bool
	heart  heart
}

func newClaims() claims {
	return claims{turn: make(chan struct{}, 1), heart: heart{every: beatEvery, silence: silence, stop: make(chan struct{})}}
}

// holderClass is the first number of our holders' locks, which have two.
const holderClass = 0x64726167 // "drag"

const (
	// A number that comes round again after two thousand million processes waits
	// for the one that had it.
	holdQuery = `SELECT h, pg_advisory_lock($1, h) FROM (SELECT nextval('holders')::integer AS h) n`
	// What holders that are gone have left behind, once for each process that comes.
	tidyQuery = `DELETE FROM claims WHERE holder IN (
		SELECT holder FROM (SELECT DISTINCT holder FROM claims) h WHERE pg_try_advisory_xact_lock_shared($1, holder))`
	// A holder whose lock can be had is gone. Sorted, so that two processes that
	// claim the same keys do not wait for each other.
	claimQuery = `INSERT INTO claims AS c (key, holder) SELECT k, $2 FROM unnest($3::bytea[]) k ORDER BY k
		ON CONFLICT (key) DO UPDATE SET holder = excluded.holder
		WHERE c.holder = excluded.holder OR pg_try_advisory_xact_lock_shared($1, c.holder)
		RETURNING key`
	releaseQuery = `DELETE FROM claims WHERE holder = $1 AND key = ANY ($2::bytea[])`
)

// Claim takes those of keys that no other process has, in one round trip. Those
// that this process has already are among them.
func (s *Store) Claim(ctx context.Context, keys []translator.Key) ([]translator.Key, error) {
	if len(keys) == 0 {
		return nil, ctx.Err()
	}
	asked := bytesOf(keys)
	var taken []translator.Key
	err := s.hold(ctx, "claim", func(ctx context.Context, conn *pgx.Conn, holder int32) error {
		rows, err := conn.Query(ctx, claimQuery, int32(holderClass), holder, asked)
		if err != nil {
			return err
		}
		taken, err = pgx.CollectRows(rows, scanKey)
		return err
	})
	return taken, err
}

// Release gives keys back. Should the connection be lost, they are back already.
func (s *Store) Release(ctx context.Context, keys []translator.Key) error {
	if len(keys) == 0 {
		return ctx.Err()
	}
	given := bytesOf(keys)
	return s.hold(ctx, "release", func(ctx context.Context, conn *pgx.Conn, holder int32) error {
		_, err := conn.Exec(ctx, releaseQuery, holder, given)
		return err
	})
}

// bytesOf returns keys as an argument, each once: a statement may not claim one twice.
func bytesOf(keys []translator.Key) [][]byte {
	sorted := slices.Compact(slices.SortedFunc(slices.Values(keys), translator.Key.Compare))
	asked := make([][]byte, len(sorted))
	for i := range sorted {
		asked[i] = sorted[i][:]
	}
	return asked
}

func scanKey(row pgx.CollectableRow) (key translator.Key, err error) {
	var b []byte
	err = row.Scan(&b)
	copy(key[:], b)
	return key, err
}

// hold does something on the holder's connection. If that was lost, so are the
// claims, and it is done on a new one.
func (s *Store) hold(ctx context.Context, doing string, do func(context.Context, *pgx.Conn, int32) error) error {
	c := &s.claims
	return s.retry(ctx, doing, true, func(ctx context.Context, _ bool) error {
		select {
		case c.turn <- struct{}{}:
			defer func() { <-c.turn }()
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := s.enroll(ctx); err != nil {
			return err
		}
		return do(ctx, c.conn, c.holder)
	})
}

// enroll sees that this process is a holder.
func (s *Store) enroll(ctx context.Context) error {
	c := &s.claims
	if c.closed {
		return errClosed
	}
	if c.conn != nil && !c.conn.IsClosed() {
		return nil
	}
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	if err := c.heart.start(ctx, s, conn); err != nil {
		closeConn(ctx, conn)
		return err
	}
	var locked any
	if err := conn.QueryRow(ctx, holdQuery, int32(holderClass)).Scan(&c.holder, &locked); err != nil {
		closeConn(ctx, conn)
		return err
	}
	if _, err := conn.Exec(ctx, tidyQuery, int32(holderClass)); err != nil {
		closeConn(ctx, conn)
		return err
	}
	c.conn = conn
	return nil
}

// close ends the holder's session.
func (c *claims) close() {
	c.heart.end()
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	c.closed = true
	if c.conn == nil {
		return
	}
	// The server sees a connection's end only after a moment.
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, _ = c.conn.Exec(ctx, "SELECT pg_advisory_unlock_all()")
	closeConn(ctx, c.conn)
}

// closeConn says goodbye, but does not wait long for an answer.
func closeConn(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // the session ends with the connection in any case
}
