package deepl_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/deepl"
)

func TestTraits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts      *deepl.Options
		signature translator.Signature
		price     translator.Price
	}{
		"default":  {nil, "deepl:v2|quality_optimized|formality:default|glossary:none|context:off", deepl.ListPrice},
		"all":      {&deepl.Options{Glossary: terms, Formality: "prefer_more", Context: true, Model: "latency_optimized", Price: 30}, "deepl:v2|latency_optimized|formality:prefer_more|glossary:0a1b2c3d4e5f|context:on", 30},
		"none":     {&deepl.Options{Glossary: terms, GlossaryID: "none"}, "deepl:v2|quality_optimized|formality:default|glossary:none|context:off", deepl.ListPrice},
		"both":     {&deepl.Options{Glossary: terms, GlossaryID: "def3a26b"}, "deepl:v2|quality_optimized|formality:default|glossary:def3a26b|context:off", deepl.ListPrice},
		"their id": {&deepl.Options{GlossaryID: "def3a26b", Formality: "default"}, "deepl:v2|quality_optimized|formality:default|glossary:def3a26b|context:off", deepl.ListPrice},
	} {
		got, err := deepl.Describe(c.opts)
		if err != nil || got.Signature != c.signature || got.Price != c.price || got.Name != "deepl" || got.MaxTexts != 50 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	bad := &translator.Glossary{Direction: arEn, Terms: []translator.Term{
		{Source: "أ\tب", Target: "x"}, {Source: "ج", Target: ""}, {Source: "د", Target: strings.Repeat("x", 1025)},
		{Source: "ه", Target: "x"}, {Source: "ه", Target: "y"},
	}}
	_, err := deepl.Describe(&deepl.Options{
		Glossary: bad, GlossaryID: "a|b", Formality: "formal", Model: "best", Price: translator.Price(math.NaN()), Connections: -1,
	})
	if !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"formality \"formal\"", "model_type \"best\"", "glossary \"a|b\"", "usd_per_million", "connections is -1"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	_, err = deepl.Describe(&deepl.Options{Glossary: bad})
	for _, want := range []string{"a tab", "\"ج\"", "longer than 1024", "stands twice"} {
		if !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	for key, says := range map[string]string{"": "no key", "a b": "white space", "abc\n": "white space", "مفتاح": "no key has"} {
		_, err := deepl.New(&deepl.Options{Key: key})
		if !errors.Is(err, translator.Denied) || !strings.Contains(err.Error(), says) || !strings.Contains(translator.HintOf(err), "DRAGOMAN_BACKENDS_DEEPL_KEY") {
			t.Errorf("key %q: %v, hint %q", key, err, translator.HintOf(err))
		}
	}
	if _, err := deepl.New(&deepl.Options{Key: key, Endpoint: "http://api.deepl.com"}); !errors.Is(err, translator.Invalid) {
		t.Errorf("in the clear: %v", err)
	}
}

func TestDumpHidesKey(t *testing.T) {
	t.Parallel()
	b, err := deepl.New(&deepl.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if dump := fmt.Sprintf("%+v %#v", b, b); strings.Contains(dump, key) || !strings.Contains(dump, "api-free.deepl.com") {
		t.Error("the key is shown, or the endpoint is not that of its plan")
	}
}

func TestLanguageCodes(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, nil)
	for dir, want := range map[translator.Direction]string{
		{From: "ar", To: "en"}:       `"AR","target_lang":"EN-US"`,
		{From: "ar", To: "en-GB"}:    `"AR","target_lang":"EN-GB"`,
		{From: "ar-EG", To: "en-AU"}: `"AR","target_lang":"EN-GB"`,
		{From: "en-US", To: "ar"}:    `"EN","target_lang":"AR"`,
		{From: "pt-BR", To: "pt-PT"}: `"PT","target_lang":"PT-PT"`,
		{From: "fr", To: "pt"}:       `"FR","target_lang":"PT-BR"`,
		{From: "no", To: "zh"}:       `"NB","target_lang":"ZH-HANS"`,
		{From: "zh-TW", To: "no"}:    `"ZH","target_lang":"NB"`,
		{From: "de", To: "zh-Hant"}:  `"DE","target_lang":"ZH-HANT"`,
		{From: "de", To: "zh-SG"}:    `"DE","target_lang":"ZH-HANS"`,
	} {
		if _, err := b.Translate(t.Context(), translator.Request{Direction: dir, Texts: []string{"x"}}); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		sent := server.Requests()
		if body := string(sent[len(sent)-1].Body); !strings.Contains(body, want) {
			t.Errorf("%s was sent as %s", dir, body)
		}
	}
	_, err := b.Translate(t.Context(), translator.Request{Direction: translator.Direction{From: "ar", To: "tlh"}, Texts: []string{"x"}})
	if !errors.Is(err, translator.Unsupported) {
		t.Errorf("%v, want Unsupported", err)
	}
}
