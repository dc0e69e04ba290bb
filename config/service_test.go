package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestAKeyNeverStandsInTheFile(t *testing.T) {
	t.Parallel()
	_, err := load(t, "backends:\n  deepl: {key: hush-hush}\n")
	if err == nil || strings.Contains(err.Error(), "hush-hush") || !strings.Contains(err.Error(), "DRAGOMAN_BACKENDS_DEEPL_KEY") {
		t.Errorf("%v", err)
	}
}

func TestSecretOfAService(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "backends: {deepl: {key_file: " + file + "}}\n"
	for want, c := range map[string]*Config{
		"from-file": mustLoad(t, text), "from-env": mustLoad(t, text, "DRAGOMAN_BACKENDS_DEEPL_KEY=from-env"), "": mustLoad(t, ""),
	} {
		if got, err := c.Backends.DeepL.Secret(); err != nil || got.Reveal() != want {
			t.Errorf("key %q, %v, want %q", got.Reveal(), err, want)
		}
	}
}

func TestServicesRequireWhatTheyNeed(t *testing.T) {
	t.Parallel()
	open := filepath.Join(t.TempDir(), "open")
	if err := os.WriteFile(open, []byte("k"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, env, want string }{
		{"deepl", "", "", "backends.deepl.key_file: the deepl backend needs a key; set DRAGOMAN_BACKENDS_DEEPL_KEY"},
		{"deepl", "", "DRAGOMAN_BACKENDS_DEEPL_KEY=k", ""},
		{"azure", "", "", "backends.azure.key_file: the azure backend needs a key"},
		{"azure", "backends: {azure: {key_file: " + open + "}}", "", "is open to other users (mode 0644); run chmod 600"},
		{"libretranslate", "", "", "backends.libretranslate.endpoint: the libretranslate backend needs a server"},
		{"libretranslate", "backends: {libretranslate: {endpoint: 'http://127.0.0.1:5000'}}", "", ""},
		{"openai", "backends: {openai: {model: m}}", "", "the openai backend needs a key"},
		{"openai", "backends: {openai: {model: m, endpoint: 'http://localhost:8000/v1'}}", "", ""},
		{"openai", "backends: {openai: {endpoint: 'http://localhost:8000/v1'}}", "", "backends.openai.model: the openai backend needs a model"},
	} {
		err := mustLoad(t, c.text, c.env).Require(c.name)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %q", c.name, c.text, err, c.want)
		}
	}
}

func TestAnEstimateNeedsNoKey(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "backends: {openai: {endpoint: 'https://mt.example/v1'}}")
	if err := c.RequireSettings("deepl", "azure"); err != nil {
		t.Error(err)
	}
	if err := c.RequireSettings("openai"); err == nil || strings.Contains(err.Error(), "key") || !strings.Contains(err.Error(), "needs a model") {
		t.Errorf("%v", err)
	}
}

func TestPriceOf(t *testing.T) {
	t.Parallel()
	r := Rates{USDPerMillion: 20, Prices: []string{"en-ar 10", "gpt-5.1-mini 0.25/2", "en-ar gpt-5.1-mini 0.5/4", "ar-en custom/desk 80"}}
	for _, c := range []struct {
		from, to, model string
		sent, back      float64
	}{
		{"ar", "en", "nmt", 20, -1}, {"en", "ar", "nmt", 10, -1}, {"en-GB", "ar-EG", "", 10, -1},
		{"ar", "en", "GPT-5.1-mini", 0.25, 2}, {"en", "ar", "gpt-5.1-mini", 0.5, 4}, {"ar", "en", "custom/desk", 80, -1},
	} {
		if sent, back := r.PriceOf(c.from, c.to, c.model); sent != c.sent || back != c.back {
			t.Errorf("%s-%s %s costs %v/%v, want %v/%v", c.from, c.to, c.model, sent, back, c.sent, c.back)
		}
	}
}

func TestMistakesOfServices(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"backends: {deepl: {endpoint: api.deepl.com}}":               "backends.deepl.endpoint: this is no URL of a service",
		"backends: {deepl: {endpoint: 'https://key@api.deepl.com'}}": "backends.deepl.endpoint: this is no URL of a service",
		"backends: {deepl: {endpoint: 'ftp://api.deepl.com'}}":       "backends.deepl.endpoint: this is no URL of a service",
		"backends: {deepl: {formality: polite}}":                     `"polite" is not known`,
		"backends: {azure: {prices: [cheap]}}":                       `dragoman.yaml:1: backends.azure.prices: "cheap" is no price`,
		"backends: {azure: {prices: ['en-ar -1']}}":                  "is below 0",
		"backends: {azure: {prices: ['en-ar 1e18']}}":                "is not from a millionth of a dollar to a billion dollars",
		"backends: {openai: {prices: ['gpt-5-mini 1/1e-12']}}":       "is not from a millionth of a dollar to a billion dollars",
		"backends: {azure: {prices: ['en-ar x/1']}}":                 `"x" is not a number`,
		"budget: {alarms: [50, 120]}":                                `budget.alarms: "120" is no percentage`,
		"chains: {en-ar: [tmx, nobody]}":                             `chains: "nobody" is not known`,
		"chains: {en-ar: [tmx, tmx]}":                                `chains: "tmx" is named twice`,
		"chains: {english: [tmx]}":                                   `chains: "english" is no direction`,
		"chains: {en-ar: []}":                                        `chains: "en-ar" names no backend`,
		"glossaries: {en-en: x.tsv}":                                 `glossaries: "en-en" is no direction`,
		"glossaries: {ar-en: ''}":                                    `glossaries: "ar-en" names no file`,
	} {
		if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestAChainForADirection(t *testing.T) {
	t.Parallel()
	const text = "chain: [tmx]\nchains: {en-ar: [pseudo, command], ar-EG-en: [google]}\nglossaries: {ar-en: a.tsv}\n"
	for _, c := range []struct {
		extra, env string
		want       []string
		glossary   string
	}{
		{"", "", []string{"tmx"}, "a.tsv"},
		{"from: en\nto: ar\n", "", []string{"pseudo", "command"}, ""},
		{"from: en-GB\nto: ar-EG\n", "", []string{"pseudo", "command"}, ""},
		{"from: ar-eg\n", "", []string{"google"}, "a.tsv"},
		{"from: en\nto: ar\n", "DRAGOMAN_CHAIN=tmx", []string{"tmx"}, ""},
	} {
		cfg := mustLoad(t, text+c.extra, c.env)
		if !reflect.DeepEqual(cfg.Chain, c.want) || cfg.Glossary() != c.glossary {
			t.Errorf("%q %s: chain %q and glossary %q", c.extra, c.env, cfg.Chain, cfg.Glossary())
		}
		// A worker that was started for one direction does all.
		if other := mustLoad(t, text, c.env).For(cfg.From, cfg.To); !reflect.DeepEqual(other.Chain, c.want) || other.Glossary() != c.glossary {
			t.Errorf("%q %s: For has chain %q and glossary %q", c.extra, c.env, other.Chain, other.Glossary())
		}
	}
}
