package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
)

// bubble runs a test in virtual time with a Client that is closed at its end.
func bubble(t *testing.T, s *service, opts *Options, test func(t *testing.T, c *Client)) {
	t.Helper()
	inBubble(t, s, opts, test)
	if len(s.broken) > 0 {
		t.Errorf("limits were passed: %v", s.broken)
	}
}

func inBubble(t *testing.T, b translator.Backend, opts *Options, test func(t *testing.T, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := New(b, opts)
		defer c.Close()
		test(t, c)
	})
}

// ask translates and expects no error of the Func itself.
func ask(t *testing.T, c *Client, texts ...string) []translator.Result {
	t.Helper()
	results, err := c.Translate(t.Context(), translator.Request{Direction: arEn, Texts: texts})
	if err != nil {
		t.Fatalf("Translate: %v", err)
	}
	return results
}

// wantAnswers expects of each text its own answer or an error of the kind.
func wantAnswers(t *testing.T, texts []string, results []translator.Result, bad map[string]translator.Kind) {
	t.Helper()
	if len(results) != len(texts) {
		t.Fatalf("%d results for %d texts", len(results), len(texts))
	}
	for i, r := range results {
		if k, isBad := bad[texts[i]]; isBad {
			if !errors.Is(r.Err, k) || r.Text != "" {
				t.Errorf("%s: %q, %v; want the error %v", texts[i], r.Text, r.Err, k)
			}
		} else if r.Err != nil || r.Text != token(texts[i]) {
			t.Errorf("%s: %q, %v", texts[i], r.Text, r.Err)
		}
	}
}

func TestRequestsArePackedAcrossCallers(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 4, Connections: 8}}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		var wg sync.WaitGroup
		for _, text := range texts(10) {
			wg.Go(func() { wantAnswers(t, []string{text}, ask(t, c, text), nil) })
		}
		start := time.Now()
		wg.Wait()
		if took := time.Since(start); took != 50*time.Millisecond {
			t.Errorf("the partial request left after %v, want the default linger", took)
		}
	})
	var sizes []int
	for _, r := range s.requests {
		sizes = append(sizes, len(r))
	}
	if !slices.Equal(sizes, []int{4, 4, 2}) {
		t.Errorf("requests of %v texts, want 4, 4 and, after the linger, 2", sizes)
	}
}

func TestFullRequestGoesOutAtOnce(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxSize: 16}}
	bubble(t, s, &Options{Linger: time.Hour}, func(t *testing.T, c *Client) {
		start := time.Now()
		wantAnswers(t, texts(2), ask(t, c, texts(2)...), nil) // 8 characters each
		if took := time.Since(start); took != 0 {
			t.Errorf("it waited %v", took)
		}
	})
}

func TestDirectionsDoNotMix(t *testing.T) {
	t.Parallel()
	s := &service{}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		var wg sync.WaitGroup
		for i, text := range texts(6) {
			dir := translator.Direction{From: "ar", To: translator.Lang([]string{"en", "fr"}[i%2])}
			wg.Go(func() {
				if r, err := c.Translate(t.Context(), translator.Request{Direction: dir, Texts: []string{text}}); err != nil || r[0].Text != token(text) {
					t.Errorf("%v, %v", r, err)
				}
			})
		}
		wg.Wait()
	})
	if len(s.requests) != 2 {
		t.Errorf("%d requests, want one per direction: %q", len(s.requests), s.requests)
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ traits, option, want int }{{0, 0, 1}, {3, 0, 3}, {3, 2, 2}, {2, 5, 5}} {
		s := &service{traits: translator.Traits{MaxTexts: 1, Connections: c.traits}, latency: time.Second}
		bubble(t, s, &Options{Connections: c.option}, func(t *testing.T, client *Client) {
			start := time.Now()
			ask(t, client, texts(30)...)
			if took, want := time.Since(start), time.Duration((30+c.want-1)/c.want)*time.Second; took != want {
				t.Errorf("%+v: 30 requests of 1 s took %v, want %v", c, took, want)
			}
		})
		if s.most != c.want {
			t.Errorf("%+v: %d requests at once", c, s.most)
		}
	}
}

func TestTooLargeTextIsNeverSent(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxSize: 30, MaxTextSize: 10}}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		long := strings.Repeat("ا", 11)
		in := []string{"text a", long, strings.Repeat("ا", 10)}
		results := ask(t, c, in...)
		wantAnswers(t, in, results, map[string]translator.Kind{long: translator.TooLarge})
		if msg := results[1].Err.Error(); !strings.Contains(msg, "11") || !strings.Contains(msg, "10") || translator.HintOf(results[1].Err) == "" {
			t.Errorf("the error %q lacks a figure or a hint", msg)
		}
	})
	if len(s.requests) != 1 {
		t.Errorf("requests: %q", s.requests)
	}
}

