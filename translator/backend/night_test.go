package backend

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/pipeline"
)

// alert returns a headline of one sentence of 60 to 400 characters, different
// for each n.
func alert(random *rand.Rand, n int) string {
	words := []string{"الحكومة", "تعلن", "عن", "خطة", "جديدة", "لدعم", "المزارعين", "في", "المناطق", "الجبلية", "بعد", "موسم", "جاف"}
	text := fmt.Sprintf("عاجل %d", n)
	for length := 60 + random.IntN(330); len([]rune(text)) < length; {
		text += " " + words[random.IntN(len(words))]
	}
	return text
}

// alerts yields stories of one sentence, each of which takes so long to read.
func alerts(n int, reading time.Duration) translator.Articles {
	return func(yield func(translator.Article, error) bool) {
		random := rand.New(rand.NewPCG(11, uint64(n)))
		for i := range n {
			time.Sleep(reading)
			a := translator.Article{ID: fmt.Sprint(i), Lang: "ar", Blocks: []translator.Block{{Kind: translator.Headline, Text: alert(random, i)}}}
			if !yield(a, nil) {
				return
			}
		}
	}
}

// nightOfAlerts runs stories through pipeline and Client, and returns
// how many requests that took and how many perfect packing needs.
func nightOfAlerts(t testing.TB, s *service, stories int, reading time.Duration) (requests, perfect int) {
	c := New(s, nil)
	defer c.Close()
	done := 0
	_, err := pipeline.Run(t.Context(), arEn, alerts(stories, reading), c.Translate, func(story translator.Story) error {
		if story.Status == translator.Done {
			done++
		}
		return nil
	}, nil)
	if err != nil || done != stories {
		t.Errorf("%d of %d stories, %v", done, stories, err)
	}
	texts, size := 0, 0
	for _, r := range s.requests {
		texts += len(r)
		for _, text := range r {
			size += s.traits.SizeOf(text)
		}
	}
	if texts != stories {
		t.Errorf("%d texts were sent for %d stories", texts, stories)
	}
	up := func(n, limit int) int { return (n + limit - 1) / limit }
	return len(s.requests), max(up(texts, first(s.traits.MaxTexts, maxTexts)), up(size, first(s.traits.MaxSize, size)))
}

// services are the limits of a request that services publish.
var services = map[string]translator.Traits{
	"deepl":  {MaxTexts: 50, MaxSize: 60_000, Connections: 8},
	"google": {MaxTexts: 1024, MaxSize: 30_000, Connections: 8},
	"azure":  {MaxTexts: 1000, MaxSize: 50_000, Connections: 8},
	"hosted": {MaxSize: 2000, Connections: 4},
}

// A night of alerts, each a story of its own, needs hardly more requests than
// perfect packing, however fast the stories are read.
func TestNightOfAlerts(t *testing.T) {
	t.Parallel()
	for name, traits := range services {
		for reading, most := range map[time.Duration]float64{
			0: 1.05, 20 * time.Microsecond: 1.05, 200 * time.Microsecond: 1.05,
			time.Millisecond: 1.1, // slower than the service, which waits for no page of a second
		} {
			t.Run(fmt.Sprint(name, " ", reading), func(t *testing.T) {
				t.Parallel()
				s := &service{traits: traits, latency: 300 * time.Millisecond}
				synctest.Test(t, func(t *testing.T) {
					if got, perfect := nightOfAlerts(t, s, 5000, reading); float64(got) > most*float64(perfect) {
						t.Errorf("%d requests, and perfect packing needs %d", got, perfect)
					} else {
						t.Logf("%d requests; perfect packing needs %d", got, perfect)
					}
				})
				if len(s.broken) > 0 {
					t.Errorf("limits were passed: %v", s.broken)
				}
			})
		}
	}
}

func BenchmarkNightOfAlerts(b *testing.B) {
	for name, traits := range services {
		b.Run(name, func(b *testing.B) {
			var got, perfect int
			for b.Loop() {
				s := &service{traits: traits, latency: 300 * time.Millisecond}
				inVirtualTime(b, func(t *testing.T) { got, perfect = nightOfAlerts(t, s, 5000, 20*time.Microsecond) })
			}
			b.ReportMetric(float64(got)/float64(perfect), "of-perfect")
		})
	}
}

// A long queue is worked through in a time that grows with its length.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			in := make([]string, n)
			for i := range in {
				in[i] = strings.Repeat("x", 60+i%340)
			}
			c := New(&service{traits: translator.Traits{MaxTexts: 50, MaxSize: 30_000}}, &Options{Linger: -1})
			defer c.Close()
			for b.Loop() {
				if _, err := c.Translate(b.Context(), translator.Request{Direction: arEn, Texts: in}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/text")
		})
	}
}
