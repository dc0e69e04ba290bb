package faultproxy_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"dragoman/translator/store/faultproxy"
)

// echo starts a server that sends back what it gets, until its end.
func echo(t *testing.T, network, addr string) string {
	t.Helper()
	listener, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); running.Wait() })
	return listener.Addr().String()
}

// start returns a proxy before an echo.
func start(t *testing.T) *faultproxy.Proxy {
	t.Helper()
	return faultproxy.New(t, echo(t, "tcp", "127.0.0.1:0"))
}

func dial(t *testing.T, p *faultproxy.Proxy) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// say sends a text and wants it back.
func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatalf("write: %v", err)
	}
	back := make([]byte, len(text))
	if _, err := io.ReadFull(conn, back); err != nil || string(back) != text {
		t.Fatalf("said %q, heard %q (%v)", text, back, err)
	}
}

func TestSoundNetwork(t *testing.T) {
	t.Parallel()
	sent := make([]byte, 5<<20)
	for i := range sent {
		sent[i] = byte(rand.Uint32())
	}
	servers := map[string]string{
		"tcp":  echo(t, "tcp", "127.0.0.1:0"),
		"unix": echo(t, "unix", filepath.Join(t.TempDir(), "socket")),
	}
	for network, server := range servers {
		p := faultproxy.New(t, server)
		conn := dial(t, p)
		go func() {
			_, _ = conn.Write(sent)
			_ = conn.(*net.TCPConn).CloseWrite()
		}()
		back, err := io.ReadAll(conn)
		if err != nil || !bytes.Equal(back, sent) {
			t.Errorf("%s: %d of %d bytes came back, or others: %v", network, len(back), len(sent), err)
		}
		if got := p.Passed(); got != 2*int64(len(sent)) {
			t.Errorf("%s: passed %d, want %d", network, got, 2*len(sent))
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	p := start(t)
	a, b := dial(t, p), dial(t, p)
	say(t, a, "one")
	say(t, b, "two")
	if n := p.Cut(); n != 2 {
		t.Errorf("cut %d connections, want 2", n)
	}
	for _, conn := range []net.Conn{a, b} {
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("after the cut: %v, want a reset", err)
		}
	}
	say(t, dial(t, p), "three")
	if p.Open() != 1 || p.Opened() != 3 {
		t.Errorf("%d of %d connections stand, want 1 of 3", p.Open(), p.Opened())
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	p := start(t)
	conn := dial(t, p)
	say(t, conn, "before")
	p.Set(faultproxy.Faults{Refuse: true})
	if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial: %v, want refused", err)
	}
	say(t, conn, "what is connected stays so")
	p.Heal()
	say(t, dial(t, p), "after")
}

func TestSwallow(t *testing.T) {
	t.Parallel()
	p := start(t)
	conn := dial(t, p)
	say(t, conn, "before")
	p.Set(faultproxy.Faults{Swallow: true})
	late := dial(t, p)
	for _, c := range []net.Conn{conn, late} {
		if _, err := io.WriteString(c, "lost?"); err != nil {
			t.Fatalf("nobody is told: %v", err)
		}
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, err := c.Read(make([]byte, 8)); n != 0 || !errors.Is(err, syscall.EAGAIN) && !isTimeout(err) {
			t.Errorf("read %d bytes (%v) of a network that swallows all", n, err)
		}
		_ = c.SetReadDeadline(time.Time{})
	}
	p.Heal()
	for _, c := range []net.Conn{conn, late} {
		back := make([]byte, 5)
		if _, err := io.ReadFull(c, back); err != nil || string(back) != "lost?" {
			t.Errorf("after it healed: %q, %v", back, err)
		}
		say(t, c, "after")
	}
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// TestCutAfterEachByte cuts after each byte of a question and its answer: those
// bytes arrive and no other.
func TestCutAfterEachByte(t *testing.T) {
	t.Parallel()
	const text = "as long as an echo"
	for n := 1; n <= 2*len(text); n++ {
		p := start(t)
		p.Set(faultproxy.Faults{CutAfter: int64(n)})
		conn := dial(t, p)
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		back, err := io.ReadAll(conn)
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Fatalf("after %d bytes: %v, want a reset", n, err)
		}
		if want := text[:max(0, n-len(text))]; string(back) != want {
			t.Errorf("after %d bytes %q arrived, want %q", n, back, want)
		}
		if p.Passed() != int64(n) {
			t.Errorf("passed %d, want %d", p.Passed(), n)
		}
		say(t, dial(t, p), "once only")
	}
}

// TestServerGone is of a server that is not there yet, and comes.
func TestServerGone(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "socket")
	p := faultproxy.New(t, socket)
	conn, err := net.Dial("tcp", p.Addr()) // which may be told already
	if err == nil {
		_, err = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("without a server: %v, want a reset", err)
	}
	echo(t, "unix", socket)
	say(t, dial(t, p), "it came")
}