// A text above what a request should hold, but not above what one text may be, goes alone.
func TestLargeTextGoesAlone(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTextSize: 30}}
	s.traits.MaxSize = 10
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		in := []string{"text a", strings.Repeat("ا", 25), "b"}
		wantAnswers(t, in, ask(t, c, in...), nil)
	})
	for _, texts := range s.requests {
		if len(texts) > 1 && slices.ContainsFunc(texts, func(s string) bool { return len(s) > 10 }) {
			t.Errorf("the large text went with others: %q", texts)
		}
	}
}

func TestNoTexts(t *testing.T) {
	t.Parallel()
	s := &service{}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		if r := ask(t, c); len(r) != 0 || s.count() != 0 {
			t.Errorf("%v after %d requests", r, s.count())
		}
	})
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	for given, want := range map[translator.OriginKind]translator.OriginKind{"": translator.Machine, translator.Seed: translator.Seed} {
		s := &service{traits: translator.Traits{Signature: "svc:2", Origin: given}, latency: 1500 * time.Millisecond}
		bubble(t, s, nil, func(t *testing.T, c *Client) {
			o := ask(t, c, "x")[0].Origin
			now := time.Now().UTC().Truncate(time.Second)
			if o.Kind != want || o.Signature != "svc:2" || c.Signature() != "svc:2" || !o.Time.Equal(now) || o.Time.Location() != time.UTC {
				t.Errorf("%+v, want %s at %v", o, want, now)
			}
		})
	}
}

func TestCancelledCallerIsNotSentFor(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 1}, latency: time.Second}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			start := time.Now()
			if _, err := c.Translate(ctx, translator.Request{Direction: arEn, Texts: texts(5)}); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 1500*time.Millisecond {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
		time.Sleep(time.Millisecond)
		wantAnswers(t, []string{"other"}, ask(t, c, "other"), nil)
		wg.Wait()
		if s.count() != 3 {
			t.Errorf("%d requests, want the two begun before the end and the other caller's", s.count())
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Translate(cancelled, translator.Request{Direction: arEn, Texts: texts(1)}); !errors.Is(err, context.Canceled) || s.count() != 3 {
			t.Errorf("cancelled beforehand: %v, %d requests", err, s.count())
		}
	})
}

// TestUnderway has a caller leave while texts of its are in the queue, on their way,
// or to be sent again: the call has landed when none is on its way any more, and not before.
func TestUnderway(t *testing.T) {
	t.Parallel()
	away := func(int, []string) error { return kind(translator.Unavailable) }
	tooLarge := func(_ int, texts []string) error {
		if len(texts) > 1 {
			return kind(translator.TooLarge)
		}
		return nil
	}
	tests := []struct {
		name   string
		fault  func(int, []string) error
		left   time.Duration
		landed time.Duration // both after the begin
		sent   int
	}{
		{"the second of three requests on its way", nil, 1500 * time.Millisecond, 2 * time.Second, 2},
		{"on its way, and it fails", away, 500 * time.Millisecond, time.Second, 1},
		{"on its way, and it is to be halved", tooLarge, 500 * time.Millisecond, time.Second, 1},
		{"a half on its way", tooLarge, 1500 * time.Millisecond, 2 * time.Second, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &service{traits: translator.Traits{MaxTexts: 2}, latency: time.Second, fault: tt.fault}
			bubble(t, s, &Options{Linger: -1}, func(t *testing.T, c *Client) {
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), tt.left)
				defer cancel()
				_, err := c.Translate(ctx, translator.Request{Direction: arEn, Texts: texts(6)})
				call, ok := errors.AsType[*translator.Underway](err)
				if !ok || !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != tt.left {
					t.Fatalf("%v after %v", err, time.Since(begun))
				}
				<-call.Landed
				if took := time.Since(begun); took != tt.landed {
					t.Errorf("landed after %v, want %v", took, tt.landed)
				}
				time.Sleep(time.Hour)
				if s.count() != tt.sent {
					t.Errorf("%d requests, want %d", s.count(), tt.sent)
				}
			})
		})
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 2}, latency: time.Second}
	var stopped []error
	opts := &Options{Observer: Observer{Stopped: func(err error) { stopped = append(stopped, err) }}}
	reason := translator.NewError("", translator.Interrupted, nil)
	bubble(t, s, opts, func(t *testing.T, c *Client) {
		time.AfterFunc(100*time.Millisecond, func() { c.Stop(reason); c.Stop(kind(translator.Denied)) })
		in := texts(5)
		results := ask(t, c, in...)
		wantAnswers(t, in, results, map[string]translator.Kind{in[2]: translator.Interrupted, in[3]: translator.Interrupted, in[4]: translator.Interrupted})
		later := ask(t, c, "later")
		if !errors.Is(later[0].Err, reason) || s.count() != 1 {
			t.Errorf("later: %+v after %d requests", later, s.count())
		}
	})
	if len(stopped) != 1 || !errors.Is(stopped[0], reason) {
		t.Errorf("Stopped was told %v", stopped)
	}
}

