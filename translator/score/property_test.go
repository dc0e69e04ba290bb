package score

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pieces are what the tokenizers and the search for moves are about.
var pieces = []string{
	".", ",", "..", "...", "-", "—", "!", "؟", "،", "٪", "\"", "«", "»", "'", "(", ")", "&", "&amp;", "&quot;", "<skipped>", "$", "+",
	"0", "12", "3.5", "1,234", "٣", "½", "the", "The", "port", "Port", "Σ", "İ", "é", "e\u0301", "قال", "الميناء", "\u200f", "日", "😀",
	"\u00a0", "\u3000", "\t", "\r", "\x1c", "\x00", "\xff", "\xe2\x80",
}

func anyText() *rapid.Generator[string] {
	piece := rapid.SampledFrom(pieces)
	gap := rapid.SampledFrom([]string{"", " ", " ", "  "})
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(0, 30).Draw(t, "pieces") {
			b.WriteString(piece.Draw(t, "piece") + gap.Draw(t, "gap"))
		}
		return b.String()
	})
}

func TestIdentical(t *testing.T) {
	t.Parallel()
	for _, tokenizer := range Tokenizers() {
		s := scorer(t, &Options{Tokenizer: tokenizer})
		rapid.Check(t, func(t *rapid.T) {
			text := anyText().Draw(t, "text")
			other := anyText().Draw(t, "other")
			got := s.Sentence(text, other, text)
			if len(got) != 4 || got[3].TER.Edits != 0 {
				t.Fatalf("%q: %+v", text, got)
			}
			if len(fields(nil, text)) == 0 {
				return
			}
			for _, s := range got[:3] {
				if math.Abs(s.Value-100) > 1e-12 && (s.BLEU == nil || s.BLEU.HypLen > 0) {
					t.Fatalf("%q: %s is %v", text, s.Metric, s.Value)
				}
			}
		})
	}
}

// TestBounds holds every figure to its range, and the statistics to each other.
func TestBounds(t *testing.T) {
	t.Parallel()
	s := scorer(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		hyp := anyText().Draw(t, "hyp")
		refs := rapid.SliceOfN(anyText(), 1, 3).Draw(t, "refs")
		for _, got := range s.Sentence(hyp, refs...) {
			if got.Value < 0 || math.IsNaN(got.Value) || got.Metric != TER && got.Value > 100+1e-12 {
				t.Fatalf("%q %q: %+v", hyp, refs, got)
			}
			if b := got.BLEU; b != nil {
				for n := range bleuOrder {
					if b.Matches[n] > b.Totals[n] || b.Totals[n] != max(b.HypLen-n, 0) || n > 0 && b.Matches[n] > b.Matches[n-1] {
						t.Fatalf("%q %q: %+v", hyp, refs, *b)
					}
				}
			}
			if e := got.TER; e != nil && e.Edits > max(len(fields(nil, hyp)), len(fields(nil, refs[0]))) {
				t.Fatalf("%q %q: %+v: more than to write it anew", hyp, refs, *e)
			}
		}
	})
}

// TestOrderOfLines wants the same sums of a corpus in any order of its lines,
// on any number of workers, and the sums of its sentences.
func TestOrderOfLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3*blockLines).Draw(t, "lines")
		some := rapid.SliceOfN(anyText(), 4, 8).Draw(t, "texts")
		var hyps, ref []string
		for i := range n {
			hyps = append(hyps, some[i%len(some)])
			ref = append(ref, some[i*i%(len(some)-1)])
		}
		one := corpusOf(t, 1, hyps, ref)
		rnd := rand.New(rand.NewPCG(1, uint64(n)))
		rnd.Shuffle(n, func(i, j int) { hyps[i], hyps[j], ref[i], ref[j] = hyps[j], hyps[i], ref[j], ref[i] })
		other := corpusOf(t, 5, hyps, ref)
		edits := 0
		err := scorer(t, nil).Sentences(context.Background(), hyps, [][]string{ref}, func(_ int, s []Score) error {
			edits += s[3].TER.Edits
			return nil
		})
		if err != nil || edits != one[3].TER.Edits {
			t.Fatalf("%d edits in all sentences, %d in the corpus: %v", edits, one[3].TER.Edits, err)
		}
		for i := range one {
			if one[i].Value != other[i].Value {
				t.Fatalf("%s: %v, in another order %v", one[i].Metric, one[i].Value, other[i].Value)
			}
		}
	})
}

