package segment

import "strings"

// How far rules look, in bytes. A longer word is in no table, a quotation that
// opened further back does not count as open any more: so an unbalanced quote
// costs at most this much, and time stays linear.
const (
	wordReach    = 64
	quoteReach   = 600
	shortReach   = 64 // of a cry or a sign that is quoted within a sentence
	openersReach = 8  // runes of quotes, brackets and dashes before a word
)

// A site is a candidate and its surroundings.
type site struct {
	scanner // of the text
	rules   *Rules
	start   int // where the sentence begins

	at, end int // the stops
	kind    kind
	close   int // after the quotes, brackets and marks that close behind the stops
	next    int // after the white space: where another sentence would begin

	first rune // of the next word, 0 if there is none
	ahead int  // where that word begins

	word  token // before the stops
	class class // of word
	known bool  // word and class are valid
}

// find makes s the first candidate at or after i, and tells whether there is one.
func (s *site) find(i int) bool {
	at, size, k := s.seek(i)
	if size == 0 {
		return false
	}
	s.at, s.end, s.kind, s.first, s.known = at, at+size, k, 0, false
	if s.plain() {
		return true
	}
	s.close = s.end
	if k != line {
		s.end, s.kind = stops(s.text, s.at, s.end, k)
		s.close = s.closers()
	}
	s.next = skipSpace(s.text, s.close)
	if s.lineBreaks() {
		s.kind = line
	}
	s.lookAhead()
	return true
}

// follower tells what the next word begins with.
func (s *site) follower() follower {
	switch r := s.first; {
	case r == 0:
		return nothing
	case isLower(r):
		return small
	case isUpper(r):
		return capital
	case isArabic(r):
		return arabicLetter
	case isDigit(r):
		return figure
	}
	return otherLetter
}

// plain looks around the commonest candidates, those that a letter or figure
// follows, at once or after one blank. It finds what the long way would find.
func (s *site) plain() bool {
	i := s.end
	if s.kind == line || i+1 >= len(s.text) {
		return false
	}
	if s.text[i] == ' ' {
		i++
	}
	if r, _ := after(s.text, i); isLetter(r) || isDigit(r) {
		s.close, s.next, s.ahead, s.first = s.end, i, i, r
		return true
	}
	return false
}

// closers returns where the quotes, brackets, marks and footnote signs end
// that close behind the stops.
func (s *site) closers() int {
	i := s.end
	for i < len(s.text) {
		r, n := after(s.text, i)
		switch {
		case isMark(r) && !opensDirection(r):
		case r == '[' && footnote(s.text[i:]) > 0:
			n = footnote(s.text[i:])
		case isCloser(r) && (r == ')' || r == ']' || !s.opensWord(i+n) || s.quoteOpen(i)):
		case isTwoFaced(r) && (!s.opensWord(i+n) || s.quoteOpen(i)):
		default:
			return s.spacedCloser(i)
		}
		i += n
	}
	return i
}

// spacedCloser returns the end of a closing mark that white space separates
// from the stops, or i.
func (s *site) spacedCloser(i int) int {
	j := skipBlank(s.text, i)
	r, n := after(s.text, j)
	if j == i || !isCloser(r) && !isTwoFaced(r) || s.opensWord(j+n) || isTwoFaced(r) && !s.quoteOpen(j) {
		return i
	}
	return j + n
}

// opensWord tells whether a letter or figure begins at i.
func (s *site) opensWord(i int) bool {
	if i == len(s.text) {
		return false
	}
	r, _ := after(s.text, i)
	return isLetter(r) || isDigit(r)
}

// footnote returns the length of a note sign such as [4] at the beginning of t, or 0.
func footnote(t string) int {
	n := strings.IndexByte(t[:min(len(t), 6)], ']')
	if n < 2 {
		return 0
	}
	for _, b := range []byte(t[1:n]) {
		if b < '0' || b > '9' {
			return 0
		}
	}
	return n + 1
}

// quoteOpen tells whether a quotation that opened in this sentence is still
// open at i. Every kind of quote is counted as two-faced, so that marks typed
// the wrong way round come out right.
func (s *site) quoteOpen(i int) bool {
	t := s.text[max(s.start, i-quoteReach):i]
	return odd(strings.Count(t, `"`)) ||
		odd(strings.Count(t, "«")+strings.Count(t, "»")) ||
		odd(strings.Count(t, "“")+strings.Count(t, "”"))
}

func odd(n int) bool { return n%2 == 1 }

// bracketOpen tells whether a round bracket that opened in this sentence is still open at i.
func (s *site) bracketOpen(i int) bool {
	t := s.text[max(s.start, i-quoteReach):i]
	return strings.Count(t, "(") > strings.Count(t, ")")
}

// lookAhead finds the next word's first rune, past opening quotes, brackets and
// dashes. It does not look past a stop: should the sentence end there, what
// follows must not have decided what stands before.
func (s *site) lookAhead() {
	i := s.next
	for range openersReach {
		r, n := after(s.text, i)
		if n == 0 {
			return
		}
		if isLetter(r) || isDigit(r) {
			s.first, s.ahead = r, i
			return
		}
		if !isOpener(r) && !isDash(r) && !isMark(r) && r != ' ' {
			return
		}
		i += n
	}
}

// gap tells whether white space follows the stops.
func (s *site) gap() gap {
	if s.next > s.close {
		return apart
	}
	return glued
}

// lineBreaks tells whether a line ends within the white space after the stops.
func (s *site) lineBreaks() bool {
	if s.next == s.close+1 {
		return s.text[s.close] == '\n'
	}
	return strings.ContainsAny(s.text[s.close:s.next], "\n\u2028\u2029")
}
