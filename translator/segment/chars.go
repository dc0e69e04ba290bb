package segment

import (
	"unicode"
	"unicode/utf8"
)

// after decodes the rune at i. Its short ways are for ASCII and for what two
// bytes hold, Arabic included.
func after(text string, i int) (rune, int) {
	if i < len(text) && text[i] < utf8.RuneSelf {
		return rune(text[i]), 1
	}
	if i+1 < len(text) && text[i]&^0x1F == 0xC0 && text[i] >= 0xC2 && text[i+1]&^0x3F == 0x80 {
		return rune(text[i]&0x1F)<<6 | rune(text[i+1]&0x3F), 2
	}
	return utf8.DecodeRuneInString(text[i:])
}

// before decodes the rune that ends at i and does not begin before start.
func before(text string, start, i int) (rune, int) {
	switch {
	case i > start && text[i-1] < utf8.RuneSelf:
		return rune(text[i-1]), 1
	case i > start+1 && text[i-2]&^0x1F == 0xC0 && text[i-2] >= 0xC2 && text[i-1]&^0x3F == 0x80:
		return rune(text[i-2]&0x1F)<<6 | rune(text[i-1]&0x3F), 2
	}
	return utf8.DecodeLastRuneInString(text[start:i])
}

// isSpace tells whether a rune is white space (Unicode, White_Space).
func isSpace(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || '\t' <= r && r <= '\r'
	}
	return unicode.IsSpace(r)
}

// isMark tells whether a rune is written on or around others without a place
// of its own: vowel signs, joiners, bidi controls, the byte order mark.
func isMark(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case 0x0621 <= r && r <= 0x064A:
		return false
	}
	return unicode.In(r, unicode.Mn, unicode.Cf)
}

// opensDirection tells whether a bidi control belongs to what follows it:
// embeddings, overrides and isolates (UAX #9, sections 2.1 to 2.4).
func opensDirection(r rune) bool {
	return r == 0x202A || r == 0x202B || r == 0x202D || r == 0x202E || 0x2066 <= r && r <= 0x2068
}

// isArabic tells whether a rune is a letter of the Arabic script or a tatweel.
func isArabic(r rune) bool {
	return 0x0620 <= r && r <= 0x064A || 0x066E <= r && r <= 0x06D3 || 0x06D5 <= r && r <= 0x06FF && unicode.IsLetter(r) ||
		0x0750 <= r && r <= 0x077F || 0xFB50 <= r && r <= 0xFDFF && unicode.IsLetter(r) || 0xFE70 <= r && r <= 0xFEFC
}

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r|0x20 && r|0x20 <= 'z'
	}
	return isArabic(r) || unicode.IsLetter(r)
}

func isDigit(r rune) bool {
	if r < utf8.RuneSelf {
		return '0' <= r && r <= '9'
	}
	return unicode.IsDigit(r)
}

// caseless tells whether a rune is in the blocks of Arabic and the scripts after
// it that have no case: the short way for most of the text.
func caseless(r rune) bool { return 0x0590 <= r && r < 0x1000 }

func isUpper(r rune) bool {
	if r < utf8.RuneSelf {
		return 'A' <= r && r <= 'Z'
	}
	return !caseless(r) && unicode.IsUpper(r)
}

func isLower(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z'
	}
	return !caseless(r) && unicode.IsLower(r)
}

// isCloser tells whether a rune closes a quotation or bracket whatever stands around it.
func isCloser(r rune) bool {
	switch r {
	case ')', ']', '}', '»', '”', '’', '›':
		return true
	}
	return false
}

// isTwoFaced tells whether a rune both opens and closes: straight quotes, the
// plus sign that AFP puts around a quotation inside a quotation, and marks
// that some type the wrong way round.
func isTwoFaced(r rune) bool {
	switch r {
	case '"', '\'', '«', '“', '‘', '‹', '+', '*':
		return true
	}
	return false
}

// isOpener tells whether a rune can stand before the first word of a sentence.
func isOpener(r rune) bool {
	switch r {
	case '(', '[', '{', '„', '¿', '¡':
		return true
	}
	return isTwoFaced(r)
}

func isQuote(r rune) bool {
	switch r {
	case '"', '\'', '«', '»', '“', '”', '‘', '’', '‹', '›', '+':
		return true
	}
	return false
}

// isDash tells whether a rune is a dash or bullet before a sentence.
func isDash(r rune) bool {
	return r == '-' || 0x2010 <= r && r <= 0x2015 || r == '•' || r == 'ـ'
}

// skipSpace returns where the white space at i ends. A mark is passed over if
// white space follows it.
func skipSpace(text string, i int) int {
	end := i
	for i < len(text) {
		r, n := after(text, i)
		switch {
		case isSpace(r):
			i += n
			end = i
		case isMark(r):
			i += n
		default:
			return end
		}
	}
	return len(text)
}
