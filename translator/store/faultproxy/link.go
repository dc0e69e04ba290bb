package faultproxy

import (
	"context"
	"io"
	"math"
	"net"
	"sync"
	"time"
)

// slices is into how many parts a second's bytes are cut where they are
// limited, so that they trickle instead of coming in gulps.
const slices = 50

// A link is one connection of a client and the one to the server behind it.
type link struct {
	proxy  *Proxy
	client net.Conn
	ctx    context.Context // ends when the link is reset
	cancel context.CancelFunc

	mu     sync.Mutex
	server net.Conn // nil until it is dialled
}

// run dials the server and passes bytes until both sides have ended.
func (l *link) run() {
	defer l.proxy.forget(l)
	if !l.wait(func(Faults) time.Duration { return 0 }) || !l.dial() {
		l.reset()
		return
	}
	var back sync.WaitGroup
	back.Go(func() { l.pump(l.client, l.server) })
	l.pump(l.server, l.client)
	back.Wait()
	l.close()
}

// dial connects to the server, unless the link was reset meanwhile.
func (l *link) dial() bool {
	var dialer net.Dialer
	server, err := dialer.DialContext(l.ctx, l.proxy.network, l.proxy.server)
	if err != nil {
		return false
	}
	l.mu.Lock()
	l.server = server
	l.mu.Unlock()
	if l.ctx.Err() != nil { // reset before it had this connection to close
		_ = server.Close()
		return false
	}
	return true
}

// pump passes on what src sends, and its end; any other end resets the link.
func (l *link) pump(dst, src net.Conn) {
	chunk := make([]byte, 32<<10)
	for {
		n, err := src.Read(chunk)
		if n > 0 && !l.pass(dst, chunk[:n]) {
			l.reset()
			return
		}
		if err == io.EOF && l.finish(dst) {
			return
		}
		if err != nil {
			l.reset()
			return
		}
	}
}

// pass writes a chunk as the faults of the moment have it, and tells whether
// the link still stands.
func (l *link) pass(dst net.Conn, chunk []byte) bool {
	if !l.wait(func(f Faults) time.Duration { return f.Delay }) {
		return false
	}
	for len(chunk) > 0 {
		n, last := l.proxy.grant(l.slice(len(chunk)))
		if _, err := dst.Write(chunk[:n]); err != nil {
			return false
		}
		if last {
			l.proxy.Cut()
			return false
		}
		chunk = chunk[n:]
		if !l.wait(func(f Faults) time.Duration { return f.last(n) }) {
			return false
		}
	}
	return true
}

// slice returns how many of n bytes are written at once.
func (l *link) slice(n int) int {
	faults, _ := l.proxy.now()
	if rate := faults.BytesPerSecond; rate > 0 {
		return min(n, max(1, rate/slices))
	}
	return n
}

// last returns how long n bytes take at the limit.
func (f Faults) last(n int) time.Duration {
	if f.BytesPerSecond <= 0 {
		return 0
	}
	return time.Duration(n) * time.Second / time.Duration(f.BytesPerSecond)
}

// finish passes on that a side has sent all it will: the other side may still
// be answering. It waits where bytes would.
func (l *link) finish(dst net.Conn) bool {
	if !l.wait(func(f Faults) time.Duration { return f.Delay }) {
		return false
	}
	half, ok := dst.(interface{ CloseWrite() error })
	return ok && half.CloseWrite() == nil
}

// wait holds the link for as long as the faults of the moment say, and for as
// long as they swallow everything. When they change they are asked again. It
// tells whether the link still stands.
func (l *link) wait(long func(Faults) time.Duration) bool {
	since := time.Now()
	for l.ctx.Err() == nil {
		faults, changed := l.proxy.now()
		left := long(faults) - time.Since(since)
		if faults.Swallow {
			left = math.MaxInt64
		}
		if left <= 0 {
			return true
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-changed:
		case <-l.ctx.Done():
		}
		timer.Stop()
	}
	return false
}

// close ends a link that has passed on all of both sides. What the system still
// has to send of it is sent; of a link that was reset nothing is.
func (l *link) close() {
	l.cancel()
	_ = l.client.Close()
	_ = l.server.Close()
}

// reset ends the link at once on both sides; again is nothing.
func (l *link) reset() {
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	abort(l.client)
	if l.server != nil {
		abort(l.server)
	}
}

// abort closes a connection with a reset, so that what is not sent yet never
// is and the other side learns of it at once.
func abort(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