func TestHTTPBodyCut(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("answer "), 10_000))
	}))
	t.Cleanup(server.Close)
	p := faultproxy.New(t, server.Listener.Addr().String())
	client := &http.Client{Transport: &http.Transport{}}
	get := func() (int, error) {
		resp, err := client.Get("http://" + p.Addr())
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return len(body), err
	}
	if n, err := get(); n != 70_000 || err != nil {
		t.Fatalf("%d bytes, %v", n, err)
	}
	p.Set(faultproxy.Faults{CutAfter: 30_000})
	if n, err := get(); err == nil || n >= 30_000 {
		t.Errorf("a body that was cut at 30,000 bytes came as %d, %v", n, err)
	}
	client.CloseIdleConnections()
}

// TestClose is of connections that stand in every kind of wait, a peer that
// does not read among them: none keeps Close from returning.
func TestClose(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]faultproxy.Faults{
		"sound": {}, "refuse": {Refuse: true}, "swallow": {Swallow: true}, "delay": {Delay: time.Hour},
		"rate": {BytesPerSecond: 1}, "cut": {CutAfter: 1 << 40},
	} {
		p := start(t)
		conn := dial(t, p)
		say(t, conn, name)
		p.Set(faults)
		_ = conn.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
		_, _ = conn.Write(make([]byte, 32<<20)) // more than all buffers hold
		p.Close()
		if p.Open() != 0 {
			t.Errorf("%s: %d connections stand after Close", name, p.Open())
		}
		if _, err := net.Dial("tcp", p.Addr()); err == nil {
			t.Errorf("%s: the port is open after Close", name)
		}
		p.Close()
		p.Heal()
	}
}

// TestMany is many clients whose network gets worse and better all the time:
// each hears what it said, or an error, and never anything else.
func TestMany(t *testing.T) {
	t.Parallel()
	p := start(t)
	stop := make(chan struct{})
	var spoilers, clients sync.WaitGroup
	for range 2 {
		spoilers.Go(func() { spoil(p, stop) })
	}
	for i := range 16 {
		clients.Go(func() {
			for k := range 20 {
				if heard, want := chat(p, byte(i+k)); heard != nil && !bytes.Equal(heard, want) {
					t.Errorf("said %d bytes, heard %d others", len(want), len(heard))
				}
			}
		})
	}
	clients.Wait()
	close(stop)
	spoilers.Wait()
	p.Heal()
	say(t, dial(t, p), "well again")
}

// spoil sets faults in turn until it is stopped.
func spoil(p *faultproxy.Proxy, stop <-chan struct{}) {
	all := []faultproxy.Faults{
		{}, {Swallow: true}, {Delay: time.Millisecond}, {BytesPerSecond: 1 << 20}, {CutAfter: 10_000}, {},
	}
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-time.After(time.Millisecond):
			p.Set(all[i%len(all)])
			if i%7 == 0 {
				p.Cut()
			}
		}
	}
}

// chat says something and returns what came back, nil when the network failed.
func chat(p *faultproxy.Proxy, b byte) (heard, want []byte) {
	want = bytes.Repeat([]byte{b}, 2000)
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		return nil, want
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write(want); err != nil {
		return nil, want
	}
	heard = make([]byte, len(want))
	if _, err := io.ReadFull(conn, heard); err != nil {
		return nil, want
	}
	return heard, want
}
