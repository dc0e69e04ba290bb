package backend

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
)

func TestUnavailableIsRetried(t *testing.T) {
	t.Parallel()
	for fails, want := range map[int]int{1: 2, 4: 5, 100: 5} {
		s := &service{fault: failing(fails, kind(translator.Unavailable))}
		var waits []time.Duration
		opts := &Options{Observer: Observer{Retried: func(_ int, d time.Duration, _ error) { waits = append(waits, d) }}}
		bubble(t, s, opts, func(t *testing.T, c *Client) {
			r := ask(t, c, "x")
			if ok := fails < 5; ok != (r[0].Err == nil) || !ok && !errors.Is(r[0].Err, translator.Unavailable) {
				t.Errorf("%d failures: %+v", fails, r[0])
			}
		})
		if len(s.requests) != want {
			t.Errorf("%d failures: %d requests, want %d", fails, len(s.requests), want)
		}
		for i, wait := range waits {
			if most := time.Second << i; wait > most || s.gaps()[i] != wait.Seconds() {
				t.Errorf("wait %d is %v, then a gap of %v s; want at most %v", i+1, wait, s.gaps()[i], most)
			}
		}
	}
}

func TestMaybePaidIsRetriedOnce(t *testing.T) {
	t.Parallel()
	s := &service{fault: failing(100, &translator.Error{Kind: translator.Unavailable, MaybePaid: true})}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		if r := ask(t, c, "x"); !errors.Is(r[0].Err, translator.Unavailable) {
			t.Errorf("%+v", r)
		}
	})
	if len(s.requests) != 2 {
		t.Errorf("%d requests, want 2", len(s.requests))
	}
}

func TestTimeoutMayBePaid(t *testing.T) {
	t.Parallel()
	s := &service{latency: time.Hour}
	bubble(t, s, &Options{RequestTimeout: time.Minute}, func(t *testing.T, c *Client) {
		r := ask(t, c, "x")
		e, ok := errors.AsType[*translator.Error](r[0].Err)
		if !ok || e.Kind != translator.Unavailable || !e.MaybePaid || !strings.Contains(e.Error(), "1m0s") {
			t.Errorf("%v", r[0].Err)
		}
	})
	if len(s.requests) != 2 {
		t.Errorf("%d requests, want 2", len(s.requests))
	}
}

func TestBreakerOpens(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 1}, fault: failing(1000, kind(translator.Unavailable))}
	bubble(t, s, &Options{Attempts: 2, FailuresToOpen: 3}, func(t *testing.T, c *Client) {
		results := ask(t, c, texts(10)...)
		for i, r := range results {
			if !errors.Is(r.Err, translator.Unavailable) || i > 2 && !strings.Contains(r.Err.Error(), "3 requests in a row") {
				t.Errorf("text %d: %v", i, r.Err)
			}
		}
		if translator.HintOf(results[9].Err) == "" {
			t.Error("the breaker gives no hint")
		}
	})
	if len(s.requests) != 6 {
		t.Errorf("%d requests, want 3 of 2 attempts", len(s.requests))
	}
}

func TestAnswerClosesTheBreakersCount(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 1}, fault: func(n int, _ []string) error {
		if n%3 == 0 {
			return nil
		}
		return kind(translator.Unavailable)
	}}
	bubble(t, s, &Options{Attempts: 1, FailuresToOpen: 3}, func(t *testing.T, c *Client) {
		for i, r := range ask(t, c, texts(9)...) {
			if ok := i%3 == 2; ok != (r.Err == nil) {
				t.Errorf("text %d: %v", i, r.Err)
			}
		}
	})
}

func TestRateLimitPausesAllCallers(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 1, Connections: 4}, latency: 100 * time.Millisecond}
	s.fault = failing(1, &translator.Error{Kind: translator.Throttled, After: 30 * time.Second})
	var paused []time.Time
	opts := &Options{Attempts: 1, Observer: Observer{Paused: func(until time.Time, _ error) { paused = append(paused, until) }}}
	bubble(t, s, opts, func(t *testing.T, c *Client) {
		var wg sync.WaitGroup
		for _, text := range texts(12) {
			wg.Go(func() { wantAnswers(t, []string{text}, ask(t, c, text), nil) })
		}
		wg.Wait()
	})
	if len(s.requests) != 13 || len(paused) != 1 {
		t.Fatalf("%d requests and %d pauses, want 13 and 1", len(s.requests), len(paused))
	}
	for i, sent := range s.sent[4:] {
		// At the moment of the refusal, the other three were being answered.
		if refused := paused[0].Add(-30 * time.Second); sent.After(refused) && sent.Before(paused[0]) {
			t.Errorf("request %d was sent %v before the gate opened", i+4, paused[0].Sub(sent))
		}
	}
}

