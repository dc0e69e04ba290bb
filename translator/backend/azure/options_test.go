package azure_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/azure"
)

func TestTraits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts      *azure.Options
		signature translator.Signature
		price     translator.Price
		size      int
	}{
		"default":  {nil, "azure:v3|general|glossary:none", azure.ListPrice, 30_000},
		"custom":   {&azure.Options{Category: "desk-7", RequestSize: 99_999}, "azure:v3|desk-7|glossary:none", 40, 50_000},
		"general":  {&azure.Options{Category: "general", Region: "westeurope", Key: key}, "azure:v3|general|glossary:none", azure.ListPrice, 30_000},
		"glossary": {&azure.Options{Glossary: terms, Price: 7}, "azure:v3|general|glossary:0a1b2c3d4e5f", 7, 30_000},
	} {
		got, err := azure.Describe(c.opts)
		if err != nil || got.Signature != c.signature || got.Price != c.price || got.MaxSize != c.size || got.Name != "azure" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	_, err := azure.Describe(&azure.Options{
		Region: "West Europe", Category: "a|b", Price: translator.Price(math.Inf(1)), RequestSize: -1, Connections: -1, RequestTimeout: -1,
	})
	if !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"region \"West Europe\"", "westeurope", "category \"a|b\"", "usd_per_million is +Inf", "request size is -1", "connections is -1", "timeout is -1ns"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	for bad, says := range map[string]string{"": "no key", "a b": "white space", "abc\n": "white space", "مفتاح": "no key has"} {
		_, err := azure.New(&azure.Options{Key: bad})
		if !errors.Is(err, translator.Denied) || !strings.Contains(err.Error(), says) || !strings.Contains(translator.HintOf(err), "DRAGOMAN_BACKENDS_AZURE_KEY") {
			t.Errorf("key %q: %v, hint %q", bad, err, translator.HintOf(err))
		}
	}
	if _, err := azure.New(&azure.Options{Key: key, Endpoint: "http://azure.example.org"}); !errors.Is(err, translator.Invalid) {
		t.Errorf("in the clear: %v", err)
	}
	b, err := azure.New(&azure.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if dump := fmt.Sprintf("%+v %#v", b, b); strings.Contains(dump, key) {
		t.Error("the key is shown")
	}
}

func TestLanguageCodes(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, nil)
	for dir, want := range map[translator.Direction]string{
		{From: "ar-EG", To: "en-GB"}: "from=ar&to=en", {From: "zh-TW", To: "pt-PT"}: "from=zh-Hant&to=pt-pt", {From: "zh", To: "pt-BR"}: "from=zh-Hans&to=pt",
		{From: "zh-Hant-HK", To: "nb"}: "from=zh-Hant&to=nb", {From: "no", To: "fr-CA"}: "from=nb&to=fr-ca", {From: "sr", To: "sr-Latn"}: "from=sr-Cyrl&to=sr-Latn",
	} {
		if _, err := b.Translate(t.Context(), translator.Request{Direction: dir, Texts: []string{"x"}}); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		requests := server.Requests()
		from, to, _ := strings.Cut(want, "&")
		if path := requests[len(requests)-1].Path; !strings.Contains(path, from+"&") || !strings.HasSuffix(path, to) {
			t.Errorf("%s was sent as %s", dir, path)
		}
	}
	_, err := b.Translate(t.Context(), translator.Request{Direction: translator.Direction{From: "ar", To: "tlh"}, Texts: []string{"x"}})
	if !errors.Is(err, translator.Unsupported) || !strings.Contains(err.Error(), "400036") && !strings.Contains(err.Error(), "target language") {
		t.Errorf("%v, want Unsupported", err)
	}
}