func TestStopEndsWaits(t *testing.T) {
	t.Parallel()
	for _, err := range []error{kind(translator.Unavailable), &translator.Error{Kind: translator.Throttled, After: 10 * time.Minute}} {
		s := &service{fault: failing(1000, err)}
		bubble(t, s, &Options{Attempts: 1000}, func(t *testing.T, c *Client) {
			start := time.Now()
			time.AfterFunc(3*time.Second, func() { c.Stop(kind(translator.Interrupted)) })
			if r := ask(t, c, "x"); !errors.Is(r[0].Err, translator.Interrupted) || time.Since(start) != 3*time.Second {
				t.Errorf("%v after %v", r[0].Err, time.Since(start))
			}
		})
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	s := &service{latency: time.Hour}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		time.AfterFunc(time.Second, c.Close)
		start := time.Now()
		for range 2 {
			if r, err := c.Translate(t.Context(), translator.Request{Direction: arEn, Texts: texts(1)}); !errors.Is(err, errClosed) || r != nil {
				t.Errorf("%v, %v; want that the client is closed", r, err)
			}
		}
		if took := time.Since(start); took != time.Second || s.count() != 1 {
			t.Errorf("it took %v and %d requests", took, s.count())
		}
	})
}

func TestStoreFailureEndsEverything(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk full")
	s := &service{fault: failing(1000, fmt.Errorf("memory: %w", broken))}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		for range 2 {
			if _, err := c.Translate(t.Context(), translator.Request{Direction: arEn, Texts: texts(3)}); !errors.Is(err, broken) {
				t.Errorf("Translate: %v, want the store's error", err)
			}
		}
	})
	if len(s.requests) != 1 {
		t.Errorf("%d requests", len(s.requests))
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		pace Pace
		want time.Duration // between requests of 80
	}{
		{"requests", Pace{RequestsPerMinute: 30}, 2 * time.Second},
		{"size", Pace{SizePerMinute: 1600}, 3 * time.Second},
		{"the slower of both", Pace{RequestsPerMinute: 30, SizePerMinute: 1600}, 3 * time.Second},
	} {
		s := &service{traits: translator.Traits{MaxTexts: 10}}
		bubble(t, s, &Options{Pace: c.pace, Connections: 4}, func(t *testing.T, client *Client) {
			wantAnswers(t, texts(50), ask(t, client, texts(50)...), nil)
		})
		for i, gap := range s.gaps() {
			if gap != c.want.Seconds() {
				t.Errorf("%s: gap %d is %v s, want %v", c.name, i, gap, c.want)
			}
		}
	}
}

func TestObserverSeesEveryRequest(t *testing.T) {
	t.Parallel()
	var seen []string
	note := func(format string, args ...any) { seen = append(seen, fmt.Sprintf(format, args...)) }
	opts := &Options{Observer: Observer{
		Sent:    func(texts, size, attempt int) { note("sent %d of %d, attempt %d", texts, size, attempt) },
		Retried: func(attempt int, wait time.Duration, err error) { note("retried %d after %v: %v", attempt, wait, err) },
		Split:   func(texts int, err error) { note("split %d, %v", texts, translator.KindOf(err)) },
		Paused:  func(until time.Time, err error) { note("paused %v: %v", time.Until(until), err) },
	}}
	s := &service{fault: func(n int, _ []string) error {
		switch n {
		case 1:
			return &translator.Error{Op: "svc", Kind: translator.Unavailable, After: time.Minute}
		case 2:
			return &translator.Error{Op: "svc", Kind: translator.Throttled, After: time.Hour}
		case 3:
			return kind(translator.TooLarge)
		}
		return nil
	}}
	bubble(t, s, opts, func(t *testing.T, c *Client) { ask(t, c, "one", "three") })
	want := []string{
		"sent 2 of 8, attempt 1", "retried 1 after 1m0s: svc: unavailable",
		"sent 2 of 8, attempt 2", "paused 15m0s: svc: rate limited",
		"sent 2 of 8, attempt 3", "split 2, too large", "sent 1 of 3, attempt 1", "sent 1 of 5, attempt 1",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("seen:\n%s\nwant:\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
}