// Row B1 of the fault tables: what a service may ask for, and what is waited.
func TestWaitsThatServicesAskFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		after       time.Duration
		least, most float64
	}{
		{"a second", time.Second, 1, 1}, {"half a minute", 30 * time.Second, 30, 30},
		{"thirty years", 1e9 * time.Second, 900, 900},
		{"nothing", 0, 0.5, 1}, {"a time past", -5 * time.Second, 0.5, 1},
	} {
		s := &service{fault: failing(1, &translator.Error{Kind: translator.Throttled, After: c.after})}
		bubble(t, s, nil, func(t *testing.T, client *Client) { wantAnswers(t, []string{"x"}, ask(t, client, "x"), nil) })
		if gap := s.gaps()[0]; gap < c.least || gap > c.most {
			t.Errorf("%s: the wait was %v s", c.name, gap)
		}
	}
}

func TestRateLimitWithoutATimeBacksOff(t *testing.T) {
	t.Parallel()
	s := &service{fault: failing(8, kind(translator.Throttled))}
	bubble(t, s, nil, func(t *testing.T, c *Client) { wantAnswers(t, []string{"x"}, ask(t, c, "x"), nil) })
	for i, gap := range s.gaps() {
		most := min(float64(int(1)<<i), 60)
		if gap < most/2 || gap > most {
			t.Errorf("wait %d is %v s, want between %v and %v", i+1, gap, most/2, most)
		}
	}
}

func TestRateLimitsOnTheirWayTogetherCountOnce(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 1, Connections: 8}, latency: time.Second, fault: failing(8, kind(translator.Throttled))}
	bubble(t, s, nil, func(t *testing.T, c *Client) { wantAnswers(t, texts(8), ask(t, c, texts(8)...), nil) })
	if gap := s.gaps()[7]; gap > 2 {
		t.Errorf("after eight refusals at once the wait was %v s, want that of one", gap-1)
	}
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 1}, fault: failing(1000, &translator.Error{Kind: translator.Throttled, After: time.Minute})}
	bubble(t, s, &Options{Patience: 3 * time.Minute, FailuresToOpen: 2}, func(t *testing.T, c *Client) {
		start := time.Now()
		for _, r := range ask(t, c, texts(5)...) {
			if !errors.Is(r.Err, translator.Throttled) {
				t.Errorf("%+v", r)
			}
		}
		if took := time.Since(start); took > 7*time.Minute {
			t.Errorf("it took %v to see that the service never answers", took)
		}
	})
	if len(s.requests) != 8 {
		t.Errorf("%d requests, want 4 of each of 2 texts", len(s.requests))
	}
}

func TestExhaustedAndDeniedStopAtOnce(t *testing.T) {
	t.Parallel()
	for _, k := range []translator.Kind{translator.Exhausted, translator.Denied} {
		s := &service{traits: translator.Traits{MaxTexts: 1, Connections: 2}, latency: time.Second, fault: failing(1000, kind(k))}
		bubble(t, s, nil, func(t *testing.T, c *Client) {
			for _, r := range append(ask(t, c, texts(20)...), ask(t, c, "later")...) {
				if !errors.Is(r.Err, k) {
					t.Errorf("%v, want %v", r.Err, k)
				}
			}
		})
		if len(s.requests) != 2 {
			t.Errorf("%v: %d requests, want one per connection", k, len(s.requests))
		}
	}
}

// refusing refuses every request that holds a bad text.
func refusing(k translator.Kind, bad ...string) func(int, []string) error {
	return func(_ int, texts []string) error {
		if slices.ContainsFunc(texts, func(s string) bool { return slices.Contains(bad, s) }) {
			return kind(k)
		}
		return nil
	}
}

