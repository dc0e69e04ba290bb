package google_test

import (
	"strings"
	"testing"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator"
	"dragoman/translator/backend/google"
	"dragoman/translator/backend/google/googletest"
)

// TestAnotherModelAnswers is row B11: every other one of 50 replies names
// another model than was asked for. Its answers get the key of that model, and
// the desk is told; the rest keep the key of the model that was asked for.
func TestAnotherModelAnswers(t *testing.T) {
	t.Parallel()
	var told []string
	server := start(t, &googletest.Options{Fault: func(n int, _ *translatepb.TranslateTextRequest) *googletest.Fault {
		if n%2 == 0 {
			return &googletest.Fault{Model: "general/translation-llm"}
		}
		return nil
	}})
	b := open(t, server, &google.Options{OnModel: func(asked, answered string) { told = append(told, asked+" -> "+answered) }})
	for n := 1; n <= 50; n++ {
		want := translator.Signature("")
		if n%2 == 0 {
			want = "google:v3|general/translation-llm|glossary:none"
		}
		resp, err := b.Translate(t.Context(), ask("خبر", "آخر"))
		if err != nil {
			t.Fatal(err)
		}
		if resp.Signature != want {
			t.Errorf("request %d: signature %q, want %q", n, resp.Signature, want)
		}
	}
	if len(told) != 25 || told[0] != "global/models/general/nmt -> global/models/general/translation-llm" {
		t.Errorf("told %d times, %q", len(told), told)
	}
	if key := traits(t, google.Options{Model: "general/translation-llm"}).Signature; key != "google:v3|general/translation-llm|glossary:none" {
		t.Errorf("a desk that asks for that model looks under %q", key)
	}
}

// The same model may be named in several ways, and a name from outside may be
// anything at all.
func TestNamesOfTheAnsweringModel(t *testing.T) {
	t.Parallel()
	const central = "projects/123456789012/locations/us-central1/models/"
	nmt, custom := google.Options{}, google.Options{Location: "us-central1", Model: "TRL42"}
	for name, c := range map[string]struct {
		opts  google.Options
		named []string // by the answers, in order
		want  translator.Signature
	}{
		"not at all":            {nmt, []string{"", ""}, ""},
		"the project's number":  {nmt, []string{"projects/123456789012/locations/global/models/general/nmt"}, ""},
		"another location":      {nmt, []string{central + "general/nmt"}, ""},
		"its short name":        {nmt, []string{"general/nmt"}, ""},
		"custom, by the number": {custom, []string{central + "TRL42"}, ""},
		"another custom one":    {custom, []string{central + "TRL43"}, "google:v3|us-central1/models/TRL43|glossary:none"},
		"custom elsewhere":      {custom, []string{"projects/1/locations/us-east1/models/TRL42"}, "google:v3|us-east1/models/TRL42|glossary:none"},
		"several":               {nmt, []string{"", central + "general/translation-llm", "general/nmt"}, "google:v3|general/nmt+general/translation-llm|glossary:none"},
		"two, and not as asked": {nmt, []string{central + "TRL43", central + "TRL44"}, "google:v3|us-central1/models/TRL43+us-central1/models/TRL44|glossary:none"},
	} {
		if got := signatureOfAnswers(t, c.opts, c.named); got != c.want {
			t.Errorf("%s: signature %q, want %q", name, got, c.want)
		}
	}
	a, b := signatureOfAnswers(t, nmt, []string{"a model\nof my own"}), signatureOfAnswers(t, nmt, []string{strings.Repeat("x", 5000)})
	if a == b || a == "" || len(b) > 100 || strings.ContainsAny(string(a+b), " \n") {
		t.Errorf("hostile names give %q and %q", a, b)
	}
}

// signatureOfAnswers lets a service name these models, one for each answer.
func signatureOfAnswers(t *testing.T, opts google.Options, named []string) translator.Signature {
	t.Helper()
	fault := googletest.Fault{Models: named}
	texts := make([]string, len(named))
	for i := range texts {
		texts[i] = strings.Repeat("خبر ", i+1)
	}
	resp, err := open(t, start(t, &googletest.Options{Fault: googletest.Always(fault)}), &opts).Translate(t.Context(), ask(texts...))
	if err != nil {
		t.Fatal(err)
	}
	return resp.Signature
}
