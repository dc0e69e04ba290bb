package memory_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/memory"
	"dragoman/translator/store/ram"
)

// machines returns the Funcs of n processes that share a store and an engine.
func machines(n int, store *ram.Store, next translator.Func) ([]translator.Func, []*ram.Process) {
	funcs, processes := make([]translator.Func, n), make([]*ram.Process, n)
	for i := range n {
		processes[i] = store.Process()
		funcs[i] = recallOf(processes[i], []translator.Signature{engine}, next)
	}
	return funcs, processes
}

func asking(texts ...string) translator.Request {
	return translator.Request{Direction: arEn, Texts: texts}
}

// times returns how often a text was sent.
func (c *counting) times(text string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, asked := range c.asked {
		if asked == text {
			n++
		}
	}
	return n
}

// TestSameSentenceTwoMachines has the same sentence in 50 stories on each of
// two machines at once: it is paid for once.
func TestSameSentenceTwoMachines(t *testing.T) {
	t.Parallel()
	for round := range 100 {
		synctest.Test(t, func(t *testing.T) {
			store := ram.New()
			next := &counting{store: store, delay: time.Duration(round%4) * 300 * time.Millisecond}
			both, _ := machines(2, store, next.translate)
			var group sync.WaitGroup
			for i := range 50 {
				for k, recall := range both {
					group.Go(func() {
						own := fmt.Sprintf("own %d %d", i, k)
						got, err := recall(t.Context(), asking(own, "same"))
						if err != nil || got[0].Text != "en:"+own || got[1].Text != "en:same" || !got[1].Origin.Time.Equal(noon) {
							t.Errorf("got %+v, %v", got, err)
						}
					})
				}
			}
			group.Wait()
			if n := next.times("same"); n != 1 || next.sent() != 101 {
				t.Fatalf("round %d: sent %d times and %d texts in all, want 1 and 101", round, n, next.sent())
			}
		})
	}
}

// TestOtherMachineRecalls sees that who waits gets what memory holds, marked so,
// soon after it is there, and that its other texts are not held up.
func TestOtherMachineRecalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := ram.New()
		next := &counting{store: store, delay: 5 * time.Minute}
		go recallOf(store.Process(), []translator.Signature{engine}, next.translate)(t.Context(), asking("same"))
		synctest.Wait()
		fast := &counting{store: store}
		other := recallOf(store.Process(), []translator.Signature{engine}, fast.translate)
		start := time.Now()
		got, err := other(t.Context(), asking("own", "same", "known"))
		if err != nil || got[0].Recalled || !got[1].Recalled || got[1].Text != "en:same" {
			t.Errorf("got %+v, %v", got, err)
		}
		if took := time.Since(start); took < 5*time.Minute || took > 5*time.Minute+time.Second {
			t.Errorf("it took %v, want just over 5 minutes", took)
		}
		if want := []string{"own", "known"}; !slices.Equal(fast.asked, want) {
			t.Errorf("sent %q, want %q", fast.asked, want)
		}
	})
}

// TestSavedBetween has another process save and let go between the lookup and
// the claim.
func TestSavedBetween(t *testing.T) {
	t.Parallel()
	store := ram.New()
	next := &counting{store: store}
	late := &hooked{Process: store.Process(), before: func() {
		if err := store.Save(t.Context(), []translator.Entry{entry(engine, "same", "saved meanwhile")}); err != nil {
			t.Error(err)
		}
	}}
	got, err := recallOf(late, []translator.Signature{engine}, next.translate)(t.Context(), asking("same", "other"))
	if err != nil || got[0].Text != "saved meanwhile" || !got[0].Recalled || got[1].Text != "en:other" || next.times("same") != 0 {
		t.Errorf("got %+v, %v, and sent %q", got, err, next.asked)
	}
	wantFree(t, store, "same", "other")
}

// A hooked process does something before each claim, and may be kept from
// claiming and releasing.
type hooked struct {
	*ram.Process
	before                  func()
	claimError, releaseFail error
}

func (h *hooked) Claim(ctx context.Context, keys []translator.Key) ([]translator.Key, error) {
	if h.before != nil {
		h.before()
	}
	if h.claimError != nil {
		return nil, h.claimError
	}
	return h.Process.Claim(ctx, keys)
}

