package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator/store/sqlite"
	"dragoman/translator/web"
)

// answerOf asks a site without a network, so that time can be a bubble's.
func answerOf(s http.Handler, path string, change func(*http.Request)) answer {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// health is what is said of each check: "" is well.
func health(t *testing.T, a answer) map[string]string {
	t.Helper()
	var h struct {
		OK     bool `json:"ok"`
		Checks []struct {
			Name, Problem string
			OK            bool
		}
	}
	if err := json.Unmarshal([]byte(a.body), &h); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if h.OK != (a.code == 200) || !h.OK && a.code != http.StatusServiceUnavailable {
		t.Errorf("%d says %s", a.code, a.body)
	}
	said, all := map[string]string{}, true
	for _, c := range h.Checks {
		said[c.Name], all = c.Problem, all && c.OK
		if c.OK != (c.Problem == "") {
			t.Errorf("%s contradicts itself: %s", c.Name, a.body)
		}
	}
	if all != h.OK {
		t.Errorf("the whole contradicts its parts: %s", a.body)
	}
	return said
}

func TestHealthzIsWellWhileLoopsGoRound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lease, fetch := web.NewPulse("lease", time.Minute), web.NewPulse("fetch", 5*time.Minute)
		s := web.New(&web.Options{Pulses: []*web.Pulse{lease, fetch}})
		said := func() map[string]string { return health(t, answerOf(s, "/healthz", nil)) }
		if got := said(); got["lease"] != "" || got["fetch"] != "" || len(got) != 2 {
			t.Errorf("at the start: %q", got)
		}
		time.Sleep(time.Hour) // of something else that comes first
		if got := said(); got["lease"] != "" {
			t.Errorf("before it begins: %q", got)
		}
		for range 3 {
			lease.Beat()
			time.Sleep(50 * time.Second)
			lease.Beat()
		}
		if got := said(); got["lease"] != "" {
			t.Errorf("while it beats: %q", got)
		}
		time.Sleep(61 * time.Second)
		if got := said(); got["lease"] != "no sign of life for 1m1s" || got["fetch"] != "" {
			t.Errorf("when it stands still: %q", got)
		}
		lease.Beat()
		if got := said(); got["lease"] != "" {
			t.Errorf("when it goes on: %q", got)
		}
	})
	if got := answerOf(web.New(nil), "/healthz", nil); got.code != 200 {
		t.Errorf("without loops: %d %s", got.code, got.body)
	}
}

func TestReadyzSaysWhatFailsAndNotWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var draining, broken atomic.Bool
		problems := map[string]error{}
		s := web.New(&web.Options{
			Draining: draining.Load,
			Problem:  func(what string, err error) { problems[what] = err },
			Checks: []web.Check{
				{Name: "store", Do: func(context.Context) error {
					if broken.Load() {
						return errors.New("dial tcp 10.0.0.7: password hush for user desk")
					}
					return nil
				}},
				{Name: "schema", Do: func(context.Context) error { return nil }},
			},
		})
		said := func() map[string]string {
			time.Sleep(time.Second) // until what was said before is stale
			a := answerOf(s, "/readyz", nil)
			if strings.Contains(a.body, "hush") || strings.Contains(a.body, "10.0.0.7") {
				t.Errorf("too much is said: %s", a.body)
			}
			return health(t, a)
		}
		if got := said(); len(got) != 3 || got["store"]+got["schema"]+got["draining"] != "" {
			t.Errorf("when all is well: %q", got)
		}
		broken.Store(true)
		if got := said(); got["store"] != "failed; the log says why" || got["schema"] != "" {
			t.Errorf("when the store fails: %q", got)
		}
		if err := problems["readyz: store"]; err == nil || !strings.Contains(err.Error(), "10.0.0.7") {
			t.Errorf("the log is told %v", problems)
		}
		broken.Store(false)
		draining.Store(true)
		if got := said(); got["store"] != "" || got["draining"] == "" {
			t.Errorf("in a drain: %q", got)
		}
	})
}

func TestReadyzDoesNotWaitForAStoreThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		end := make(chan struct{})
		s := web.New(&web.Options{Checks: []web.Check{
			{Name: "deaf", Do: func(context.Context) error { asked.Add(1); <-end; return nil }}, // heeds no context
			{Name: "slow", Do: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
			{Name: "well", Do: func(context.Context) error { return nil }},
		}})
		for range 5 {
			start := time.Now()
			got := health(t, answerOf(s, "/readyz", nil))
			if got["deaf"] != "no answer in time" || got["slow"] != "no answer in time" || got["well"] != "" {
				t.Errorf("got %q", got)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("it took %v", took)
			}
			time.Sleep(time.Second)
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("a check that does not end was begun %d times", n)
		}
		close(end)
	})
}

func TestReadyzAsksOnceForMany(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	proceed := make(chan struct{})
	s := web.New(&web.Options{Checks: []web.Check{{Name: "store", Do: func(context.Context) error {
		asked.Add(1)
		<-proceed
		return nil
	}}}})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { answerOf(s, "/readyz", nil) })
	}
	eventually(t, "the store is asked", func() bool { return asked.Load() > 0 })
	close(proceed)
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("50 who ask at once cost %d queries", n)
	}
}

// TestReadyzSeesAStoreThatIsGone takes a real store's file away under it.
func TestReadyzSeesAStoreThatIsGone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	at := serve(t, &web.Options{Checks: []web.Check{{Name: "store", Do: func(ctx context.Context) error {
		if _, err := os.Stat(path); err != nil {
			return err
		}
		_, err := db.Stats(ctx)
		return err
	}}}})
	if got := health(t, get(t, at+"/readyz")); got["store"] != "" {
		t.Fatalf("with its file: %q", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the store is missed", func() bool {
		a := get(t, at+"/readyz")
		return a.code == http.StatusServiceUnavailable && !strings.Contains(a.body, path) && health(t, a)["store"] != ""
	})
}
