package openai

import (
	"unicode"

	"dragoman/translator"
)

// Tokens of a text, in tenths for each character, by what the character is.
// They are for o200k, the vocabulary of OpenAI's models since GPT-4o. Of 3,994
// sentences of news and encyclopedia text (FLORES-200 dev and Universal
// Dependencies PUD, Arabic and English, counted with o200k in November 2026)
// none has more tokens than this gives it, the nearest 0.88 times as many; on
// the whole it gives Arabic 1.65 times and English 1.8 times what they have.
// Text that is no language, as a long code, may have more.
//
// Another vocabulary is taken for half as good: cl100k, of GPT-4 and before,
// needs 0.7 tokens for an Arabic character where o200k needs 0.32, and then
// none of the sentences has more either.
const (
	perArabic = 6  // a letter of the Arabic script
	perLower  = 4  // a lower-case letter from a to z
	perUpper  = 8  // names and abbreviations are cut finer than words
	perSign   = 10 // a digit, mark or sign: one token at most
	perOther  = 10 // a letter of another script
	perRare   = 20 // from U+F900 on: emoji, ligatures and other forms of Arabic
)

// perItem is what an item takes besides its text, in tokens: braces, keys and
// id, of which o200k makes 14, on either way.
const perItem = 24

// yield bounds how many tokens come back for one of Size and Overhead. In the
// sentences above an English translation has 0.73 times the tokens of its
// Arabic source, 1.1 at the 99th percentile; an Arabic one of an English source
// has 1.4 and 2.3, of which Size has 1.8 already and the Overhead the rest. The
// lower bound is also that of the estimate, for which Size and Overhead are too
// high: a full request of Arabic news came to 0.37 of them.
var yield = translator.Yield{Least: 0.2, Most: 1}

// tokens estimates a text's tokens from above.
func (m model) tokens(text string) int {
	tenths := 0
	for _, r := range text {
		tenths += weight(r)
	}
	if !m.o200k {
		tenths *= 2
	}
	return (tenths + 9) / 10
}

// perProse is how many characters of English prose make a token at least, of
// which the prompt has 5.1.
const perProse = 4

// prose estimates the tokens of a prompt in English.
func (m model) prose(text string) int {
	n := len(text)/perProse + 1
	if !m.o200k {
		n *= 2
	}
	return n
}

// size is what a text takes of a request, with what stands around it there.
func (m model) size(text string) int { return m.tokens(text) + perItem }

func weight(r rune) int {
	switch {
	case r == ' ':
		return 0 // part of the word that follows
	case r >= 0xF900:
		return perRare
	case r >= 'a' && r <= 'z':
		return perLower
	case r >= 'A' && r <= 'Z':
		return perUpper
	case !unicode.IsLetter(r):
		return perSign
	case unicode.Is(unicode.Arabic, r):
		return perArabic
	}
	return perOther
}
