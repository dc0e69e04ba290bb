package quality

import (
	"slices"

	"dragoman/translator"
)

// A Rule is one thing that makes a pair suspect.
type Rule struct {
	Name   string // in lower case with hyphens: the flag of a pair
	Means  string // one sentence, for people
	Doubt  translator.Doubt
	Limits []Limit
}

// A Limit is a threshold of a Rule.
type Limit struct {
	Name  string
	Value float64
}

// The thresholds. Where each comes from is said in translator/docs/quality.md.
const (
	leastRatio  = 0.58 // English by Arabic code points, 1st percentile of news
	usualRatio  = 1.09 // median
	mostRatio   = 1.67 // 99th percentile
	otherBand   = 2.5  // the same for directions that nobody measured, either way
	steadyRunes = 120  // the band widens for sources below this

	foreignShare   = 0.5 // of the letters
	foreignLetters = 8
	leftArabic     = 2 // letters
	leftLatin      = 2 // words
	tellingShare   = 0.04
	tellingLetters = 3
	languageWords  = 6

	loopCopies   = 3
	loopLeast    = 3   // characters of what is repeated
	loopMost     = 100 // the same
	loopNoLetter = 20  // characters in all, where none is a letter

	figureDigits = 2
	figuresMost  = 64
)

// row is a Rule with the way to find it: find returns what it saw, or "".
type row struct {
	Rule
	find func(*Checker, pair) string
}

// table is every rule, in the order in which they are asked. The first is
// asked alone: an empty translation has nothing else to be said of it.
var table = []row{
	{Rule{"empty", "The translation holds no text.", translator.AskAgain, nil}, findEmpty},
	{Rule{"same-as-source", "The translation is the source itself.", translator.AskAgain, nil}, findEcho},
	{Rule{
		"wrong-script", "Most of the letters are not of the script that the language is written in.", translator.AskAgain,
		[]Limit{{"share of letters", foreignShare}, {"letters", foreignLetters}},
	}, findScript},
	{Rule{
		"wrong-language", "The letters or the small words are those of another language.", translator.AskAgain,
		[]Limit{{"share of telling letters", tellingShare}, {"telling letters", tellingLetters}, {"words", languageWords}},
	}, findLanguage},
	{Rule{
		"untranslated-words", "Words of the source's script were left as they are.", translator.MoveOn,
		[]Limit{{"Arabic letters", leftArabic}, {"words in small Latin letters", leftLatin}},
	}, findLeft},
	{Rule{"refusal", "The engine declines to translate instead of translating.", translator.MoveOn, nil}, findRefusal},
	{Rule{"prompt-leak", "Words about the task stand in the translation: a lead-in, a part of the prompt, JSON, a code fence.", translator.AskAgain, nil}, findLeak},
	{Rule{
		"repetition", "The same words come again and again, and do not in the source.", translator.MoveOn,
		[]Limit{{"times", loopCopies}, {"characters from", loopLeast}, {"to", loopMost}, {"in all, without letters", loopNoLetter}},
	}, findLoop},
	{Rule{"truncated", "The translation breaks off: no stop where the source has one, a comma, a conjunction or an ellipsis at its end.", translator.AskAgain, nil}, findCut},
	{Rule{
		"too-short", "The translation is shorter than nearly all of its length: a summary, or a part is missing.", translator.AskAgain,
		[]Limit{{"ratio", leastRatio}, {"ratio in other directions", 1 / otherBand}, {"wider below characters", steadyRunes}},
	}, findShort},
	{Rule{
		"too-long", "The translation is longer than nearly all of its length: something was added.", translator.AskAgain,
		[]Limit{{"ratio", mostRatio}, {"ratio in other directions", otherBand}, {"wider below characters", steadyRunes}},
	}, findLong},
	{Rule{
		"numbers", "A figure of the source is not in the translation, or the translation has one that the source has not.", translator.AskAgain,
		[]Limit{{"digits", figureDigits}, {"figures at most", figuresMost}},
	}, findNumber},
	{Rule{"lost-placeholder", "A URL, e-mail address, handle, hashtag, placeholder or tag of the source is not in the translation.", translator.AskAgain, nil}, findLost},
	{Rule{"case-lost", "All capitals, or none, because the few Latin letters of the source are so.", translator.MoveOn, nil}, findCase},
	{Rule{"unbalanced", "A quotation mark or bracket stands alone, although the source's are in pairs.", translator.Trusted, nil}, findUnbalanced},
	{Rule{"glossary-term", "A term of the glossary is in the source, and its translation is not.", translator.Trusted, nil}, findTerm},
	{Rule{"hidden-characters", "The translation holds bidi controls, zero-width or control characters that the source has not.", translator.Trusted, nil}, findHidden},
	{Rule{"added-markup", "The translation holds tags, entities or Markdown that the source has not.", translator.Trusted, nil}, findMarkup},
}

// Rules returns every rule, in the order in which they are asked.
func Rules() []Rule {
	rules := make([]Rule, len(table))
	for i, r := range table {
		rules[i] = r.Rule
		rules[i].Limits = slices.Clone(r.Limits)
	}
	return rules
}
