package scripted

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// NewMemory starts a server that is reached over pipes in memory, by the
// transport it returns and by nothing else. It is for tests in a bubble of
// testing/synctest, whose clock waits for real connections. The faults that end
// a connection by hand need real ones.
func NewMemory(t testing.TB, handler http.Handler) (*Server, *http.Transport) {
	t.Helper()
	s := &Server{URL: "http://127.0.0.1:1", next: handler, gone: make(chan struct{})}
	lis := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: s, ErrorLog: quiet}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(lis) }) // it ends when it is closed
	transport := &http.Transport{DialContext: lis.dial}
	t.Cleanup(func() {
		close(s.gone)
		transport.CloseIdleConnections()
		_ = server.Close() // of pipes, which close without an error
		serving.Wait()
	})
	return s, transport
}

// pipes is a net.Listener of connections in memory.
type pipes struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