func (h *hooked) Release(ctx context.Context, keys []translator.Key) error {
	if h.releaseFail != nil {
		return h.releaseFail
	}
	return h.Process.Release(ctx, keys)
}

// wantFree sees that nobody has texts in hand.
func wantFree(t *testing.T, store *ram.Store, texts ...string) {
	t.Helper()
	p := store.Process()
	defer p.End()
	for _, text := range texts {
		if got, err := p.Claim(t.Context(), []translator.Key{translator.KeyOf(arEn, text)}); err != nil || len(got) != 1 {
			t.Errorf("%q is still claimed (%v)", text, err)
		}
	}
}

// TestHolderDies kills the process that has the sentence in hand.
func TestHolderDies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := ram.New()
		next := &counting{store: store, delay: time.Minute}
		both, processes := machines(2, store, next.translate)
		dying, kill := context.WithCancel(t.Context())
		go both[0](dying, asking("same"))
		synctest.Wait()
		time.AfterFunc(10*time.Second, func() { processes[0].End(); kill() })
		start := time.Now()
		got, err := both[1](t.Context(), asking("same"))
		if err != nil || got[0].Text != "en:same" || got[0].Recalled || next.times("same") != 2 {
			t.Errorf("got %+v, %v, sent %q", got, err, next.asked)
		}
		if took := time.Since(start); took > 71*time.Second {
			t.Errorf("it took %v: a minute to send and 10 seconds until the other died", took)
		}
		wantFree(t, store, "same")
	})
}

// TestHolderFails has the engine of one machine fail, in four ways; the other
// machine sends and succeeds.
func TestHolderFails(t *testing.T) {
	t.Parallel()
	ways := map[string]translator.Func{
		"text": func(context.Context, translator.Request) ([]translator.Result, error) {
			time.Sleep(time.Second)
			return []translator.Result{{Err: translator.NewError("engine", translator.Unavailable, nil)}}, nil
		},
		"call": func(context.Context, translator.Request) ([]translator.Result, error) {
			time.Sleep(time.Second)
			return nil, memory.ErrStore
		},
		"miscount": func(context.Context, translator.Request) ([]translator.Result, error) {
			time.Sleep(time.Second)
			return nil, nil
		},
		"panic": func(context.Context, translator.Request) ([]translator.Result, error) {
			time.Sleep(time.Second)
			panic("driver")
		},
	}
	for name, bad := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := ram.New()
				failing := recallOf(store.Process(), []translator.Signature{engine}, bad)
				go func() {
					defer func() { recover() }()
					failing(t.Context(), asking("same"))
				}()
				synctest.Wait()
				next := &counting{store: store}
				start := time.Now()
				got, err := recallOf(store.Process(), []translator.Signature{engine}, next.translate)(t.Context(), asking("same"))
				if err != nil || got[0].Text != "en:same" || next.sent() != 1 || time.Since(start) > 2*time.Second {
					t.Errorf("got %+v, %v after %v", got, err, time.Since(start))
				}
				wantFree(t, store, "same")
			})
		})
	}
}

// TestHolderHangs has a process that lives and does not go on: the other sends
// when its patience is over, and no sooner.
func TestHolderHangs(t *testing.T) {
	t.Parallel()
	for _, patience := range []time.Duration{0, 3 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			store := ram.New()
			hanging := &counting{delay: 24 * time.Hour}
			go recallOf(store.Process(), nil, hanging.translate)(t.Context(), asking("same"))
			synctest.Wait()
			next := &counting{store: store}
			m := memory.New(store.Process(), nil)
			m.Link(engine, next.translate)
			m.Share(memory.Sharing{Patience: patience})
			want := cmp.Or(patience, 10*time.Minute)
			start := time.Now()
			got, err := m.Recall(next.translate)(t.Context(), asking("same", "other"))
			if err != nil || got[0].Text != "en:same" || got[1].Text != "en:other" {
				t.Errorf("got %+v, %v", got, err)
			}
			if took := time.Since(start); took < want || took > want+time.Second {
				t.Errorf("sent after %v, want %v", took, want)
			}
			time.Sleep(25 * time.Hour)
		})
	}
}

