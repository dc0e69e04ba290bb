package libretranslate_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/backend/backendtest"
	"dragoman/translator/backend/jsonhttp/scripted"
	"dragoman/translator/backend/libretranslate"
	"dragoman/translator/backend/libretranslate/libretranslatetest"
)

const key = "6f3c9a70-desk-key"

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

// open returns a Backend over a stand-in; change may be nil.
func open(t *testing.T, server *libretranslatetest.Server, change func(*libretranslate.Options)) *libretranslate.Backend {
	t.Helper()
	o := &libretranslate.Options{Key: key, Endpoint: server.URL}
	if change != nil {
		change(o)
	}
	b, err := libretranslate.New(o)
	if err != nil {
		t.Fatal(err)
	}
	backendtest.CloseAfter(t, b)
	return b
}

func start(t *testing.T, opts libretranslatetest.Options) *libretranslatetest.Server {
	return libretranslatetest.New(t, opts)
}

func ask(texts ...string) translator.Request {
	return translator.Request{Direction: arEn, Texts: texts}
}

func TestBackend(t *testing.T) {
	t.Parallel()
	fault := func(f scripted.Fault) backendtest.Fault {
		return func(t *testing.T, times int) translator.Backend {
			server := start(t, libretranslatetest.Options{})
			server.PlantOn("/translate", f, times)
			return open(t, server, nil)
		}
	}
	refuse := func(status int, words string) backendtest.Fault {
		return fault(scripted.Status(status, `{"error":"`+words+`"}`, nil))
	}
	backendtest.Run(t, backendtest.Harness{
		New: func(t *testing.T) translator.Backend {
			return open(t, start(t, libretranslatetest.Options{Key: key}), nil)
		},
		Secrets: []string{key},
		Faults: backendtest.Faults{
			Throttled:   refuse(429, "Slowdown: 80 per 1 minute"),
			Exhausted:   refuse(429, "Slowdown: 500 per 1 day"),
			Denied:      refuse(403, "Invalid API key "+key),
			Invalid:     refuse(400, "Invalid request: missing q parameter"),
			TooLarge:    refuse(400, "Invalid request: request (51) exceeds text limit (50)"),
			Unsupported: refuse(400, "ar is not supported"),
			Unavailable: fault(scripted.Status(503, "", nil)),
			Broken:      fault(scripted.Reset(70, nil)),
			Garbage:     fault(scripted.Body("application/json", []byte(`{"translatedText": 7}`))),
			Short:       fault(answers(func(l []any) []any { return l[1:] })),
			Long:        fault(answers(func(l []any) []any { return append(l, l[0]) })),
			Empty:       fault(answers(func(l []any) []any { l[0] = " "; return l })),
			Hang:        fault(scripted.Hang()),
		},
	})
}

// answers changes the list of translations in a reply.
func answers(change func([]any) []any) scripted.Fault {
	return scripted.RewriteJSON(func(reply map[string][]any) map[string][]any {
		reply["translatedText"] = change(reply["translatedText"])
		return reply
	})
}

// TestMispairs are the rows of B8 that can be seen without ids, 200 times each.
// LibreTranslate's answers have their place and nothing else: an order that is
// wrong at the same count is left to package quality.
func TestMispairs(t *testing.T) {
	t.Parallel()
	server := start(t, libretranslatetest.Options{})
	b := open(t, server, nil)
	for name, change := range map[string]func([]any) []any{
		"one less": func(l []any) []any { return l[1:] },
		"one more": func(l []any) []any { return append(l, l[0]) },
		"none":     func([]any) []any { return []any{} },
		"null":     func([]any) []any { return nil },
		"merged":   func(l []any) []any { return append(l[:1:1], l[2:]...) },
		"split":    func(l []any) []any { return append([]any{l[0]}, l...) },
		"objects":  func(l []any) []any { l[1] = map[string]any{"text": l[1]}; return l },
	} {
		for range 200 {
			server.PlantOn("/translate", answers(change), 1)
			resp, err := b.Translate(t.Context(), ask(backend.Samples()...))
			if e, ok := errors.AsType[*translator.Error](err); !ok || e.Kind != translator.Corrupt {
				t.Fatalf("%s: %+v, %v; want Corrupt", name, resp, err)
			}
		}
	}
}

