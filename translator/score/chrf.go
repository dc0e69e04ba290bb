package score

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	charOrder = 6 // the most characters in a row that chrF looks at
	recall    = 4 // how much recall weighs against precision: beta is 2, squared
)

// chrf is the F-score of character n-grams without white space and, in chrF2++,
// of n-grams of words too. Its statistics are, for each order, the n-grams of
// the translation, those of the reference, and those that match.
type chrf struct {
	name  Metric
	words int // the most words in a row; 0 in chrF2
}

func (c chrf) width() int { return 3 * (charOrder + c.words) }

// count takes the statistics against the reference with the best score.
func (c chrf) count(into []float64, l *line) {
	l.countChars()
	best, stats := -1.0, make([]float64, 0, 32)
	for i, ref := range l.refs {
		stats = append(stats[:0], l.chars[i][:]...)
		if c.words > 0 {
			stats = l.countWords(stats, ref, c.words)
		}
		if f := fscore(stats); f > best {
			best = f
			copy(into, stats)
		}
	}
}

// countChars takes the character statistics against each reference, once for a line.
func (l *line) countChars() {
	if l.counted {
		return
	}
	l.counted, l.chars = true, l.chars[:0]
	l.of = symbols(l.of[:0], l.hyp)
	for _, text := range l.refs {
		l.ref = symbols(l.ref[:0], text)
		var stats [3 * charOrder]float64
		l.overlap(stats[:], charOrder)
		l.chars = append(l.chars, stats)
	}
}

// countWords appends the word statistics against a reference.
func (l *line) countWords(stats []float64, ref string, order int) []float64 {
	l.of = l.number(l.of[:0], l.chrfWords(l.hyp))
	l.ref = l.number(l.ref[:0], l.chrfWords(ref))
	n := len(stats)
	for range 3 * order {
		stats = append(stats, 0)
	}
	l.overlap(stats[n:], order)
	return stats
}

// overlap compares the symbols of l.of with those of l.ref. An order that the
// reference is too short for counts for neither.
func (l *line) overlap(stats []float64, order int) {
	l.grams.reset(order * len(l.ref))
	l.grams.add(l.ref, order)
	var matches [charOrder]int
	l.grams.match(l.of, matches[:order])
	for n := range order {
		if refs := ngrams(len(l.ref), n+1); refs > 0 {
			stats[3*n] = float64(ngrams(len(l.of), n+1))
			stats[3*n+1] = float64(refs)
			stats[3*n+2] = float64(matches[n])
		}
	}
}

const asciiMarks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// chrfWords returns the words of a text until it is called again. A mark at a
// word's end, or else one at its beginning, is a word of its own; but only one
// for each word.
func (l *line) chrfWords(text string) []string {
	l.raw, l.words = fields(l.raw[:0], text), l.words[:0]
	for _, w := range l.raw {
		if at := splitMark(w); at > 0 {
			l.words = append(l.words, w[:at])
			w = w[at:]
		}
		l.words = append(l.words, w)
	}
	return l.words
}

// splitMark returns where a word is split, or 0.
func splitMark(w string) int {
	if _, n := utf8.DecodeRuneInString(w); n == len(w) {
		return 0
	}
	switch last := len(w) - 1; {
	case strings.IndexByte(asciiMarks, w[last]) >= 0:
		return last
	case strings.IndexByte(asciiMarks, w[0]) >= 0:
		return 1
	}
	return 0
}

func (c chrf) score(stats []float64, nrefs int, _ unit) Score {
	return Score{
		Metric: c.name, Value: fscore(stats),
		Signature: fmt.Sprintf("nrefs:%d|case:mixed|eff:yes|nc:%d|nw:%d|space:no|version:%s", nrefs, charOrder, c.words, Version),
	}
}

// fscore is the F-score of precision and recall, each the mean over the orders
// that both sides have. The conversions keep a processor that can from adding
// and multiplying in one step, which rounds otherwise.
func fscore(stats []float64) float64 {
	var precision, found, orders float64
	for ; len(stats) >= 3; stats = stats[3:] {
		if hyps, refs, both := stats[0], stats[1], stats[2]; hyps > 0 && refs > 0 {
			precision += both / hyps
			found += both / refs
			orders++
		}
	}
	if orders == 0 || precision+found == 0 {
		return 0
	}
	precision /= orders
	found /= orders
	f := (1 + recall) * precision * found
	return 100 * (f / (float64(recall*precision) + found))
}
