// Package faultproxy stands on loopback between a client and its server, a
// PostgreSQL or an HTTP one, and does to their connections what networks do:
//
//	proxy := faultproxy.New(t, server)
//	dial(proxy.Addr())
//	proxy.Set(faultproxy.Faults{Delay: 50 * time.Millisecond})
//	proxy.Cut()  // every connection is reset
//	proxy.Heal() // no fault any more
//
// It passes bytes and knows no protocol, and nothing of ours.
package faultproxy

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Faults are what connections meet from the moment they are set, those that
// stand already too. The zero value is a sound network.
type Faults struct {
	// Refuse lets nobody connect: the port is closed, as of a server that is
	// down. What is connected stays so; see Cut.
	Refuse bool
	// Swallow takes connections and bytes and passes neither on, as a firewall
	// that drops packets: nobody is told anything. What came meanwhile goes on
	// when the fault ends, as TCP sends again what was lost.
	Swallow bool
	// Delay holds each chunk of bytes, in either direction, before it goes on.
	// A question with its answer takes two.
	Delay time.Duration
	// BytesPerSecond limits each direction of each connection; 0 is no limit.
	BytesPerSecond int
	// CutAfter cuts all connections, once, when so many bytes more have passed,
	// in both directions and over all connections together; 0 is never. Those
	// bytes arrive, the next does not.
	CutAfter int64
}

// A Proxy is open until the end of its test. Its methods may be called at any
// time from anywhere.
type Proxy struct {
	t       testing.TB
	network string // of the server
	server  string
	addr    string
	running sync.WaitGroup // accepting, and two pumps for each link

	mu       sync.Mutex
	listener net.Listener // nil while it refuses
	closed   bool
	faults   Faults
	changed  chan struct{} // closed, and replaced, when faults change
	links    map[*link]struct{}
	passed   int64
	opened   int
}

// New opens a proxy before a server: its "host:port", or the path of its Unix
// socket. Nothing is dialled before somebody connects, so the server may come
// later, and go and come again.
func New(t testing.TB, server string) *Proxy {
	t.Helper()
	p := &Proxy{
		t: t, network: "tcp", server: server, addr: "127.0.0.1:0",
		changed: make(chan struct{}), links: map[*link]struct{}{},
	}
	if strings.HasPrefix(server, "/") {
		p.network = "unix"
	}
	if p.listen(); p.listener == nil {
		t.FailNow()
	}
	p.addr = p.listener.Addr().String()
	t.Cleanup(p.Close)
	return p
}

// Addr returns where clients connect, as "127.0.0.1:port". It stays the same
// while the proxy refuses.
func (p *Proxy) Addr() string { return p.addr }

// Set replaces the faults.
func (p *Proxy) Set(faults Faults) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = faults
	close(p.changed)
	p.changed = make(chan struct{})
	switch {
	case p.closed:
	case faults.Refuse:
		p.deafen()
	case p.listener == nil:
		p.listen()
	}
}

// Heal ends all faults. Connections that were cut stay so.
func (p *Proxy) Heal() {
	p.t.Helper()
	p.Set(Faults{})
}

// Cut resets every connection that stands, on both sides, and returns how many
// those were. New ones are taken as before.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut()
}

// Open returns how many connections stand.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Opened returns how many connections were taken so far.
func (p *Proxy) Opened() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened
}

// Passed returns how many bytes have passed, in both directions together: for
// a test that cuts after each of them.
func (p *Proxy) Passed() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed
}

// Close cuts every connection, closes the port and returns when nothing of the
// proxy runs any more. The end of the test calls it; calling it again is nothing.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.deafen()
	p.cut()
	p.mu.Unlock()
	p.running.Wait()
}

// listen opens the port; the lock is held, or nobody else has the proxy yet. A port that was closed for a while
// can, in theory, be somebody else's by now: the test cannot go on then.
func (p *Proxy) listen() {
	listener, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.t.Errorf("faultproxy: listen: %v", err)
		return
	}
	p.listener = listener
	p.running.Go(func() { p.accept(listener) })
}

// deafen closes the port; the lock is held.
func (p *Proxy) deafen() {
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
}

// cut resets all links; the lock is held.
func (p *Proxy) cut() int {
	for l := range p.links {
		l.reset()
	}
	n := len(p.links)
	clear(p.links)
	return n
}

// accept takes connections until its listener is closed.
func (p *Proxy) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		p.take(client)
	}
}

// take makes a link of a client's connection.
func (p *Proxy) take(client net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := &link{proxy: p, client: client}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	if p.closed || p.faults.Refuse {
		l.reset()
		return
	}
	p.opened++
	p.links[l] = struct{}{}
	p.running.Go(l.run)
}

// now returns the faults, and what is closed when they change.
func (p *Proxy) now() (Faults, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults, p.changed
}

// grant counts n bytes that are about to pass and returns how many of them may,
// and whether all is cut after those.
func (p *Proxy) grant(n int) (granted int, last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if left := p.faults.CutAfter; left > 0 {
		if int64(n) >= left {
			n, last = int(left), true
		}
		p.faults.CutAfter -= int64(n)
	}
	p.passed += int64(n)
	return n, last
}

// forget drops a link that has ended.
func (p *Proxy) forget(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}