func TestRequestAsSent(t *testing.T) {
	t.Parallel()
	server := start(t, libretranslatetest.Options{Key: key})
	b := open(t, server, nil)
	if _, err := b.Translate(t.Context(), ask("خبر أول", `خبر "ثان" <R&d>`)); err != nil {
		t.Fatal(err)
	}
	sent := server.Requests()
	want := `{"q":["خبر أول","خبر \"ثان\" <R&d>"],"source":"ar","target":"en","format":"text","api_key":"` + key + `"}`
	if len(sent) != 2 || sent[0].Path != "/languages" || string(sent[1].Body) != want {
		t.Errorf("%d requests, %s", len(sent), sent[len(sent)-1].Body)
	}
	if dump := fmt.Sprintf("%+v %#v", b, b); strings.Contains(dump, key) {
		t.Error("the key is shown")
	}
	if _, err := open(t, server, func(o *libretranslate.Options) { o.Key = "" }).Translate(t.Context(), ask("خبر")); !errors.Is(err, translator.Denied) ||
		!strings.Contains(translator.HintOf(err), "DRAGOMAN_BACKENDS_LIBRETRANSLATE_KEY") {
		t.Errorf("without a key: %v, hint %q", err, translator.HintOf(err))
	}
}

// A direction that the server has no models for costs no text.
func TestLanguages(t *testing.T) {
	t.Parallel()
	server := start(t, libretranslatetest.Options{Languages: []libretranslatetest.Language{
		{Code: "ar", Targets: []string{"en", "pb", "zt"}}, {Code: "en", Targets: []string{"nb"}},
		{Code: "pb"}, {Code: "zt"}, {Code: "nb"},
	}})
	b := open(t, server, nil)
	for dir, want := range map[translator.Direction]string{
		{From: "ar", To: "en-GB"}: "en", {From: "ar-EG", To: "en"}: "en", {From: "ar", To: "pt-BR"}: "pb",
		{From: "ar", To: "zh-TW"}: "zt", {From: "ar", To: "zh-Hant"}: "zt", {From: "en", To: "no"}: "nb",
		{From: "en", To: "ar"}: "", {From: "fr", To: "en"}: "", {From: "ar", To: "pt"}: "",
	} {
		n := server.Texts()
		_, err := b.Translate(t.Context(), translator.Request{Direction: dir, Texts: []string{"نص"}})
		if want == "" {
			if !errors.Is(err, translator.Unsupported) || server.Texts() != n || !strings.Contains(err.Error(), dir.String()) {
				t.Errorf("%s: %v, want Unsupported and nothing sent", dir, err)
			}
			continue
		}
		sent := server.Requests()
		if body := string(sent[len(sent)-1].Body); err != nil || !strings.Contains(body, `"target":"`+want+`"`) {
			t.Errorf("%s: %v, sent as %s", dir, err, body)
		}
	}
	var asked int
	for _, r := range server.Requests() {
		if r.Path == "/languages" {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("the languages were asked for %d times", asked)
	}
	server.PlantOn("/languages", scripted.Status(503, "", nil), 1)
	again := open(t, server, nil)
	if _, err := again.Translate(t.Context(), ask("نص")); !errors.Is(err, translator.Unavailable) {
		t.Errorf("%v, want Unavailable", err)
	}
	if _, err := again.Translate(t.Context(), ask("نص")); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	server := start(t, libretranslatetest.Options{CharLimit: 10, BatchLimit: 2, TextLimit: 3})
	b := open(t, server, func(o *libretranslate.Options) { o.CharLimit, o.BatchLimit = 10, 2 })
	if traits := b.Traits(); traits.MaxTextSize != 10 || traits.MaxTexts != 2 {
		t.Errorf("%+v", traits)
	}
	for _, texts := range [][]string{{"أ", "ب", "ج"}, {strings.Repeat("ب", 11)}} {
		if _, err := b.Translate(t.Context(), ask(texts...)); !errors.Is(err, translator.TooLarge) || server.Texts() != 0 {
			t.Errorf("%v, want TooLarge", err)
		}
	}
	if _, err := b.Translate(t.Context(), ask(strings.Repeat("ب", 10), "ب")); err != nil {
		t.Error(err)
	}
	_, err := b.Translate(t.Context(), ask("أ", "ب"))
	if e, ok := errors.AsType[*translator.Error](err); !ok || e.Kind != translator.Throttled || e.After != time.Minute {
		t.Errorf("%v, want Throttled for a minute", err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	server := start(t, libretranslatetest.Options{})
	b := open(t, server, nil)
	for _, c := range []struct {
		status int
		words  string
		kind   translator.Kind
		after  time.Duration
	}{
		{429, "Slowdown: 80 per 1 minute", translator.Throttled, time.Minute},
		{429, "Slowdown: 3000 per 1 hour", translator.Throttled, time.Hour},
		{400, "Slowdown: 2 per 1 second", translator.Throttled, time.Second},
		{403, "Slowdown: 2 per second", translator.Throttled, time.Second},
		{429, "Slowdown: too much", translator.Throttled, 0},
		{429, "Slowdown: 900 per 1 day", translator.Exhausted, 0},
		{429, "busy", translator.Throttled, 0},
		{403, "Too many request limits violations", translator.Denied, 0},
		{403, "Invalid API key", translator.Denied, 0},
		{400, "Visit https://portal.example to get an API key", translator.Denied, 0},
		{400, "Invalid request: request (12) exceeds text limit (10)", translator.TooLarge, 0},
		{400, "xx is not supported", translator.Unsupported, 0},
		{400, "Arabic (ar) is not available as a target language from English (en)", translator.Unsupported, 0},
		{400, "yaml format is not supported", translator.Invalid, 0},
		{500, "Cannot translate text: index out of range", translator.Invalid, 0},
		{500, "out of memory", translator.Unavailable, 0},
		{502, "", translator.Unavailable, 0},
	} {
		server.PlantOn("/translate", scripted.Status(c.status, `{"error":"`+c.words+`"}`, nil), 1)
		_, err := b.Translate(t.Context(), ask("خبر"))
		e, ok := errors.AsType[*translator.Error](err)
		if !ok || e.Kind != c.kind || e.After != c.after || e.Op != "libretranslate" || e.Kind == translator.Denied && !strings.Contains(e.Hint, "run again") {
			t.Errorf("%d %s: %v (%+v)", c.status, c.words, err, e)
		}
	}
	server.PlantOn("/translate", scripted.Status(429, `{"error":"Slowdown: 80 per 1 minute"}`, http.Header{"Retry-After": {"3"}}), 1)
	_, err := b.Translate(t.Context(), ask("خبر"))
	if e, ok := errors.AsType[*translator.Error](err); !ok || e.After != 3*time.Second {
		t.Errorf("%v: what the header says must hold", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	traits, err := libretranslate.Describe(nil)
	if err != nil || traits.Signature != "libretranslate:v1|model:default|shield:1" || traits.MaxTexts != 50 || traits.Price != 0 {
		t.Errorf("%+v, %v", traits, err)
	}
	if other, err := libretranslate.Describe(&libretranslate.Options{Model: "argos-2026-10", Endpoint: "https://mt.example"}); err != nil || other.Signature != "libretranslate:v1|model:argos-2026-10|shield:1" {
		t.Errorf("%+v, %v", other, err)
	}
	_, err = libretranslate.New(&libretranslate.Options{Model: "a|b", CharLimit: -1, Connections: -2, Price: -1})
	for _, says := range []string{`model "a|b"`, "text_chars is -1", "connections is -2", "usd_per_million"} {
		if !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not say %q", err, says)
		}
	}
	if _, err := libretranslate.New(&libretranslate.Options{Endpoint: "http://mt.example:5000"}); !errors.Is(err, translator.Invalid) || !strings.Contains(translator.HintOf(err), "allow_http") {
		t.Errorf("%v, hint %q", err, translator.HintOf(err))
	}
	if _, err := libretranslate.New(&libretranslate.Options{Key: "a b"}); !errors.Is(err, translator.Denied) {
		t.Errorf("%v", err)
	}
}
