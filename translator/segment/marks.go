package segment

import "strings"

// markFollows tells whether a comma, semicolon or colon comes next, or another
// stop that stands alone.
func (s *site) markFollows() bool {
	if s.first != 0 && s.ahead == s.next {
		return false
	}
	switch r, _ := after(s.text, s.next); r {
	case ',', '،', ';', '؛', ':':
		return true
	}
	size, k := stopAt(s.text, s.next)
	return k&(dot|dots|sure) != 0 && !gluedTo(s.text, s.next+size)
}

// bracketedMark tells whether a bracket closes right behind the stops that
// opened within the sentence and not at its beginning.
func (s *site) bracketedMark() bool {
	if s.close == s.end || s.text[s.end] != ')' && s.text[s.end] != ']' {
		return false
	}
	t := s.text[max(s.start, s.at-quoteReach):s.at]
	i := strings.LastIndexAny(t, "([")
	return i >= 0 && (i == len(t)-1 || !s.leads(s.at-len(t)+i))
}

// missingSpaceArabic tells whether an Arabic word follows without a space:
// after ! or ؟ any word, after a full stop one of two letters or more that
// follows a word of three, a figure, or a closed quotation or bracket.
func (s *site) missingSpaceArabic() bool {
	if !s.touches() {
		return false
	}
	if s.kind == sure {
		return !s.address()
	}
	t := s.nextWord()
	if arabicLetters(t) < 2 || s.rules.class(t)&domain != 0 {
		return false
	}
	w := s.lastWord()
	switch {
	case s.closed():
		return true
	case w.letters == 0:
		return w.digits > 0 || s.kind == dots
	}
	return w.letters > 2 && w.points == 0 && s.class&letterName == 0
}

// touches tells whether the next word, or a quotation mark before it, stands right
// behind the stops.
func (s *site) touches() bool {
	if s.ahead == s.next {
		return true
	}
	r, n := after(s.text, s.next)
	return isQuote(r) && s.next+n == s.ahead
}

// closed tells whether a quotation or bracket closes right before the stops or behind them.
func (s *site) closed() bool {
	r, _ := before(s.text, s.start, s.at)
	return s.close > s.end || isCloser(r) || isQuote(r)
}

// arabicLetters counts the Arabic letters of a word, marks and tatweel left out.
func arabicLetters(t string) int {
	n := 0
	for _, r := range t {
		if isArabic(r) && r != 'ـ' {
			n++
		}
	}
	return n
}

// missingSpaceLatin tells whether a word with one capital follows without a
// space: after ! or ? any word, after a full stop a lower-case one, a figure,
// or a closed quotation or bracket.
func (s *site) missingSpaceLatin() bool {
	if !s.touches() {
		return false
	}
	t := s.nextWord()
	if len(t) < 2 || !isLower(rune(t[1])) || s.rules.lowerClass(t)&domain != 0 || s.address() {
		return false
	}
	w := s.lastWord()
	switch {
	case s.closed():
		return true
	case s.kind == sure:
		return w.letters > 1 && s.class&banged == 0
	case w.letters == 0:
		return w.digits > 1
	}
	return w.lower && w.letters > 1 && w.points == 0
}

// address tells whether the stop is inside an address of the Internet or a path.
func (s *site) address() bool {
	i := s.at
	for i > s.start && s.at-i < wordReach {
		r, n := before(s.text, s.start, i)
		if isSpace(r) {
			break
		}
		i -= n
	}
	return strings.ContainsAny(s.text[i:s.at], "/@\\_=")
}

// dotsFirst tells whether the dots begin the sentence or a quotation in it.
func (s *site) dotsFirst() bool {
	if s.leads(s.at) {
		return true
	}
	r, _ := before(s.text, s.start, s.at)
	return isQuote(r) && s.quoteOpen(s.at)
}

// shortQuote tells whether the mark is inside a short quotation that opened
// within the sentence and ends at the next stop, with the sentence going on in
// lower case: the sign "Stop! Danger!" was stolen.
func (s *site) shortQuote() bool {
	if s.close > s.end || !s.quoteOpen(s.at) {
		return false
	}
	t := s.text[max(s.start, s.at-shortReach):s.at]
	i := strings.LastIndexAny(t, `"“«`)
	if i < 2 || t[i-1] != ' ' || strings.ContainsAny(t[i-2:i-1], ",:") {
		return false
	}
	n := site{scanner: scanner{text: s.text[:min(len(s.text), s.end+2*shortReach)]}, rules: s.rules, start: s.start}
	return n.find(s.end) && n.at-s.end < shortReach && n.kind == sure && n.close > n.end && n.gap() == apart && n.lowerNext()
}

// closesQuote tells whether a quotation mark stands right behind the stops.
func (s *site) closesQuote() bool {
	if s.close == s.end {
		return false
	}
	r, _ := before(s.text, s.end, s.close)
	return isQuote(r)
}

// attribution tells whether a verb of saying follows a quotation: at once in
// Arabic, after up to three words of a name, a title among them, in English.
func (s *site) attribution() bool {
	if !s.closesQuote() || s.nextClass()&(opener|title) == opener {
		return false
	}
	i := s.ahead
	for range 4 {
		t := wordAt(s.text, i)
		c := s.rules.class(t)
		if t == "" || c&saying != 0 {
			return t != ""
		}
		i += len(t)
		if c&title != 0 && strings.HasPrefix(s.text[i:], ".") {
			i++
		}
		if isArabic(s.first) || !strings.HasPrefix(s.text[i:], " ") {
			return false
		}
		i++
	}
	return false
}

// quoteGoesOn tells whether an Arabic sentence goes on after a short quotation that
// opened within it and not after a colon: the next word is joined to و or ف, or
// links. After a quotation inside an open one it always does.
func (s *site) quoteGoesOn() bool {
	if !s.closesQuote() {
		return false
	}
	if s.text[s.close-1] == '+' && s.quoteOpen(s.close) {
		return true
	}
	t := s.text[max(s.start, s.at-shortReach):s.at]
	i := strings.LastIndexAny(t, `"“”«»+`)
	if i < 0 || s.leads(s.at-len(t)+i) || strings.HasSuffix(strings.TrimRight(t[:i], " "), ":") {
		return false
	}
	c := s.nextClass()
	return c&linking != 0 || c&opener == 0 && (s.first == 'و' || s.first == 'ف')
}