func corpusOf(t *rapid.T, workers int, hyps, ref []string) []Score {
	t.Helper()
	scores, err := scorer(t, &Options{Workers: workers}).Corpus(context.Background(), hyps, ref)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

// TestEditsWithoutMoves compares the two tables with a plain edit distance: the
// last corner, and any cut through both.
func TestEditsWithoutMoves(t *testing.T) {
	t.Parallel()
	words := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 4), func(n int) uint32 { return uint32(n) }), 1, 20)
	rapid.Check(t, func(t *rapid.T) {
		hyp, ref := words.Draw(t, "hyp"), words.Draw(t, "ref")
		var e edits
		e.begin(hyp, ref)
		e.compare()
		want := plainDistance(hyp, ref)
		if e.distance() != want {
			t.Fatalf("%d, want %d", e.distance(), want)
		}
		for i := range len(hyp) {
			least, at := int32(far), e.places[i+1]
			for j := range len(ref) + 1 {
				least = min(least, e.ahead[at+j]+e.behind[at+j])
			}
			if int(least) != want {
				t.Fatalf("cut at row %d: %d, want %d", i+1, least, want)
			}
		}
	})
}

// TestGain compares what a shift is said to save with a count from scratch.
func TestGain(t *testing.T) {
	t.Parallel()
	words := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 6), func(n int) uint32 { return uint32(n) }), 2, 20)
	rapid.Check(t, func(t *rapid.T) {
		hyp, ref := words.Draw(t, "hyp"), words.Draw(t, "ref")
		s := shift{start: rapid.IntRange(0, len(hyp)-1).Draw(t, "start"), target: rapid.IntRange(0, len(hyp)).Draw(t, "target")}
		s.length = rapid.IntRange(1, len(hyp)-s.start).Draw(t, "length")
		var e edits
		e.begin(hyp, ref)
		e.compare()
		from, to := s.changed(len(hyp))
		moved := slices.Concat(hyp[:from], s.perform(nil, hyp), hyp[to:])
		if before, after := slices.Sorted(slices.Values(hyp)), slices.Sorted(slices.Values(moved)); !slices.Equal(before, after) {
			t.Fatalf("%v became %v", hyp, moved)
		}
		want := plainDistance(hyp, ref) - plainDistance(moved, ref)
		wanted := rapid.IntRange(-5, 5).Draw(t, "wanted")
		if got := e.gain(s, wanted); got != want && (want >= wanted || got >= wanted) {
			t.Fatalf("gain %d, want %d (at least %d)", got, want, wanted)
		}
	})
}

func plainDistance(a, b []uint32) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// TestRounded compares exp and log with series in 200 bits.
func TestRounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-300, 4.7).Draw(t, "x")
		if want, got := bigExp(x), exp(x); got != want {
			t.Fatalf("exp(%v) is %v, want %v", x, got, want)
		}
		y := rapid.Float64Range(1e-6, 100).Draw(t, "y")
		// The logarithm is less than half a place of l away from l.
		l := log(y)
		below, above := (math.Nextafter(l, -1e9)-l)/2, (math.Nextafter(l, 1e9)-l)/2
		if bigPower(l, below).Cmp(big.NewFloat(y)) > 0 || bigPower(l, above).Cmp(big.NewFloat(y)) < 0 {
			t.Fatalf("log(%v) is %v, not the nearest", y, l)
		}
	})
	for _, x := range []float64{0, 1, -1, math.Ln2, 800, -800, math.Inf(-1)} {
		if math.Abs(exp(x)-math.Exp(x)) > 1e-15*math.Exp(x) {
			t.Errorf("exp(%v) is %v", x, exp(x))
		}
	}
	if log(1) != 0 {
		t.Errorf("log(1) is %v", log(1))
	}
}

func bigExp(x float64) float64 {
	f, _ := bigPower(x, 0).Float64()
	return f
}

// bigPower returns e to the x+more by a plain series, in 300 bits.
func bigPower(x, more float64) *big.Float {
	wide := func(f float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(f) }
	r := new(big.Float).SetPrec(300).Add(wide(x), wide(more))
	r.SetMantExp(r, -12)
	sum, term := wide(1), wide(1)
	for n := 1; n < 40; n++ {
		term.Mul(term, r).Quo(term, wide(float64(n)))
		sum.Add(sum, term)
	}
	for range 12 {
		sum.Mul(sum, sum)
	}
	return sum
}

func FuzzSentence(f *testing.F) {
	f.Add("The port reopens on Monday.", "On Monday the port reopens.", "Port to reopen Monday", uint8(0))
	f.Add("", " ", "\xff\xe2\x80", uint8(1))
	f.Add("&amp;lt; 3.,5 <skipped>-\n", "قال: «نعم»", "\u00a0Σ", uint8(2))
	f.Fuzz(func(t *testing.T, hyp, ref, other string, how uint8) {
		names := Tokenizers()
		s := scorer(t, &Options{Tokenizer: names[int(how)%len(names)], Lowercase: how >= 128})
		for _, got := range s.Sentence(hyp, ref, other) {
			if got.Value < 0 || math.IsNaN(got.Value) || math.IsInf(got.Value, 0) {
				t.Fatalf("%+v", got)
			}
		}
	})
}
