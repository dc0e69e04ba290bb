package glossary

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// A language is a set of rules for words.
type language uint8

const (
	plain language = iota // every language without rules of its own
	arabic
	english
)

func languageOf(l translator.Lang) language {
	switch l.Base() {
	case translator.Arabic:
		return arabic
	case translator.English:
		return english
	}
	return plain
}

// word returns where the first word at or after byte pos of a text in transport
// form begins and ends. Without one both are len(text).
//
// A word is a run of letters, marks and digits. In scripts without spaces every
// character is one. An English word holds its apostrophes ("O'Neill", "don't")
// but for a possessive's; elsewhere an apostrophe parts words ("l'Égypte").
func (l language) word(text string, pos int) (start, end int) {
	start = pos
	for start < len(text) {
		r, size := utf8.DecodeRuneInString(text[start:])
		if begins(r) {
			return start, l.wordEnd(text, start+size, isDense(r))
		}
		start += size
	}
	return start, start
}

// wordEnd returns where a word ends whose first character ends at pos.
func (l language) wordEnd(text string, pos int, dense bool) int {
	for pos < len(text) {
		r, size := utf8.DecodeRuneInString(text[pos:])
		switch {
		case isApostrophe(r):
			if l != english || !joins(text[pos+size:]) {
				return pos
			}
		case dense:
			if !unicode.IsMark(r) {
				return pos
			}
		case !goesOn(r) || isDense(r):
			return pos
		}
		pos += size
	}
	return pos
}

// begins tells whether a word can begin with r. Tatweel alone is a dash. The
// letters of the two languages are told without the tables of package unicode,
// which would be half of the time of a search.
func begins(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	case isArabicLetter(r):
		return true
	}
	return r != tatweel && (unicode.IsLetter(r) || unicode.IsNumber(r))
}

func goesOn(r rune) bool {
	return begins(r) || r >= utf8.RuneSelf && (r == tatweel || r == 0x200C || r == 0x200D || unicode.IsMark(r))
}

const tatweel = 'ـ'

func isApostrophe(r rune) bool { return r == '\'' || r == '’' }

// joins tells whether an apostrophe before rest joins it to the word: letters
// do, but for the s of a possessive.
func joins(rest string) bool {
	r, size := utf8.DecodeRuneInString(rest)
	if !unicode.IsLetter(r) {
		return false
	}
	after, _ := utf8.DecodeRuneInString(rest[size:])
	return r != 's' && r != 'S' || unicode.IsLetter(after)
}

// isDense picks the scripts that put no spaces between words.
func isDense(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// fold appends two forms of a word to written and folded: as it is written but
// for Arabic vowel marks, tatweel and the shape of apostrophes, and as it is
// looked up, where also case, digits and in Arabic some letters are made one.
func (l language) fold(written, folded []byte, word string) (w, f []byte) {
	for _, r := range word {
		switch {
		case r < utf8.RuneSelf:
			written = append(written, byte(r))
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			folded = append(folded, byte(r))
			continue
		case l == arabic && isSilent(r):
			continue
		case r == '’':
			r = '\''
		}
		written = utf8.AppendRune(written, r)
		folded = utf8.AppendRune(folded, l.letter(r))
	}
	return written, folded
}

// letter returns the one letter for all that count as the same.
func (l language) letter(r rune) rune {
	if l == arabic && 0x0600 <= r && r < 0x0700 {
		return arabicLetter(r)
	}
	if digit := translatedDigit(r); digit >= 0 {
		return digit
	}
	return unicode.ToLower(r)
}

// translatedDigit returns the ASCII digit for an Arabic-Indic or Persian one, or -1.
func translatedDigit(r rune) rune {
	switch {
	case '٠' <= r && r <= '٩':
		return '0' + r - '٠'
	case '۰' <= r && r <= '۹':
		return '0' + r - '۰'
	}
	return -1
}

// isSoft tells whether what stands between two words is none of a term's
// business: nothing, a space, a hyphen, an apostrophe, or the stop of an
// abbreviation, which a word of one or two letters is taken for ("Dr.", "أ."). A comma is
// not, nor a dash, which has spaces around it.
func isSoft(gap string, before int) bool {
	switch gap {
	case "", " ", "-", "‐", "‑", "–", "'", "’":
		return true
	case ".", ". ", ".-":
		return before <= 2
	}
	return false
}

// gapOf returns what a term asks for between two words: "" for anything soft.
func gapOf(gap string, before int) string {
	if isSoft(gap, before) {
		return ""
	}
	return strings.ReplaceAll(gap, " ", "")
}

// isGap tells whether a gap in a text is one that gapOf returned.
func isGap(gap, asked string) bool {
	for _, r := range gap {
		if r == ' ' {
			continue
		}
		rest, ok := strings.CutPrefix(asked, string(r))
		if !ok {
			return false
		}
		asked = rest
	}
	return asked == ""
}

// key returns a form of a text in transport form that is equal for two sources
// that a Matcher cannot tell apart, and empty if there is no word in it.
func (l language) key(text string) string {
	var b strings.Builder
	for _, w := range l.split(text) {
		b.WriteString(w.gap + "\x00" + w.written + "\x00")
	}
	return b.String()
}

// A token is a word of a term.
type token struct {
	written, folded string
	letters         int
	gap             string // as gapOf returns it, before the word
}

// split returns the words of a term in transport form.
func (l language) split(text string) []token {
	var tokens []token
	before := 0
	for start, end := l.word(text, 0); start < len(text); {
		written, folded := l.fold(nil, nil, text[start:end])
		w := token{written: string(written), folded: string(folded), letters: utf8.RuneCount(written)}
		if n := len(tokens); n > 0 {
			w.gap = gapOf(text[before:start], tokens[n-1].letters)
		}
		tokens = append(tokens, w)
		before = end
		start, end = l.word(text, end)
	}
	return tokens
}
