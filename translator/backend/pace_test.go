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

// A service that bears so much a minute is sent nearly that, and seldom more,
// however it counts and whether or not it says how long to wait.
func TestPaceIsLearnt(t *testing.T) {
	t.Parallel()
	const minutes = 21
	for _, w := range []window{fixedWindow, slidingWindow, fullBucket} {
		for _, say := range []bool{true, false} {
			for _, bears := range []load{{60, 0}, {600, 0}, {0, 60_000}} {
				t.Run(fmt.Sprint(w, say, bears), func(t *testing.T) {
					t.Parallel()
					s := &limited{
						traits:  translator.Traits{MaxTexts: 10, MaxSize: 1000, Connections: 8},
						latency: 200 * time.Millisecond, window: w, minute: bears, offset: 17 * time.Second, sayAfter: say,
					}
					synctest.Test(t, func(t *testing.T) {
						begin := feed(t, s, nil, minutes, same(50, 150))
						minute := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Minute) }
						accepted, refused := s.count(minute(1), minute(minutes))
						if share := s.share(minute(3), minute(minutes)); share < 0.95 {
							t.Errorf("it used %.3f of what the service bears", share)
						}
						if float64(refused) > accepted.requests/50 {
							t.Errorf("%d refused, %.0f accepted", refused, accepted.requests)
						}
					})
				})
			}
		}
	}
}
