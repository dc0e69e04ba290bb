package openai_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/openai"
)

func TestTraits(t *testing.T) {
	t.Parallel()
	const local = "http://127.0.0.1:8080/v1"
	for name, c := range map[string]struct {
		opts      *openai.Options
		signature string // its beginning
		price     [2]translator.Price
		maxSize   int
	}{
		"default":  {nil, "openai:v1|gpt-4.1-mini|prompt:", [2]translator.Price{0.4, 1.6}, 16384},
		"snapshot": {&openai.Options{Model: "gpt-4o-2024-08-06"}, "openai:v1|gpt-4o-2024-08-06|prompt:", [2]translator.Price{2.5, 10}, 16384},
		"priced":   {&openai.Options{Price: 1, TargetPrice: 3, MaxOutput: 1000}, "openai:v1|gpt-4.1-mini|prompt:", [2]translator.Price{1, 3}, 1000},
		"new":      {&openai.Options{Model: "gpt-7", Price: 1, TargetPrice: 3}, "openai:v1|gpt-7|prompt:", [2]translator.Price{1, 3}, 4096},
		"half":     {&openai.Options{TargetPrice: 2}, "openai:v1|gpt-4.1-mini|prompt:", [2]translator.Price{0.4, 2}, 16384},
		"local":    {&openai.Options{Endpoint: local, Model: "qwen3:8b"}, "openai:v1|127.0.0.1|qwen3:8b|prompt:", [2]translator.Price{}, 4096},
		"namesake": {&openai.Options{Endpoint: local, Model: "gpt-4o"}, "openai:v1|127.0.0.1|gpt-4o|prompt:", [2]translator.Price{}, 16384},
	} {
		got, err := openai.Describe(c.opts)
		if err != nil || !strings.HasPrefix(string(got.Signature), c.signature) || got.Price != c.price[0] || got.TargetPrice != c.price[1] || got.MaxSize != c.maxSize || got.Unit != "tokens" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Whatever can change an answer is in the signature, and nothing else.
func TestSignature(t *testing.T) {
	t.Parallel()
	signature := func(o openai.Options) translator.Signature {
		t.Helper()
		traits, err := openai.Describe(&o)
		if err != nil {
			t.Fatal(err)
		}
		return traits.Signature
	}
	plain := signature(openai.Options{})
	seen := map[translator.Signature]string{plain: "default"}
	other := *terms
	other.Digest = "ffffffffffff"
	for name, o := range map[string]openai.Options{
		"model": {Model: "gpt-4.1"}, "style": {Style: "Short."}, "glossary": {Glossary: terms}, "other glossary": {Glossary: &other},
		"context": {Context: true}, "plain": {Plain: true}, "host": {Endpoint: "https://llm.example.org/v1", Model: "gpt-4.1-mini", Price: 1, TargetPrice: 1}, "effort": {Model: "gpt-5-mini"},
	} {
		s := signature(o)
		if was, ok := seen[s]; ok {
			t.Errorf("%s has the signature of %s: %s", name, was, s)
		}
		seen[s] = name
	}
	for name, o := range map[string]openai.Options{
		"key": {Key: key}, "price": {Price: 9, TargetPrice: 9}, "sizes": {MaxOutput: 500, RequestTexts: 3, Connections: 9}, "endpoint": {Endpoint: "https://api.openai.com/v1/"},
	} {
		if s := signature(o); s != plain {
			t.Errorf("%s changes the signature: %s", name, s)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	_, err := openai.Describe(&openai.Options{
		Model: "two words", Price: -1, TargetPrice: translator.Price(math.NaN()), MaxOutput: 5, RequestTexts: -1, Connections: -2, RequestTimeout: -1,
		Style: strings.Repeat("x", 2001),
	})
	if !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{`model "two words"`, "usd_per_million is -1", "target_usd_per_million is NaN", "max_output is 5", "request_texts is -1", "connections is -2", "timeout is -1ns", "style is longer"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	for name, c := range map[string]struct {
		opts openai.Options
		says string
	}{
		"no price":        {openai.Options{Model: "gpt-7"}, "set usd_per_million and target_usd_per_million"},
		"half a price":    {openai.Options{Model: "gpt-7", Price: 1}, "set usd_per_million and target_usd_per_million"},
		"another's price": {openai.Options{Endpoint: "https://llm.example.org/v1", Model: "gpt-4o"}, "price of model \"gpt-4o\" is not known"},
		"no model":        {openai.Options{Endpoint: "http://127.0.0.1:8080/v1"}, "name one that 127.0.0.1 has"},
		"reasons":         {openai.Options{Model: "o4-mini", Price: 1, TargetPrice: 4}, "reasons before it answers"},
	} {
		if _, err := openai.Describe(&c.opts); !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for bad, says := range map[string]string{"": "no key", "a b": "white space", "abc\n": "white space", "مفتاح": "no key has"} {
		_, err := openai.New(&openai.Options{Key: bad})
		if !errors.Is(err, translator.Denied) || !strings.Contains(err.Error(), says) || !strings.Contains(translator.HintOf(err), "DRAGOMAN_BACKENDS_OPENAI_KEY") {
			t.Errorf("key %q: %v, hint %q", bad, err, translator.HintOf(err))
		}
	}
	if _, err := openai.New(&openai.Options{Key: key, Endpoint: "http://llm.example.org/v1", Model: "x", Price: 1, TargetPrice: 1}); !errors.Is(err, translator.Invalid) {
		t.Errorf("in the clear: %v", err)
	}
	b, err := openai.New(&openai.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if dump := fmt.Sprintf("%+v %#v", b, b); strings.Contains(dump, key) {
		t.Error("the key is shown")
	}
}
