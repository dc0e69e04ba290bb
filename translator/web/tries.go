package web

import (
	"net/netip"
	"sync"
	"time"
)

// Five wrong passwords may follow each other at once, then one a minute (OWASP
// ASVS 5.0, 6.3.1). Where more addresses try than can be kept, the one that tried
// least lately is forgotten.
const (
	freeTries    = 5
	tryEvery     = time.Minute
	maxAddresses = 10_000
)

// tries counts wrong passwords by who gave them. It is safe for concurrent use.
type tries struct {
	mu sync.Mutex
	by map[netip.Prefix]time.Time // when all free tries are there again
}

func newTries() *tries { return &tries{by: map[netip.Prefix]time.Time{}} }

// wait returns how long an address has to wait before it may try; 0 is not at all.
func (t *tries) wait(address netip.Prefix) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	full, there := t.by[address]
	if !there {
		return 0
	}
	return max(0, time.Until(full)-(freeTries-1)*tryEvery)
}

// failed takes note of a wrong password.
func (t *tries) failed(address netip.Prefix) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	full, there := t.by[address]
	if !there && len(t.by) >= maxAddresses {
		t.makeRoom(now)
	}
	if full.Before(now) {
		full = now
	}
	t.by[address] = full.Add(tryEvery)
}

// makeRoom forgets those who have all tries again, or else the one next to it.
func (t *tries) makeRoom(now time.Time) {
	var next netip.Prefix
	for address, full := range t.by {
		if full.Before(now) {
			delete(t.by, address)
		} else if earliest, there := t.by[next]; !there || full.Before(earliest) {
			next = address
		}
	}
	if len(t.by) >= maxAddresses {
		delete(t.by, next)
	}
}

// forget clears an address that knew the password.
func (t *tries) forget(address netip.Prefix) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, address)
}
