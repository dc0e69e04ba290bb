package quality

import (
	"fmt"
	"strings"
)

// findEcho wants words in an echo: a name, a score or an address may well be
// the same in both languages.
func findEcho(c *Checker, p pair) string {
	if p.source.text != p.target.text {
		return ""
	}
	least := 15 // letters that a phrase of one script has in two languages only by chance
	if c.from != c.to {
		least = 4
	}
	if c.from.lettersOf(p.source) < least || c.from == latinScript && !hasSmallWord(p.source.text) {
		return ""
	}
	return "the same text"
}

// lettersOf counts the letters of a script; otherScript is any but two.
func (s script) lettersOf(t side) int {
	switch s {
	case latinScript:
		return t.latin
	case arabicScript:
		return t.arabic
	}
	return t.other
}

func findScript(c *Checker, p pair) string {
	all := p.target.letters()
	foreign := all - c.to.lettersOf(p.target)
	if foreign < foreignLetters || float64(foreign) <= foreignShare*float64(all) {
		return ""
	}
	if c.from != c.to && c.from.lettersOf(p.source) < p.source.letters()/2 {
		return "" // a source that is in the other script itself
	}
	return fmt.Sprintf("%d of %d letters", foreign, all)
}

// findLanguage looks at the letters that tell Arabic from Persian and Urdu,
// and at the small words that every sentence of some length has.
func findLanguage(c *Checker, p pair) string {
	switch {
	case c.to == arabicScript:
		return c.tellLetters(p.target)
	case c.to == latinScript && p.target.spaces+1 >= languageWords:
		return tellWords(string(c.dir.To.Base()), p.target.text)
	}
	return ""
}

// tellLetters wants few letters of Persian and Urdu in Arabic, and some in those.
func (c *Checker) tellLetters(t side) string {
	switch {
	case c.dir.To.Base() == "ar":
		if t.telling >= tellingLetters && float64(t.telling) > tellingShare*float64(t.arabic) {
			return fmt.Sprintf("%d letters of Persian or Urdu", t.telling)
		}
	case t.arabic >= 60 && t.telling == 0 && strings.Contains(t.text, "ة"):
		return "no letter that Arabic has not"
	}
	return ""
}

// tongue is a set of languages whose small words are known.
type tongue uint8

const (
	english tongue = 1 << iota
	french
	german
	spanish
	italian
	portuguese
)

var tongues = map[string]tongue{
	"en": english, "fr": french, "de": german, "es": spanish, "it": italian, "pt": portuguese,
}

// smallWords are the most frequent words of each language, as its grammars list
// them: articles, prepositions, pronouns, forms of to be and to have.
var smallWords = func() map[string]tongue {
	words := map[string]tongue{}
	for language, list := range map[tongue]string{
		english: "the of and to in is was for on that with by as at from it he she his her has have had are be not an this were will" +
			" who its but they their which after a said would could we you i or than more into over about when before between",
		french:     "le la les de des du et en un une est dans que qui pour sur par au aux avec il elle ont été son ses ce cette sont pas ne plus se a on or",
		german:     "der die das und in den von zu mit ist auf für nicht ein eine einen dem des im am als auch es an nach bei sich wird wurde hat sie er aus um in an was will her not",
		spanish:    "el la los las de del y en un una que es por para con se al su sus como más fue ha han lo no pero este esta entre desde a he",
		italian:    "il lo la i gli le di del della dei e in un una che è per con si al alla da dal ha hanno nel nella sono non più come anche a",
		portuguese: "o a os as de do da dos das e em um uma que é para com se ao no na nos nas por foi mais como não seu sua são pelo pela a as",
	} {
		for w := range strings.FieldsSeq(list) {
			words[w] |= language
		}
	}
	return words
}()

// longestSmall is the bytes of the longest small word.
const longestSmall = 7

// tellWords finds the text of a language that has none of the small words that
// are its own and several that are another's.
func tellWords(lang, text string) string {
	own := tongues[lang]
	if own == 0 {
		return ""
	}
	var hits [6]int
	for rest := text; rest != ""; {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		if len(word) > longestSmall {
			continue
		}
		is := smallWords[word]
		if is == own {
			return ""
		}
		if is&own != 0 {
			continue
		}
		for k := range hits {
			hits[k] += int(is >> k & 1)
		}
	}
	for k, n := range hits {
		if n >= 2 {
			return fmt.Sprintf("%d small words of %s and none of %s", n, languageOf(1<<k), lang)
		}
	}
	return ""
}

func languageOf(t tongue) string {
	for name, is := range tongues {
		if is == t {
			return name
		}
	}
	return ""
}

// findLeft looks for words that stayed in the source's script, where the
// target's has none of its letters. Latin names do stand in Arabic text, so
// there only words in small letters count that the source has as well.
func findLeft(c *Checker, p pair) string {
	switch {
	case c.from == c.to:
		return ""
	case c.from == arabicScript && p.target.arabic >= leftArabic:
		return fmt.Sprintf("%d Arabic letters", p.target.arabic)
	case c.from == latinScript && p.target.latin >= leftLatin*leftWord:
		if smallWordsIn(p.target.text, p.source.text) == leftLatin {
			return "words in Latin letters"
		}
	}
	return ""
}

// leftWord is the letters of a Latin word that no unit or symbol has.
const leftWord = 4

func hasSmallWord(text string) bool { return smallWordsIn(text, text) > 0 }

// smallWordsIn counts the words of a text in small Latin letters only, of
// leftWord letters and more, that another text has too: up to leftLatin, and one
// that comes again is one word. Parts of addresses are none.
func smallWordsIn(text, other string) (n int) {
	first := ""
	for i := 0; i < len(text); {
		start := i
		for i < len(text) && 'a' <= text[i] && text[i] <= 'z' {
			i++
		}
		word := text[start:i]
		if len(word) >= leftWord && word != first && !joinsWord(text, start-1) && !joinsWord(text, i) && strings.Contains(other, word) {
			if n++; n == leftLatin {
				return n
			}
			first = word
		}
		i++
	}
	return n
}

// joinsWord tells whether the byte at i makes what is beside it a part of a
// longer word or an address.
func joinsWord(text string, i int) bool {
	if i < 0 || i >= len(text) {
		return false
	}
	b := text[i]
	if b == '.' {
		return i+1 < len(text) && isASCIILetter(text[i+1])
	}
	return isASCIILetter(b) || '0' <= b && b <= '9' || strings.IndexByte("@/_-#=&%", b) >= 0
}
