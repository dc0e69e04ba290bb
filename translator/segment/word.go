package segment

import "unicode/utf8"

// A token is the run of letters, figures and inner points before a stop.
type token struct {
	at, end int
	letters int
	digits  int
	points  int  // inner full stops
	last    byte // the last byte of the last letter
	arabic  bool // its last letter is
	lower   bool // all letters are lower case
	upper   bool // all letters are upper case
	long    bool // longer than wordReach
}

// lastWord returns the word before the stops.
func (s *site) lastWord() *token {
	if !s.known {
		s.known = true
		s.wordBefore(s.at, &s.word)
		s.class = s.rules.abbreviation(s.text[s.word.at:s.word.end], &s.word)
	}
	return &s.word
}

// lastClass returns the class of the word before the stops.
func (s *site) lastClass() class {
	s.lastWord()
	return s.class
}

// shape tells whether the word before the stops may be an abbreviation: it is
// in a table, a single letter, or has points inside.
func (s *site) shape() shape {
	if w := s.lastWord(); s.class != 0 || w.letters == 1 || w.points > 0 {
		return short
	}
	return whole
}

// wordBefore makes w the word that ends at i, past marks and blanks.
func (s *site) wordBefore(i int, w *token) {
	*w = token{lower: true, upper: true}
	for i > s.start {
		if b := s.text[i-1]; 'a' <= b && b <= 'z' {
			break
		}
		r, n := before(s.text, s.start, i)
		if !isMark(r) && !isSpace(r) {
			break
		}
		i -= n
	}
	w.at, w.end = i, i
	for stop := max(s.start, i-wordReach); w.at > stop; {
		n := w.takePlain(s.text[stop:w.at])
		if n == 0 {
			var r rune
			if r, n = before(s.text, s.start, w.at); !w.take(r, s.text[w.at-1]) {
				return
			}
		}
		w.at -= n
	}
	w.long = w.at > s.start
}

// wordTwoBefore returns the word before the one before the stops.
func (s *site) wordTwoBefore() (w token) {
	s.wordBefore(s.lastWord().at, &w)
	return w
}

// takePlain counts the letters at the end of t that are small ASCII ones or
// plain Arabic ones of two bytes, the short way for most words, and returns
// their length.
func (w *token) takePlain(t string) int {
	n, small, arabic := len(t), 0, 0
	for n > 0 {
		if b := t[n-1]; 'a' <= b && b <= 'z' {
			n--
			small++
			continue
		}
		if n == 1 || !(t[n-2] == 0xD8 && t[n-1] >= 0xA0 || t[n-2] == 0xD9 && 0x81 <= t[n-1] && t[n-1] <= 0x8A) {
			break
		}
		n -= 2
		arabic++
	}
	if n == len(t) {
		return 0
	}
	if w.letters == 0 {
		w.last = t[len(t)-1]
		w.arabic = w.last >= utf8.RuneSelf
	}
	w.letters += small + arabic
	w.upper = false
	w.lower = w.lower && arabic == 0
	return len(t) - n
}

// take counts a rune of the word, and tells whether it belongs to it.
func (w *token) take(r rune, last byte) bool {
	if w.letters == 0 {
		w.last = last
	}
	switch {
	case r == 'ـ':
	case isArabic(r):
		w.arabic = w.arabic || w.letters == 0
		w.letters++
		w.lower, w.upper = false, false
	case isLetter(r):
		w.letters++
		w.lower = w.lower && isLower(r)
		w.upper = w.upper && isUpper(r)
	case isDigit(r):
		w.digits++
	case r == '.':
		w.points++
	case r != '\'' && r != '’' && !isMark(r):
		return false
	}
	return true
}

// nextWord returns the next word, or "" if there is none near.
func (s *site) nextWord() string {
	if s.first == 0 {
		return ""
	}
	return wordAt(s.text, s.ahead)
}

// wordAt returns the letters, apostrophes and marks that begin at i.
func wordAt(text string, i int) string {
	end := i
	for end < len(text) && end-i < wordReach {
		r, n := after(text, end)
		if !isLetter(r) && !isMark(r) && r != '\'' && r != '’' {
			break
		}
		end += n
	}
	return text[i:end]
}

// nextClass returns the class of the word after the stops.
func (s *site) nextClass() class {
	if t := s.nextWord(); t != "" {
		return s.rules.class(t)
	}
	return 0
}
