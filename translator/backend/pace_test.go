package backend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
)

// feed keeps a service's Client supplied with texts for so long in virtual
// time, and returns when that began. Sizes are those of the texts, from
// the least to the most, as they are at that time.
func feed(t testing.TB, s *limited, opts *Options, minutes int, sizes func(minute int) (least, most int)) (begin time.Time) {
	c := New(s, opts)
	begin = time.Now()
	end := begin.Add(time.Duration(minutes) * time.Minute)
	ctx, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	var wg sync.WaitGroup
	for k := range 2 * c.opts.Connections {
		random := rand.New(rand.NewPCG(uint64(k), 7))
		wg.Go(func() {
			for ctx.Err() == nil {
				least, most := sizes(int(time.Since(begin).Minutes()))
				page := make([]string, 2*c.queue.maxTexts)
				for i := range page {
					page[i] = strings.Repeat("x", least+random.IntN(most-least+1))
				}
				c.Translate(ctx, translator.Request{Direction: arEn, Texts: page}) // its end is the deadline's
			}
		})
	}
	wg.Wait()
	c.Close()
	return begin
}

func same(least, most int) func(int) (int, int) { return func(int) (int, int) { return least, most } }

// A steady is a run of 20 minutes against a service that bears so much.
type steady struct {
	limited
	pace  Pace // configured
	sizes func(minute int) (least, most int)
}

// run returns how much of what the service allows was used after the fifth
// minute, and how much of what was sent after the first one was refused.
func (s *steady) run(t testing.TB) (share, refused float64) {
	if s.sizes == nil {
		s.sizes = same(50, 150)
	}
	s.traits.MaxTexts, s.traits.MaxSize = 10, 1000
	s.traits.Connections = max(s.traits.Connections, 8)
	const minutes = 21
	begin := feed(t, &s.limited, &Options{Pace: s.pace}, minutes, s.sizes)
	minute := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Minute) }
	accepted, no := s.count(minute(1), minute(minutes))
	return s.share(minute(5), minute(minutes)), float64(no) / (accepted.requests + float64(no))
}

// check runs it in virtual time, where both numbers are exact.
func (s *steady) check(t *testing.T, atLeast float64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		share, refused := s.run(t)
		if share < atLeast {
			t.Errorf("it used %.3f of what the service bears, want %v", share, atLeast)
		}
		if refused > 1.0/50 {
			t.Errorf("1 request in %.0f was refused, want at most 1 in 50", 1/refused)
		}
	})
}

// A service that bears so much a minute is sent nearly that, and seldom more,
// however it counts and whether or not it says how long to wait.
func TestPaceIsLearnt(t *testing.T) {
	t.Parallel()
	for _, w := range []window{fixedWindow, slidingWindow, fullBucket} {
		for i, bears := range []load{{60, 0}, {600, 0}, {0, 60_000}, {100, 60_000}} {
			for _, latency := range []time.Duration{50 * time.Millisecond, 2 * time.Second} {
				say := i%2 == 0 == (latency < time.Second)
				t.Run(fmt.Sprint(w, bears, latency, say), func(t *testing.T) {
					t.Parallel()
					s := steady{limited: limited{latency: latency, window: w, minute: bears, offset: 17 * time.Second, sayAfter: say}}
					s.traits.Connections = int(bears.requests / 60 * latency.Seconds() * 1.5)
					s.check(t, 0.95)
				})
			}
		}
	}
	t.Run("a bucket of ten requests", func(t *testing.T) {
		t.Parallel()
		s := steady{limited: limited{latency: 200 * time.Millisecond, window: smallBucket, minute: load{600, 0}}}
		s.check(t, 0.95)
	})
	// Here whatever comes a little too soon is refused, and sizes differ.
	t.Run("a bucket of one request", func(t *testing.T) {
		t.Parallel()
		s := steady{limited: limited{latency: 200 * time.Millisecond, window: smallBucket, minute: load{60, 0}}}
		s.check(t, 0.8)
	})
}

// A pace that is configured as the service has it is kept so exactly that the
// service refuses next to nothing, whatever the sizes of the texts.
func TestPaceIsConfigured(t *testing.T) {
	t.Parallel()
	for _, w := range []window{fixedWindow, slidingWindow, fullBucket, smallBucket} {
		for name, sizes := range map[string]func(int) (int, int){"alike": same(95, 100), "any": same(1, 400)} {
			t.Run(string(w)+", "+name, func(t *testing.T) {
				t.Parallel()
				s := steady{limited: limited{latency: 300 * time.Millisecond, window: w, minute: load{300, 60_000}, offset: time.Second}, sizes: sizes}
				s.pace = Pace{RequestsPerMinute: 300, SizePerMinute: 60_000}
				s.check(t, 0.95)
			})
		}
	}
}

