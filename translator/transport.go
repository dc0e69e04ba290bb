package translator

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Transport returns the one form of a text that is sent to a backend and
// hashed for memory. The steps, in order:
//
//  1. CR LF and CR become LF.
//  2. Control characters are dropped, but for TAB and LF.
//  3. Bidi controls and zero-width characters are dropped.
//  4. Arabic presentation forms become the letters they show; spacing vowel
//     marks become the bare marks.
//  5. In Arabic, ZWJ and ZWNJ are dropped, and the Persian and Urdu forms of
//     yeh, kaf and heh, which only a keyboard put there, become the Arabic letters.
//  6. Tatweel between Arabic letters or marks is dropped.
//  7. Unicode NFC.
//  8. White space becomes one space, and none at the ends.
//
// What it must not touch, because it changes the meaning or the answer: digits,
// punctuation, quotes, vowel marks, hamza forms, tatweel as an abbreviation's
// mark. It is idempotent, and what is written to people is never in this form.
func Transport(lang Lang, text string) string {
	arabic := lang.Base() == Arabic
	if isTransport(text, arabic) {
		return text
	}
	s := norm.NFC.String(fold(text, arabic))
	// Composing moves marks, which can bring a tatweel between letters.
	for before := ""; s != before; {
		before = s
		s = norm.NFC.String(dropTatweel(s))
	}
	return strings.Join(strings.Fields(s), " ")
}

// isTransport tells, without allocating, whether text surely is in transport
// form already: nearly all wire copy is.
func isTransport(text string, arabic bool) bool {
	before, composed := ' ', true
	for _, r := range text {
		if r == ' ' && before == ' ' || mayChange(r, arabic) {
			return false
		}
		composed = composed && isComposed(r)
		before = r
	}
	return before != ' ' && (composed || norm.NFC.IsNormalString(text))
}

// isComposed picks characters of which every sequence is in NFC.
func isComposed(r rune) bool {
	return r < 0x0300 || 0x0600 <= r && r < 0x0700 && !isArabicMark(r) || 0x2010 <= r && r < 0x2028
}

// mayChange tells whether any step but NFC could change r. It errs on the side
// of yes: whole ranges that plain text does not use are not looked into.
func mayChange(r rune, arabic bool) bool {
	switch {
	case r <= 0xA0:
		return r < ' ' || r >= 0x7F
	case r < 0x0600:
		return r == 0xAD
	case r < 0x0700:
		return r == tatweel || r == 0x061C || arabic && lookAlike(r) != r
	case r < 0x2000:
		return r == 0x1680 || r == 0x180E
	case r < 0x2070:
		return r < 0x2010 || 0x2028 <= r && r < 0x2030 || 0x205F <= r
	}
	return r == 0x3000 || 0xFB50 <= r && r <= 0xFEFF || r == unicode.ReplacementChar
}

// fold does steps 1 to 5.
func fold(text string, arabic bool) string {
	out := make([]rune, 0, len(text))
	for _, r := range strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text) {
		switch {
		case IsHidden(r), arabic && isJoiner(r):
		case isPresentation(r):
			for _, p := range presented(r) {
				if !arabic || !isJoiner(p) {
					out = append(out, foldLetter(p, arabic))
				}
			}
		default:
			out = append(out, foldLetter(r, arabic))
		}
	}
	return string(out)
}

func foldLetter(r rune, arabic bool) rune {
	if arabic {
		return lookAlike(r)
	}
	return r
}

// dropTatweel does step 6 once.
func dropTatweel(text string) string {
	if !strings.ContainsRune(text, tatweel) {
		return text
	}
	in := []rune(text)
	out := in[:0]
	for i := 0; i < len(in); {
		if in[i] != tatweel {
			out = append(out, in[i])
			i++
			continue
		}
		end := i
		for end < len(in) && in[end] == tatweel {
			end++
		}
		if len(out) == 0 || end == len(in) || !isArabicText(out[len(out)-1]) || !isArabicText(in[end]) {
			out = append(out, in[i:end]...)
		}
		i = end
	}
	return string(out)
}

const tatweel = 'ـ'

// IsHidden picks what nobody sees and no text needs: bidi controls, zero-width
// characters and controls but for white space. They are what steps 2 and 3 drop.
// The joiners that Persian and Urdu write with are not among them.
func IsHidden(r rune) bool {
	switch r {
	case '\t', '\n', '\r':
		return false
	case 0xFEFF, 0x200B, 0x2060, 0x00AD, 0x180E, 0x200E, 0x200F, 0x061C:
		return true
	}
	return 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069 || unicode.Is(unicode.Cc, r)
}

func isJoiner(r rune) bool { return r == 0x200C || r == 0x200D }

// isPresentation picks the Arabic presentation forms, but for the ornate
// parentheses, the rial sign and the basmala, which are signs of their own.
func isPresentation(r rune) bool {
	switch r {
	case 0xFD3E, 0xFD3F, 0xFDFC, 0xFDFD:
		return false
	}
	return 0xFB50 <= r && r <= 0xFDFF || 0xFE70 <= r && r <= 0xFEFC
}

// presented returns what a presentation form shows. The compatibility mapping
// puts a spacing vowel mark on a space or a tatweel, which would split or
// stretch the word, so that carrier is left out.
func presented(r rune) string {
	s := norm.NFKC.String(string(r))
	if 0xFE70 <= r && r <= 0xFE7F || 0xFC5E <= r && r <= 0xFC63 || 0xFCF2 <= r && r <= 0xFCF4 {
		return strings.TrimLeft(s, " ـ")
	}
	return s
}

// lookAlike returns the Arabic letter for one that a Persian or Urdu keyboard typed.
func lookAlike(r rune) rune {
	switch r {
	case 'ی':
		return 'ي'
	case 'ک':
		return 'ك'
	case 'ہ':
		return 'ه'
	}
	return r
}

// isArabicText tells an Arabic letter or vowel mark, but not tatweel.
func isArabicText(r rune) bool {
	return r != tatweel && (unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) || isArabicMark(r))
}

func isArabicMark(r rune) bool {
	return 0x064B <= r && r <= 0x065F || r == 0x0670 || 0x0610 <= r && r <= 0x061A || 0x06D6 <= r && r <= 0x06ED && unicode.Is(unicode.Mn, r)
}

// SearchWords returns the words of a text (runs of letters, marks and digits)
// in the form by which they are found again, which is never one for keys:
// transport form, lower case, without vowel marks and accents, alef and hamza
// forms made one, alef maqsura as yeh, ta marbuta as heh, digits in ASCII.
func SearchWords(text string) []string {
	folded := strings.Map(searchRune, norm.NFKD.String(strings.ToLower(Transport(Arabic, text))))
	return strings.FieldsFunc(folded, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r)
	})
}

func searchRune(r rune) rune {
	switch {
	case unicode.Is(unicode.Mn, r), r == tatweel:
		return -1
	case r == 'ٱ':
		return 'ا'
	case r == 'ى':
		return 'ي'
	case r == 'ة':
		return 'ه'
	case '٠' <= r && r <= '٩':
		return '0' + r - '٠'
	case '۰' <= r && r <= '۹':
		return '0' + r - '۰'
	}
	return r
}
