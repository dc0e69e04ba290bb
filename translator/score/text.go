package score

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// The figures depend on what Python takes for white space and small letters,
// in str.split, str.rstrip and str.lower.

// isSpace tells whether str.split breaks at a character: Unicode's white space
// and the four separators of ASCII, which unicode.IsSpace leaves out.
func isSpace(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || r >= '\t' && r <= '\r' || r >= 0x1c && r <= 0x1f
	}
	return unicode.IsSpace(r)
}

// fields appends the words of a text, as str.split finds them.
func fields(words []string, text string) []string {
	start := 0
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		if isSpace(r) {
			words = word(words, text[start:i])
			start = i + n
		}
		i += n
	}
	return word(words, text[start:])
}

// word appends a word unless it is empty.
func word(words []string, w string) []string {
	if w == "" {
		return words
	}
	return append(words, w)
}

// symbols appends the characters of a text without its white space. A byte that
// is no UTF-8 counts as one U+FFFD.
func symbols(chars []uint32, text string) []uint32 {
	for _, r := range text {
		if !isSpace(r) {
			chars = append(chars, uint32(r))
		}
	}
	return chars
}

func trimRight(text string) string { return strings.TrimRightFunc(text, isSpace) }

// lower is str.lower. It is strings.ToLower but for the two letters whose small
// form is not one character, whatever stands around it.
func lower(text string) string {
	if strings.Contains(text, "Σ") || strings.Contains(text, "İ") {
		return cases.Lower(language.Und).String(text)
	}
	return strings.ToLower(text)
}
