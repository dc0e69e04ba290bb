package azure_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/backend/azure"
	"dragoman/translator/backend/azure/azuretest"
	"dragoman/translator/backend/backendtest"
	"dragoman/translator/backend/jsonhttp/scripted"
)

const key = "9f2c4e1a7b3d4c60"

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

func start(t *testing.T) *azuretest.Server {
	return azuretest.New(t, azuretest.Options{Key: key, Region: "westeurope", Category: "desk-7"})
}

// open returns a Backend over a stand-in; change may be nil.
func open(t *testing.T, server *azuretest.Server, change func(*azure.Options)) *azure.Backend {
	t.Helper()
	o := &azure.Options{Key: key, Region: "westeurope", Endpoint: server.URL}
	if change != nil {
		change(o)
	}
	b, err := azure.New(o)
	if err != nil {
		t.Fatal(err)
	}
	backendtest.CloseAfter(t, b)
	return b
}

func ask(texts ...string) translator.Request {
	return translator.Request{Direction: arEn, Texts: texts}
}

var terms = &translator.Glossary{Direction: arEn, Digest: "0a1b2c3d4e5f", Terms: []translator.Term{
	{Source: "البنك المركزي", Target: "Central Bank"}, {Source: "البنك", Target: "bank"}, {Source: "العاصمة", Target: "capital"},
}}

func TestBackend(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*azure.Options){
		"Plain":    nil,
		"Glossary": func(o *azure.Options) { o.Glossary = terms },
		"Custom":   func(o *azure.Options) { o.Category = "desk-7" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backendtest.Run(t, harness(change))
		})
	}
}

func harness(change func(*azure.Options)) backendtest.Harness {
	fault := func(f scripted.Fault) backendtest.Fault {
		return func(t *testing.T, times int) translator.Backend {
			server := start(t)
			server.Plant(f, times)
			return open(t, server, change)
		}
	}
	refuse := func(code int, message string) backendtest.Fault {
		return fault(scripted.Status(code/1000, azuretest.Refusal(code, message), nil))
	}
	return backendtest.Harness{
		New:     func(t *testing.T) translator.Backend { return open(t, start(t), change) },
		Secrets: []string{key},
		Faults: backendtest.Faults{
			Throttled:   refuse(429001, "The server rejected the request because the client has exceeded request limits."),
			Exhausted:   refuse(403001, "The subscription has exceeded its free quota."),
			Denied:      refuse(401000, "The key "+key+" is not valid."),
			Invalid:     refuse(400074, "The body of the request is not valid JSON."),
			TooLarge:    refuse(400077, "The maximum request size has been exceeded."),
			Unsupported: refuse(400036, "The target language is not valid."),
			Unavailable: refuse(503000, "Service is temporarily unavailable."),
			Broken:      fault(scripted.Reset(150, nil)),
			Garbage:     fault(scripted.Body("text/html", []byte("<html>502</html>"))),
			Short:       fault(answers(func(l []any) []any { return l[1:] })),
			Long:        fault(answers(func(l []any) []any { return append(l, l[0]) })),
			Empty:       fault(answers(func(l []any) []any { first(l)["text"] = ""; return l })),
			Hang:        fault(scripted.Hang()),
		},
	}
}

// answers changes the list of answers in a reply.
func answers(change func([]any) []any) scripted.Fault {
	return scripted.RewriteJSON(change)
}

// first returns the translation in the first answer.
func first(l []any) map[string]any {
	return l[0].(map[string]any)["translations"].([]any)[0].(map[string]any)
}

// TestMispairs is B8, 200 times each, with texts of different lengths.
func TestMispairs(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, nil)
	texts := backend.Samples()
	for name, change := range map[string]func([]any) []any{
		"one less":  func(l []any) []any { return l[1:] },
		"one more":  func(l []any) []any { return append(l, l[0]) },
		"none":      func([]any) []any { return nil },
		"reordered": func(l []any) []any { slices.Reverse(l); return l },
		"swapped":   func(l []any) []any { l[0], l[1] = l[1], l[0]; return l },
		"merged":    func(l []any) []any { return append(l[:1:1], l[2:]...) },
		"split":     func(l []any) []any { return append([]any{l[0]}, l...) },
		"null":      func(l []any) []any { l[1] = nil; return l },
		"two of one": func(l []any) []any {
			a := l[0].(map[string]any)
			a["translations"] = append(a["translations"].([]any), first(l))
			return l
		},
		"other language": func(l []any) []any { first(l)["to"] = "fr"; return l },
	} {
		for range 200 {
			server.Plant(answers(change), 1)
			_, err := backend.Check(b).Translate(t.Context(), ask(texts...))
			if e, ok := errors.AsType[*translator.Error](err); !ok || e.Kind != translator.Corrupt || !e.MaybePaid {
				t.Fatalf("%s: %v, want Corrupt that may be paid", name, err)
			}
		}
	}
}

