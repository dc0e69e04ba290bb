package google_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dragoman/translator"
	"dragoman/translator/backend/google"
	"dragoman/translator/backend/google/googletest"
)

func adaptive() *google.Options {
	return &google.Options{Location: "us-central1", Dataset: "wire"}
}

func TestAdaptiveRequestAsSent(t *testing.T) {
	t.Parallel()
	server := start(t, nil)
	opts := adaptive()
	opts.Glossary, opts.GlossaryContextual = "desk-terms", true
	resp, err := open(t, server, opts).Translate(t.Context(), ask("خبر أول", "خبر ثان"))
	if err != nil {
		t.Fatal(err)
	}
	sent := server.LastAdaptive()
	const parent = "projects/desk-1/locations/us-central1"
	glossary := sent.GetGlossaryConfig()
	for what, pair := range map[string][2]string{
		"parent":   {sent.GetParent(), parent},
		"data set": {sent.GetDataset(), parent + "/adaptiveMtDatasets/wire"},
		"mime":     {sent.GetMimeType(), "text/plain"},
		"texts":    {strings.Join(sent.GetContent(), "|"), "خبر أول|خبر ثان"},
		"glossary": {glossary.GetGlossary(), parent + "/glossaries/desk-terms"},
		"answer":   {resp.Translations[1].Text, googletest.GlossaryMark + googletest.Token("خبر ثان")},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	if glossary.GetIgnoreCase() || !glossary.GetContextualTranslationEnabled() {
		t.Errorf("glossary sent as %v", glossary)
	}
	if resp.Signature != "" {
		t.Errorf("signature %q, though no model was named", resp.Signature)
	}
}

// An Adaptive MT request cannot say into which language it wants to be
// translated, so that the wrong one would come back, and be paid.
func TestAdaptiveDirection(t *testing.T) {
	t.Parallel()
	server := start(t, nil)
	b := open(t, server, adaptive())
	for dir, fits := range map[translator.Direction]bool{
		{From: "ar", To: "en"}: true, {From: "ar", To: "en-GB"}: true, {From: "ar-EG", To: "en"}: true,
		{From: "en", To: "ar"}: false, {From: "ar", To: "fr"}: false, {From: "fa", To: "en"}: false, {From: "arz", To: "en"}: false,
	} {
		before := server.Requests()
		_, err := b.Translate(t.Context(), translator.Request{Direction: dir, Texts: []string{"خبر"}})
		if fits && err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		if !fits && (!errors.Is(err, translator.Unsupported) || !strings.Contains(err.Error(), `from "ar" to "en"`) || server.Requests() != before) {
			t.Errorf("%s: %v with %d requests, want Unsupported with none", dir, err, server.Requests()-before)
		}
	}
	if n := server.Lookups(); n != 1 {
		t.Errorf("the data set was asked for %d times, want once", n)
	}
}

func TestNoSuchDataset(t *testing.T) {
	t.Parallel()
	server := start(t, &googletest.Options{Datasets: map[string]googletest.Dataset{"sport": {From: "ar", To: "en"}}})
	e := failsAs(t, open(t, server, adaptive()), translator.Invalid)
	if e.MaybePaid || !strings.Contains(e.Hint, "dataset") || server.Requests() != 0 {
		t.Errorf("%v, hint %q, maybe paid %v, %d requests", e, e.Hint, e.MaybePaid, server.Requests())
	}
}

// To ask for the data set is free, whatever becomes of it.
func TestLookupFails(t *testing.T) {
	t.Parallel()
	broken := map[string]googletest.Dataset{"wire": {Garbage: []byte("<html>502</html>")}}
	server := start(t, &googletest.Options{Datasets: broken})
	if e := failsAs(t, open(t, server, adaptive()), translator.Corrupt); e.MaybePaid || server.Requests() != 0 {
		t.Errorf("maybe paid %v, %d requests", e.MaybePaid, server.Requests())
	}
	server = start(t, &googletest.Options{Datasets: map[string]googletest.Dataset{"wire": {}}})
	if failsAs(t, open(t, server, adaptive()), translator.Unsupported); server.Requests() != 0 {
		t.Error("a data set without languages was taken for any")
	}
	server = start(t, nil)
	b := open(t, server, adaptive())
	server.Stop()
	if e := failsAs(t, b, translator.Unavailable); e.MaybePaid {
		t.Error("nothing was sent that could be paid")
	}
}

// One project may send one request a second.
func TestAdaptiveQuota(t *testing.T) {
	t.Parallel()
	server := start(t, &googletest.Options{AdaptivePerSecond: 1})
	b := open(t, server, adaptive())
	if _, err := b.Translate(t.Context(), ask("خبر")); err != nil {
		t.Fatal(err)
	}
	e := failsAs(t, b, translator.Throttled)
	if e.After <= 0 || e.After > time.Second || e.MaybePaid {
		t.Fatalf("after %v, maybe paid %v", e.After, e.MaybePaid)
	}
	time.Sleep(e.After)
	if _, err := b.Translate(t.Context(), ask("خبر")); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

// What comes back is billed with the language model and Adaptive MT, and the
// service does not say how much it was.
func TestBilledTarget(t *testing.T) {
	t.Parallel()
	glossary := adaptive()
	glossary.Glossary = "desk-terms"
	for name, c := range map[string]struct {
		opts   *google.Options
		billed bool
	}{
		"NMT":                     {nil, false},
		"LLM":                     {&google.Options{Model: "general/translation-llm"}, true},
		"Adaptive":                {adaptive(), true},
		"Adaptive with glossary":  {glossary, true},
		"NMT with a target price": {&google.Options{TargetPrice: 1}, true},
	} {
		echo := func(text string) string { return "“" + text + "”" }
		server := start(t, &googletest.Options{Translate: echo, Fault: googletest.Script(&googletest.Fault{Empty: []int{2}})})
		resp, err := open(t, server, c.opts).Translate(t.Context(), ask("أغلق الميناء أبوابه.", "وصلت السفينة.", "خبر"))
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, tr := range resp.Translations {
			want += utf8.RuneCountInString(tr.Text)
		}
		if want == 0 || want != server.CharsBack() {
			t.Fatalf("%s: %d code points came, %d were given", name, want, server.CharsBack())
		}
		if !c.billed {
			want = 0
		}
		if resp.BilledTarget != want || resp.Billed != 0 {
			t.Errorf("%s: billed %d and %d, want 0 and %d", name, resp.Billed, resp.BilledTarget, want)
		}
	}
}