func TestHalvingFindsTheBadText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind     translator.Kind
		bad      []string
		requests int
	}{
		{translator.Invalid, []string{"text 005"}, 9}, // 1 + 2 for each of 4 halvings
		{translator.TooLarge, []string{"text 000"}, 9},
		{translator.Corrupt, []string{"text 015"}, 9}, // alone, it was asked five times: enough
		{translator.Corrupt, []string{"text 000"}, 9},
		{translator.Invalid, []string{"text 000", "text 001"}, 9},
		{translator.Invalid, []string{"text 000", "text 008"}, 15},
		{translator.Unsupported, texts(16), 1},
	} {
		s := &service{traits: translator.Traits{MaxTexts: 16}, fault: refusing(c.kind, c.bad...)}
		want := map[string]translator.Kind{}
		for _, b := range c.bad {
			want[b] = c.kind
		}
		bubble(t, s, nil, func(t *testing.T, client *Client) {
			wantAnswers(t, texts(16), ask(t, client, texts(16)...), want)
		})
		if len(s.requests) != c.requests {
			t.Errorf("%v of %v: %d requests, want %d", c.kind, c.bad, len(s.requests), c.requests)
		}
	}
}

func TestWrongSettingsAreNotHalvedForever(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 256}, fault: failing(1e6, kind(translator.Invalid))}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		for _, r := range ask(t, c, texts(1000)...) {
			if !errors.Is(r.Err, translator.Invalid) {
				t.Fatalf("%+v", r)
			}
		}
	})
	if len(s.requests) > 100 {
		t.Errorf("%d requests", len(s.requests))
	}
}

// A backend that answers every text with nothing is found out, and what was
// not sent is held, not judged.
func TestEmptyAnswersOpenTheBreaker(t *testing.T) {
	t.Parallel()
	s := &service{traits: translator.Traits{MaxTexts: 10}, answer: func(int, string) translator.Translation {
		return translator.Translation{Err: translator.NewError("svc", translator.Corrupt, errEmpty)}
	}}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		results := ask(t, c, texts(2000)...)
		if last := results[len(results)-1].Err; !translator.KindOf(last).Holds() {
			t.Errorf("a text that was never sent has the error %v, which does not hold it for a later run", last)
		}
	})
	if n := len(s.requests); n > 100 {
		t.Errorf("%d requests were sent to a backend that answers nothing", n)
	}
}

func TestCorruptAnswers(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]translator.Translation{
		"empty": {}, "white space": {Text: " \u00A0\n"}, "not UTF-8": {Text: "a\xffb"}, "NUL": {Text: "a\x00"}, "lost characters": {Text: "a\uFFFD"},
		"the driver's own": {Err: kind(translator.Corrupt)},
	} {
		for _, times := range []int{1, 100} {
			seen := 0
			s := &service{traits: translator.Traits{MaxTexts: 4}}
			s.answer = func(_ int, text string) translator.Translation {
				if text == "text 002" {
					if seen++; seen <= times {
						return bad
					}
				}
				return translator.Translation{Text: token(text)}
			}
			want := map[string]translator.Kind{}
			if times > 1 {
				want["text 002"] = translator.Corrupt
			}
			bubble(t, s, nil, func(t *testing.T, c *Client) { wantAnswers(t, texts(4), ask(t, c, texts(4)...), want) })
			if len(s.requests) != 2 || !slices.Equal(s.requests[1], []string{"text 002"}) {
				t.Errorf("%s, %d times: requests %q, want a second with that text alone", name, times, s.requests)
			}
		}
	}
}

func TestLoneCorruptAnswerIsAskedAgainOnce(t *testing.T) {
	t.Parallel()
	for _, whole := range []bool{true, false} {
		s := &service{}
		if whole {
			s.fault = failing(100, kind(translator.Corrupt))
		} else {
			s.answer = func(int, string) translator.Translation { return translator.Translation{} }
		}
		bubble(t, s, nil, func(t *testing.T, c *Client) {
			wantAnswers(t, []string{"x"}, ask(t, c, "x"), map[string]translator.Kind{"x": translator.Corrupt})
		})
		if len(s.requests) != 2 {
			t.Errorf("whole %v: %d requests, want 2", whole, len(s.requests))
		}
	}
}

func TestOtherErrorsOfOneTextAreFinal(t *testing.T) {
	t.Parallel()
	s := &service{answer: func(_ int, text string) translator.Translation {
		if text == "text 001" {
			return translator.Translation{Err: kind(translator.Missing)}
		}
		return translator.Translation{Text: token(text)}
	}}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		wantAnswers(t, texts(3), ask(t, c, texts(3)...), map[string]translator.Kind{"text 001": translator.Missing})
	})
	if len(s.requests) != 1 {
		t.Errorf("%d requests", len(s.requests))
	}
}

