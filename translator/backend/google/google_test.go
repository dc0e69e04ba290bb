package google_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dragoman/translator"
	"dragoman/translator/backend/backendtest"
	"dragoman/translator/backend/google"
	"dragoman/translator/backend/google/googletest"
)

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

// start runs a stand-in for the length of the test.
func start(t *testing.T, opts *googletest.Options) *googletest.Server {
	t.Helper()
	server, err := googletest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// open returns a Backend over a stand-in; opts may be nil.
func open(t *testing.T, server *googletest.Server, opts *google.Options) *google.Backend {
	t.Helper()
	var o google.Options
	if opts != nil {
		o = *opts
	}
	o.Endpoint, o.Insecure = server.Addr(), true
	if o.Project == "" {
		o.Project = "desk-1"
	}
	b, err := google.New(t.Context(), &o)
	if err != nil {
		t.Fatal(err)
	}
	backendtest.CloseAfter(t, b)
	return b
}

func ask(texts ...string) translator.Request {
	return translator.Request{Direction: arEn, Texts: texts}
}

// failsAs sends one text and wants an error of a kind.
func failsAs(t *testing.T, b translator.Backend, want translator.Kind) *translator.Error {
	t.Helper()
	_, err := b.Translate(t.Context(), ask("فاز الفريق بالمباراة."))
	e, ok := errors.AsType[*translator.Error](err)
	if !ok || e.Kind != want {
		t.Fatalf("error %v (%T), want kind %q", err, err, want)
	}
	if e.Op != "google" {
		t.Errorf("op %q, want google", e.Op)
	}
	return e
}

// faulty makes a backendtest.Fault of a stand-in's fault.
func faulty(fault googletest.Fault, opts *google.Options) backendtest.Fault {
	return func(t *testing.T, times int) translator.Backend {
		server := start(t, &googletest.Options{Fault: func(n int, _ *translatepb.TranslateTextRequest) *googletest.Fault {
			if n > times {
				return nil
			}
			return &fault
		}})
		return open(t, server, opts)
	}
}

func refuse(code codes.Code, message string) googletest.Fault {
	return googletest.Fault{Status: status.New(code, message)}
}

func TestBackend(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]*google.Options{
		"NMT":              nil,
		"LLM":              {Model: "general/translation-llm"},
		"Glossary":         {Location: "us-central1", Glossary: "desk-terms"},
		"Custom":           {Location: "us-central1", Model: "TRL0042"},
		"Adaptive":         {Location: "us-central1", Dataset: "wire"},
		"AdaptiveGlossary": {Location: "us-central1", Dataset: "wire", Glossary: "desk-terms", GlossaryIgnoreCase: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backendtest.Run(t, harness(opts))
		})
	}
}

func harness(opts *google.Options) backendtest.Harness {
	fault := func(f googletest.Fault) backendtest.Fault { return faulty(f, opts) }
	return backendtest.Harness{
		New: func(t *testing.T) translator.Backend { return open(t, start(t, nil), opts) },
		Faults: backendtest.Faults{
			Throttled:   fault(googletest.Fault{Status: googletest.PerMinute(6_000_000, time.Second)}),
			Exhausted:   fault(googletest.Fault{Status: googletest.PerDay(500_000)}),
			Denied:      fault(refuse(codes.PermissionDenied, "Cloud IAM permission 'cloudtranslate.generalModels.predict' denied.")),
			Invalid:     fault(refuse(codes.InvalidArgument, "Invalid 'parent'.; Invalid resource name.")),
			TooLarge:    fault(refuse(codes.InvalidArgument, "Text is too long.")),
			Unsupported: fault(refuse(codes.InvalidArgument, "Target language is invalid.")),
			Unavailable: fault(refuse(codes.Unavailable, "The service is currently unavailable.")),
			Broken:      fault(googletest.Fault{HangUp: true}),
			Garbage:     fault(googletest.Fault{Garbage: []byte("<html>502</html>")}),
			Short:       fault(googletest.Fault{Extra: -1}),
			Long:        fault(googletest.Fault{Extra: 1}),
			Empty:       fault(googletest.Fault{Empty: []int{0}}),
			Hang:        fault(googletest.Fault{Delay: time.Hour}),
		},
	}
}

