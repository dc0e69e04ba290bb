package backend

import (
	"errors"
	"strings"
	"unicode/utf8"

	"dragoman/translator"
)

// Errors go to logs, reports and screens, and stories do not belong there. A
// service may say back what it was asked all the same, whole or in part.
const (
	// quoted is how many runes in a row make a quotation of a text, of which
	// shorter ones are quoted whole, but for those below notQuoted, which could
	// be any word.
	quoted, notQuoted = 12, 5
	// instead stands where a text was.
	instead = "[text]"
)

// unquote returns err without what its message holds of the texts that the
// question was about. What errors.Is and errors.As find in it stays.
func unquote(err error, texts []string) error {
	e, ok := errors.AsType[*translator.Error](err)
	if !ok || e.Err == nil {
		return err
	}
	said := e.Err.Error()
	quiet := withoutTexts(said, texts)
	if quiet == said {
		return err
	}
	clean := *e
	clean.Err = &unquoted{quiet, e.Err}
	return &clean
}

// unquoted is an error with another message.
type unquoted struct {
	message string
	err     error
}

func (u *unquoted) Error() string { return u.message }
func (u *unquoted) Unwrap() error { return u.err }

// withoutTexts puts instead wherever a message quotes one of the texts.
func withoutTexts(message string, texts []string) string {
	var b strings.Builder
	for rest := message; rest != ""; {
		n := quotation(rest, texts)
		if n > 0 {
			b.WriteString(instead)
		} else {
			_, n = utf8.DecodeRuneInString(rest)
			b.WriteString(rest[:n])
		}
		rest = rest[n:]
	}
	return b.String()
}

// quotation returns how many bytes at the beginning of a message are quoted from a text, the longest there is.
func quotation(message string, texts []string) int {
	longest := 0
	for _, text := range texts {
		least := min(quoted, utf8.RuneCountInString(text))
		n, whole := runes(message, least)
		for whole && least >= notQuoted && strings.Contains(text, message[:n]) {
			longest = max(longest, n)
			more, ok := runes(message[n:], 1)
			n, whole = n+more, ok
		}
	}
	return longest
}

// runes returns how many bytes the first n runes of s are, and whether there are so many.
func runes(s string, n int) (size int, whole bool) {
	for ; n > 0; n-- {
		_, more := utf8.DecodeRuneInString(s[size:])
		if more == 0 {
			return size, false
		}
		size += more
	}
	return size, true
}
