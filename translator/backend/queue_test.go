package backend

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"dragoman/translator"
)

// batches packs texts of the sizes as they come and takes all requests.
func batches(sizes []int, maxTexts, maxSize int) [][]int {
	q := queue{maxTexts: maxTexts, maxSize: maxSize}
	for i, size := range sizes {
		q.push(&job{dir: arEn, size: size, index: i})
	}
	var out [][]int
	for len(q.lanes) > 0 {
		var places []int
		for _, j := range q.take(q.lanes[0]) {
			places = append(places, j.index)
		}
		out = append(out, places)
	}
	return out
}

func TestBatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sizes             []int
		maxTexts, maxSize int
		want              [][]int
	}{
		{nil, 3, 10, nil},
		{[]int{1, 2, 3}, 9, 0, [][]int{{0, 1, 2}}},
		{[]int{1, 2, 3}, 2, 0, [][]int{{0, 1}, {2}}},
		{[]int{4, 6, 1}, 9, 10, [][]int{{0, 1}, {2}}},
		{[]int{4, 7, 1}, 9, 10, [][]int{{0, 2}, {1}}},
		{[]int{11, 1}, 9, 10, [][]int{{0}, {1}}},
		{[]int{1, 11, 1}, 9, 10, [][]int{{0, 2}, {1}}},
		{[]int{10, 0, 0, 1}, 9, 10, [][]int{{0}, {1, 2, 3}}},
		{[]int{6, 6, 6, 4, 4, 4}, 9, 10, [][]int{{0, 3}, {1, 4}, {2, 5}}},
	} {
		if got := batches(c.sizes, c.maxTexts, c.maxSize); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v in requests of %d and %d: %v, want %v", c.sizes, c.maxTexts, c.maxSize, got, c.want)
		}
	}
}

// Whatever comes and goes in between: each text is taken once, the first of
// the queue first and the others in order, and no request passes a limit or has room
// for what is next.
func TestBatchesKeepToTheLimits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := queue{maxTexts: rapid.IntRange(1, 9).Draw(t, "texts"), maxSize: rapid.IntRange(0, 50).Draw(t, "size")}
		var there []*job // as they stand in the queue
		for steps := rapid.IntRange(0, 60).Draw(t, "steps"); steps > 0; steps-- {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0: // a text comes back
				j := &job{dir: arEn, size: rapid.IntRange(1, 20).Draw(t, "size")}
				q.pushFront([]*job{j})
				there = append([]*job{j}, there...)
			case 1, 2:
				if len(there) > 0 {
					there = checkTake(t, &q, there)
				}
			default:
				j := &job{dir: arEn, size: rapid.IntRange(1, 20).Draw(t, "size")}
				q.push(j)
				there = append(there, j)
			}
		}
		for len(there) > 0 {
			there = checkTake(t, &q, there)
		}
		if len(q.lanes) > 0 {
			t.Fatal("the queue holds more than it was given")
		}
	})
}

func checkTake(t *rapid.T, q *queue, there []*job) []*job {
	size, rest := 0, slices.Clone(there)
	taken := q.take(q.lanes[0])
	for i, j := range taken {
		k := slices.Index(rest, j)
		if k < 0 || i == 0 && k > 0 {
			t.Fatalf("text %d of the request is number %d of the queue", i, k)
		}
		size, rest = size+j.size, slices.Delete(rest, k, k+1)
	}
	if len(taken) > q.maxTexts || q.maxSize > 0 && size > q.maxSize && len(taken) > 1 {
		t.Fatalf("%d texts of %d", len(taken), size)
	}
	if len(rest) > 0 && len(taken) < q.maxTexts && (q.maxSize == 0 || size+rest[0].size <= q.maxSize) {
		t.Fatalf("%d texts of %d, and the next one of %d would fit", len(taken), size, rest[0].size)
	}
	return rest
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
		c := New(s, &Options{Attempts: 1000, Patience: 1000 * time.Hour, FailuresToOpen: 1e6, RetryShare: 1e6})
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
		if len(s.broken) > 0 || s.most > traits.Connections || len(c.queue.lanes)+len(c.waiting) > 0 {
			problem = first(problem, fmt.Sprintf("limits passed: %v; %d at once; %d left in the queue", s.broken, s.most, len(c.queue.lanes)+len(c.waiting)))
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
