package backend

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"dragoman/translator"
)

func TestPack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sizes             []int
		maxTexts, maxSize int
		want              int
	}{
		{nil, 3, 10, 0},
		{[]int{1, 2, 3}, 0, 0, 3},
		{[]int{1, 2, 3}, 2, 0, 2},
		{[]int{4, 6, 1}, 0, 10, 2},
		{[]int{4, 7, 1}, 0, 10, 1},
		{[]int{11, 1}, 0, 10, 1},
		{[]int{10, 0, 0, 1}, 0, 10, 3},
		{[]int{1, 1, 1}, 1, 1, 1},
	} {
		if got := Pack(c.sizes, c.maxTexts, c.maxSize); got != c.want {
			t.Errorf("Pack(%v, %d, %d) = %d, want %d", c.sizes, c.maxTexts, c.maxSize, got, c.want)
		}
	}
}

func TestPackIsTheLongestPrefixThatFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOf(rapid.IntRange(0, 20)).Draw(t, "sizes")
		maxTexts, maxSize := rapid.IntRange(0, 10).Draw(t, "texts"), rapid.IntRange(0, 50).Draw(t, "size")
		fits := func(n int) bool {
			total := 0
			for _, s := range sizes[:n] {
				total += s
			}
			return (maxTexts == 0 || n <= maxTexts) && (maxSize == 0 || total <= maxSize)
		}
		n := Pack(sizes, maxTexts, maxSize)
		if n > 1 && !fits(n) || n < len(sizes) && n > 0 && fits(n+1) || n == 0 && len(sizes) > 0 {
			t.Fatalf("Pack(%v, %d, %d) = %d", sizes, maxTexts, maxSize, n)
		}
	})
}

// TestEveryTextGetsItsOwnAnswer throws faults of every kind that passes at
// random callers: whatever happens, a text has its own answer or an error, the
// service's limits are kept, and nothing is left over.
func TestEveryTextGetsItsOwnAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		callers := rapid.IntRange(1, 12).Draw(rt, "callers")
		traits := translator.Traits{
			MaxTexts: rapid.IntRange(0, 9).Draw(rt, "max texts"), MaxSize: rapid.SampledFrom([]int{0, 30, 200}).Draw(rt, "max size"),
			Connections: rapid.IntRange(1, 5).Draw(rt, "connections"),
		}
		faults := rapid.IntRange(0, 60).Draw(rt, "percent of faults")
		poison := rapid.Bool().Draw(rt, "poison")
		if problem := chaos(t, seed, callers, traits, faults, poison); problem != "" {
			rt.Fatal(problem)
		}
	})
}

// chaos is one run of random callers over a service that fails at random, and
// always refuses texts with the word poison.
func chaos(t *testing.T, seed uint64, callers int, traits translator.Traits, faults int, poison bool) (problem string) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(seed, 1))
		var mu sync.Mutex
		dice := rand.New(rand.NewPCG(seed, 2))
		s := &service{traits: traits, latency: 10 * time.Millisecond}
		s.fault = func(_ int, texts []string) error {
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(strings.Join(texts, " "), "poison") {
				return kind(translator.Invalid)
			}
			if dice.IntN(100) < faults {
				return kind([]translator.Kind{translator.Unavailable, translator.Throttled, translator.Corrupt}[dice.IntN(3)])
			}
			return nil
		}
		c := New(s, &Options{Attempts: 1000, Patience: 1000 * time.Hour, FailuresToOpen: 1e6})
		problems := make(chan string, callers)
		for k := range callers {
			texts := make([]string, random.IntN(20))
			for i := range texts {
				texts[i] = fmt.Sprintf("%d/%d %s", k, i, strings.Repeat("x", random.IntN(9)))
				if poison && random.IntN(12) == 0 {
					texts[i] += "poison"
				}
			}
			pause := time.Duration(random.IntN(100)) * time.Millisecond
			go func() {
				time.Sleep(pause)
				results, err := c.Translate(t.Context(), translator.Request{Direction: arEn, Texts: texts})
				problems <- mistake(texts, results, err)
			}()
		}
		for range callers {
			problem = first(problem, <-problems)
		}
		c.Close()
		if len(s.broken) > 0 || s.most > traits.Connections || len(c.queue) > 0 {
			problem = first(problem, fmt.Sprintf("limits passed: %v; %d at once; %d left in the queue", s.broken, s.most, len(c.queue)))
		}
	})
	return problem
}

func mistake(texts []string, results []translator.Result, err error) string {
	if err != nil || len(results) != len(texts) {
		return fmt.Sprintf("%d results for %d texts, %v", len(results), len(texts), err)
	}
	for i, r := range results {
		bad := strings.Contains(texts[i], "poison")
		// Corrupt may come by chance to a text alone, twice.
		switch {
		case bad && !errors.Is(r.Err, translator.Invalid) && !errors.Is(r.Err, translator.Corrupt),
			!bad && r.Err == nil && r.Text != token(texts[i]),
			!bad && r.Err != nil && !errors.Is(r.Err, translator.Corrupt):
			return fmt.Sprintf("%q: %q, %v", texts[i], r.Text, r.Err)
		}
	}
	return ""
}

// night sends n texts one by one, each from its own caller, in virtual time,
// and returns the requests and the time they took.
func night(t *testing.T, n int, s *service) (requests int, took time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		c := New(s, nil)
		defer c.Close()
		start := time.Now()
		var wg sync.WaitGroup
		for i := range n {
			text := strings.Repeat("خ", 60+i%90)
			wg.Go(func() {
				if _, err := c.Translate(t.Context(), translator.Request{Direction: arEn, Texts: []string{text}}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		requests, took = len(s.requests), time.Since(start)
	})
	return requests, took
}

func google(connections int) *service {
	return &service{
		traits:  translator.Traits{MaxTexts: 1024, MaxSize: 30_000, Connections: connections},
		latency: 200 * time.Millisecond,
	}
}

func TestNightOfAlertsIsPacked(t *testing.T) {
	t.Parallel()
	size := 0
	for i := range 5000 {
		size += 60 + i%90
	}
	perfect := (size + 29_999) / 30_000
	got, _ := night(t, 5000, google(8))
	if float64(got) > 1.05*float64(perfect) {
		t.Errorf("%d requests, and perfect packing needs %d", got, perfect)
	}
	t.Logf("%d requests; perfect packing needs %d", got, perfect)
}

func TestConnectionsAreKeptBusy(t *testing.T) {
	t.Parallel()
	s := google(8)
	s.traits.MaxTexts = 10
	requests, took := night(t, 8000, s)
	ideal := time.Duration(requests) * s.latency / 8
	if float64(took) > 1.05*float64(ideal) || requests != 800 {
		t.Errorf("%d requests in %v, ideal is 800 in %v", requests, took, ideal)
	}
	t.Logf("%v for %d requests; ideal %v", took, requests, ideal)
}

// BenchmarkClient is the cost of the machinery itself for one text, over a
// service that takes no time.
func BenchmarkClient(b *testing.B) {
	c := New(&service{traits: translator.Traits{MaxTexts: 1024, MaxSize: 30_000}}, &Options{Linger: -1})
	defer c.Close()
	page := texts(1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Translate(b.Context(), translator.Request{Direction: arEn, Texts: page}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/text")
}
