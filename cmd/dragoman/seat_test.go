package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/ledger"
)

// engines stand in for the drivers of a chain, by their names, and note what is done with them.
type engines struct {
	answer map[string]func(context.Context, string) error // of a text; may take its time
	cfg    *config.Config                                 // that they are opened by

	mu             sync.Mutex
	opened, closed int
	sent           []string // "engine: text"
}

// A standIn is one opened engine.
type standIn struct {
	translator.Backend
	*engines
}

func (s standIn) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed++
	return nil
}

func (s standIn) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	name, resp := s.Traits().Name, translator.Response{}
	for _, text := range req.Texts {
		s.mu.Lock()
		s.sent = append(s.sent, name+": "+text)
		answer := s.answer[name]
		s.mu.Unlock()
		if err := answer(ctx, text); err != nil {
			return translator.Response{}, err
		}
		resp.Translations = append(resp.Translations, translator.Translation{Text: "The harbour is open."})
	}
	return resp, nil
}

// pause is a request that takes so long.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// did returns what has been sent so far, and how many engines were opened and closed.
func (e *engines) did() (sent []string, opened, closed int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.sent), e.opened, e.closed
}

// shopOf returns a workshop with a chain of engines that are stood in for. Each
// has two connections.
func shopOf(t *testing.T, chainOf string, answer map[string]func(context.Context, string) error) (*workshop, *engines) {
	t.Helper()
	w, _ := workshopOf(t, 0, translator.Denied)
	w.cfg.Chains["ar-en"], w.cfg.Backends.Command.Argv, w.cfg.Concurrency = chainOf, []string{"true"}, 2
	es := &engines{answer: answer}
	w.build = func(ctx context.Context, o order, db database, meter *ledger.Options) (*chain, error) {
		es.cfg = o.cfg
		o.around = func(b translator.Backend) translator.Backend {
			es.mu.Lock()
			defer es.mu.Unlock()
			es.opened++
			return standIn{b, es}
		}
		return newChain(ctx, o, db, meter)
	}
	return w, es
}

// An engine that stopped is opened anew while a story is still at the chain's
// other engine: that one goes on, no sentence of it goes out a second time, and
// at the end all engines have stopped and are closed.
func TestOneEngineOfSeveralIsOpenedAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := translator.NewError("command", translator.Denied, errors.New("the key is not known"))
		w, es := shopOf(t, "command, pseudo", map[string]func(context.Context, string) error{
			"command": func(context.Context, string) error { return refused },
			"pseudo":  func(ctx context.Context, _ string) error { return pause(ctx, 50*time.Second) },
		})
		var stories sync.WaitGroup
		stories.Go(func() {
			if s := work(t, w, arabic, articleOf("a", "افتتح الميناء.")); s.Status != translator.Done {
				t.Errorf("the story at the second engine: %s, %v", s.Status, s.Err)
			}
		})
		time.Sleep(rest + time.Second)
		es.mu.Lock()
		es.answer["command"] = func(context.Context, string) error { return nil } // the key was mended
		es.mu.Unlock()
		stories.Go(func() {
			if s := work(t, w, arabic, articleOf("b", "افتتح الميناء.\nوصلت السفينة.")); s.Status != translator.Done {
				t.Errorf("the story after the rest: %s, %v", s.Status, s.Err)
			}
		})
		time.Sleep(time.Second)
		want := []string{"command: افتتح الميناء.", "pseudo: افتتح الميناء.", "command: وصلت السفينة."}
		if sent, _, _ := es.did(); !slices.Equal(sent, want) {
			t.Errorf("sent %q, want %q", sent, want)
		}
		w.stop(translator.Interrupted)
		if err := w.close(); err != nil { // waits for the stories
			t.Error(err)
		}
		stories.Wait()
		if sent, opened, closed := es.did(); opened != 3 || closed != opened || len(sent) != len(want) {
			t.Errorf("%d engines were opened, %d closed; sent %q", opened, closed, sent)
		}
	})
}