// TestHolderSlow has a process that answers one sentence every nine minutes:
// nobody loses patience with one that goes on.
func TestHolderSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := ram.New()
		texts := []string{"one", "two", "three", "four"}
		slow := func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
			results := make([]translator.Result, len(req.Texts))
			for i, text := range req.Texts {
				time.Sleep(9 * time.Minute)
				if err := store.Save(ctx, []translator.Entry{entry(engine, text, "slowly "+text)}); err != nil {
					return nil, err
				}
				results[i].Text = "slowly " + text
			}
			return results, nil
		}
		go recallOf(store.Process(), nil, slow)(t.Context(), asking(texts...))
		synctest.Wait()
		next := &counting{store: store}
		got, err := recallOf(store.Process(), []translator.Signature{engine}, next.translate)(t.Context(), asking(texts...))
		if err != nil || next.sent() != 0 {
			t.Errorf("sent %q, %v", next.asked, err)
		}
		for i, r := range got {
			if r.Text != "slowly "+texts[i] || !r.Recalled {
				t.Errorf("%q: %+v", texts[i], r)
			}
		}
	})
}

// TestStopAndContext ends the waiting in both ways, at once.
func TestStopAndContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := ram.New()
		slow := &counting{delay: time.Hour}
		go recallOf(store.Process(), nil, slow.translate)(t.Context(), asking("same"))
		synctest.Wait()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3333*time.Millisecond)
		defer cancel()
		m := memory.New(store.Process(), nil)
		stopped := func(_ context.Context, req translator.Request) ([]translator.Result, error) {
			return []translator.Result{{Err: translator.Interrupted}}, nil
		}
		recall := m.Recall(stopped)
		if _, err := recall(ctx, asking("same")); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3333*time.Millisecond {
			t.Errorf("the context ended: %v after %v", err, time.Since(start))
		}
		start = time.Now()
		time.AfterFunc(4444*time.Millisecond, func() { m.Stop(); m.Stop() })
		got, err := recall(t.Context(), asking("same"))
		if err != nil || !errors.Is(got[0].Err, translator.Interrupted) || time.Since(start) != 4444*time.Millisecond {
			t.Errorf("stopped: %+v, %v after %v", got, err, time.Since(start))
		}
		time.Sleep(2 * time.Hour)
	})
}

// TestClaimError has claims that cannot be made: what would be claimed is sent,
// and is said.
func TestClaimError(t *testing.T) {
	t.Parallel()
	store := ram.New()
	away := translator.NewError("store", translator.Unavailable, errors.New("claims are away"))
	var said []error
	next := &counting{store: store}
	p := &hooked{Process: store.Process(), claimError: away}
	m := memory.New(p, nil)
	m.Link(engine, next.translate)
	m.Share(memory.Sharing{Unclaimed: func(err error) { said = append(said, err) }})
	got, err := m.Recall(next.translate)(t.Context(), asking("a", "b"))
	if err != nil || got[0].Text != "en:a" || got[1].Text != "en:b" || next.sent() != 2 || len(said) != 1 || !errors.Is(said[0], away) {
		t.Errorf("got %+v, %v, sent %q, said %v", got, err, next.asked, said)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p.before = cancel
	if _, err := m.Recall(next.translate)(ctx, asking("c")); !errors.Is(err, context.Canceled) || next.sent() != 2 || len(said) != 1 {
		t.Errorf("a claim that was cancelled: %v, sent %q, said %v", err, next.asked, said)
	}
}

// TestReleaseError has claims that cannot be given back: the next release does.
func TestReleaseError(t *testing.T) {
	t.Parallel()
	store := ram.New()
	next := &counting{store: store}
	p := &hooked{Process: store.Process(), releaseFail: translator.Unavailable}
	var said []error
	m := memory.New(p, nil)
	m.Share(memory.Sharing{Unclaimed: func(err error) { said = append(said, err) }})
	recall := m.Recall(next.translate)
	if _, err := recall(t.Context(), asking("bad a", "bad b")); err != nil || len(said) != 1 {
		t.Errorf("%v, said %v", err, said)
	}
	other := store.Process()
	if got, err := other.Claim(t.Context(), []translator.Key{translator.KeyOf(arEn, "bad a")}); err != nil || len(got) != 0 {
		t.Fatalf("the claim is gone: %v, %v", got, err)
	}
	p.releaseFail = nil
	if _, err := recall(t.Context(), asking("bad b")); err != nil || len(said) != 1 {
		t.Errorf("%v, said %v", err, said)
	}
	wantFree(t, store, "bad a", "bad b")
}

// TestDoubtedTwoMachines has a first engine whose answers are doubted: each of
// two machines would ask the second one; one of them does, and the first is asked once.
func TestDoubtedTwoMachines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := ram.New()
		first := &flagging{signature: engine, flags: []string{"echo"}}
		second := &flagging{signature: engineB}
		if r := ask(t, chain(store, first), "text"); r.Doubt != translator.MoveOn {
			t.Fatalf("the first engine alone: %+v", r)
		}
		var group sync.WaitGroup
		for range 2 {
			recall := chain(store.Process(), first, second)
			group.Go(func() {
				if r := ask(t, recall, "text"); r.Text != "engineB:1 text" || r.Doubt != translator.Trusted {
					t.Errorf("got %+v", r)
				}
			})
		}
		group.Wait()
		if len(first.asked) != 1 || len(second.asked) != 1 {
			t.Errorf("the engines were asked %q and %q, want once each", first.asked, second.asked)
		}
	})
}

