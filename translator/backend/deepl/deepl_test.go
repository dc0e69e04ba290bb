package deepl_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/backend/backendtest"
	"dragoman/translator/backend/deepl"
	"dragoman/translator/backend/deepl/deepltest"
	"dragoman/translator/backend/jsonhttp/scripted"
)

const key = "279a2e9d-83b3-c416:fx"

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

// open returns a Backend over a stand-in; change may be nil.
func open(t *testing.T, server *deepltest.Server, change func(*deepl.Options)) *deepl.Backend {
	t.Helper()
	o := &deepl.Options{Key: key, Endpoint: server.URL}
	if change != nil {
		change(o)
	}
	b, err := deepl.New(o)
	if err != nil {
		t.Fatal(err)
	}
	backendtest.CloseAfter(t, b)
	return b
}

func start(t *testing.T) *deepltest.Server { return deepltest.New(t, deepltest.Options{Key: key}) }

func ask(texts ...string) translator.Request {
	return translator.Request{Direction: arEn, Texts: texts}
}

// terms is a glossary that DeepL takes.
var terms = &translator.Glossary{Direction: arEn, Digest: "0a1b2c3d4e5f", Terms: []translator.Term{
	{Source: "البنك المركزي", Target: "Central Bank"}, {Source: "وزارة الطاقة", Target: "Ministry of Energy"},
}}

// settings are the ways to use the driver that differ on the wire.
var settings = map[string]func(*deepl.Options){
	"Plain":    nil,
	"Glossary": func(o *deepl.Options) { o.Glossary = terms },
	"Context":  func(o *deepl.Options) { o.Context, o.Formality = true, "prefer_more" },
}

func TestBackend(t *testing.T) {
	t.Parallel()
	for name, change := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backendtest.Run(t, harness(change))
		})
	}
}

func harness(change func(*deepl.Options)) backendtest.Harness {
	fault := func(f scripted.Fault) backendtest.Fault {
		return func(t *testing.T, times int) translator.Backend {
			server := start(t)
			server.PlantOn("/v2/translate", f, times)
			return open(t, server, change)
		}
	}
	return backendtest.Harness{
		New:     func(t *testing.T) translator.Backend { return open(t, start(t), change) },
		Secrets: []string{key},
		Faults: backendtest.Faults{
			Throttled:   fault(scripted.Status(429, `{"message":"Too many requests"}`, nil)),
			Exhausted:   fault(scripted.Status(456, `{"message":"Quota Exceeded"}`, nil)),
			Denied:      fault(scripted.Status(403, `{"message":"Authorization failed for key `+key+`"}`, nil)),
			Invalid:     fault(scripted.Status(400, `{"message":"Invalid JSON in request body."}`, nil)),
			TooLarge:    fault(scripted.Status(413, "", nil)),
			Unsupported: fault(scripted.Status(400, `{"message":"Value for 'target_lang' not supported."}`, nil)),
			Unavailable: fault(scripted.Status(529, `{"message":"Too many requests, high load"}`, nil)),
			Broken:      fault(scripted.Reset(70, nil)),
			Garbage:     fault(scripted.Body("text/html", []byte("<html>maintenance</html>"))),
			Short:       fault(answers(func(list []any) []any { return list[:len(list)-1] })),
			Long:        fault(answers(func(list []any) []any { return append(list, list[0]) })),
			Empty:       fault(answers(func(list []any) []any { list[0].(map[string]any)["text"] = ""; return list })),
			Hang:        fault(scripted.Hang()),
		},
	}
}

// answers changes the list of translations in a reply.
func answers(change func([]any) []any) scripted.Fault {
	return scripted.RewriteJSON(func(reply map[string][]any) map[string][]any {
		reply["translations"] = change(reply["translations"])
		return reply
	})
}

// TestMispairs is B8, 200 times each: what can be seen of a reply that is not
// that of the texts is refused, and nothing that is seen gets through.
func TestMispairs(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, nil)
	texts := backend.Samples() // all of different lengths
	swap := func(l []any) []any { l[0], l[1] = l[1], l[0]; return l }
	for name, change := range map[string]func([]any) []any{
		"one less":   func(l []any) []any { return l[1:] },
		"one more":   func(l []any) []any { return append(l, l[0]) },
		"none":       func([]any) []any { return nil },
		"reordered":  func(l []any) []any { slices.Reverse(l); return l },
		"swapped":    swap,
		"merged":     func(l []any) []any { return append(l[:1:1], l[2:]...) },
		"split":      func(l []any) []any { return append([]any{l[0]}, l...) },
		"null for 1": func(l []any) []any { l[1] = nil; return l },
	} {
		for range 200 {
			server.PlantOn("/v2/translate", answers(change), 1)
			resp, err := backend.Check(b).Translate(t.Context(), ask(texts...))
			for i, tr := range resp.Translations {
				if tr.Err == nil && tr.Text != scripted.Token(texts[i]) {
					t.Fatalf("%s: %q was taken for the translation of %q", name, tr.Text, texts[i])
				}
			}
			if e, ok := errors.AsType[*translator.Error](err); err != nil && (!ok || e.Kind != translator.Corrupt || !e.MaybePaid) {
				t.Fatalf("%s: %v, want Corrupt that may be paid", name, err)
			}
		}
	}
}

