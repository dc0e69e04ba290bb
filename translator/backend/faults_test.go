package backend

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
)

// The rows of the fault tables that are the Client's. What a driver makes of
// statuses and headers is the driver's own test: here are the kinds it leads to.

// Row B1: what a service may ask for, ten times in a hundred requests. Nothing
// is sent while it asks for patience, and every text is answered in the end.
func TestTableB1(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		after       time.Duration // as a driver reads it
		least, most time.Duration
	}{
		{"0", 0, backoffBase / 2, backoffBase},
		{"1", time.Second, time.Second, time.Second},
		{"30 s", 30 * time.Second, 30 * time.Second, 30 * time.Second},
		{"a date", 90 * time.Second, 90 * time.Second, 90 * time.Second},
		{"a date past", -time.Hour, backoffBase / 2, backoffBase},
		{"10^9", 1e9 * time.Second, pauseCap, pauseCap},
		{"negative", -5 * time.Second, backoffBase / 2, backoffBase},
		{"nonsense", 0, backoffBase / 2, backoffBase},
		{"absent", 0, backoffBase / 2, backoffBase},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &service{traits: translator.Traits{MaxTexts: 1, Connections: 4}, latency: 100 * time.Millisecond}
			s.fault = func(n int, _ []string) error {
				if n%10 == 0 {
					return &translator.Error{Op: "svc", Kind: translator.Throttled, After: c.after}
				}
				return nil
			}
			type pause struct{ from, until time.Time }
			var pauses []pause
			opts := &Options{Observer: Observer{Paused: func(until time.Time, _ error) { pauses = append(pauses, pause{time.Now(), until}) }}}
			bubble(t, s, opts, func(t *testing.T, client *Client) { wantAnswers(t, texts(100), ask(t, client, texts(100)...), nil) })
			if len(pauses) != 11 {
				t.Errorf("%d pauses", len(pauses))
			}
			for _, p := range pauses {
				if wait := p.until.Sub(p.from); wait < c.least || wait > c.most {
					t.Errorf("the pause was %v", wait)
				}
				for _, sent := range s.sent {
					if sent.After(p.from) && sent.Before(p.until) {
						t.Errorf("a request was sent %v before the pause's end", p.until.Sub(sent))
					}
				}
			}
		})
	}
}

// Row B2: bursts of 500, 502, 503 and 504. Every text ends answered or held with
// its reason, what is sent again stays within the share, and a service that is
// gone ends the run.
func TestTableB2(t *testing.T) {
	t.Parallel()
	for _, percent := range []int{5, 20, 50, 100} {
		for _, paid := range []bool{false, true} { // 500 and 504 may be paid
			t.Run(fmt.Sprint(percent, " percent, paid ", paid), func(t *testing.T) {
				t.Parallel()
				dice, mu := rand.New(rand.NewPCG(uint64(percent), 2)), sync.Mutex{}
				s := &service{traits: translator.Traits{MaxTexts: 1, Connections: 8}, latency: 200 * time.Millisecond}
				s.fault = func(int, []string) error {
					mu.Lock()
					defer mu.Unlock()
					if dice.IntN(100) < percent {
						return &translator.Error{Op: "svc", Kind: translator.Unavailable, MaybePaid: paid}
					}
					return nil
				}
				given, again := 0, 0
				opts := &Options{Observer: Observer{
					GaveUp: func(texts int, err error) { mu.Lock(); given += texts; mu.Unlock() },
					Sent:   func(_, _, attempt int) { mu.Lock(); again += min(attempt-1, 1); mu.Unlock() },
				}}
				held := 0
				bubble(t, s, opts, func(t *testing.T, c *Client) {
					start := time.Now()
					for _, r := range ask(t, c, texts(1000)...) {
						switch {
						case r.Err == nil:
						case translator.KindOf(r.Err).Holds() && r.Err.Error() != "" && translator.HintOf(r.Err) != "" || errors.Is(r.Err, translator.Unavailable):
							held++
						default:
							t.Errorf("%+v", r)
						}
					}
					if took := time.Since(start); took > 15*time.Minute {
						t.Errorf("it took %v", took)
					}
				})
				if most := max(24, len(s.requests)/10); again > most {
					t.Errorf("%d of %d requests were sent again, want at most %d", again, len(s.requests), most)
				}
				if percent == 5 && held > 20 || percent < 100 && held > 5+2*percent*10 || percent < 50 && given != held || percent == 100 && held != 1000 {
					t.Errorf("%d texts are held, %d were given up", held, given)
				}
				t.Logf("%d requests, %d of them again; %d texts held", len(s.requests), again, held)
			})
		}
	}
}

