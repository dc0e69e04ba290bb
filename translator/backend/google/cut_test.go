package google_test

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/google"
	"dragoman/translator/backend/google/googletest"
)

// TestReplyCutAnywhere ends the connection after every number of bytes from
// the service. The answer is then right or Unavailable, and what was paid for
// is owned up to.
func TestReplyCutAnywhere(t *testing.T) {
	t.Parallel()
	const text = "وصل الوفد مساء."
	answered := false
	for n := 0; !answered; n += 3 {
		if n > 2000 {
			t.Fatal("no answer came whole")
		}
		server := start(t, nil)
		b, stop := behind(t, server, n)
		resp, err := b.Translate(t.Context(), ask(text))
		stop()
		server.Stop()
		if answered = err == nil; answered {
			if resp.Translations[0].Text != googletest.Token(text) {
				t.Errorf("%d bytes: wrong answer %q", n, resp.Translations[0].Text)
			}
			continue
		}
		e, ok := errors.AsType[*translator.Error](err)
		if !ok || e.Kind != translator.Unavailable || server.Texts() > 0 && !e.MaybePaid {
			t.Errorf("%d bytes, %d texts paid: %v", n, server.Texts(), err)
		}
		if server.Requests() > 1 {
			t.Errorf("%d bytes: %d calls", n, server.Requests())
		}
	}
}

// behind returns a Backend whose connections end after n bytes from the
// server, and what to call when it is done with.
func behind(t *testing.T, server *googletest.Server, n int) (*google.Backend, func()) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var pipes sync.WaitGroup
	pipes.Go(func() {
		for {
			client, err := lis.Accept()
			if err != nil {
				return
			}
			pipes.Go(func() { cutAfter(client, server.Addr(), n) })
		}
	})
	b, err := google.New(t.Context(), &google.Options{Project: "desk-1", Endpoint: lis.Addr().String(), Insecure: true})
	if err != nil {
		t.Fatal(err)
	}
	return b, func() {
		if err := errors.Join(b.Close(), lis.Close()); err != nil {
			t.Error(err)
		}
		pipes.Wait()
	}
}

// cutAfter joins client to addr until n bytes have come back.
func cutAfter(client net.Conn, addr string, n int) {
	defer client.Close()
	service, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	var upward sync.WaitGroup
	upward.Go(func() { _, _ = io.Copy(service, client) })
	_, _ = io.CopyN(client, service, int64(n))
	client.Close()
	service.Close()
	upward.Wait()
}
