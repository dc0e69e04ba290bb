package scripted

import (
	"net"
	"testing"
)

// Silent returns the address of a server that accepts connections and never
// says a word, not even in a TLS handshake.
func Silent(t testing.TB) string {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lis.Close() }) // the kernel accepts up to its backlog
	return lis.Addr().String()
}

// Closed returns an address where nobody listens.
func Closed(t testing.TB) string {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := lis.Close(); err != nil {
		t.Fatal(err)
	}
	return lis.Addr().String()
}
