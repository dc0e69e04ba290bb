package segment

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
)

var languages = []translator.Lang{translator.Arabic, translator.English, "fr", "fa"}

// pieces are what the rules are about, so that random texts hit them all.
var pieces = []string{
	".", "..", "...", "…", "!", "?", "؟", "۔", "‼", ",", "،", ":", "؛", " ", "  ", "\n", "\r\n", "\u2028", "\u00a0",
	"\"", "'", "«", "»", "“", "”", "’", "(", ")", "[", "]", "[4]", "+", "-", "–", "\u200f", "\u202b", "\u202c", "\u064e", "\u0640", "\ufeff",
	"1", "12", "2024", "3.5", "10.30", "a", "I", "it", "The", "He", "Mr", "Inc", "No", "U.S", "a.m", "Monday", "said", "vitamin", "iPhone", "Yahoo", "com", "www",
	"د", "م", "أ.ف.ب", "قال", "وقال", "وركض", "ثم", "دبليو", "المدينة", "فيتامين", "كوم", "é", "日", "。", "\xff", "\xe2", "\xe2\x80", "\xd8", "\x9f", "😀",
}

func anyText() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40), func(s []string) string { return strings.Join(s, "") })
}

func spansOf(lang translator.Lang, text string) []translator.Span {
	var spans []translator.Span
	for s := range For(lang)(text) {
		spans = append(spans, s)
	}
	return spans
}

// check holds a text against what Splitter promises.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, lang translator.Lang, text string) {
	t.Helper()
	end := 0
	for _, s := range spansOf(lang, text) {
		if s.Start != end || s.End <= s.Start {
			t.Fatalf("%s: %q: span %v after one that ends at %d", lang, text, s, end)
		}
		end = s.End
		part := text[s.Start:s.End]
		if again := spansOf(lang, part); len(again) != 1 {
			t.Fatalf("%s: %q: its sentence %q is cut again into %v", lang, text, part, again)
		}
	}
	if end != len(text) {
		t.Fatalf("%s: %q: the last span ends at %d of %d", lang, text, end, len(text))
	}
}

func TestSpansJoinAndSplitOnce(t *testing.T) {
	t.Parallel()
	for _, once := range []string{"ـ. \".قال", "أ. ...قال", "1. «….وقال"} { // the first was found after millions of others
		check(t, translator.Arabic, once)
	}
	check(t, translator.English, "M"+strings.Repeat("'", foldSize)+"R. The rest.") // capitals in a word too long to fold
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.SampledFrom(languages).Draw(t, "lang"), anyText().Draw(t, "text"))
	})
}

func TestParagraphsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom(languages).Draw(t, "lang")
		var together, apart []string
		var text strings.Builder
		for _, p := range rapid.SliceOfN(anyText(), 1, 4).Draw(t, "paragraphs") {
			p = "x" + p + "\n"
			text.WriteString(p)
			for _, s := range spansOf(lang, p) {
				apart = append(apart, p[s.Start:s.End])
			}
		}
		for _, s := range spansOf(lang, text.String()) {
			together = append(together, text.String()[s.Start:s.End])
		}
		if strings.Join(together, "|") != strings.Join(apart, "|") {
			t.Fatalf("together %q\napart    %q", together, apart)
		}
	})
}

// TestExplainAgrees wants a break in Explain wherever a sentence ends, and nowhere else.
func TestExplainAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom(languages).Draw(t, "lang")
		text := anyText().Draw(t, "text")
		spans := spansOf(lang, text)
		for d := range Explain(lang, text) {
			switch {
			case d.Rule == "":
				t.Fatalf("%q: a decision at %v without a rule", text, d.At)
			case d.Break && (len(spans) == 0 || d.At.End > spans[0].End):
				t.Fatalf("%q: a break at %v, the sentences left are %v", text, d.At, spans)
			case d.Break:
				spans = spans[1:]
			}
		}
		if len(spans) > 1 || len(spans) == 1 && spans[0].End != len(text) {
			t.Fatalf("%q: no break explains the end of %v", text, spans)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, p := range []string{arabicNews, englishNews, "\xe2\x80", "...", "\"", "د. ك"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lang := range languages[:2] {
			check(t, lang, text)
		}
	})
}
