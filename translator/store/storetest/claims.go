package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
)

// A ClaimsHarness is two processes on one store in which nothing is claimed.
type ClaimsHarness struct {
	A, B translator.Claims
	Kill func() // ends A as a kill does: nothing is given back
}

// endTime is how long after its process a claim may be seen: a database
// notices the end of a connection, and no clock of its own has to run out.
const endTime = 5 * time.Second

// RunClaims tests claims. Each call of open returns new ones, which live as
// long as the test they are given.
func RunClaims(t *testing.T, open func(t *testing.T) (a, b translator.Claims, kill func())) {
	tests := []struct {
		name string
		test func(*testing.T, ClaimsHarness)
	}{
		{"one has it", claimsExclude},
		{"part", claimsPart},
		{"again", claimsAgain},
		{"nothing", claimsNothing},
		{"repeated keys", claimsRepeated},
		{"sizes", claimsSizes},
		{"release of another's", claimsForeign},
		{"context", claimsContext},
		{"killed", claimsKilled},
		{"at once", claimsAtOnce},
		{"held by one at a time", claimsOneAtATime},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, b, kill := open(t)
			tt.test(t, ClaimsHarness{a, b, kill})
		})
	}
}

func claim(t *testing.T, c translator.Claims, keys ...translator.Key) []translator.Key {
	t.Helper()
	got, err := c.Claim(t.Context(), keys)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	return got
}

func release(t *testing.T, c translator.Claims, keys ...translator.Key) {
	t.Helper()
	if err := c.Release(t.Context(), keys); err != nil {
		t.Fatalf("Release: %v", err)
	}
}

// wantClaimed claims keys and compares what is got, as a set.
func wantClaimed(t *testing.T, c translator.Claims, keys, want []translator.Key) {
	t.Helper()
	if got := claim(t, c, keys...); !slices.Equal(sortedKeys(got), sortedKeys(want)) {
		t.Errorf("of %d keys %d were claimed, want %d: %v, want %v", len(keys), len(got), len(want), got, want)
	}
}

func sortedKeys(keys []translator.Key) []translator.Key {
	return slices.SortedFunc(slices.Values(keys), func(a, b translator.Key) int { return slices.Compare(a[:], b[:]) })
}

// someKeys returns the keys of n texts.
func someKeys(n int) []translator.Key { return keysOf(numbered(n, google)) }

func claimsExclude(t *testing.T, h ClaimsHarness) {
	keys := someKeys(3)
	wantClaimed(t, h.A, keys, keys)
	wantClaimed(t, h.B, keys, nil)
	release(t, h.A, keys...)
	wantClaimed(t, h.B, keys, keys)
	wantClaimed(t, h.A, keys, nil)
}

// claimsPart claims more than is free, and gives back less than is held.
func claimsPart(t *testing.T, h ClaimsHarness) {
	keys := someKeys(10)
	wantClaimed(t, h.A, keys[2:6], keys[2:6])
	wantClaimed(t, h.B, keys, slices.Concat(keys[:2], keys[6:]))
	release(t, h.A, keys[2], keys[5])
	wantClaimed(t, h.B, keys[2:6], []translator.Key{keys[2], keys[5]})
	release(t, h.B, keys...) // those of A stay
	wantClaimed(t, h.B, keys[3:5], nil)
	wantClaimed(t, h.A, keys, keys)
}

// claimsAgain claims what the same process has: no other has it. So a claim
// whose answer was lost on its way is made good by the next.
func claimsAgain(t *testing.T, h ClaimsHarness) {
	keys := someKeys(4)
	wantClaimed(t, h.A, keys[:2], keys[:2])
	wantClaimed(t, h.A, keys, keys)
	release(t, h.A, keys...) // once is enough
	wantClaimed(t, h.B, keys, keys)
}

func claimsNothing(t *testing.T, h ClaimsHarness) {
	wantClaimed(t, h.A, nil, nil)
	release(t, h.A)
	keys := someKeys(2)
	release(t, h.A, keys...) // never held
	wantClaimed(t, h.A, keys, keys)
	release(t, h.A, keys...)
	release(t, h.A, keys...) // no longer held
	wantClaimed(t, h.B, keys, keys)
}

func claimsRepeated(t *testing.T, h ClaimsHarness) {
	keys := someKeys(2)
	given := []translator.Key{keys[1], keys[0], keys[1], keys[1]}
	before := slices.Clone(given)
	wantClaimed(t, h.A, given, keys)
	if !slices.Equal(given, before) {
		t.Error("Claim changed its argument")
	}
	wantClaimed(t, h.B, given, nil)
	release(t, h.A, given...)
	if !slices.Equal(given, before) {
		t.Error("Release changed its argument")
	}
	wantClaimed(t, h.B, given, keys)
}

