package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/store/ram"
	"dragoman/translator/web"
)

// refusing is a backend whose first requests are refused, around a real one.
type refusing struct {
	translator.Backend
	left, asked *atomic.Int32
	kind        translator.Kind
}

func (r refusing) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	r.asked.Add(1)
	if r.left.Add(-1) >= 0 {
		return translator.Response{}, translator.NewError("engine", r.kind, errors.New("the key is not known"))
	}
	return r.Backend.Translate(ctx, req)
}

// workshopOf returns a workshop on the pseudo backend, of which the first
// requests are refused.
func workshopOf(t *testing.T, refusals int32, kind translator.Kind) (*workshop, *atomic.Int32) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dragoman.yaml")
	if err := os.WriteFile(file, []byte("chain: [pseudo]\nchains: {en-ar: google}\nstore: 'ram:'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{File: file, Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	var left, asked atomic.Int32
	left.Store(refusals)
	w := newWorkshop(t.Context(), cfg, zap.NewNop(), ram.New(), "work-test", web.NewMetrics(nil))
	w.build = func(ctx context.Context, o order, db database, meter *ledger.Options) (*chain, error) {
		o.around = func(b translator.Backend) translator.Backend { return refusing{b, &left, &asked, kind} }
		return newChain(ctx, o, db, meter)
	}
	return w, &asked
}

func articleOf(id, text string) translator.Article {
	return translator.Article{ID: id, Path: id, Lang: translator.Arabic, Blocks: []translator.Block{{Kind: translator.Body, Text: text}}}
}

// work translates one story and returns how it ended.
func work(t *testing.T, w *workshop, dir translator.Direction, a translator.Article) translator.Story {
	t.Helper()
	stories, err := w.do(t.Context(), dir, []translator.Article{a})
	if err != nil || len(stories) != 1 {
		t.Fatalf("%d stories, %v", len(stories), err)
	}
	return stories[0]
}

// A backend that refused the key is asked again after a rest, with one
// request, and not before.
func TestAChainThatStoppedIsBuiltAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := translator.Direction{From: translator.Arabic, To: translator.English}
		w, asked := workshopOf(t, 1, translator.Denied)
		first := work(t, w, dir, articleOf("a", "افتتح الميناء الجديد."))
		if first.Status != translator.Held || translator.KindOf(first.Err) != translator.Denied {
			t.Fatalf("refused: %s, %v", first.Status, first.Err)
		}
		if s := work(t, w, dir, articleOf("b", "وصلت السفينة الأولى.")); s.Status != translator.Held || asked.Load() != 1 {
			t.Errorf("right afterwards: %s with %d requests, want held without another", s.Status, asked.Load())
		}
		time.Sleep(rest)
		if s := work(t, w, dir, articleOf("b", "وصلت السفينة الأولى.")); s.Status != translator.Done || asked.Load() != 2 {
			t.Errorf("after a rest: %s, %v, with %d requests", s.Status, s.Err, asked.Load())
		}
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
}

// Stories of a direction that no chain can be had for are held with what is
// wrong, and those of others go on.
func TestADirectionWithoutSettings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := workshopOf(t, 0, translator.Denied)
		english := translator.Direction{From: translator.English, To: translator.Arabic}
		a := articleOf("a", "The harbour is open.")
		a.Lang = translator.English
		if s := work(t, w, english, a); s.Status != translator.Held || translator.HintOf(s.Err) == "" {
			t.Errorf("without a project: %s, %v", s.Status, s.Err)
		}
		if s := work(t, w, translator.Direction{From: translator.Arabic, To: translator.English}, articleOf("b", "وصلت السفينة.")); s.Status != translator.Done {
			t.Errorf("the other direction: %s, %v", s.Status, s.Err)
		}
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
}

// A workshop that was stopped holds what comes, as an interruption does.
func TestAWorkshopThatWasStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, asked := workshopOf(t, 0, translator.Denied)
		dir := translator.Direction{From: translator.Arabic, To: translator.English}
		work(t, w, dir, articleOf("a", "افتتح الميناء."))
		w.stop(translator.Interrupted)
		s := work(t, w, dir, articleOf("b", "وصلت السفينة."))
		if s.Status != translator.Held || translator.KindOf(s.Err) != translator.Interrupted || asked.Load() != 1 {
			t.Errorf("%s, %v, %d requests", s.Status, s.Err, asked.Load())
		}
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
}

// A request that does not end, whatever it is told, keeps no process for ever,
// and no other direction from being closed.
func TestAWorkshopIsClosedAlthoughARequestHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hung := make(chan struct{})
		w, es := shopOf(t, "command", map[string]func(context.Context, string) error{
			"command": func(context.Context, string) error { <-hung; return nil },
			"pseudo":  func(context.Context, string) error { return nil },
		})
		w.cfg.Chains["fa-en"] = "pseudo"
		persian := articleOf("b", "بندر باز شد.")
		persian.Lang = "fa"
		if s := work(t, w, translator.Direction{From: "fa", To: translator.English}, persian); s.Status != translator.Done {
			t.Fatal(s.Status, s.Err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.do(ctx, arabic, []translator.Article{articleOf("a", "افتتح الميناء.")}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		begun := time.Now()
		if err := w.close(); err == nil || time.Since(begun) != closeTold+closeTime {
			t.Errorf("closed after %v: %v", time.Since(begun), err)
		}
		if _, opened, closed := es.did(); opened != 2 || closed != 1 {
			t.Errorf("%d engines were opened, %d closed", opened, closed)
		}
		if err := within(time.Minute, "waiting", func() error { <-hung; return nil }); err == nil {
			t.Error("what hangs is waited for")
		}
		close(hung)
	})
}
