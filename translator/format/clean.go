package format

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// breaksLine picks the characters that some program takes for the end of a
// line or of a field: all control characters (TAB, LF, VT, FF, CR, the four
// information separators, NEL, NUL), LINE SEPARATOR and PARAGRAPH SEPARATOR.
func breaksLine(r rune) bool {
	return r < ' ' || 0x7F <= r && r < 0xA0 || r == 0x2028 || r == 0x2029
}

// appendLine appends text as part of one line: every run of characters that
// breaksLine picks becomes one space. Broken UTF-8 becomes U+FFFD.
func appendLine(b []byte, text string) []byte {
	plain := 0
	for i := lineScan.next(text, 0); i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(append(b, text[plain:i]...), "\uFFFD"...)
			plain = i + size
		case breaksLine(r):
			size = len(text[i:]) - len(strings.TrimLeftFunc(text[i:], breaksLine))
			b = append(append(b, text[plain:i]...), ' ')
			plain = i + size
		}
		i = lineScan.next(text, i+size)
	}
	return append(b, text[plain:]...)
}

// lineScan stops at 0xC2 for the controls U+0080 to U+009F.
var lineScan = newScan(func(c byte) bool { return c < ' ' || c == 0x7F || c == 0xC2 })

// oneLine returns what appendLine appends, without white space at the ends.
func oneLine(text string) string {
	if lineScan.next(text, 0) < len(text) {
		text = string(appendLine(nil, text))
	}
	return strings.TrimSpace(text)
}

// hidden picks characters that change how the text around them looks and
// cannot be seen themselves: controls, bidi controls, zero-width characters.
func hidden(r rune) bool {
	return breaksLine(r) || unicode.Is(unicode.Cf, r)
}

// dropBidi drops bidi controls: a window's title has no element to hold them in.
func dropBidi(r rune) rune {
	if unicode.Is(unicode.Bidi_Control, r) {
		return -1
	}
	return r
}

// visible returns text with every hidden character as its escape, such as
// \u202e: for paths, ids and reasons, which must not be able to lie.
func visible(text string) string {
	if !strings.ContainsFunc(text, hidden) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !hidden(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// shorten cuts a text after limit characters, and says so with an ellipsis.
func shorten(text string, limit int) string {
	n := 0
	for i := range text {
		if n == limit {
			return text[:i] + "…"
		}
		n++
	}
	return text
}
