package segment

import "math/bits"

// A ruleID is a place in the catalogue.
type ruleID uint8

// The rules in the order in which they are asked. The first that applies decides.
const (
	lineEnd ruleID = iota
	markFollows
	bracketedMark
	listNumber
	dotsFirst
	dotsInQuote
	missingSpaceArabic
	missingSpaceLatin
	insideWord
	shortQuote
	attribution
	quoteGoesOn
	bangName
	lowerAfterMark
	sureStop
	letterLabel
	unitLetter
	abbreviationReopened
	titleAbbreviation
	counterAbbreviation
	hourFollowed
	eitherAbbreviation
	initial
	arabicInitial
	arabicAcronym
	spelledInitial
	ordinaryWord
	lowerFollows
	fullStop
	ruleCount
)

// A gap says whether white space follows the stops and what closes behind them.
type gap uint8

const (
	glued gap = 1 << iota
	apart
)

// A shape says whether the word before the stops may be an abbreviation.
type shape uint8

const (
	whole shape = 1 << iota
	short
)

// A follower says what the next word begins with.
type follower uint8

const (
	nothing follower = 1 << iota // no letter or figure is near
	figure
	capital
	small
	arabicLetter
	otherLetter

	anything = nothing | figure | letters
	letters  = capital | small | arabicLetter | otherLetter
)

// How many kinds, gaps, shapes and followers there are.
const (
	kinds     = 4
	gaps      = 2
	shapes    = 2
	followers = 6
)

// place returns the place of the one bit that is set.
func place[T kind | gap | shape | follower](bit T) int { return bits.TrailingZeros8(uint8(bit)) }

// A rule is one line of the catalogue.
type rule struct {
	name   string
	breaks bool
	kinds  kind // of candidates that it is asked about
	gaps   gap
	shapes shape
	before follower
	why    string
}

var catalogue = [ruleCount]rule{
	lineEnd:              {"line end", true, line, apart | glued, whole | short, anything, "a line is a paragraph, a title, a verse or a row"},
	markFollows:          {"mark follows", false, dot | dots | sure, apart | glued, whole | short, anything, "what a comma, colon, semicolon or another stop follows is no sentence"},
	bracketedMark:        {"mark in brackets", false, dots | sure, apart | glued, whole | short, anything, "(...) stands for words left out, (!) and (؟) for doubt; a question in brackets leaves the sentence around it open"},
	listNumber:           {"list number", false, dot, apart | glued, whole | short, letters | figure, "a figure or letter with a point at the beginning numbers what follows"},
	dotsFirst:            {"leading dots", false, dots, glued | apart, whole | short, anything, "dots at the beginning of a sentence or quotation stand for what was left out"},
	dotsInQuote:          {"dots in a quotation", false, dots, glued | apart, whole | short, anything, "a speaker hesitates"},
	missingSpaceArabic:   {"missing space", true, dot | dots | sure, glued, whole | short, arabicLetter, "an Arabic word follows a whole word, a figure or a closed bracket without a space"},
	missingSpaceLatin:    {"missing space", true, dot | dots | sure, glued, whole | short, capital, "a capitalised word follows a lower-case word, a figure or a closed quotation without a space"},
	insideWord:           {name: "inside a word", why: "what no rule decides: decimals, times, dates, addresses, acronyms, with no white space after the stop"},
	shortQuote:           {"short quotation", false, sure, apart, whole | short, letters | figure, "a sign or a cry of several stops is quoted within a sentence that goes on"},
	attribution:          {"attribution", false, sure, apart, whole | short, letters, "a verb of saying and its subject belong to the question or cry before them"},
	quoteGoesOn:          {"quotation within", false, dots | sure, apart, whole | short, arabicLetter, "the sentence around a quotation goes on after its question or exclamation mark"},
	bangName:             {"name with a mark", false, sure, apart, whole | short, anything, "Yahoo! is a name"},
	lowerAfterMark:       {"lower case after dots or a quotation", false, dots | sure, apart, whole | short, small, "the sentence goes on"},
	sureStop:             {"mark", true, dots | sure, apart, whole | short, anything, "question and exclamation marks, the Urdu full stop and dots end a sentence"},
	letterLabel:          {"letter as label", true, dot, apart, short, anything, "vitamin D. and فيتامين د. end a sentence"},
	unitLetter:           {"unit", true, dot, apart, short, anything, "a single letter after a figure is a unit or an era (5 م.)"},
	abbreviationReopened: {"abbreviation before an opening word", true, dot, apart, short, letters, "the next word opens sentences, so the abbreviation ended one"},
	titleAbbreviation:    {"title", false, dot, apart, short, anything, "a name must follow"},
	counterAbbreviation:  {"abbreviation before a figure", false, dot, apart, short, figure, "No. 5, Nov. 3"},
	hourFollowed:         {"hour before a day", false, dot, apart, short, capital, "5 p.m. Monday, 5 p.m. Jan. 3"},
	eitherAbbreviation:   {"abbreviation", false, dot, apart, short, anything, "a name goes on"},
	initial:              {"initial", false, dot, apart, short, anything, "J. R. Marlowe, U.S. Senate"},
	arabicInitial:        {"arabic initial", false, dot, apart, short, anything, "د. كمال, أ. ف. ب."},
	arabicAcronym:        {"arabic acronym", false, dot, apart, short, anything, "ق.م. and أ.ف.ب. within a sentence"},
	spelledInitial:       {"spelled initial", false, dot, apart, short, anything, "جورج دبليو. بوش"},
	ordinaryWord:         {"ordinary word", true, dot, apart, whole | short, small, "a whole word before the stop ends a sentence even if the next begins in lower case"},
	lowerFollows:         {"lower case follows", false, dot, apart, whole | short, small, "an abbreviation in no table"},
	fullStop:             {"full stop", true, dot, apart, whole | short, anything, "a full stop ends a sentence unless a rule above says otherwise"},
}

