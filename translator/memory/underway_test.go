package memory_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/memory"
	"dragoman/translator/store/ram"
)

// slow is an engine that takes five minutes for a request, whatever becomes of who asked.
type slow struct{ texts atomic.Int64 }

func (s *slow) Traits() translator.Traits {
	return translator.Traits{Name: "engine", Signature: engine, MaxTexts: 2, Connections: 1}
}

func (s *slow) Translate(_ context.Context, req translator.Request) (translator.Response, error) {
	s.texts.Add(int64(len(req.Texts)))
	time.Sleep(5 * time.Minute)
	resp := translator.Response{}
	for _, text := range req.Texts {
		resp.Translations = append(resp.Translations, translator.Translation{Text: "en:" + text})
	}
	return resp, nil
}

// TestLeftUnderway has a call that is left while two of its three texts are on
// their way, as of a story that is put on hold: another call with the same texts,
// of this process or another one, waits for them and sends only the third.
func TestLeftUnderway(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]func(*ram.Store, *ram.Process) translator.Store{
		"one process":   func(_ *ram.Store, p *ram.Process) translator.Store { return p },
		"two processes": func(s *ram.Store, _ *ram.Process) translator.Store { return s.Process() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store, asked := ram.New(), &slow{}
				process := store.Process()
				m, first := chainOver(t, process, asked)
				second := first
				if s := other(store, process); s != process {
					_, second = chainOver(t, s, asked)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, err := first(ctx, asking("a", "b", "c"))
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("left: %v", err)
				}
				begun := time.Now()
				got, err := second(t.Context(), asking("b", "a", "c"))
				if err != nil || got[0].Text != "en:b" || got[2].Text != "en:c" || !got[0].Recalled || !got[1].Recalled {
					t.Errorf("got %+v, %v", got, err)
				}
				if took, n := time.Since(begun), asked.texts.Load(); n != 3 || took < 9*time.Minute {
					t.Errorf("%d texts were sent, want each of 3 once; it took %v", n, took)
				}
				m.Wait()
				wantFree(t, store, "a", "b", "c")
			})
		})
	}
}

// chainOver returns a memory over a store, and its Func over an engine.
func chainOver(t *testing.T, store translator.Store, b translator.Backend) (*memory.Memory, translator.Func) {
	m := memory.New(store, nil)
	c := backend.New(memory.Keep(store, b), nil)
	t.Cleanup(c.Close)
	return m, m.Recall(m.Link(engine, c.Translate))
}
