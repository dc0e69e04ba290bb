package libretranslate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// shieldVersion changes when shield does, and with it the Signature.
const shieldVersion = "1"

// CaseLost is the flag of a translation that the server wrote in capitals, or
// without any, only because the few Latin letters of its source are so.
const CaseLost = "case-lost"

// shield repairs what the server's formatting makes of question marks. It gives a
// translation the last mark of its source, and takes away any other one, and
// knows only ASCII's marks:
//
//   - ar-en: a source that ends in ؟ has none of them, and so the translation
//     loses its ?. It gets it back unless it has one at its end.
//   - to ar: a source that ends in ?, and a translation that ends in ؟, become
//     ؟?. The second one is dropped; so are , after ، and ; after ؛. A ? that
//     stands in the place of ؟ becomes one.
//
// Nothing else is touched, so that a server that does it right is left alone.
func shield(dir translator.Direction, source, target string) string {
	source, trimmed := strings.TrimSpace(source), strings.TrimSpace(target)
	switch {
	case dir.From.Base() == translator.Arabic && dir.To.Base() == translator.English:
		if strings.HasSuffix(source, "؟") && !strings.HasSuffix(strings.TrimRight(trimmed, `"'”’»)]`), "?") {
			return trimmed + "?"
		}
	case dir.To.Base() == translator.Arabic:
		for _, pair := range [...][2]string{{"?", "؟"}, {",", "،"}, {";", "؛"}} {
			if strings.HasSuffix(source, pair[0]) && strings.HasSuffix(trimmed, pair[1]+pair[0]) {
				return strings.TrimSuffix(trimmed, pair[0])
			}
		}
		if body, ok := strings.CutSuffix(trimmed, "?"); ok && strings.HasSuffix(source, "?") && endsInArabic(body) {
			return body + "؟"
		}
	}
	return target
}

func endsInArabic(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(s)
	return unicode.Is(unicode.Arabic, last) && (unicode.IsLetter(last) || unicode.IsMark(last))
}

// caseLost tells whether a translation is all capitals, or has none, and its
// source has another script's letters beside Latin ones that are so: for the
// server, a sentence of Arabic with "NATO" in it is written in capitals. What
// the case was cannot be known any more.
func caseLost(source, target string) bool {
	upper, lower, uncased := letters(source)
	if uncased == 0 || (upper == 0) == (lower == 0) {
		return false
	}
	targetUpper, targetLower, _ := letters(target)
	// Only a translation of some length says that it was not meant to be so.
	if targetUpper+targetLower <= upper+lower {
		return false
	}
	return upper > 0 && targetLower == 0 || lower > 0 && targetUpper == 0
}

func letters(s string) (upper, lower, uncased int) {
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		case unicode.IsLetter(r):
			uncased++
		}
	}
	return upper, lower, uncased
}