// decide returns the first rule that applies, or insideWord if none does: then
// no white space follows, because the last rules decide all else.
func (s *site) decide() ruleID {
	g, w := s.gap(), whole
	if s.kind == dot && g == apart {
		w = s.shape()
	}
	for _, id := range s.rules.order[place(s.kind)][place(g)][place(w)][place(s.follower())] {
		if s.applies(id) {
			return id
		}
	}
	return insideWord
}

// applies asks one rule about a candidate of its kinds and gaps.
func (s *site) applies(id ruleID) bool {
	switch id {
	case markFollows:
		return s.markFollows()
	case bracketedMark:
		return s.bracketedMark()
	case listNumber:
		return s.listNumber()
	case missingSpaceArabic:
		return s.missingSpaceArabic()
	case missingSpaceLatin:
		return s.missingSpaceLatin()
	case dotsFirst:
		return s.dotsFirst()
	case dotsInQuote:
		return s.quoteOpen(s.close) || s.bracketOpen(s.close)
	case shortQuote:
		return s.shortQuote()
	case attribution:
		return s.attribution()
	case quoteGoesOn:
		return s.quoteGoesOn()
	case bangName:
		return s.lastClass()&banged != 0 && s.nextClass()&opener == 0
	case lowerAfterMark:
		return (s.kind == dots || s.close > s.end) && s.lowerNext()
	case ordinaryWord:
		return s.lowerNext() && s.ordinaryWord()
	case lowerFollows:
		return s.lowerNext()
	case lineEnd, sureStop, fullStop:
		return true
	}
	return s.appliesToPoint(id)
}

// appliesToPoint asks a rule about a single full stop with white space after it.
func (s *site) appliesToPoint(id ruleID) bool {
	switch id {
	case letterLabel:
		return s.letterLabel()
	case unitLetter:
		return s.unitLetter()
	case abbreviationReopened:
		return s.shortened() && s.lastClass()&title == 0 && s.reopens()
	case titleAbbreviation:
		return s.lastClass()&title != 0
	case counterAbbreviation:
		return s.lastClass()&counter != 0 && isDigit(s.first)
	case hourFollowed:
		return s.lastClass()&hour != 0 && s.nextClass()&(afterHour|counter) != 0
	case eitherAbbreviation:
		return s.lastClass()&either != 0
	case initial:
		return s.initial()
	case arabicInitial:
		return s.arabicInitial()
	case arabicAcronym:
		return s.arabicAcronym()
	case spelledInitial:
		return s.spelledInitial()
	}
	return false
}
