package googletest

import (
	"net"
	"sync"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/grpc/status"
)

// A Fault is what goes wrong with one request that is itself in order.
type Fault struct {
	Delay  time.Duration  // on top of Options.Latency
	Status *status.Status // answered instead of translations
	// Paid says that, with Status, the texts were translated and are to be paid
	// for all the same: the answer was lost behind the service's door.
	Paid  bool
	Empty []int  // the texts, from 0, whose answer is left empty
	Extra int    // how many answers are added at the end, or, below 0, left out there
	Model string // named in the answer instead of the one asked for
	// Models are named by the answers in turn, in full, as they stand here.
	Models []string
	// Garbage is sent as the answer's bytes, a protobuf or not.
	Garbage []byte
	HangUp  bool // the texts are paid for, and the connection is cut instead of an answer
}

// Script returns an Options.Fault that lets the first requests fail in turn,
// one Fault each, and the later ones pass. A nil Fault lets its request pass.
func Script(faults ...*Fault) func(int, *translatepb.TranslateTextRequest) *Fault {
	return func(n int, _ *translatepb.TranslateTextRequest) *Fault {
		if n > len(faults) {
			return nil
		}
		return faults[n-1]
	}
}

// Always returns an Options.Fault that gives every request the same fault.
func Always(fault Fault) func(int, *translatepb.TranslateTextRequest) *Fault {
	return func(int, *translatepb.TranslateTextRequest) *Fault { return &fault }
}

// A listener remembers the connections it has accepted, by the peer's address,
// so that one can be cut.
type listener struct {
	net.Listener
	mu    sync.Mutex
	conns map[string]net.Conn
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[conn.RemoteAddr().String()] = conn
	return conn, nil
}

func (l *listener) cut(peer string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if conn, ok := l.conns[peer]; ok {
		_ = conn.Close() // the peer sees it; nobody else needs to
		delete(l.conns, peer)
	}
}
