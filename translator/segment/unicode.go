package segment

import (
	"iter"
	"strings"

	"github.com/clipperhouse/uax29/v2/sentences"

	"dragoman/translator"
)

// splitUnicode cuts by UAX #29, line by line. White space that UAX #29 leaves
// alone is given to the sentence before it, as Splitter promises.
func splitUnicode(text string) iter.Seq[translator.Span] {
	return func(yield func(translator.Span) bool) {
		start := 0
		for end := range unicodeEnds(text) {
			if end = skipSpace(text, end); end == len(text) {
				break
			}
			if skipSpace(text, start) >= end {
				continue
			}
			if !yield(translator.Span{Start: start, End: end}) {
				return
			}
			start = end
		}
		if start < len(text) {
			yield(translator.Span{Start: start, End: len(text)})
		}
	}
}

// unicodeEnds yields where UAX #29 breaks within the lines of a text, its end excepted.
func unicodeEnds(text string) iter.Seq[int] {
	return func(yield func(int) bool) {
		at := 0
		for l := range strings.Lines(text) {
			for it := sentences.FromString(l); it.Next(); {
				if end := at + it.End(); end < len(text) && !yield(end) {
					return
				}
			}
			at += len(l)
		}
	}
}

// explainUnicode yields the breaks of UAX #29, which knows no candidates.
func explainUnicode(text string) iter.Seq[Decision] {
	return func(yield func(Decision) bool) {
		for span := range splitUnicode(text) {
			at := translator.Span{Start: span.End, End: span.End}
			if !yield(Decision{At: at, Break: true, Rule: "UAX #29"}) {
				return
			}
		}
	}
}
