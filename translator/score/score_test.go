package score

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

func TestParseMetric(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Metric{
		"bleu": BLEU, "BLEU": BLEU, "chrf": ChrF, "chrF2": ChrF, "CHRF++": ChrFPP, "chrf2++": ChrFPP, "Ter": TER,
	} {
		if got, err := ParseMetric(name); got != want || err != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "rouge", "chrf3", "bleu "} {
		if got, err := ParseMetric(name); !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
			t.Errorf("%q: %s, %v", name, got, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, opts := range []Options{{Metrics: []Metric{"rouge"}}, {Tokenizer: "zh"}} {
		if _, err := New(&opts); !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
			t.Errorf("%+v: %v", opts, err)
		}
	}
	s := scorer(t, nil)
	one := []string{"One line."}
	for name, c := range map[string]struct {
		hyps []string
		refs [][]string
	}{
		"no line":      {nil, [][]string{nil}},
		"no reference": {one, nil},
		"short":        {one, [][]string{one, {}}},
		"long":         {one, [][]string{{"One.", "Two."}}},
	} {
		if _, err := s.Corpus(context.Background(), c.hyps, c.refs...); !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := s.Sentence("No reference."); got[0].Value != 0 || got[3].Value != 100 {
		t.Errorf("a sentence without a reference: %v", got)
	}
}

// TestEndsEarly wants a cancelled context and an error of use to end the work,
// with all goroutines gone (a leak would show in the race detector's run).
func TestEndsEarly(t *testing.T) {
	t.Parallel()
	lines := slices.Repeat([]string{"The ferry left at dawn."}, 50*blockLines)
	s := scorer(t, &Options{Workers: 3})
	ctx, cancel := context.WithCancel(context.Background())
	enough := errors.New("enough")
	seen := 0
	err := s.Sentences(ctx, lines, [][]string{lines}, func(line int, _ []Score) error {
		if line != seen {
			t.Errorf("line %d after %d", line, seen)
		}
		if seen++; seen == 100 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || seen != 100 {
		t.Errorf("%v after %d lines", err, seen)
	}
	cancel()
	if _, err := s.Corpus(ctx, lines, lines); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestTokenizers holds what is split and what is not, by hand from the rules of
// mteval-v13a and mteval-v14.
func TestTokenizers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, v13a, intl string }{
		{"", "", ""},
		{"He left.", "He left .", "He left ."},
		{"1,234.5 or 7.", "1,234.5 or 7 .", "1,234.5 or 7."}, // v14 has no space after the text to see
		{".5 and 5. km", ". 5 and 5 . km", ".5 and 5 . km"},
		{"a..5", "a . .5", "a . .5"},
		{"5..a", "5 . . a", "5 . . a"},
		{"wait...", "wait . . .", "wait . . ."},
		{"well-known 5-year 10-20", "well-known 5 - year 10 - 20", "well - known 5 - year 10-20"},
		{"AT&amp;T &lt;b&gt; &amp;quot;", "AT & T < b > & quot ;", "AT & amp ; T & lt ; b & gt ; & amp ; quot ;"},
		{"don't “stop”", "don't “stop”", "don ' t “ stop ”"},
		{"قال: «نعم»، 3,5٪ و", "قال : «نعم»، 3,5٪ و", "قال : « نعم » ، 3,5 ٪ و"},
		{"٣٫٥ و٤.", "٣٫٥ و٤ .", "٣٫٥ و٤."},
		{"$5 €6 a+b", "$ 5 €6 a + b", "$ 5 € 6 a + b"},
		{"<skipped>one-\ntwo", "onetwo", "< skipped > one - two"},
		{"a\u00a0b\x1cc\u200bd", "a b c\u200bd", "a b c\u200bd"},
	} {
		if got := strings.Join(tokenize13a(nil, c.text), " "); got != c.v13a {
			t.Errorf("13a %q: %q, want %q", c.text, got, c.v13a)
		}
		if got := strings.Join(tokenizeIntl(nil, c.text), " "); got != c.intl {
			t.Errorf("intl %q: %q, want %q", c.text, got, c.intl)
		}
	}
}

func TestLower(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Cairo ÉTÉ قال": "cairo été قال", "ΟΔΟΣ ΣΑΣ.": "οδος σας.", "İzmir": "i\u0307zmir", "ẞ": "ß",
	} {
		if got := lower(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestMoves wants one edit for a run of words that stands elsewhere, and the
// limits that sacreBLEU puts on the search.
func TestMoves(t *testing.T) {
	t.Parallel()
	far := strings.Fields(strings.Repeat("x ", maxShiftAway+5))
	for _, c := range []struct {
		name, hyp, ref string
		edits          int
	}{
		{"to the right", "on Monday the port reopens", "the port reopens on Monday", 1},
		{"to the left", "the port reopens on Monday", "on Monday the port reopens", 1},
		{"two runs", "c d a b g h e f", "a b c d e f g h", 2},
		{"ten words", "a b c d e f g h i j 1 2 3 4 5 6 7 8 9 0 k", "1 2 3 4 5 6 7 8 9 0 a b c d e f g h i j k", 1},
		{"eleven words in two runs", "a b c d e f g h i j k 1 2 3 4 5 6 7 8 9 0 - l", "1 2 3 4 5 6 7 8 9 0 - a b c d e f g h i j k l", 2},
		{"too far away", strings.Join(append([]string{"a"}, far...), " "), strings.Join(append(slices.Clone(far), "a"), " "), 2},
		{"nothing to compare with", "a b", "", 2},
		{"nothing", "", "a b", 2},
	} {
		got := scorer(t, &Options{Metrics: []Metric{TER}}).Sentence(c.hyp, c.ref)[0]
		if got.TER.Edits != c.edits {
			t.Errorf("%s: %d edits, want %d", c.name, got.TER.Edits, c.edits)
		}
	}
}

func scorer(t interface {
	Helper()
	Fatal(...any)
}, opts *Options) *Scorer {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBooks wants the memory of a line of 50,000 words to grow with its length,
// not with its square, and the search for moves to end.
func TestBooks(t *testing.T) {
	t.Parallel()
	const words = 50_000
	var hyp, ref []uint32
	for i := range words {
		hyp = append(hyp, uint32(i*i%1009))
		ref = append(ref, uint32(i*i%997))
	}
	for _, c := range []struct{ hyp, ref []uint32 }{{hyp, ref}, {hyp[:5], ref}, {hyp, ref[:5]}} {
		var e edits
		got := e.count(c.hyp, c.ref)
		if most := max(len(c.hyp), len(c.ref)); got <= most/2 || got > most {
			t.Errorf("%d and %d words: %d edits", len(c.hyp), len(c.ref), got)
		}
		if cells := len(e.ahead) + len(e.behind); cells > 250*words {
			t.Errorf("%d and %d words: %d cells", len(c.hyp), len(c.ref), cells)
		}
	}
}

// TestSpace names the white space of Python's str.split; there is no more of it.
func TestSpace(t *testing.T) {
	t.Parallel()
	const want = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if isSpace(r) != strings.ContainsRune(want, r) && r != utf8.RuneError {
			t.Errorf("%U: %v", r, isSpace(r))
		}
	}
}