// Short texts meet the limit on requests, and long ones that on size: what is
// learnt of one says nothing about the other.
func TestPaceFollowsTheTexts(t *testing.T) {
	t.Parallel()
	const turn = 7 // minutes
	for _, bears := range []load{{120, 0}, {0, 60_000}, {120, 60_000}} {
		t.Run(fmt.Sprint(bears), func(t *testing.T) {
			t.Parallel()
			s := steady{limited: limited{latency: 100 * time.Millisecond, window: slidingWindow, minute: bears, sayAfter: true}}
			s.sizes = func(minute int) (int, int) {
				if minute/turn%2 == 0 {
					return 10, 20
				}
				return 80, 100
			}
			synctest.Test(t, func(t *testing.T) {
				if _, refused := s.run(t); refused > 1.0/50 {
					t.Errorf("1 request in %.0f was refused, want at most 1 in 50", 1/refused)
				}
				begin := s.log[0].at
				for part := range 3 {
					from, to := begin.Add(time.Duration(turn*part+3)*time.Minute), begin.Add(time.Duration(turn*part+turn)*time.Minute)
					if share := s.share(from, to); share < 0.9 {
						t.Errorf("turn %d used %.3f of what the service bears", part+1, share)
					}
				}
			})
		})
	}
}

// A service that refuses by chance, and not because it is too fast asked, is
// asked more slowly, but not ever more: ten texts a minute at the least.
func TestRefusalsByChanceDoNotStall(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(5, 5))
	s := &service{traits: translator.Traits{MaxTexts: 1, Connections: 1}, latency: 100 * time.Millisecond}
	s.fault = func(int, []string) error {
		if dice.IntN(100) < 10 {
			return &translator.Error{Kind: translator.Throttled, After: time.Second}
		}
		return nil
	}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		start := time.Now()
		wantAnswers(t, texts(999), ask(t, c, texts(999)...), nil)
		if took := time.Since(start); took > 100*time.Minute {
			t.Errorf("1,000 texts took %v", took)
		}
	})
}

// A service that bears only so many requests at once is found out as well.
func TestConnectionsAreLearnt(t *testing.T) {
	t.Parallel()
	s := steady{limited: limited{latency: 2 * time.Second, atOnce: 5}}
	s.traits.Connections = 32
	synctest.Test(t, func(t *testing.T) {
		_, refused := s.run(t)
		first, last := s.log[0].at, s.log[len(s.log)-1].at
		accepted, _ := s.count(first.Add(5*time.Minute), last)
		if perMinute := accepted.requests / (last.Sub(first).Minutes() - 5); perMinute < 0.85*150 {
			t.Errorf("%.0f requests a minute, of 150 that five connections of 2 s make", perMinute)
		}
		if refused > 1.0/50 {
			t.Errorf("1 request in %.0f was refused, want at most 1 in 50", 1/refused)
		}
	})
}

// BenchmarkPace reports the two figures for a service that says nothing but no.
func BenchmarkPace(b *testing.B) {
	for _, w := range []window{fixedWindow, slidingWindow, fullBucket, smallBucket} {
		b.Run(strings.ReplaceAll(string(w), " ", "-"), func(b *testing.B) {
			var share, refused float64
			for b.Loop() {
				s := steady{limited: limited{latency: 200 * time.Millisecond, window: w, minute: load{600, 600_000}, offset: 17 * time.Second}}
				inVirtualTime(b, func(t *testing.T) { share, refused = s.run(t) })
			}
			b.ReportMetric(share, "of-the-limit")
			b.ReportMetric(100*refused, "%refused")
		})
	}
}

// inVirtualTime runs f in a bubble, which only tests have.
func inVirtualTime(b *testing.B, f func(t *testing.T)) {
	match := func(string, string) (bool, error) { return true, nil }
	bubble := func(t *testing.T) { synctest.Test(t, f) }
	if !testing.RunTests(match, []testing.InternalTest{{Name: b.Name(), F: bubble}}) {
		b.Fatal("the run failed")
	}
}