// TestRandomMachines lets callers of several processes ask for random sets in
// random order, of which some are cancelled and some processes die. All others
// get their answers, soon, and without deaths every text is paid for once.
func TestRandomMachines(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		synctest.Test(t, func(t *testing.T) { randomMachines(t, seed) })
	}
}

func randomMachines(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 5))
	const callers, alphabet = 6, 30
	store := ram.New()
	next := &counting{store: store, delay: time.Duration(random.IntN(3000)) * time.Millisecond}
	recalls, processes := machines(2+random.IntN(4), store, next.translate)
	deaths := random.IntN(3)
	var group sync.WaitGroup
	for k, recall := range recalls {
		ctx, kill := context.WithCancel(t.Context())
		defer kill()
		if dies := k < deaths && k < len(recalls)-1; dies {
			time.AfterFunc(time.Duration(random.IntN(4000))*time.Millisecond, func() { processes[k].End(); kill() })
		}
		for range callers {
			texts := make([]string, 1+random.IntN(12))
			for i, n := range random.Perm(alphabet)[:len(texts)] {
				texts[i] = fmt.Sprint("text ", n)
			}
			wait := time.Duration(random.IntN(2000)) * time.Millisecond
			group.Go(func() {
				time.Sleep(wait)
				got, err := recall(ctx, asking(texts...))
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					t.Errorf("seed %d: %v", seed, err)
					return
				}
				for i, r := range got {
					if r.Text != "en:"+texts[i] {
						t.Errorf("seed %d: %q was answered with %+v", seed, texts[i], r)
					}
				}
			})
		}
	}
	start := time.Now()
	group.Wait()
	if took := time.Since(start); took > 2*time.Minute {
		t.Errorf("seed %d: it took %v", seed, took)
	}
	for n := range alphabet {
		text := fmt.Sprint("text ", n)
		if times := next.times(text); times > 1+deaths {
			t.Errorf("seed %d: %q was sent %d times with %d deaths", seed, text, times, deaths)
		}
		wantFree(t, store, text)
	}
}

// TestFailureShared has callers of one process that wait for a text without an
// answer: they get that error, as where the store is not shared.
func TestFailureShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		next := &counting{delay: time.Second}
		recall := recallOf(ram.New().Process(), nil, next.translate)
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				if got, err := recall(t.Context(), asking("bad")); err != nil || !errors.Is(got[0].Err, translator.Missing) {
					t.Errorf("got %+v, %v", got, err)
				}
			})
		}
		group.Wait()
		if next.sent() != 1 {
			t.Errorf("sent %d times, want once", next.sent())
		}
	})
}