func TestRequestAsSent(t *testing.T) {
	t.Parallel()
	server := start(t, nil)
	b := open(t, server, &google.Options{
		Location: "us-central1", Glossary: "desk-terms", GlossaryIgnoreCase: true, UserAgent: "night-desk",
		Labels: map[string]string{"desk": "night", "قسم": ""},
	})
	resp, err := b.Translate(t.Context(), ask("خبر أول", "خبر ثان"))
	if err != nil {
		t.Fatal(err)
	}
	sent := server.LastRequest()
	const parent = "projects/desk-1/locations/us-central1"
	for what, pair := range map[string][2]string{
		"parent":   {sent.Parent, parent},
		"model":    {sent.Model, parent + "/models/general/nmt"},
		"glossary": {sent.GetGlossaryConfig().GetGlossary(), parent + "/glossaries/desk-terms"},
		"mime":     {sent.MimeType, "text/plain"},
		"from":     {sent.SourceLanguageCode, "ar"},
		"to":       {sent.TargetLanguageCode, "en"},
		"label":    {sent.Labels["desk"], "night"},
		"answer":   {resp.Translations[1].Text, googletest.GlossaryMark + googletest.Token("خبر ثان")},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	if g := sent.GetGlossaryConfig(); !g.GetIgnoreCase() || g.GetContextualTranslationEnabled() {
		t.Errorf("glossary sent as %v", g)
	}
	if len(sent.Labels) != 2 {
		t.Errorf("labels sent: %v", sent.Labels)
	}
	if agent := strings.Join(server.Metadata().Get("user-agent"), " "); !strings.Contains(agent, "night-desk") {
		t.Errorf("user-agent %q", agent)
	}
}

func TestLanguageCodes(t *testing.T) {
	t.Parallel()
	server := start(t, nil)
	b := open(t, server, nil)
	for lang, want := range map[translator.Lang]string{"zh-Hant": "zh-TW", "zh-Hans": "zh-CN", "nb": "no", "en-GB": "en-GB"} {
		req := translator.Request{Direction: translator.Direction{From: translator.Arabic, To: lang}, Texts: []string{"خبر"}}
		if _, err := b.Translate(t.Context(), req); err != nil {
			t.Errorf("%s: %v", lang, err)
		}
		if got := server.LastRequest().TargetLanguageCode; got != want {
			t.Errorf("%s was sent as %q, want %q", lang, got, want)
		}
	}
	to := translator.Direction{From: translator.Arabic, To: "tlh"}
	_, err := b.Translate(t.Context(), translator.Request{Direction: to, Texts: []string{"خبر"}})
	if !errors.Is(err, translator.Unsupported) || !strings.Contains(err.Error(), "ar-tlh") {
		t.Errorf("%v, want Unsupported that names ar-tlh", err)
	}
}

// The stand-in escapes every answer to a request that is not text/plain.
func TestPlainText(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, &googletest.Options{Translate: func(s string) string { return s }}), nil)
	const text = `Reuters & AFP's "R&D" <b>desk</b> &amp; more`
	resp, err := b.Translate(t.Context(), ask(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Translations[0].Text; got != text {
		t.Errorf("%q came back as %q", text, got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	server := start(t, nil)
	b := open(t, server, nil)
	long := strings.Repeat("ب", googletest.MaxSize)
	many := make([]string, googletest.MaxTexts+1)
	for i := range many {
		many[i] = fmt.Sprintf("خبر %d", i)
	}
	for name, c := range map[string]struct {
		texts []string
		fits  bool
	}{
		"as long as allowed":     {[]string{long}, true},
		"a code point too long":  {[]string{long + "ب"}, false},
		"too long together":      {[]string{long[:len(long)/2], long[:len(long)/2], "ب"}, false},
		"as many as are allowed": {many[:googletest.MaxTexts], true},
		"one too many":           {many, false},
	} {
		_, err := b.Translate(t.Context(), ask(c.texts...))
		if c.fits && err != nil || !c.fits && !errors.Is(err, translator.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "ببب") {
			t.Errorf("%s: the error holds the text", name)
		}
	}
	traits := b.Traits()
	if traits.MaxSize != googletest.MaxSize || traits.MaxTexts != googletest.MaxTexts {
		t.Errorf("limits %d and %d are not Google's", traits.MaxSize, traits.MaxTexts)
	}
	if got := traits.SizeOf("سلامٌ"); got != 5 {
		t.Errorf("size %d, want 5 code points", got)
	}
}

func TestNothingToSend(t *testing.T) {
	t.Parallel()
	server := start(t, nil)
	b := open(t, server, nil)
	if resp, err := b.Translate(t.Context(), ask()); err != nil || len(resp.Translations) != 0 {
		t.Errorf("no texts: %v, %v", resp, err)
	}
	if _, err := b.Translate(t.Context(), ask("خبر", "\xd8")); !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), "text 2 of 2") {
		t.Errorf("broken UTF-8: %v, want Invalid that names the text", err)
	}
	if n := server.Requests(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestMissingAnswers(t *testing.T) {
	t.Parallel()
	server := start(t, &googletest.Options{Fault: googletest.Always(googletest.Fault{Empty: []int{1}})})
	resp, err := open(t, server, nil).Translate(t.Context(), ask("أ", "ب", "ج"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{googletest.Token("أ"), "", googletest.Token("ج")} {
		tr := resp.Translations[i]
		if tr.Text != want || errors.Is(tr.Err, translator.Corrupt) != (want == "") {
			t.Errorf("answer %d: %q, %v", i, tr.Text, tr.Err)
		}
	}
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	server := start(t, &googletest.Options{Latency: 50 * time.Millisecond})
	b := open(t, server, nil)
	n := b.Traits().Connections
	errs := make(chan error, n)
	for i := range n {
		go func() {
			text := fmt.Sprintf("خبر رقم %d", i)
			resp, err := b.Translate(t.Context(), ask(text))
			if err == nil && resp.Translations[0].Text != googletest.Token(text) {
				err = fmt.Errorf("%s was answered %q", text, resp.Translations[0].Text)
			}
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := server.MaxConcurrent(); n != 8 || got != n {
		t.Errorf("%d connections of 8, %d requests at once", n, got)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	server := start(t, &googletest.Options{Latency: time.Hour})
	b := open(t, server, nil)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := b.Translate(ctx, ask("خبر")); err != context.Canceled {
		t.Errorf("%v, want context.Canceled as it is", err)
	}
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.Translate(late, ask("خبر")); err != context.DeadlineExceeded {
		t.Errorf("%v, want context.DeadlineExceeded as it is", err)
	}
}

// The service knows the caller's deadline, and may act on it before our clock
// does. That is still the caller's deadline, and no failure of the service.
func TestServiceEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	fault := refuse(codes.Canceled, "The operation was cancelled.")
	fault.Delay = 950 * time.Millisecond
	b := open(t, start(t, &googletest.Options{Fault: googletest.Always(fault)}), nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := b.Translate(ctx, ask("خبر")); err != context.DeadlineExceeded {
		t.Errorf("%v, want context.DeadlineExceeded as it is", err)
	}
}
