package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/backend/deepl/deepltest"
	"dragoman/translator/backend/jsonhttp/scripted"
	"dragoman/translator/backend/libretranslate/libretranslatetest"
	"dragoman/translator/ledger"
	"dragoman/translator/store/ram"
)

// The tests here put the whole of what stands around a driver before a real
// HTTP server: tables B3 and B15 of the fault tests.

// settings returns a configuration with the given variables and nothing else.
func settings(t *testing.T, environ ...string) *config.Config {
	t.Helper()
	cfg, err := config.Load(config.Options{Dir: t.TempDir(), Environ: append([]string{}, environ...)})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// chainOf builds the chain of a configuration over a new store.
func chainOf(t *testing.T, cfg *config.Config) (*chain, *ram.Store) {
	t.Helper()
	o, err := newOrder(cfg, arEn, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	db := ram.New()
	c, err := newChain(t.Context(), o, db, &ledger.Options{Run: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	return c, db
}

// TestOneSentenceIsPaidForOnce is B15: the same sentence in 50 stories at once,
// 100 times, is in exactly one request, and everybody gets its answer.
func TestOneSentenceIsPaidForOnce(t *testing.T) {
	t.Parallel()
	server := deepltest.New(t, deepltest.Options{Key: serviceKey})
	cfg := settings(t, "DRAGOMAN_CHAIN=deepl", "DRAGOMAN_BACKENDS_DEEPL_ENDPOINT="+server.URL, "DRAGOMAN_BACKENDS_DEEPL_KEY="+serviceKey,
		"DRAGOMAN_QUALITY_DISABLE_RULES="+strings.Join(ruleNames(), ",")) // the stand-in's tokens are no translations
	c, _ := chainOf(t, cfg)
	const runs, stories = 100, 50
	var wg sync.WaitGroup
	for run := range runs {
		text := fmt.Sprintf("وصل الوفد رقم %d إلى المدينة.", run)
		want := scripted.Token(text)
		for range stories {
			wg.Go(func() {
				results, err := c.translate(context.Background(), translator.Request{Direction: arEn, Texts: []string{text}})
				if err != nil || results[0].Err != nil || results[0].Text != want {
					t.Errorf("run %d: %+v, %v, want %q", run, results, err, want)
				}
			})
		}
	}
	wg.Wait()
	if n := server.Texts(); n != runs {
		t.Errorf("%d texts were paid for, want %d", n, runs)
	}
}

// TestRefusals is B3: a service that answers every request with one status, 50
// requests each. Where the account is refused at most one request for each
// connection goes out; nothing is lost or waits for anything in any case.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]translator.Kind{
		400: translator.Invalid, 401: translator.Denied, 402: translator.Denied, 403: translator.Denied,
		404: translator.Invalid, 413: translator.TooLarge, 422: translator.Invalid, 451: translator.Invalid,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			server := libretranslatetest.New(t, libretranslatetest.Options{})
			server.PlantOn("/translate", scripted.Status(status, `{"error":"no"}`, nil), -1)
			cfg := settings(t, "DRAGOMAN_CHAIN=libretranslate", "DRAGOMAN_BACKENDS_LIBRETRANSLATE_ENDPOINT="+server.URL,
				"DRAGOMAN_BACKENDS_LIBRETRANSLATE_REQUEST_TEXTS=1", "DRAGOMAN_CONCURRENCY=4")
			c, db := chainOf(t, cfg)
			var texts []string
			for i := range 50 {
				texts = append(texts, fmt.Sprintf("خبر رقم %d.", i))
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			results, err := c.translate(ctx, translator.Request{Direction: arEn, Texts: texts})
			if err != nil {
				t.Fatal(err)
			}
			kinds := map[translator.Kind]int{}
			for _, r := range results {
				kinds[translator.KindOf(r.Err)]++
			}
			// What was not sent once the breaker is open is held under its reason.
			if kinds[want] == 0 || kinds[want]+kinds[translator.Unavailable] != len(texts) {
				t.Errorf("kinds %v, want %v", kinds, want)
			}
			sent := 0
			for _, r := range server.Requests() {
				if r.Path == "/translate" {
					sent++
				}
			}
			if limit := map[bool]int{true: 4, false: 50}[want == translator.Denied]; sent == 0 || sent > limit {
				t.Errorf("%d requests were sent, want at most %d", sent, limit)
			}
			if want == translator.Denied && (c.reason() == nil || translator.HintOf(c.reason()) == "") {
				t.Errorf("the breaker does not say how to close it: %v", c.reason())
			}
			if spent, err := db.Spending(t.Context(), translator.Window{}); err != nil || spent.Size != 0 || spent.Open != 0 {
				t.Errorf("spent %+v, %v, for nothing", spent, err)
			}
		})
	}
}
