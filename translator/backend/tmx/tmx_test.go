package tmx

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/backendtest"
)

var arEn = translator.Direction{From: "ar", To: "en"}

func pair(sourceLang, source, targetLang, target string) translator.Pair {
	return translator.Pair{
		Source: translator.Text{Lang: translator.Lang(sourceLang), Text: source},
		Target: translator.Text{Lang: translator.Lang(targetLang), Text: target},
	}
}

func pairsOf(pairs ...translator.Pair) translator.Pairs {
	return func(yield func(translator.Pair, error) bool) {
		for _, p := range pairs {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func newBackend(t *testing.T, opts *Options, pairs ...translator.Pair) *Backend {
	t.Helper()
	b, err := New(pairsOf(pairs...), opts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var memory = []translator.Pair{
	pair("ar", "فتح الميناء أبوابه.", "en", "The port opened its gates."),
	pair("ar", "توقف القطار ساعة.", "en", "The train stood still for an hour."),
	pair("ar", "هطل المطر ليلا.", "en", "It rained at night."),
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, dir := range []translator.Direction{arEn, {From: "en", To: "ar"}} {
		var texts []string
		for _, p := range memory {
			text := p.Source
			if dir.From == "en" {
				text = p.Target
			}
			texts = append(texts, text.Text)
		}
		backendtest.Run(t, backendtest.Harness{
			New:       func(t *testing.T) translator.Backend { return newBackend(t, nil, memory...) },
			Direction: dir, Texts: texts,
		})
	}
}

// ask returns the answer to one text, or "-" if it is missing.
func ask(t *testing.T, b *Backend, from, to, text string) string {
	t.Helper()
	dir := translator.Direction{From: translator.Lang(from), To: translator.Lang(to)}
	resp, err := b.Translate(t.Context(), translator.Request{Direction: dir, Texts: []string{text}})
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Translations[0].Err; err != nil {
		if !errors.Is(err, translator.Missing) {
			t.Errorf("%v is not Missing", err)
		}
		return "-"
	}
	return resp.Translations[0].Text
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	b := newBackend(t, nil,
		pair("ar", "فتــح  الميناء", "en-US", "The harbor opened"),
		pair("ar", "فتح الميناء", "en-GB", "The harbour opened"),
		pair("ar", "فتح الميناء", "en-US", "second of its kind"),
		pair("ar", "", "en", "nothing"), pair("ar", "شيء", "en", "  "),
		pair("zh-Hant", "港口", "en", "port"),
	)
	for _, c := range []struct{ from, to, text, want string }{
		{"ar", "en-US", "فتح الميناء", "The harbor opened"},
		{"ar", "en-GB", "فتح الميناء", "The harbour opened"},
		{"ar", "en", "فتح الميناء", "The harbor opened"},
		{"ar-EG", "en-AU", "فتح الميناء", "The harbor opened"},
		{"en", "ar", "The harbour opened", "فتح الميناء"},
		{"ar", "fr", "فتح الميناء", "-"},
		{"ar", "en", "فتح الميناء.", "-"},
		{"ar", "en", "شيء", "-"},
		{"zh-Hant", "en", "港口", "port"},
		{"zh", "en", "港口", "-"},
	} {
		if got := ask(t, b, c.from, c.to, c.text); got != c.want {
			t.Errorf("%s-%s %q = %q, want %q", c.from, c.to, c.text, got, c.want)
		}
	}
	oneWay := newBackend(t, &Options{OneWay: true}, memory...)
	if got := ask(t, oneWay, "en", "ar", memory[0].Target.Text); got != "-" {
		t.Errorf("one way, it answered back with %q", got)
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	base := newBackend(t, nil, memory...).Traits().Signature
	turned := slices.Clone(memory)
	slices.Reverse(turned)
	if got := newBackend(t, nil, turned...).Traits().Signature; got != base {
		t.Errorf("another order of the same pairs signs %s, not %s", got, base)
	}
	changed := slices.Clone(memory)
	changed[2].Target.Text += "!"
	for name, b := range map[string]*Backend{
		"a changed target": newBackend(t, nil, changed...), "a pair less": newBackend(t, nil, memory[:2]...),
		"one way": newBackend(t, &Options{OneWay: true}, memory...),
	} {
		if got := b.Traits().Signature; got == base {
			t.Errorf("%s has the same signature %s", name, got)
		}
	}
	if !strings.HasPrefix(string(base), "tmx:") || len(base) != len("tmx:")+16 {
		t.Errorf("the signature is %q", base)
	}
}

func TestUnreadablePairs(t *testing.T) {
	t.Parallel()
	failing := func(err error) translator.Pairs {
		return func(yield func(translator.Pair, error) bool) { yield(translator.Pair{}, err) }
	}
	_, err := New(failing(&translator.ItemError{Path: "memory.tmx:7", Err: errors.New("no target")}), nil)
	if !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), "memory.tmx:7") || translator.HintOf(err) == "" {
		t.Errorf("an unreadable pair: %v, hint %q", err, translator.HintOf(err))
	}
	if _, err := New(failing(io.ErrUnexpectedEOF), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an unreadable file: %v", err)
	}
}

// A stand-in that an earlier run wrote down answers in neither direction.
func TestStandInsAreNoAnswers(t *testing.T) {
	t.Parallel()
	standIn := pair("ar", "فتح الميناء", "en", "[pseudo en] فتح الميناء")
	standIn.Origin.Kind = translator.Pseudo
	b := newBackend(t, nil, standIn)
	if got := ask(t, b, "ar", "en", standIn.Source.Text); got != "-" {
		t.Errorf("the answer is %q", got)
	}
	if got := ask(t, b, "en", "ar", standIn.Target.Text); got != "-" {
		t.Errorf("the answer back is %q", got)
	}
	genuine := pair("ar", "فتح الميناء", "en", "The port opened")
	if got := ask(t, newBackend(t, nil, standIn, genuine), "ar", "en", "فتح الميناء"); got != "The port opened" {
		t.Errorf("beside a stand-in the answer is %q", got)
	}
}