// A limit that others have only reserved stops an engine for moments, one that
// is spent for longer.
func TestRestOfABudget(t *testing.T) {
	t.Parallel()
	for open, want := range map[translator.USD]time.Duration{0: rest, 8: reservedRest} {
		synctest.Test(t, func(t *testing.T) {
			var answer error = &translator.BudgetError{
				Limit: translator.Limit{Name: "budget.day_usd", Cost: 10},
				Spent: translator.Spending{Cost: 9, Open: 1, OpenCost: open}, Asked: translator.Line{Cost: 2},
			}
			w, es := shopOf(t, "command", map[string]func(context.Context, string) error{"command": func(context.Context, string) error { return answer }})
			if s := work(t, w, arabic, articleOf("a", "افتتح الميناء.")); s.Status != translator.Held {
				t.Errorf("%s, %v", s.Status, s.Err)
			}
			for _, wait := range []time.Duration{want - time.Second, 2 * time.Second} {
				time.Sleep(wait)
				work(t, w, arabic, articleOf("a", "افتتح الميناء."))
			}
			if _, opened, _ := es.did(); opened != 2 {
				t.Errorf("%v open: %d engines after %v", open, opened, want+time.Second)
			}
			if err := w.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// An engine that stopped while a request was on its way is followed by another
// one when that has landed, and not before.
func TestAnEngineIsFollowedWhenItsRequestsHaveLanded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, es := shopOf(t, "command", nil)
		refuse := true
		es.answer = map[string]func(context.Context, string) error{"command": func(ctx context.Context, text string) error {
			if text == "افتتح الميناء." {
				return pause(ctx, 50*time.Second)
			}
			if refuse {
				return translator.NewError("command", translator.Exhausted, errors.New("the quota is used up"))
			}
			return nil
		}}
		begun := time.Now()
		var first sync.WaitGroup
		leaving, leave := context.WithTimeout(t.Context(), 40*time.Second)
		defer leave()
		first.Go(func() { // whose caller does not wait for it to land
			if _, err := w.do(leaving, arabic, []translator.Article{articleOf("a", "افتتح الميناء.")}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a story that was taken away: %v", err)
			}
		})
		time.Sleep(time.Second)
		work(t, w, arabic, articleOf("b", "وصلت السفينة."))
		refuse = false
		for time.Since(begun) < 49*time.Second {
			if s := work(t, w, arabic, articleOf("b", "وصلت السفينة.")); s.Status != translator.Held || es.opened != 1 {
				t.Fatalf("after %v: %s, %d opened", time.Since(begun), s.Status, es.opened)
			}
			time.Sleep(time.Second)
		}
		first.Wait()
		time.Sleep(2 * time.Second)
		if s := work(t, w, arabic, articleOf("b", "وصلت السفينة.")); s.Status != translator.Done || es.opened != 2 || es.closed != 1 {
			t.Errorf("when it has landed: %s, %v, %d opened, %d closed", s.Status, s.Err, es.opened, es.closed)
		}
		if err := w.close(); err != nil || es.closed != 2 {
			t.Error(err, es.closed)
		}
	})
}

// An engine that cannot be opened anew leaves the first one's word, and is tried again.
func TestAnEngineThatCannotBeOpenedAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, es := shopOf(t, "command", map[string]func(context.Context, string) error{
			"command": func(context.Context, string) error {
				return translator.NewError("command", translator.Denied, errors.New("the key is not known"))
			},
		})
		work(t, w, arabic, articleOf("a", "افتتح الميناء."))
		es.answer["command"] = func(context.Context, string) error { return nil }
		for _, argvNow := range [][]string{nil, {"true"}} {
			time.Sleep(rest)
			es.cfg.Backends.Command.Argv = argvNow
			s := work(t, w, arabic, articleOf("a", "افتتح الميناء."))
			if want := map[bool]translator.Status{true: translator.Held, false: translator.Done}[argvNow == nil]; s.Status != want {
				t.Errorf("with %q: %s, %v", argvNow, s.Status, s.Err)
			}
		}
		if err := w.close(); err != nil || es.closed != 2 {
			t.Error(err, es.closed)
		}
	})
}

var arabic = translator.Direction{From: translator.Arabic, To: translator.English}
