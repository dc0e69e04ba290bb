package memory_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/memory"
	"dragoman/translator/store/ram"
)

var (
	arEn = translator.Direction{From: translator.Arabic, To: translator.English}
	noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
)

const engine translator.Signature = "engine:1"

// counting is a next Func that answers "en:" and the text, saves it as Keep
// does, and remembers what it was asked.
type counting struct {
	mu    sync.Mutex
	asked []string
	store translator.Store // nil saves nothing
	delay time.Duration
	err   error // of whole calls
}

func (c *counting) translate(ctx context.Context, req translator.Request) ([]translator.Result, error) {
	c.mu.Lock()
	c.asked = append(c.asked, req.Texts...)
	c.mu.Unlock()
	select {
	case <-time.After(c.delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c.err != nil {
		return nil, c.err
	}
	results := make([]translator.Result, len(req.Texts))
	for i, text := range req.Texts {
		if strings.HasPrefix(text, "bad") {
			results[i].Err = translator.NewError("engine", translator.Missing, nil)
			continue
		}
		origin := translator.Origin{Kind: translator.Machine, Signature: engine, Time: noon.Add(time.Hour)}
		results[i] = translator.Result{Text: "en:" + text, Origin: origin}
		if c.store != nil {
			if err := c.store.Save(ctx, []translator.Entry{entry(engine, text, "en:"+text)}); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

// recallOf returns the Func of a memory whose chain has engines of these signatures.
func recallOf(store translator.Store, signatures []translator.Signature, next translator.Func) translator.Func {
	m := memory.New(store, nil)
	for _, s := range signatures {
		m.Link(s, next)
	}
	return m.Recall(next)
}

// sent returns how many texts it was asked.
func (c *counting) sent() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

// entry returns an entry of noon.
func entry(signature translator.Signature, source, target string) translator.Entry {
	return translator.Entry{
		Key: translator.KeyOf(arEn, source), Direction: arEn, Source: source, Target: target,
		Origin: translator.Origin{Kind: translator.Machine, Signature: signature, Time: noon},
	}
}

func storeOf(t *testing.T, entries ...translator.Entry) *ram.Store {
	t.Helper()
	s := ram.New()
	if err := s.Save(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRecallOrder(t *testing.T) {
	t.Parallel()
	signatures := []translator.Signature{"first", "second"}
	tests := []struct {
		name string
		has  []translator.Signature
		want translator.Signature // empty: asked
	}{
		{"nothing", nil, ""},
		{"human before all", []translator.Signature{"first", translator.SeedSignature, translator.HumanSignature}, translator.HumanSignature},
		{"seed before machine", []translator.Signature{"first", "second", translator.SeedSignature}, translator.SeedSignature},
		{"the chain's order", []translator.Signature{"second", "first"}, "first"},
		{"the chain's second", []translator.Signature{"other", "second"}, "second"},
		{"another engine's", []translator.Signature{"other"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := ram.New()
			for _, s := range tt.has {
				if err := store.Save(t.Context(), []translator.Entry{entry(s, "نص", "by "+string(s))}); err != nil {
					t.Fatal(err)
				}
			}
			next := &counting{}
			got, err := recallOf(store, signatures, next.translate)(t.Context(), translator.Request{Direction: arEn, Texts: []string{"نص"}})
			if err != nil {
				t.Fatal(err)
			}
			want := translator.Result{Text: "by " + string(tt.want), Recalled: true, Origin: entry(tt.want, "", "").Origin}
			if tt.want == "" {
				want = translator.Result{Text: "en:نص", Origin: translator.Origin{Kind: translator.Machine, Signature: engine, Time: noon.Add(time.Hour)}}
			}
			if !reflect.DeepEqual(got[0], want) || (len(next.asked) == 1) != (tt.want == "") {
				t.Errorf("got %+v after asking %q, want %+v", got[0], next.asked, want)
			}
		})
	}
}

func TestRecallResults(t *testing.T) {
	t.Parallel()
	store := storeOf(t, entry(engine, "known", "remembered"))
	next := &counting{store: store}
	recall := recallOf(store, []translator.Signature{engine}, next.translate)
	texts := []string{"new", "known", "bad", "new", "known", "bad", "newer"}
	got, err := recall(t.Context(), translator.Request{Direction: arEn, Texts: texts})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"new", "bad", "newer"}; !slices.Equal(next.asked, want) {
		t.Errorf("asked %q, want %q", next.asked, want)
	}
	for i, text := range texts {
		if again := slices.Index(texts, text) < i; got[i].Repeated != again {
			t.Errorf("%d: %+v", i, got[i])
		}
		switch r := got[i]; text {
		case "known":
			if r.Text != "remembered" || !r.Recalled || r.Err != nil {
				t.Errorf("%d: %+v", i, r)
			}
		case "bad":
			if r.Text != "" || r.Recalled || !errors.Is(r.Err, translator.Missing) {
				t.Errorf("%d: %+v", i, r)
			}
		default: // the time is what the store holds, not what next says
			if r.Text != "en:"+text || r.Recalled || r.Err != nil || !r.Origin.Time.Equal(noon) {
				t.Errorf("%d: %+v", i, r)
			}
		}
	}
	if got, err := recall(t.Context(), translator.Request{Direction: arEn, Texts: nil}); err != nil || len(got) != 0 {
		t.Errorf("no texts: %v, %v", got, err)
	}
	if _, err := recall(t.Context(), translator.Request{Direction: arEn, Texts: texts}); err != nil || len(next.asked) != 4 {
		t.Errorf("the second time %q were asked in all, %v; want bad alone again", next.asked, err)
	}
}

// TestRecallComparesSources has a store with another text under the key.
func TestRecallComparesSources(t *testing.T) {
	t.Parallel()
	wrong := entry(translator.HumanSignature, "another", "wrong")
	wrong.Key = translator.KeyOf(arEn, "نص")
	empty := entry(engine, "نص", "")
	next := &counting{}
	got, err := recallOf(storeOf(t, wrong, empty), []translator.Signature{engine}, next.translate)(t.Context(), translator.Request{Direction: arEn, Texts: []string{"نص"}})
	if err != nil || got[0].Text != "en:نص" || got[0].Recalled {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRecallMiscount(t *testing.T) {
	t.Parallel()
	next := func(context.Context, translator.Request) ([]translator.Result, error) {
		return []translator.Result{{Text: "one"}}, nil
	}
	_, err := recallOf(ram.New(), nil, next)(t.Context(), translator.Request{Direction: arEn, Texts: []string{"a", "b"}})
	if !errors.Is(err, translator.Corrupt) {
		t.Errorf("one result for two texts: %v", err)
	}
}

// TestSameSentence lets 50 callers ask for the same sentence at once: it is sent
// once, and one answer says so.
func TestSameSentence(t *testing.T) {
	t.Parallel()
	for round := range 100 {
		store := ram.New()
		next := &counting{store: store, delay: time.Duration(round%3) * 100 * time.Microsecond}
		recall := recallOf(store, []translator.Signature{engine}, next.translate)
		var group sync.WaitGroup
		var firsts atomic.Int64
		for i := range 50 {
			group.Go(func() {
				own := fmt.Sprintf("own %d", i)
				got, err := recall(t.Context(), translator.Request{Direction: arEn, Texts: []string{own, "same", "bad"}})
				if err != nil || got[0].Text != "en:"+own || got[1].Text != "en:same" || !errors.Is(got[2].Err, translator.Missing) {
					t.Errorf("got %+v, %v", got, err)
				}
				if err == nil && !got[1].Recalled && !got[1].Repeated {
					firsts.Add(1)
				}
			})
		}
		group.Wait()
		sent := 0
		for _, text := range next.asked {
			if text == "same" {
				sent++
			}
		}
		if sent != 1 || firsts.Load() != 1 {
			t.Fatalf("round %d: sent %d times, and %d answers say so, want once", round, sent, firsts.Load())
		}
	}
}

// TestNoDeadlock lets calls own each other's texts, in rising and falling order.
func TestNoDeadlock(t *testing.T) {
	t.Parallel()
	next := &counting{delay: time.Millisecond}
	recall := recallOf(ram.New(), nil, next.translate)
	var texts []string
	for i := range 40 {
		texts = append(texts, fmt.Sprintf("text %d", i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var group sync.WaitGroup
	for i := range 30 {
		group.Go(func() {
			mine := slices.Clone(texts[i : i+10])
			if i%2 == 0 {
				slices.Reverse(mine)
			}
			got, err := recall(ctx, translator.Request{Direction: arEn, Texts: mine})
			if err != nil {
				t.Error(err)
				return
			}
			for j, r := range got {
				if r.Text != "en:"+mine[j] {
					t.Errorf("%q was answered with %q", mine[j], r.Text)
				}
			}
		})
	}
	group.Wait()
}

// TestRecalledNotHeldUp has one call with a known and a slow text, and another
// that asks for the known one alone.
func TestRecalledNotHeldUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		next := &counting{delay: time.Hour}
		recall := recallOf(storeOf(t, entry(engine, "known", "remembered")), []translator.Signature{engine}, next.translate)
		go recall(t.Context(), translator.Request{Direction: arEn, Texts: []string{"known", "slow"}})
		synctest.Wait()
		start := time.Now()
		got, err := recall(t.Context(), translator.Request{Direction: arEn, Texts: []string{"known"}})
		if err != nil || !got[0].Recalled || time.Since(start) != 0 {
			t.Errorf("%+v, %v after %v", got, err, time.Since(start))
		}
		time.Sleep(2 * time.Hour)
	})
}

// TestOwnerStopped stops the call that has the sentence in hand: one of those
// who wait sends it, and the others get that answer.
func TestOwnerStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := ram.New()
		next := &counting{store: store, delay: time.Minute}
		recall := recallOf(store, []translator.Signature{engine}, next.translate)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() {
			if _, err := recall(ctx, translator.Request{Direction: arEn, Texts: []string{"same"}}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the owner: %v", err)
			}
		}()
		synctest.Wait()
		for range 5 {
			go func() {
				if got, err := recall(t.Context(), translator.Request{Direction: arEn, Texts: []string{"same"}}); err != nil || got[0].Text != "en:same" {
					t.Errorf("one who waits: %+v, %v", got, err)
				}
			}()
		}
		time.Sleep(5 * time.Minute)
		if next.sent() != 2 {
			t.Errorf("sent %d times, want twice: once in vain", next.sent())
		}
	})
}

func TestWaiterHonoursContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		next := &counting{delay: time.Hour}
		recall := recallOf(ram.New(), nil, next.translate)
		go recall(t.Context(), translator.Request{Direction: arEn, Texts: []string{"same"}})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := recall(ctx, translator.Request{Direction: arEn, Texts: []string{"same"}}); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		time.Sleep(2 * time.Hour)
	})
}

// TestStoreErrorShared ends the run of all who wait, and sends once.
func TestStoreErrorShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		next := &counting{delay: time.Second, err: memory.ErrStore}
		recall := recallOf(ram.New(), nil, next.translate)
		var failed atomic.Int64
		for range 10 {
			go func() {
				if _, err := recall(t.Context(), translator.Request{Direction: arEn, Texts: []string{"same"}}); errors.Is(err, memory.ErrStore) {
					failed.Add(1)
				}
			}()
		}
		time.Sleep(time.Minute)
		if failed.Load() != 10 || next.sent() != 1 {
			t.Errorf("%d calls failed and %d were sent; want 10 and 1", failed.Load(), next.sent())
		}
	})
}

// TestPanicLetsGo sees that a driver's panic leaves nobody waiting for ever.
func TestPanicLetsGo(t *testing.T) {
	t.Parallel()
	calls := 0
	next := func(_ context.Context, req translator.Request) ([]translator.Result, error) {
		if calls++; calls == 1 {
			panic("driver")
		}
		return make([]translator.Result, len(req.Texts)), nil
	}
	recall := recallOf(ram.New(), nil, next)
	func() {
		defer func() { recover() }()
		recall(t.Context(), translator.Request{Direction: arEn, Texts: []string{"same"}})
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := recall(ctx, translator.Request{Direction: arEn, Texts: []string{"same"}}); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}
