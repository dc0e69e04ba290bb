package quality

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// pair is what one pass over each side gathered.
type pair struct{ source, target side }

// side is one text of a pair, without the white space around it.
type side struct {
	text    string
	runes   int
	latin   int // letters, as the next two
	arabic  int
	other   int
	telling int // Arabic letters that Arabic has not: those of Persian and Urdu
	spaces  int
	marks   mark
}

// mark is a set of kinds of character. The rules' slow paths are taken only
// for texts that hold the right ones.
type mark uint32

const (
	latinLetter mark = 1 << iota
	space
	digit
	quote
	bracket
	angle // <
	ampersand
	brace // {
	percent
	at
	hash
	colon
	fence // a backtick or an asterisk
	newline
	dot
	hidden
	arabicLetter
	tellingLetter
	otherLetter
	joined // a Latin letter straight after a full stop, as in a host's name
)

func (s *side) letters() int { return s.latin + s.arabic + s.other }

func (s *side) has(m mark) bool { return s.marks&m != 0 }

// gather reads a text once.
func gather(text string) side {
	s := side{text: strings.TrimSpace(text)}
	t, marks := s.text, mark(0)
	for i := 0; i < len(t); {
		if t[i] < utf8.RuneSelf {
			n, m := s.gatherASCII(t[i:])
			i += n
			marks |= m
			continue
		}
		if n, m := s.gatherArabic(t[i:]); n > 0 {
			i += n
			marks |= m
			continue
		}
		r, n := utf8.DecodeRuneInString(t[i:])
		marks |= s.take(r)
		i += n
	}
	s.marks = marks
	return s
}

// gatherASCII reads ASCII characters up to the first other one, and returns
// how many they are. Sums are kept in registers, as in gatherArabic: the two
// are where the time of a check goes.
func (s *side) gatherASCII(t string) (n int, marks mark) {
	latin, spaces, before := 0, 0, mark(0)
	for n = 0; n < len(t) && t[n] < utf8.RuneSelf; n++ {
		m := ascii[t[n]]
		latin += int(m & latinLetter)
		spaces += int(m & space / space)
		marks |= m | before&dot/dot*(m&latinLetter)*joined
		before = m
	}
	s.runes += n
	s.latin += latin
	s.spaces += spaces
	return n, marks
}

// gatherArabic reads characters of the Arabic block and the spaces between
// them, and returns how many bytes they are.
func (s *side) gatherArabic(t string) (n int, marks mark) {
	runes, arabic, telling, spaces := 0, 0, 0, 0
	for n+1 < len(t) {
		if t[n] == ' ' {
			n++
			spaces++
		} else if t[n]&^3 == 0xD8 && t[n+1]&0xC0 == 0x80 {
			m := arabicBlock[int(t[n]&3)<<6|int(t[n+1]&0x3F)]
			arabic += int(m & arabicLetter / arabicLetter)
			telling += int(m & tellingLetter / tellingLetter)
			marks |= m
			n += 2
		} else {
			break
		}
		runes++
	}
	if spaces > 0 {
		marks |= space
	}
	s.runes += runes
	s.arabic += arabic
	s.telling += telling
	s.spaces += spaces
	return n, marks
}

// take counts a character outside ASCII and the Arabic block.
func (s *side) take(r rune) mark {
	s.runes++
	m := classOf(r)
	switch {
	case m&latinLetter != 0:
		s.latin++
	case m&arabicLetter != 0:
		s.arabic++
	case m&otherLetter != 0:
		s.other++
	case m&space != 0:
		s.spaces++
	}
	return m
}

var (
	ascii       = classes(0)
	arabicBlock = classes(0x0600)
)

// classes returns the marks of the 256 characters from first on.
func classes(first rune) (t [256]mark) {
	for i := range t {
		t[i] = classOf(first + rune(i))
	}
	return t
}

var signs = map[rune]mark{
	'"': quote, '“': quote, '”': quote, '„': quote, '«': quote, '»': quote,
	'(': bracket, ')': bracket, '[': bracket, ']': bracket, '{': bracket | brace, '}': bracket,
	'<': angle, '&': ampersand, '%': percent, '@': at, '#': hash, ':': colon, '`': fence, '*': fence, '\n': newline, '.': dot,
}

// classOf returns the marks of one character.
func classOf(r rune) mark {
	switch {
	case translator.IsHidden(r):
		return hidden
	case unicode.IsSpace(r):
		return space | signs[r]
	case unicode.IsLetter(r):
		return letterOf(r)
	case digitOf(r) >= 0:
		return digit
	}
	return signs[r]
}

func letterOf(r rune) mark {
	switch {
	case unicode.Is(unicode.Latin, r):
		return latinLetter
	case r == 'ـ':
		return 0
	case strings.ContainsRune("پچژگکیںےہھٹڈڑ", r):
		return arabicLetter | tellingLetter
	case unicode.Is(unicode.Arabic, r):
		return arabicLetter
	}
	return otherLetter
}

// digitOf returns what a Latin, Arabic-Indic or Persian digit counts, or -1.
func digitOf(r rune) int {
	switch {
	case '0' <= r && r <= '9':
		return int(r - '0')
	case '٠' <= r && r <= '٩':
		return int(r - '٠')
	case '۰' <= r && r <= '۹':
		return int(r - '۰')
	}
	return -1
}