// A service that is away for a minute in the night is waited for, with one
// request at a time.
func TestShortOutageIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 1, Connections: 8}, latency: 200 * time.Millisecond}
	var begin, end time.Time
	s.fault = func(int, []string) error {
		if now := time.Now(); now.After(begin) && now.Before(end) {
			return kind(translator.Unavailable)
		}
		return nil
	}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		begin = time.Now().Add(-time.Second)
		end = begin.Add(time.Minute)
		wantAnswers(t, texts(300), ask(t, c, texts(300)...), nil)
	})
	tried := 0
	for _, sent := range s.sent {
		if sent.Before(end) {
			tried++
		}
	}
	if tried > 3*8+8 {
		t.Errorf("%d requests were sent to a service that was not there", tried)
	}
}

// A service that never answers is given up within two minutes or so, and one
// that did is waited for longer: the night is long.
func TestServiceThatIsGone(t *testing.T) {
	t.Parallel()
	for well, c := range map[int]struct{ least, most time.Duration }{0: {30 * time.Second, 4 * time.Minute}, 100: {2 * time.Minute, 40 * time.Minute}} {
		s := &service{traits: translator.Traits{MaxTexts: 1, Connections: 4}, latency: 100 * time.Millisecond, fault: func(n int, _ []string) error {
			if n > well {
				return kind(translator.Unavailable)
			}
			return nil
		}}
		bubble(t, s, nil, func(t *testing.T, client *Client) {
			start := time.Now()
			results := ask(t, client, texts(300)...)
			if took := time.Since(start); took < c.least || took > c.most {
				t.Errorf("after %d answers it took %v to give the service up", well, took)
			}
			if last := results[299].Err; !errors.Is(last, translator.Unavailable) || translator.HintOf(last) == "" {
				t.Errorf("%v", last)
			}
		})
	}
}

// Row B3: what cannot succeed. A key, an account or a permission that is
// refused ends sending after one request for each connection, and the error says
// how to go on.
func TestTableB3(t *testing.T) {
	t.Parallel()
	for status, c := range map[int]struct {
		kind     translator.Kind
		requests int // at most
	}{
		400: {translator.Invalid, 50}, 401: {translator.Denied, 4}, 402: {translator.Denied, 4}, 403: {translator.Denied, 4},
		404: {translator.Invalid, 50}, 413: {translator.TooLarge, 50}, 422: {translator.Invalid, 50}, 451: {translator.Invalid, 50},
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			s := &service{traits: translator.Traits{MaxTexts: 1, Connections: 4}, latency: 100 * time.Millisecond}
			s.fault = failing(1000, fmt.Errorf("status %d: %w", status, kind(c.kind)))
			bubble(t, s, nil, func(t *testing.T, client *Client) {
				for _, r := range ask(t, client, texts(50)...) {
					if k := translator.KindOf(r.Err); k != c.kind && !(c.kind != translator.Denied && k == translator.Unavailable) {
						t.Errorf("%v", r.Err)
					}
					if hint := translator.HintOf(r.Err); c.kind == translator.Denied && (!strings.Contains(hint, "dragoman check svc") || !strings.Contains(hint, "again")) {
						t.Errorf("the hint is %q", hint)
					}
				}
			})
			if n := len(s.requests); n > c.requests {
				t.Errorf("%d requests, want at most %d", n, c.requests)
			}
		})
	}
}

// A driver knows better than the Client what is to be mended.
func TestDriversHintIsKept(t *testing.T) {
	t.Parallel()
	s := &service{fault: failing(1, &translator.Error{Op: "svc", Kind: translator.Denied, Hint: "renew the subscription"})}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		if hint := translator.HintOf(ask(t, c, "x")[0].Err); hint != "renew the subscription" {
			t.Errorf("the hint is %q", hint)
		}
		if hint := translator.HintOf(c.Stopped()); hint != "renew the subscription" {
			t.Errorf("the breaker's hint is %q", hint)
		}
	})
}

// A request has time as it is long, so that one sentence does not hang for the
// ten minutes that a full request may take.
func TestDeadlineGrowsWithSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opts Options
		size int
		want time.Duration
	}{
		{Options{}, 100, 62 * time.Second},
		{Options{}, 10_000, 260 * time.Second},
		{Options{}, 30_000, 10 * time.Minute},
		{Options{BaseTimeout: time.Second, UnitTimeout: time.Millisecond}, 500, 1500 * time.Millisecond},
		{Options{RequestTimeout: 5 * time.Second}, 1, 5 * time.Second},
		{Options{UnitTimeout: -1}, 1e6, time.Minute},
	} {
		s := &service{latency: time.Hour}
		c.opts.Attempts = 1
		bubble(t, s, &c.opts, func(t *testing.T, client *Client) {
			start := time.Now().Add(50 * time.Millisecond) // the linger
			ask(t, client, strings.Repeat("x", c.size))
			if took := time.Since(start); took != c.want {
				t.Errorf("%d units: %v, want %v", c.size, took, c.want)
			}
		})
	}
}
