package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
	"dragoman/translator/store/storetest"
)

func numberedKeys(n int) []translator.Key {
	keys := make([]translator.Key, n)
	for i := range keys {
		keys[i] = translator.KeyOf(translator.Direction{From: "ar", To: "en"}, fmt.Sprint("جملة ", i))
	}
	slices.SortFunc(keys, translator.Key.Compare)
	return keys
}

func claim(t *testing.T, s *Store, keys []translator.Key, want ...translator.Key) {
	t.Helper()
	got, err := s.Claim(t.Context(), keys)
	slices.SortFunc(got, translator.Key.Compare)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Claim of %d: %d, %v; want %d", len(keys), len(got), err, len(want))
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	a, b := mustOpen(t, url, nil), mustOpen(t, url, nil)
	keys := numberedKeys(5000)
	claim(t, a, nil)
	claim(t, a, keys[:3000], keys[:3000]...)
	claim(t, b, keys, keys[3000:]...)
	claim(t, a, append(keys[:10:10], keys[0], keys[0]), keys[:10]...) // its own, and one thrice
	if err := a.Release(t.Context(), append(keys[:1000:1000], keys[4000])); err != nil {
		t.Fatal(err)
	}
	claim(t, a, keys[4000:]) // not given back by another than its holder
	claim(t, b, keys[:1500], keys[:1000]...)
	if err := b.Release(t.Context(), nil); err != nil {
		t.Error(err)
	}
	session := sessionOf(b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	terminate(t, a, session) // it is ending, and the server may be slow
	claim(t, a, keys, keys...)
	if _, err := b.Claim(t.Context(), keys); err == nil {
		t.Error("a closed store claims")
	}
}

// sessionOf returns the process id of the session that a store claims with.
func sessionOf(s *Store) uint32 { return s.claims.conn.PgConn().PID() }

// TestClaimsEndWithTheirSession cuts the holder's connection, as a killed
// process would: others take its keys at once, and it goes on with what is left.
func TestClaimsEndWithTheirSession(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	a, b := mustOpen(t, url, nil), mustOpen(t, url, nil)
	keys := numberedKeys(2000)
	claim(t, a, keys[:1500], keys[:1500]...)
	terminate(t, b, sessionOf(a))
	claim(t, b, keys[:1000], keys[:1000]...)
	claim(t, a, keys, keys[1000:]...)
	if err := a.Release(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	claim(t, b, keys, keys...)
	c := mustOpen(t, url, nil)
	terminate(t, c, sessionOf(b))
	claim(t, c, keys[:1], keys[0])
	var rows int
	if err := c.Pool().QueryRow(t.Context(), "SELECT count(*) FROM claims").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows of holders that are gone: %v", rows-1, err)
	}
}

// terminate ends a session, and returns when its locks are free.
func terminate(t *testing.T, s *Store, pid uint32) {
	t.Helper()
	if _, err := s.Pool().Exec(t.Context(), "SELECT pg_terminate_backend($1, 10000)", int32(pid)); err != nil {
		t.Fatal(err)
	}
}

// TestClaimsTogether has stores claim and release at random: no key is in two
// hands, and none is lost.
func TestClaimsTogether(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	keys := numberedKeys(60)
	stores := make([]*Store, 4)
	for i := range stores {
		stores[i] = mustOpen(t, url, nil)
	}
	var mu sync.Mutex
	hands := map[translator.Key]int{}
	var group sync.WaitGroup
	for i, s := range stores {
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for range 60 {
				asked := slices.Clone(keys)
				random.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
				taken, err := s.Claim(t.Context(), asked[:20])
				if err != nil {
					t.Error(err)
					return
				}
				hold(&mu, hands, taken, 1, t)
				hold(&mu, hands, taken, -1, t)
				if err := s.Release(t.Context(), taken); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	claim(t, stores[0], keys, keys...)
}

func hold(mu *sync.Mutex, hands map[translator.Key]int, keys []translator.Key, add int, t *testing.T) {
	mu.Lock()
	defer mu.Unlock()
	for _, k := range keys {
		if hands[k] += add; hands[k] > 1 {
			t.Errorf("%v is in %d hands", k, hands[k])
		}
	}
}

// TestClaimsWithoutContext: a caller that has enough does not cost the others their claims.
func TestClaimsWithoutContext(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	a, b := mustOpen(t, url, nil), mustOpen(t, url, nil)
	keys := numberedKeys(3000)
	claim(t, a, keys[:10], keys[:10]...)
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(3000))*time.Microsecond)
		_, _ = a.Claim(ctx, keys[10:]) // it may come in time or not
		cancel()
	}
	claim(t, b, keys[:10])
}

// TestClaimsSuite passes the suite that every store with claims passes.
func TestClaimsSuite(t *testing.T) {
	t.Parallel()
	storetest.RunClaims(t, func(t *testing.T) (a, b translator.Claims, kill func()) {
		url := postgrestest.Database(t)
		first, second := mustOpen(t, url, nil), mustOpen(t, url, nil)
		return first, second, func() {
			if _, err := second.pool.Exec(t.Context(), "SELECT pg_terminate_backend($1)", int32(sessionOf(first))); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestClaimsOfSilentHolder has a holder that beats, and one that does not, as
// one that is frozen: only that one loses its claims, and goes on when it wakes.
func TestClaimsOfSilentHolder(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	alive, frozen, other := mustOpen(t, url, nil), mustOpen(t, url, nil), mustOpen(t, url, nil)
	alive.claims.heart.every, alive.claims.heart.silence = 100*time.Millisecond, 5*time.Second // a busy machine is late by a second or two
	frozen.claims.heart.every, frozen.claims.heart.silence = time.Hour, time.Second
	keys := numberedKeys(4)
	claim(t, alive, keys[:2], keys[:2]...)
	claim(t, frozen, keys[2:], keys[2:]...)
	time.Sleep(6 * time.Second)
	claim(t, other, keys, keys[2:]...)
	if err := frozen.Release(t.Context(), keys); err != nil {
		t.Error(err)
	}
	claim(t, frozen, keys)
	claim(t, other, keys, keys[2:]...)
	if err := alive.Release(t.Context(), keys); err != nil {
		t.Error(err)
	}
	claim(t, frozen, keys, keys[:2]...)
}