func TestRequestAsSent(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, func(o *deepl.Options) { o.Glossary, o.Formality, o.UserAgent = terms, "prefer_less", "night-desk" })
	resp, err := b.Translate(t.Context(), ask("خبر أول", `خبر "ثان" <R&D>`))
	if err != nil {
		t.Fatal(err)
	}
	if resp.Billed != 7+15 || server.Billed() != resp.Billed || resp.Signature != "" {
		t.Errorf("billed %d, the service says %d; signature %q", resp.Billed, server.Billed(), resp.Signature)
	}
	if got, want := resp.Translations[0].Text, deepltest.GlossaryMark+scripted.Token("خبر أول"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	sent := server.Requests()
	last := sent[len(sent)-1]
	want := `{"text":["خبر أول","خبر \"ثان\" <R&D>"],"source_lang":"AR","target_lang":"EN-US","show_billed_characters":true,` +
		`"split_sentences":"0","preserve_formatting":true,"formality":"prefer_less","model_type":"quality_optimized","glossary_id":"def3a26b-0001"}`
	if string(last.Body) != want || last.Header.Get("User-Agent") != "night-desk" {
		t.Errorf("%s\n%s", last.Header.Get("User-Agent"), last.Body)
	}
	if g := server.Glossaries(); len(g) != 1 || g[0].Name != "dragoman-0a1b2c3d4e5f" || !strings.Contains(g[0].Dictionaries[0].Entries, "البنك المركزي\tCentral Bank\n") {
		t.Errorf("glossaries %+v", g)
	}
}

// The glossary is looked for once in a run, and made once in an account.
func TestGlossaryOnce(t *testing.T) {
	t.Parallel()
	server := start(t)
	with := func(o *deepl.Options) { o.Glossary = terms }
	for range 2 {
		b := open(t, server, with)
		for range 3 {
			if _, err := b.Translate(t.Context(), ask("خبر")); err != nil {
				t.Fatal(err)
			}
		}
	}
	var paths []string
	for _, r := range server.Requests() {
		paths = append(paths, r.Method+r.Path)
	}
	if got := strings.Join(paths, " "); strings.Count(got, "GET/v3/glossaries") != 2 || strings.Count(got, "POST/v3/glossaries") != 1 || len(server.Glossaries()) != 1 {
		t.Errorf("requests: %s", got)
	}
	for _, dir := range []translator.Direction{{From: "en", To: "ar"}, {From: "fr", To: "en"}} {
		other := translator.Request{Direction: dir, Texts: []string{"x"}}
		if resp, err := open(t, server, with).Translate(t.Context(), other); err != nil || strings.Contains(resp.Translations[0].Text, deepltest.GlossaryMark) {
			t.Errorf("%s: %+v, %v", dir, resp, err)
		}
	}
}

