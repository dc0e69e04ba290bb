package glossary

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The letters that are written to the word after them.
const (
	article = "ال"
	lam     = "ل"
)

// arabicLetter makes one of the forms of alef and of the letters that carry a
// hamza, of alef maqsura and yeh, of teh marbuta and heh, and of all digits: a
// wire does not keep them apart reliably.
func arabicLetter(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ؤ':
		return 'و'
	case 'ى', 'ئ':
		return 'ي'
	case 'ة':
		return 'ه'
	}
	if digit := translatedDigit(r); digit >= 0 {
		return digit
	}
	return r
}

// isArabicLetter picks the letters of Arabic, from hamza to yeh.
func isArabicLetter(r rune) bool { return 0x0621 <= r && r <= 0x064A && (r <= 0x063A || r > tatweel) }

// isSilent picks vowel marks and tatweel.
func isSilent(r rune) bool {
	return r == tatweel || r >= 0x0610 && !isArabicLetter(r) && unicode.Is(unicode.Mn, r)
}

// A reading is a way to take an Arabic word apart: skip bytes of it are
// prefixes, one of which may be the article.
type reading struct {
	skip    uint8
	article bool
	short   bool  // what is left is too short to be told from other words
	cost    uint8 // prefixes taken off
}

// readings holds the readings of a word, that with the fewest prefixes first.
type readings struct {
	list [12]reading
	n    int
}

func (rs *readings) add(r reading) {
	rs.list[rs.n] = r
	rs.n++
}

// readingsOf takes a written word apart: و or ف, then ب, ك or ل, then the
// article, each of which may be missing. Only the first word of a term can
// stand behind one of the five letters. A term of one word needs three letters
// for that, or an article: وصف and فسد are other words than صف and سد.
func readingsOf(written []byte, first bool) (rs readings) {
	rs.noun(written, 0, 0)
	if !first {
		return rs
	}
	rs.preposition(written, 0, 0)
	if starts(written, "و") || starts(written, "ف") {
		rs.noun(written, 2, 1)
		rs.preposition(written, 2, 1)
	}
	return rs
}

func (rs *readings) preposition(written []byte, skip, cost uint8) {
	rest := written[skip:]
	if starts(rest, "ب") || starts(rest, "ك") || starts(rest, lam) {
		rs.noun(written, skip+2, cost+1)
	}
	// ل takes the alef of the article with it (للقاهرة), and a lam of its own (للجنة).
	if starts(rest, lam+lam) {
		rs.stem(written, skip+4, cost+2)
		rs.stem(written, skip+2, cost+2)
	}
}

// noun adds the readings of what follows prefixes: as it is, and without an article.
func (rs *readings) noun(written []byte, skip, cost uint8) {
	rest := written[skip:]
	rs.add(reading{skip: skip, cost: cost, short: skip > 0 && utf8.RuneCount(rest) < 3})
	if starts(rest, article) {
		rs.stem(written, skip+uint8(len(article)), cost+1)
	}
}

// stem adds the reading of a word that had the article.
func (rs *readings) stem(written []byte, skip, cost uint8) {
	if utf8.RuneCount(written[skip:]) >= 2 {
		rs.add(reading{skip: skip, article: true, cost: cost})
	}
}

func starts(word []byte, prefix string) bool {
	return len(word) >= len(prefix) && string(word[:len(prefix)]) == prefix
}

// pronouns are written to the end of a noun.
var pronouns = [...]string{"ه", "ها", "هم", "هما", "هن", "نا"}

// arabicForms returns the forms that a word of a term may have in a text,
// besides those with prefixes.
func arabicForms(w token) []form {
	whole := form{folded: w.folded, written: w.written, article: allowed}
	stem, definite := strings.CutPrefix(w.written, article)
	if definite && stem != "" {
		return []form{whole, {folded: w.folded[len(article):], written: w.written, article: required}}
	}
	forms := []form{whole}
	last, size := utf8.DecodeLastRuneInString(w.written)
	cut := w.folded[:len(w.folded)-min(size, len(w.folded))]
	switch {
	case w.letters < 3 || !unicode.Is(unicode.Arabic, last):
	case last == 'ة' && w.letters >= 5:
		for _, p := range pronouns {
			forms = append(forms, form{folded: cut + "ت" + p, written: w.written, article: refused, last: true, inflected: true})
		}
	case last != 'ة':
		forms = append(forms, form{folded: w.folded + "ا", written: w.written, article: refused, several: w.letters < 5, inflected: true})
	}
	return forms
}

// arabicSpellings returns a term's words as they are and, where the first part
// of a compound name is or is not written to the second (عبد الله and عبدالله,
// أبو ظبي and أبوظبي), the other way as well.
func arabicSpellings(tokens []token) [][]token {
	spellings := [][]token{tokens}
	for i, w := range tokens {
		switch {
		case i+1 < len(tokens) && tokens[i+1].gap == "" && isCompound(w.folded, tokens[i+1].folded):
			joined := arabicToken(w.written+tokens[i+1].written, w.gap)
			spellings = append(spellings, replace(tokens, i, 2, joined))
		case isJoined(w.folded):
			n := len("عبد")
			spellings = append(spellings, replace(tokens, i, 1, arabicToken(w.written[:n], w.gap), arabicToken(w.written[n:], "")))
		}
	}
	return spellings
}

func isCompound(first, second string) bool {
	return first == "عبد" && strings.HasPrefix(second, article) || first == "ابو"
}

// isJoined tells a name such as عبدالله or ابوظبي.
func isJoined(folded string) bool {
	return strings.HasPrefix(folded, "عبدال") && len(folded) >= len("عبدالحق") || strings.HasPrefix(folded, "ابو") && len(folded) >= len("ابوظبي")
}

func arabicToken(written, gap string) token {
	_, folded := arabic.fold(nil, nil, written)
	return token{written: written, folded: string(folded), letters: utf8.RuneCountInString(written), gap: gap}
}

// replace returns tokens with n of them from i on replaced.
func replace(tokens []token, i, n int, with ...token) []token {
	out := append([]token(nil), tokens[:i]...)
	out = append(out, with...)
	return append(out, tokens[i+n:]...)
}
