package glossary_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/glossary"
)

// pieces are what the rules are about, so that random texts hit them all.
var pieces = []string{
	" ", " ", " ", "-", " - ", ".", ". ", ",", "/", "'", "’", "'s", "&", "\"", "\n", "\u00a0", "ـ", "\u200f", "\u064e", "\u0301",
	"و", "ف", "ب", "ك", "ل", "ال", "لل", "ا", "ه", "ها", "ة", "تها", "قاهرة", "القاهرة", "على", "علي", "إلى", "عبد", "الله", "أبو", "ظبي", "جامعة", "بنك", "١",
	"Cairo", "CAIRO", "cairo", "US", "us", "bank", "banks", "city", "cities", "O'Neill", "don't", "s", "es", "12", "é", "开", "罗", "ไค", "\xff",
}

var languages = []translator.Lang{translator.Arabic, translator.English, "fr", "zh"}

func anyText(most int) *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, most), func(s []string) string { return strings.Join(s, "") })
}

func anyGlossary() *rapid.Generator[*translator.Glossary] {
	return rapid.Custom(func(t *rapid.T) *translator.Glossary {
		g := &translator.Glossary{Direction: translator.Direction{From: rapid.SampledFrom(languages).Draw(t, "from"), To: rapid.SampledFrom(languages).Draw(t, "to")}}
		for range rapid.IntRange(0, 8).Draw(t, "terms") {
			source := translator.Transport(g.Direction.From, anyText(5).Draw(t, "source"))
			g.Terms = append(g.Terms, translator.Term{Source: source, Target: anyText(5).Draw(t, "target")})
		}
		return g
	})
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// checkMatcher holds a matcher against what it promises of any texts.
func checkMatcher(t failer, g *translator.Glossary, source, target string) {
	t.Helper()
	m := glossary.New(g)
	in, missing := m.In(source), m.Missing(source, target)
	if again := glossary.New(g).In(source); !slices.Equal(in, again) {
		t.Fatalf("In(%q) = %q, and again %q", source, in, again)
	}
	for i, term := range in {
		if !slices.Contains(g.Terms, term) || slices.Contains(in[:i], term) && count(g.Terms, term) < 2 {
			t.Fatalf("In(%q) = %q", source, in)
		}
	}
	if got := m.For([]string{source, source}); len(got) != len(in) {
		t.Fatalf("For(%q) = %q, In = %q", source, got, in)
	}
	for _, term := range missing {
		if !slices.Contains(in, term) {
			t.Fatalf("%q is missing of %q", term, in)
		}
	}
	for _, term := range missing {
		target += " ; " + term.Target // none of the words before may join it
		fewer := m.Missing(source, target)
		if slices.Contains(fewer, term) && hasWord(term.Target) || len(fewer) > len(missing) {
			t.Fatalf("%q is missing in %q", term, target)
		}
		missing = fewer
	}
}

func count(terms []translator.Term, term translator.Term) (n int) {
	for _, t := range terms {
		if t == term {
			n++
		}
	}
	return n
}

func hasWord(text string) bool { return len(translator.SearchWords(text)) > 0 }

func TestMatcherKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkMatcher(t, anyGlossary().Draw(t, "glossary"), anyText(20).Draw(t, "source"), anyText(10).Draw(t, "target"))
	})
}

// A term stands in any text that holds it between spaces, if there is no other.
func TestTermFindsItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom(languages).Draw(t, "lang")
		term := translator.Transport(lang, anyText(6).Draw(t, "term"))
		if len(translator.SearchWords(term)) == 0 {
			t.Skip("no word")
		}
		m := glossary.New(&translator.Glossary{Direction: translator.Direction{From: lang, To: "de"}, Terms: []translator.Term{{Source: term, Target: "x"}}})
		text := anyText(5).Draw(t, "before") + " ; " + term + " ; " + anyText(5).Draw(t, "after")
		if len(m.In(text)) != 1 {
			t.Fatalf("%s: %q does not stand in %q", lang, term, text)
		}
	})
}

// What is read can be written and read again, and stays what it is.
func checkRead(t failer, file []byte) {
	t.Helper()
	g, err := glossary.Read("f", bytes.NewReader(file), arEn)
	if err != nil {
		if g != nil || err.Error() == "" {
			t.Fatalf("%v, %v", g, err)
		}
		return
	}
	var again strings.Builder
	again.WriteString("ar\ten\n")
	for _, term := range g.Terms {
		again.WriteString(term.Source + "\t" + term.Target + "\n")
	}
	h, err := glossary.Read("f", strings.NewReader(again.String()), arEn)
	if err != nil || h.Digest != g.Digest || !slices.IsSortedFunc(g.Terms, func(a, b translator.Term) int { return strings.Compare(a.Source, b.Source) }) {
		t.Fatalf("%q: %v, %v", file, h, err)
	}
	m := glossary.New(g)
	for _, term := range g.Terms {
		if len(m.In(term.Source)) == 0 {
			t.Fatalf("%q does not stand in itself", term.Source)
		}
	}
}

func TestReadIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var file strings.Builder
		file.WriteString("ar\ten\tnotes\n")
		for range rapid.IntRange(0, 6).Draw(t, "lines") {
			file.WriteString(anyText(5).Draw(t, "source") + "\t" + anyText(5).Draw(t, "target") + "\n")
		}
		checkRead(t, []byte(file.String()))
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("ar\ten\tnotes\n# x\nالقاهرة\tCairo\ta city\r\n"))
	f.Add([]byte("\uFEFFen\tar\nCairo"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(t *testing.T, file []byte) { checkRead(t, file) })
}

func FuzzMatcher(f *testing.F) {
	f.Add("القاهرة", "Cairo", "وصل إلى القاهرة", "He reached Cairo.", false)
	f.Add("O'Neill", "عبد الله", "O’Neill's", "عبدالله", true)
	f.Fuzz(func(t *testing.T, term, meaning, source, target string, turned bool) {
		dir := arEn
		if turned {
			dir = enAr
		}
		g := &translator.Glossary{Direction: dir, Terms: []translator.Term{{Source: term, Target: meaning}, {Source: source, Target: target}}}
		checkMatcher(t, g, source+" "+term, target)
	})
}