// purse is a budget as a ledger keeps it, above a service.
type purse struct {
	mu    sync.Mutex
	limit translator.Limit
	spent translator.Spending
	price translator.Price
}

func (p *purse) pay(_ int, texts []string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	line := translator.Line{Texts: len(texts), Size: size, Cost: p.price.Of(size)}
	if err := p.limit.Check(p.spent, line); err != nil {
		return err
	}
	p.spent.Size += int64(line.Size)
	p.spent.Cost += line.Cost
	return nil
}

func TestBudgetIsUsedToTheLastTextThatFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		limit translator.Limit
		done  int // of 20 texts of 8 characters, at $20 a million
	}{
		{"characters", translator.Limit{Name: "budget.run_chars", Size: 100}, 12},
		{"to the last one", translator.Limit{Size: 160}, 20},
		{"money", translator.Limit{Cost: 1000}, 6},
		{"not even one", translator.Limit{Size: 7}, 0},
	} {
		p := &purse{limit: c.limit, price: 20}
		s := &service{traits: translator.Traits{MaxTexts: 5, Price: 20}, fault: p.pay}
		bubble(t, s, nil, func(t *testing.T, client *Client) {
			bad := map[string]translator.Kind{"later": translator.OverBudget}
			for _, text := range texts(20)[c.done:] {
				bad[text] = translator.OverBudget
			}
			wantAnswers(t, texts(20), ask(t, client, texts(20)...), bad)
			if c.done < 20 {
				before := s.count()
				wantAnswers(t, []string{"later"}, ask(t, client, "later"), bad)
				if s.count() != before {
					t.Error("a request was sent after the budget was spent")
				}
			}
		})
		if got := p.spent.Size; got != int64(8*c.done) {
			t.Errorf("%s: %d characters were spent, want %d", c.name, got, 8*c.done)
		}
	}
}

// However requests cross, what was spent is what was answered, and every
// other text says that the budget is spent.
func TestBudgetUnderConcurrency(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 3))
		in, size := make([]string, 60), 0
		for i := range in {
			in[i] = strings.Repeat("x", 1+random.IntN(30))
			size += len(in[i])
		}
		p := &purse{limit: translator.Limit{Size: int64(1 + random.IntN(size+50))}}
		s := &service{traits: translator.Traits{MaxTexts: 7, Connections: 4}, latency: time.Second, fault: p.pay}
		answered := 0
		bubble(t, s, nil, func(t *testing.T, c *Client) {
			for i, r := range ask(t, c, in...) {
				if r.Err == nil {
					answered += len(in[i])
				} else if !errors.Is(r.Err, translator.OverBudget) {
					t.Errorf("seed %d: %v", seed, r.Err)
				}
			}
		})
		if int64(answered) != p.spent.Size || p.spent.Size > p.limit.Size || p.limit.Size >= int64(size) && answered != size {
			t.Errorf("seed %d: %d answered, %d spent of %d, %d asked", seed, answered, p.spent.Size, p.limit.Size, size)
		}
	}
}

// Another process may spend between the refusal and the next try: then what
// the error says is left is out of date, and shrinking must end all the same.
func TestShrinkingEnds(t *testing.T) {
	t.Parallel()
	stale := &translator.BudgetError{Limit: translator.Limit{Size: 1000}, Asked: translator.Line{Size: 900}}
	s := &service{fault: failing(1000, stale)}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		for _, r := range ask(t, c, texts(10)...) {
			if !errors.Is(r.Err, translator.OverBudget) {
				t.Errorf("%+v", r)
			}
		}
	})
	if len(s.requests) != 10 {
		t.Errorf("%d requests for 10 texts, want each to be one shorter", len(s.requests))
	}
}

func TestNobodysRequestIsNotRetried(t *testing.T) {
	t.Parallel()
	s := &service{fault: failing(1000, &translator.Error{Kind: translator.Unavailable, After: time.Minute})}
	bubble(t, s, nil, func(t *testing.T, c *Client) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, err := c.Translate(ctx, translator.Request{Direction: arEn, Texts: texts(3)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Hour)
		if s.count() != 1 {
			t.Errorf("%d requests were sent for a caller that had left", s.count())
		}
	})
}