func claimsSizes(t *testing.T, h ClaimsHarness) {
	keys := someKeys(5000)
	wantClaimed(t, h.A, keys[1000:2500], keys[1000:2500])
	wantClaimed(t, h.B, keys, slices.Concat(keys[:1000], keys[2500:]))
	release(t, h.B, keys...)
	wantClaimed(t, h.A, keys, keys)
}

// claimsForeign gives back what another process has: it stays that one's.
func claimsForeign(t *testing.T, h ClaimsHarness) {
	keys := someKeys(2)
	wantClaimed(t, h.A, keys, keys)
	release(t, h.B, keys...)
	wantClaimed(t, h.B, keys, nil)
}

func claimsContext(t *testing.T, h ClaimsHarness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	keys := someKeys(2)
	if got, err := h.A.Claim(ctx, keys); !errors.Is(err, context.Canceled) || len(got) > 0 {
		t.Errorf("Claim with a cancelled context: %v, %v", got, err)
	}
	wantClaimed(t, h.B, keys, keys)
	if err := h.B.Release(ctx, keys); !errors.Is(err, context.Canceled) {
		t.Errorf("Release with a cancelled context: %v", err)
	}
	wantClaimed(t, h.A, keys, nil)
}

// claimsKilled ends a process in the middle: its claims end with it.
func claimsKilled(t *testing.T, h ClaimsHarness) {
	keys := someKeys(1200)
	wantClaimed(t, h.A, keys[:1000], keys[:1000])
	wantClaimed(t, h.B, keys, keys[1000:])
	h.Kill()
	var got []translator.Key
	for end := time.Now().Add(endTime); len(got) < 1000 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		got = claim(t, h.B, keys[:1000]...)
	}
	if len(got) != 1000 {
		t.Fatalf("%v after the end of the process that had 1000 keys, %d of them are free", endTime, len(got))
	}
	release(t, h.B, keys...)
	wantClaimed(t, h.B, keys, keys)
}

// claimsAtOnce lets both claim the same keys at once, each in its own order:
// every key goes to exactly one of them, and neither waits for the other for ever.
func claimsAtOnce(t *testing.T, h ClaimsHarness) {
	for round := range 20 {
		keys := someKeys(300)
		got := make([][]translator.Key, 2)
		var group sync.WaitGroup
		for i, c := range []translator.Claims{h.A, h.B} {
			mine := slices.Clone(keys)
			rand.Shuffle(len(mine), func(a, b int) { mine[a], mine[b] = mine[b], mine[a] })
			group.Go(func() {
				var err error
				if got[i], err = c.Claim(t.Context(), mine); err != nil {
					t.Errorf("Claim: %v", err)
				}
			})
		}
		group.Wait()
		if all := sortedKeys(slices.Concat(got...)); !slices.Equal(all, sortedKeys(keys)) {
			t.Fatalf("round %d: %d and %d of %d keys were claimed", round, len(got[0]), len(got[1]), len(keys))
		}
		release(t, h.A, keys...)
		release(t, h.B, keys...)
	}
}

// claimsOneAtATime lets several callers of both processes claim and release
// random keys, and looks whether a key is ever in the hands of both.
func claimsOneAtATime(t *testing.T, h ClaimsHarness) {
	keys := someKeys(40)
	var mu sync.Mutex
	holder := map[translator.Key]int{}
	note := func(who int, got []translator.Key) error {
		mu.Lock()
		defer mu.Unlock()
		for _, k := range got {
			if other, held := holder[k]; held && other != who {
				return fmt.Errorf("key %v is held by both", k)
			}
			holder[k] = who
		}
		return nil
	}
	forget := func(got []translator.Key) {
		mu.Lock()
		defer mu.Unlock()
		for _, k := range got {
			delete(holder, k)
		}
	}
	var group sync.WaitGroup
	for who, c := range []translator.Claims{h.A, h.B} {
		for part := range 2 { // callers of one process never claim the same key: see package memory
			mine := keys[part*20 : part*20+20]
			group.Go(func() {
				random := rand.New(rand.NewPCG(uint64(who), uint64(part)))
				for range 60 {
					from := random.IntN(15)
					got, err := c.Claim(t.Context(), mine[from:from+5])
					if err == nil {
						err = note(who, got)
					}
					forget(got) // before they are released
					if err = errors.Join(err, c.Release(t.Context(), got)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	group.Wait()
	wantClaimed(t, h.A, keys, keys)
}
