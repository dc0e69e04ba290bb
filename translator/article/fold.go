package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold returns the form in which the words of rules and tables are compared:
// without diacritics, tatweel, characters of no width and leading marks such
// as bullets; alef, ya and ta marbuta in one form each; small letters; one
// space for white space. It is for comparing only.
func fold(text string) string {
	var b strings.Builder
	space := false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case r == '\u0640', r >= 0x80 && unicode.In(r, unicode.Mn, unicode.Cf), b.Len() == 0 && !opens(r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(foldRune(r))
	}
	return b.String()
}

// opens tells whether a folded text may begin with r.
func opens(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '©' || r == '(' }

func foldRune(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ی':
		return 'ي'
	case 'ة':
		return 'ه'
	case 'ک':
		return 'ك'
	}
	if r >= '٠' && r <= '٩' {
		return r - '٠' + '0'
	}
	return unicode.ToLower(r)
}

// squeeze is fold without spaces and dots: how agency codes are compared.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '.' || r == '-' {
			return -1
		}
		return r
	}, fold(text))
}

// longerThan tells whether a text has more than n characters, at the cost of
// n characters at most.
func longerThan(text string, n int) bool {
	if len(text) <= n {
		return false
	}
	if len(text) > n*utf8.UTFMax {
		return true
	}
	for i := 0; i < len(text) && n >= 0; i++ {
		if utf8.RuneStart(text[i]) {
			n--
		}
	}
	return n < 0
}
