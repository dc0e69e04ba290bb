package azure_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/backend/azure"
	"dragoman/translator/backend/azure/azuretest"
)

// Terms are put into markup where they stand as they are written, the longest
// first, and the markup is counted as it is billed.
func TestMarks(t *testing.T) {
	t.Parallel()
	server := start(t)
	g := *terms
	g.Terms = append(g.Terms[:3:3], translator.Term{Source: "شركة", Target: `"A&B"`}, translator.Term{Source: "R&D", Target: "x"}, translator.Term{Source: "(", Target: "x"})
	b := open(t, server, func(o *azure.Options) { o.Glossary = &g })
	for text, want := range map[string]string{
		"رفع البنك المركزي سعره.":    "[Central Bank]",
		"رفع البنك سعره في العاصمة.": "[bank] [capital]",
		"البنك":                          "[bank]",
		"بالبنك والعاصمة.":               "",
		"العاصمةُ هادئة.":                "",
		"شركة R&D (هنا).":                "",
		"البنك mstrans:dictionary البنك": "",
		"خبر بلا مصطلحات.":               "",
	} {
		before := server.Billed()
		resp, err := b.Translate(t.Context(), ask(text))
		if err != nil {
			t.Fatal(err)
		}
		got := resp.Translations[0].Text
		if !strings.HasPrefix(got, azuretest.Token(text)) || strings.TrimSpace(strings.TrimPrefix(got, azuretest.Token(text))) != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if n := server.Billed() - before; n != b.Traits().SizeOf(text) || resp.Billed != n {
			t.Errorf("%q: %d billed, size %d", text, n, b.Traits().SizeOf(text))
		}
	}
	back := translator.Request{Direction: translator.Direction{From: translator.Arabic, To: "fr"}, Texts: []string{"البنك"}}
	if resp, err := b.Translate(t.Context(), back); err != nil || strings.Contains(resp.Translations[0].Text, "[") {
		t.Errorf("another direction: %+v, %v", resp, err)
	}
}

func TestMarkupLeft(t *testing.T) {
	t.Parallel()
	b := open(t, azuretest.New(t, azuretest.Options{Leaky: true}), func(o *azure.Options) { o.Glossary = terms })
	resp, err := b.Translate(t.Context(), ask("رفع البنك سعره.", "خبر."))
	if err != nil || !errors.Is(resp.Translations[0].Err, translator.Corrupt) || resp.Translations[1].Err != nil {
		t.Errorf("%+v, %v", resp, err)
	}
}

// Whatever the text, taking the markup out gives it back, and its size is that
// of what is sent.
func TestMarksProperty(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, func(o *azure.Options) { o.Glossary = terms })
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"البنك", "المركزي", "العاصمة", "و", " ", "، ", "ُ", "<b>", `"`, "\n", "a", "&", "\\"}), 1, 30).Draw(r, "words")
		text := "x" + strings.Join(words, "")
		resp, err := b.Translate(r.Context(), ask(text))
		if err != nil || !strings.HasPrefix(resp.Translations[0].Text, azuretest.Token(text)) {
			r.Fatalf("%q: %+v, %v", text, resp, err)
		}
		if size := b.Traits().SizeOf(text); resp.Billed != size || size < utf8.RuneCountInString(text) {
			r.Fatalf("%q: billed %d, size %d", text, resp.Billed, size)
		}
	})
}
