package segment

import "strings"

// reopens tells whether the next word begins a sentence: one that opens
// sentences; the subject of a verb, after the end of a name; or any in Arabic,
// after Latin initials, because those of a name would have a Latin name follow.
func (s *site) reopens() bool {
	t := s.nextWord()
	if t == "" {
		return false
	}
	if isArabic(s.first) && s.initial() {
		return true
	}
	c, rest := s.rules.class(t), s.text[s.ahead+len(t):]
	if c&opener != 0 && (c&title != 0 || !strings.HasPrefix(rest, ".")) {
		return true
	}
	return s.class&ending != 0 && isUpper(s.first) && strings.HasPrefix(rest, " ") && s.rules.class(wordAt(rest, 1))&verb != 0
}

// shortened tells whether the word before the stop may be an abbreviation.
func (s *site) shortened() bool {
	return s.lastClass()&(either|hour|letterName) != 0 || s.initial() || s.arabicInitial() || s.arabicAcronym()
}

// initial tells whether the word before is a single Latin capital or single
// Latin letters with points between.
func (s *site) initial() bool {
	w := s.lastWord()
	if w.long || w.arabic || w.digits > 0 || w.letters == 0 || w.letters != w.points+1 || s.class&hour != 0 {
		return false
	}
	return w.points > 0 || w.upper
}

// arabicInitial tells whether the word before is a single Arabic letter that
// stands alone: with another before it (أ ف ب) it is the end of an acronym.
func (s *site) arabicInitial() bool {
	w := s.lastWord()
	if !w.arabic || w.letters != 1 || w.points > 0 || w.digits > 0 {
		return false
	}
	p := s.wordTwoBefore()
	return !p.arabic || p.letters != 1 || p.points > 0
}

// arabicAcronym tells whether the word before is Arabic letters, or pairs of
// them, with points between.
func (s *site) arabicAcronym() bool {
	w := s.lastWord()
	return w.arabic && !w.long && w.points > 0 && w.digits == 0 && w.letters <= 2*(w.points+1)
}

// spelledInitial tells whether the word before is a Latin letter's name that
// stands alone: two of them without a point (سي آي) are an acronym, and a
// sentence can end in one.
func (s *site) spelledInitial() bool {
	if s.lastClass()&letterName == 0 {
		return false
	}
	p := s.wordTwoBefore()
	return s.rules.class(s.text[p.at:p.end])&(letterName|spelling) == 0
}

// letterLabel tells whether the word before is a letter that labels the word before it.
func (s *site) letterLabel() bool {
	w := s.lastWord()
	if w.letters != 1 || w.points > 0 || w.digits > 0 {
		return false
	}
	p := s.wordTwoBefore()
	return s.rules.lowerClass(s.text[p.at:p.end])&labelled != 0
}

// unitLetter tells whether the word before is one Arabic letter after a figure.
func (s *site) unitLetter() bool {
	if !s.arabicInitial() {
		return false
	}
	p := s.wordTwoBefore()
	return p.digits > 0 && p.letters == 0
}

// lowerNext tells whether the next word begins in lower case. A name with a
// capital inside, such as iPhone or al-Masri, does not count.
func (s *site) lowerNext() bool {
	if !isLower(s.first) {
		return false
	}
	t := s.nextWord()
	for _, r := range t {
		if isUpper(r) {
			return false
		}
	}
	rest, hyphen := strings.CutPrefix(s.text[s.ahead+len(t):], "-")
	return !hyphen || !isUpper(firstRune(rest))
}

func firstRune(text string) rune {
	r, _ := after(text, 0)
	return r
}

// ordinaryWord tells whether the word before is in lower case, longer than
// abbreviations are, and none of the long ones.
func (s *site) ordinaryWord() bool {
	w := s.lastWord()
	return w.lower && w.letters > 4 && w.points == 0 && w.digits == 0 && s.lastClass()&clipped == 0 && s.close == s.end
}

// listNumber tells whether the sentence so far is nothing but the number of an
// item: up to three figures, figures with points, a letter or a Roman numeral.
func (s *site) listNumber() bool {
	if s.at-s.start > wordReach {
		return false
	}
	w := s.lastWord()
	if w.long || s.first == 0 || w.at == w.end || !s.leads(w.at) {
		return false
	}
	switch {
	case w.letters == 0 && (s.gap() == apart || isLetter(s.first)):
		return w.digits <= 3 || w.points > 0
	case s.gap() == glued:
		return false
	case w.digits > 0 || w.points > 0:
		return false
	}
	return w.letters == 1 || w.upper && strings.Trim(s.text[w.at:w.end], "IVX") == ""
}

// leads tells whether nothing but opening marks and white space stands between
// the sentence's beginning and i.
func (s *site) leads(i int) bool {
	if i-s.start > wordReach {
		return false
	}
	for _, r := range s.text[s.start:i] {
		if !isSpace(r) && !isMark(r) && !isOpener(r) && !isDash(r) {
			return false
		}
	}
	return true
}
