package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

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
		withoutRules)
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

// TestContentFaults is B9 through the whole chain: a server whose answers can be
// read and are no translations, before a translation memory that has good ones.
// What is doubted is asked for once more and moves on, what is only flagged
// stays; memory holds each answer with its flags, and a second run, which asks
// nobody for what it knows, says the same.
func TestContentFaults(t *testing.T) {
	t.Parallel()
	pairs := tmxPairs(t, 24)
	for name, c := range map[string]struct {
		spoil func(source, good string) string
		flag  string
		moves bool
		asked int // of the server, for each text
	}{
		"echo":           {func(source, _ string) string { return source }, "same-as-source", true, 2},
		"refusal":        {func(string, string) string { return "I'm sorry, but I cannot translate this text." }, "refusal", true, 1},
		"prompt leak":    {func(_, good string) string { return "Here is the translation: " + good }, "prompt-leak", true, 2},
		"summary":        {func(_, good string) string { return strings.Join(strings.Fields(good)[:2], " ") }, "too-short", true, 2},
		"loop":           {func(_, good string) string { return strings.Repeat("and then ", 9) + good }, "repetition", true, 1},
		"added markup":   {func(_, good string) string { return "<p>" + good + "</p>" }, "added-markup", false, 1},
		"added controls": {func(_, good string) string { return "\u202e" + good + "\u202c" }, "hidden-characters", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := libretranslatetest.New(t, libretranslatetest.Options{Model: func(source string) string { return c.spoil(source, pairs[source]) }})
			cfg := settings(t, "DRAGOMAN_CHAIN=libretranslate,tmx", "DRAGOMAN_BACKENDS_LIBRETRANSLATE_ENDPOINT="+server.URL,
				"DRAGOMAN_BACKENDS_LIBRETRANSLATE_REQUEST_TEXTS=1", "DRAGOMAN_BACKENDS_TMX_FILE="+root+"/samples/memory.tmx")
			db := ram.New()
			first := contentRun(t, cfg, db, pairs, c.flag, c.moves)
			if want := c.asked * len(pairs); server.Texts() > want || c.asked == 1 && server.Texts() != want || server.Texts() < len(pairs) {
				t.Errorf("the server was asked for %d texts, want %d", server.Texts(), want)
			}
			before := server.Texts()
			second := contentRun(t, cfg, db, pairs, c.flag, c.moves)
			if !slices.Equal(first, second) || server.Texts() != before {
				t.Errorf("a second run asked for %d texts and says\n%q\nafter\n%q", server.Texts()-before, second, first)
			}
		})
	}
}

// contentRun translates the sources of pairs, checks each result, and returns
// them as text.
func contentRun(t *testing.T, cfg *config.Config, db *ram.Store, pairs map[string]string, flag string, moves bool) (said []string) {
	t.Helper()
	o, err := newOrder(cfg, arEn, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	c, err := newChain(t.Context(), o, db, &ledger.Options{Run: "test"})
	if err != nil {
		t.Fatal(err)
	}
	texts := slices.Sorted(maps.Keys(pairs))
	results, err := c.translate(t.Context(), translator.Request{Direction: arEn, Texts: texts})
	if err = errors.Join(err, c.close()); err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		said = append(said, fmt.Sprint(r.Text, " ", r.Flags, " ", r.Origin.Signature))
		moved := slices.Contains(r.Flags, translator.FlagMovedOn)
		if r.Err != nil || moved != moves || moves && r.Text != pairs[texts[i]] || !moves && !slices.Contains(r.Flags, flag) {
			t.Errorf("%s: %+v", texts[i], r)
		}
		key := translator.KeyOf(arEn, texts[i])
		entries, err := db.Lookup(t.Context(), []translator.Key{key})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries[key] {
			if strings.HasPrefix(string(e.Origin.Signature), "libretranslate") && !slices.Contains(e.Flags, flag) {
				t.Errorf("%q is remembered as if it had no %s: %q", e.Target, flag, e.Flags)
			}
		}
	}
	return said
}

// tmxPairs returns some longer sentences of the samples with their translations.
func tmxPairs(t *testing.T, n int) map[string]string {
	t.Helper()
	pairs := map[string]string{}
	err := readTMX(root+"/samples/memory.tmx", arEn, func(all translator.Pairs) error {
		for p, err := range all {
			if err != nil {
				return err
			}
			source := translator.Transport(arEn.From, p.Source.Text)
			if len(pairs) < n && utf8.RuneCountInString(source) > 60 && strings.HasSuffix(p.Target.Text, ".") {
				pairs[source] = p.Target.Text
			}
		}
		return nil
	})
	if err != nil || len(pairs) < n {
		t.Fatalf("%d pairs, %v", len(pairs), err)
	}
	return pairs
}
