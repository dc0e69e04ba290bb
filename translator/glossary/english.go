package glossary

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// englishForms returns the forms that a word of a term may have in a text: the
// last one also as a plural. A possessive is a word of its own, see word.
func englishForms(w token) []form {
	forms := []form{{folded: w.folded, written: w.written}}
	cut, endings := plural(w)
	for _, ending := range endings {
		forms = append(forms, form{folded: w.folded[:len(w.folded)-cut] + ending, written: w.written[:len(w.written)-cut] + ending, last: true, inflected: true})
	}
	return forms
}

// plural returns how many bytes of a word go and what may come instead.
func plural(w token) (cut int, endings []string) {
	last, size := utf8.DecodeLastRuneInString(w.folded)
	stem := w.folded[:len(w.folded)-size]
	switch {
	case w.letters < 2 || !unicode.IsLetter(last):
		return 0, nil
	case last == 'y' && !endsIn(stem, "a", "e", "o", "u"):
		return 1, []string{"ies"}
	case last == 'o':
		return 0, []string{"s", "es"}
	case !endsIn(w.folded, "s", "x", "z", "ch", "sh"):
		return 0, []string{"s"}
	case !hasLower(w.written): // USES is not two of the US
		return 0, nil
	}
	return 0, []string{"es"}
}

func endsIn(s string, endings ...string) bool {
	for _, e := range endings {
		if strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}

func hasLower(s string) bool { return strings.IndexFunc(s, unicode.IsLower) >= 0 }
func hasUpper(s string) bool { return strings.IndexFunc(s, unicode.IsUpper) >= 0 }

// caseFits tells whether a word may stand for one of a term that has capitals:
// as it is written, with its first letter raised as at the start of a sentence
// (IPhone), or all in capitals as in a dateline. The last is for a term of
// several words only if it has less than four letters: WHO is not Who.
func caseFits(word []byte, asked string) (fits, several bool) {
	if string(word) == asked {
		return true, false
	}
	first, size := utf8.DecodeRuneInString(asked)
	raised, n := utf8.DecodeRune(word)
	if raised == unicode.ToUpper(first) && string(word[n:]) == asked[size:] {
		return true, false
	}
	if bytes.IndexFunc(word, unicode.IsLower) >= 0 {
		return false, false
	}
	return true, utf8.RuneCount(word) < 4
}
