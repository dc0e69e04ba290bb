package web

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// prefix returns the n-th of many addresses.
func prefix(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 32)
}

// TestManyAddressesAreForgotten fills the table: it does not grow without end,
// and who has tried most is not the one forgotten.
func TestManyAddressesAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries := newTries()
		for range freeTries {
			tries.failed(prefix(0))
		}
		for n := range maxAddresses + 5 {
			tries.failed(prefix(n + 1))
		}
		if len(tries.by) > maxAddresses {
			t.Errorf("%d addresses are kept", len(tries.by))
		}
		if tries.wait(prefix(0)) == 0 {
			t.Error("who had tried most was forgotten")
		}
		time.Sleep(2 * time.Minute) // those who tried once have all tries again
		tries.failed(prefix(1 << 20))
		if n := len(tries.by); n > 2 {
			t.Errorf("%d are kept of those who may try again", n)
		}
	})
}