func TestRequestAsSent(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, func(o *azure.Options) { o.UserAgent, o.Category = "night-desk", "desk-7" })
	texts := []string{"خبر أول", `خبر "ثان" <R&D>`}
	var traces []string
	for range 2 {
		resp, err := b.Translate(t.Context(), ask(texts...))
		if err != nil {
			t.Fatal(err)
		}
		if resp.Billed != 7+15 || resp.Signature != "" || resp.Translations[1].Text != azuretest.Token(texts[1]) {
			t.Errorf("%+v", resp)
		}
		requests := server.Requests()
		last := requests[len(requests)-1]
		u, err := url.Parse(last.Path)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		traces = append(traces, q.Get("ClientTraceId"))
		q.Del("ClientTraceId")
		if got := u.Path + "?" + q.Encode(); got != "/translate?allowFallback=false&api-version=3.0&category=desk-7&from=ar&includeSentenceLength=true&textType=plain&to=en" {
			t.Error(got)
		}
		if got := string(last.Body); got != `[{"Text":"خبر أول"},{"Text":"خبر \"ثان\" <R&D>"}]` || last.Header.Get("User-Agent") != "night-desk" {
			t.Errorf("%s: %s", last.Header.Get("User-Agent"), got)
		}
	}
	if traces[0] == traces[1] {
		t.Errorf("both requests are %s", traces[0])
	}
	if server.Billed() != 2*(7+15) {
		t.Errorf("%d billed", server.Billed())
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, func(o *azure.Options) { o.RequestSize = 60_000 })
	if traits := b.Traits(); traits.MaxSize != azuretest.MaxSize || traits.MaxTexts != azuretest.MaxTexts {
		t.Fatalf("limits %d and %d are not Azure's", traits.MaxSize, traits.MaxTexts)
	}
	many := make([]string, azuretest.MaxTexts+1)
	for i := range many {
		many[i] = fmt.Sprint("خبر ", i)
	}
	for name, c := range map[string]struct {
		texts []string
		fits  bool
	}{
		"as long as allowed":     {[]string{strings.Repeat("ب", azuretest.MaxSize)}, true},
		"beyond the first plane": {[]string{strings.Repeat("𞤀", azuretest.MaxSize)}, true},
		"a code point too long":  {[]string{strings.Repeat("ب", azuretest.MaxSize), "ب"}, false},
		"as many as are allowed": {many[:azuretest.MaxTexts], true},
		"one too many":           {many, false},
	} {
		_, err := b.Translate(t.Context(), ask(c.texts...))
		if c.fits && err != nil || !c.fits && !errors.Is(err, translator.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	n := server.Count()
	if _, err := b.Translate(t.Context(), ask("خبر", "\xd8")); !errors.Is(err, translator.Invalid) || server.Count() != n {
		t.Errorf("%v, want Invalid and nothing sent", err)
	}
	if resp, err := b.Translate(t.Context(), ask()); err != nil || len(resp.Translations) != 0 || server.Count() != n {
		t.Errorf("no texts: %v, %v", resp, err)
	}
}

// The default request passes in the free tier's minute, and what is above its
// quotas is told apart.
func TestFreeTier(t *testing.T) {
	t.Parallel()
	server := azuretest.New(t, azuretest.Options{Minute: 33_300, Quota: 60_000})
	b := open(t, server, nil)
	page := strings.Repeat("ب", b.Traits().MaxSize)
	if _, err := b.Translate(t.Context(), ask(page)); err != nil {
		t.Fatal(err)
	}
	_, err := b.Translate(t.Context(), ask(page))
	if !errors.Is(err, translator.Throttled) || !strings.Contains(translator.HintOf(err), "33,000") {
		t.Errorf("%v, hint %q", err, translator.HintOf(err))
	}
	server = azuretest.New(t, azuretest.Options{Quota: 20_000})
	_, err = open(t, server, nil).Translate(t.Context(), ask(page))
	if !errors.Is(err, translator.Exhausted) || !strings.Contains(translator.HintOf(err), "free tier") {
		t.Errorf("%v, hint %q", err, translator.HintOf(err))
	}
}

// What a reply says of bill and model is what is kept.
func TestReported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts      azuretest.Options
		billed    int
		signature translator.Signature
	}{
		"as asked":        {azuretest.Options{}, 3, ""},
		"no bill":         {azuretest.Options{NoBill: true, NoLengths: true}, 0, ""},
		"another model":   {azuretest.Options{System: "Team"}, 3, "azure:v3|general|glossary:none"},
		"custom as asked": {azuretest.Options{System: "Custom"}, 3, ""},
	} {
		c.opts.Category = "desk-7"
		b := open(t, azuretest.New(t, c.opts), func(o *azure.Options) { o.Category = "desk-7" })
		for range 50 { // B11
			resp, err := b.Translate(t.Context(), ask("خبر"))
			if err != nil || resp.Billed != c.billed || resp.Signature != c.signature {
				t.Fatalf("%s: %+v, %v", name, resp, err)
			}
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
		after  time.Duration
		hint   string
	}{
		{400, azuretest.Refusal(400035, "from"), translator.Unsupported, 0, "language-support"},
		{400, azuretest.Refusal(400019, "one"), translator.Unsupported, 0, "language-support"},
		{400, azuretest.Refusal(400050, "too long"), translator.TooLarge, 0, ""},
		{400, azuretest.Refusal(400072, "too many"), translator.TooLarge, 0, ""},
		{400, azuretest.Refusal(400079, "no such system"), translator.Invalid, 0, "category"},
		{400, azuretest.Refusal(400000, "one of the inputs"), translator.Invalid, 0, ""},
		{400, "", translator.Invalid, 0, ""},
		{401, `{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}`, translator.Denied, 0, "region"},
		{401, "", translator.Denied, 0, "DRAGOMAN_BACKENDS_AZURE_KEY"},
		{403, azuretest.Refusal(403000, "not allowed"), translator.Denied, 0, "run again"},
		{403, azuretest.Refusal(403001, "not allowed"), translator.Exhausted, 0, "free tier"},
		{403, `{"error":{"code":"403","message":"Out of call volume quota for TextTranslation F0 pricing tier."}}`, translator.Exhausted, 0, "free tier"},
		{408, azuretest.Refusal(408001, "being prepared"), translator.Throttled, time.Minute, ""},
		{429, azuretest.Refusal(429000, "limits"), translator.Throttled, 0, "666,000"},
		{429, `{"error":{"code":"429","message":"Requests have exceeded rate limit of your current tier. Please retry after 12 seconds."}}`, translator.Throttled, 12 * time.Second, "33,000"},
		{500, azuretest.Refusal(500000, "unexpected"), translator.Unavailable, 0, "TRNS.1"},
		{503, azuretest.Refusal(503000, "temporarily"), translator.Unavailable, 0, "TRNS.1"},
	} {
		server.Plant(scripted.Status(c.status, c.body, http.Header{"X-Requestid": {"TRNS.1"}}), 1)
		_, err := b.Translate(t.Context(), ask("خبر"))
		e, ok := errors.AsType[*translator.Error](err)
		if !ok || e.Kind != c.kind || e.After != c.after || !strings.Contains(e.Hint, c.hint) || e.Op != "azure" {
			t.Errorf("%d %s: %v, after %v, hint %q", c.status, c.body, err, e.After, e.Hint)
		}
	}
	server.Plant(scripted.Status(429, azuretest.Refusal(429002, "limits"), http.Header{"Retry-After": {"9"}}), 1)
	if _, err := b.Translate(t.Context(), ask("خبر")); !errors.Is(err, translator.Throttled) {
		t.Error(err)
	} else if e, _ := errors.AsType[*translator.Error](err); e.After != 9*time.Second {
		t.Errorf("after %v", e.After)
	}
}
