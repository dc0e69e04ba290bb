package quality

import (
	"strings"

	"dragoman/translator"
)

// brackets are what opens and what closes, in pairs.
var brackets = [...][2]string{{"(", ")"}, {"[", "]"}, {"{", "}"}, {"«", "»"}}

func findUnbalanced(_ *Checker, p pair) string {
	if !p.target.has(quote | bracket) {
		return ""
	}
	if mark := alone(p.target.text); mark != "" && alone(p.source.text) == "" {
		return mark
	}
	return ""
}

// alone returns a mark that has no partner, or "". Languages open with what
// others close with, so double quotation marks only have to be even in number.
func alone(text string) string {
	for _, b := range brackets {
		if opened, closed := strings.Count(text, b[0]), strings.Count(text, b[1]); opened > closed {
			return b[0]
		} else if closed > opened {
			return b[1]
		}
	}
	if n := strings.Count(text, "\"") + strings.Count(text, "“") + strings.Count(text, "”") + strings.Count(text, "„"); n%2 != 0 {
		return "\""
	}
	return ""
}

func findTerm(c *Checker, p pair) string {
	if c.terms == nil {
		return ""
	}
	lacking := c.terms(p.source.text, p.target.text)
	if len(lacking) == 0 {
		return ""
	}
	return termsIn(lacking)
}

func termsIn(lacking []translator.Term) string {
	wanted := make([]string, len(lacking))
	for i, t := range lacking {
		wanted[i] = t.Target
	}
	return strings.Join(wanted, ", ")
}

func findHidden(_ *Checker, p pair) string {
	if !p.target.has(hidden) {
		return ""
	}
	if n := countHidden(p.target.text); n > countHidden(p.source.text) {
		return "characters that nobody sees"
	}
	return ""
}

func countHidden(text string) (n int) {
	for _, r := range text {
		if translator.IsHidden(r) {
			n++
		}
	}
	return n
}

func findMarkup(_ *Checker, p pair) string {
	if !p.target.has(angle | ampersand | fence | hash) {
		return ""
	}
	for i := range len(p.target.text) {
		n := max(tagAt(p.target.text, i), entityAt(p.target.text, i), emphasisAt(p.target.text, i))
		if n == 0 {
			continue
		}
		if markup := p.target.text[i : i+n]; !strings.Contains(p.source.text, markup) {
			return markup
		}
	}
	return ""
}

// longestEntity is the bytes of &thetasym; and all that are in use.
const longestEntity = 10

// entityAt returns the length of the character reference at i, or 0.
func entityAt(text string, i int) int {
	if text[i] != '&' {
		return 0
	}
	end := strings.IndexByte(text[i:min(len(text), i+longestEntity)], ';')
	if end < 3 || strings.Trim(text[i+1:i+end], "#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return 0
	}
	return end + 1
}

// emphasisAt returns the length of the Markdown at i, or 0: two asterisks, or
// the mark of a heading where a line begins.
func emphasisAt(text string, i int) int {
	switch {
	case strings.HasPrefix(text[i:], "**"):
		return 2
	case text[i] == '#' && (i == 0 || text[i-1] == '\n'):
		if n := len(text[i:]) - len(strings.TrimLeft(text[i:], "#")); strings.HasPrefix(text[i+n:], " ") {
			return n
		}
	}
	return 0
}
