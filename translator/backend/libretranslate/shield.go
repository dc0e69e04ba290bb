package libretranslate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// shieldVersion changes when shield does, and with it the Signature.
const shieldVersion = "1"

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