// That DeepL has no glossaries of a language is said before anything is spent.
func TestGlossaryUnsupported(t *testing.T) {
	t.Parallel()
	server := deepltest.New(t, deepltest.Options{NoGlossary: "ar"})
	b := open(t, server, func(o *deepl.Options) { o.Glossary = terms })
	for range 2 {
		_, err := b.Translate(t.Context(), ask("خبر"))
		if !errors.Is(err, translator.Unsupported) || !strings.Contains(err.Error(), "no glossary for ar-en") || !strings.Contains(translator.HintOf(err), "backends.deepl.glossary to none") {
			t.Errorf("%v, hint %q", err, translator.HintOf(err))
		}
	}
	if server.Billed() != 0 || server.Count() != 2 {
		t.Errorf("%d billed, %d requests", server.Billed(), server.Count())
	}
	// What may pass is asked again.
	server = start(t)
	server.PlantOn("/v3/glossaries", scripted.Status(503, "", nil), 1)
	b = open(t, server, func(o *deepl.Options) { o.Glossary = terms })
	if _, err := b.Translate(t.Context(), ask("خبر")); !errors.Is(err, translator.Unavailable) {
		t.Errorf("%v, want Unavailable", err)
	}
	if _, err := b.Translate(t.Context(), ask("خبر")); err != nil {
		t.Error(err)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	one := translator.Context{Story: "1", Headline: "عنوان الخبر", Before: "جملة قبل.", After: "جملة بعد."}
	two := translator.Context{Story: "2", Headline: "عنوان آخر"}
	for name, c := range map[string]struct {
		contexts []translator.Context
		off      bool
		want     string
	}{
		"one story":       {[]translator.Context{one, one}, false, "عنوان الخبر\nجملة قبل.\nأولى\nثانية\nجملة بعد."},
		"several stories": {[]translator.Context{one, two}, false, ""},
		"none given":      {nil, false, ""},
		"switched off":    {[]translator.Context{one, one}, true, ""},
	} {
		server := start(t)
		b := open(t, server, func(o *deepl.Options) { o.Context = !c.off })
		req := ask("أولى", "ثانية")
		req.Contexts = c.contexts
		if _, err := b.Translate(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		var sent struct{ Context string }
		if err := json.Unmarshal(server.Requests()[0].Body, &sent); err != nil || sent.Context != c.want {
			t.Errorf("%s: %q, %v; want %q", name, sent.Context, err, c.want)
		}
		if server.Billed() != 9 || b.Traits().Context == c.off {
			t.Errorf("%s: %d billed, context %v", name, server.Billed(), b.Traits().Context)
		}
	}
}

// TestLargest: no request that keeps to the Traits is too large, in any script
// and with the longest context.
func TestLargest(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, func(o *deepl.Options) { o.Context, o.Glossary = true, terms })
	traits := b.Traits()
	for _, letter := range []string{"ب", "字", "𞤀", `"`, "a"} {
		texts, contexts := make([]string, traits.MaxTexts), make([]translator.Context, traits.MaxTexts)
		for i := range texts {
			texts[i] = strings.Repeat(letter, traits.MaxSize/traits.MaxTexts)
			contexts[i].Before = strings.Repeat("𞤀", 9000)
		}
		req := ask(texts...)
		req.Contexts = contexts
		if _, err := b.Translate(t.Context(), req); err != nil {
			t.Errorf("%s: %v", letter, err)
		}
	}
	n := server.Count()
	if _, err := b.Translate(t.Context(), ask(strings.Repeat("\x01", traits.MaxSize))); !errors.Is(err, translator.TooLarge) || server.Count() != n {
		t.Errorf("%v, want TooLarge and nothing sent", err)
	}
	if _, err := b.Translate(t.Context(), ask("خبر", "\xd8")); !errors.Is(err, translator.Invalid) || server.Count() != n {
		t.Errorf("%v, want Invalid and nothing sent", err)
	}
	many := make([]string, deepltest.MaxTexts+1)
	for i := range many {
		many[i] = fmt.Sprint("خبر ", i)
	}
	if _, err := b.Translate(t.Context(), ask(many...)); !errors.Is(err, translator.Invalid) {
		t.Errorf("51 texts: %v; the stand-in must refuse them", err)
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	server := deepltest.New(t, deepltest.Options{CharLimit: 10})
	b := open(t, server, nil)
	if _, err := b.Translate(t.Context(), ask("خبر أول")); err != nil {
		t.Fatal(err)
	}
	_, err := b.Translate(t.Context(), ask("خبر ثان"))
	if !errors.Is(err, translator.Exhausted) || !strings.Contains(translator.HintOf(err), "Cost control") || server.Billed() != 7 {
		t.Errorf("%v, hint %q, billed %d", err, translator.HintOf(err), server.Billed())
	}
}

// What a reply says of bill and model is what is kept.
func TestReported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts      deepltest.Options
		change    func(*deepl.Options)
		billed    int
		signature translator.Signature
	}{
		"no bill":       {deepltest.Options{NoBill: true}, nil, 0, ""},
		"same model":    {deepltest.Options{AnswerModel: "quality_optimized"}, func(o *deepl.Options) { o.Model = "prefer_quality_optimized" }, 3, ""},
		"another model": {deepltest.Options{AnswerModel: "latency_optimized"}, nil, 3, "deepl:v2|latency_optimized|formality:default|glossary:none|context:off"},
	} {
		resp, err := open(t, deepltest.New(t, c.opts), c.change).Translate(t.Context(), ask("خبر"))
		if err != nil || resp.Billed != c.billed || resp.Signature != c.signature {
			t.Errorf("%s: %+v, %v", name, resp, err)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, nil)
	for _, c := range []struct {
		status int
		body   string
		kind   translator.Kind
		hint   string
	}{
		{403, `{"message":"Authorization failed"}`, translator.Denied, "api-free.deepl.com"},
		{401, "", translator.Denied, "DRAGOMAN_BACKENDS_DEEPL_KEY"},
		{400, `{"message":"'formality' is not supported for given 'target_lang'."}`, translator.Invalid, "prefer_more"},
		{400, `{"message":"Invalid or missing glossary"}`, translator.Invalid, "glossary"},
		{404, `{"message":"Not found"}`, translator.Invalid, "endpoint"},
		{429, "", translator.Throttled, "connections"},
		{500, "", translator.Unavailable, ""},
		{503, "", translator.Unavailable, ""},
	} {
		header := http.Header{"Retry-After": {"9"}}
		server.Plant(scripted.Status(c.status, c.body, header), 1)
		_, err := b.Translate(t.Context(), ask("خبر"))
		e, ok := errors.AsType[*translator.Error](err)
		waits := c.kind.Temporary() && e.After != 9*time.Second
		if !ok || e.Kind != c.kind || !strings.Contains(e.Hint, c.hint) || e.Op != "deepl" || waits {
			t.Errorf("%d %s: %v, after %v, hint %q", c.status, c.body, err, e.After, e.Hint)
		}
	}
}
