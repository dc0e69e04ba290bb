package faultproxy

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// A pipe is a link between two connections in memory, for virtual time.
func pipe(t *testing.T) (p *Proxy, client, server net.Conn) {
	p = &Proxy{t: t, changed: make(chan struct{}), links: map[*link]struct{}{}, closed: true}
	client, near := net.Pipe()
	far, server := net.Pipe()
	l := &link{proxy: p, client: near, server: far}
	l.ctx, l.cancel = context.WithCancel(t.Context())
	p.links[l] = struct{}{}
	p.running.Go(func() { l.pump(far, near) })
	p.running.Go(func() { l.pump(near, far) })
	t.Cleanup(p.Close)
	return p, client, server
}

// arrival returns how long it takes until n bytes have come.
func arrival(t *testing.T, conn net.Conn, n int) time.Duration {
	t.Helper()
	start := time.Now()
	if _, err := io.ReadFull(conn, make([]byte, n)); err != nil {
		t.Errorf("read %d bytes: %v", n, err)
	}
	return time.Since(start)
}

func TestDelayIsOfEachChunk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, client, server := pipe(t)
		p.Set(Faults{Delay: 30 * time.Millisecond})
		for range 3 {
			go client.Write([]byte("question"))
			if took := arrival(t, server, 8); took != 30*time.Millisecond {
				t.Errorf("a chunk took %v there, want 30 ms", took)
			}
			go server.Write([]byte("answer"))
			if took := arrival(t, client, 6); took != 30*time.Millisecond {
				t.Errorf("a chunk took %v back, want 30 ms", took)
			}
		}
	})
}

func TestRateOfALink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, client, server := pipe(t)
		p.Set(Faults{BytesPerSecond: 1000})
		go client.Write(bytes.Repeat([]byte("x"), 3000))
		// The last slice has arrived when it starts to count against the limit.
		if took := arrival(t, server, 3000); took < 2900*time.Millisecond || took > 3*time.Second {
			t.Errorf("3,000 bytes took %v at 1,000 a second", took)
		}
	})
}

func TestHealEndsAWait(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]Faults{
		"swallow": {Swallow: true}, "delay": {Delay: time.Hour}, "rate": {BytesPerSecond: 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, client, server := pipe(t)
			p.Set(faults)
			go client.Write([]byte("several bytes"))
			time.AfterFunc(5*time.Second, p.Heal)
			if took := arrival(t, server, 13); took != 5*time.Second {
				t.Errorf("%s: arrived after %v, want 5 s, when it was healed", name, took)
			}
		})
	}
}
