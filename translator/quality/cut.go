package quality

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// ending is how a text ends, looking through what closes quotations and brackets.
type ending struct {
	last     rune // the last character that closes nothing; 0 is none
	ellipsis bool
	rest     string // up to and with last
}

// closers may stand behind the stop of a sentence.
const closers = "\"”“»’'›)]}*_`+"

func endingOf(text string) (e ending) {
	for text != "" {
		r, n := utf8.DecodeLastRuneInString(text)
		switch {
		case r == ';' && closingEntity(text) > 0:
			n = closingEntity(text)
		case !unicode.IsSpace(r) && !translator.IsHidden(r) && !strings.ContainsRune(closers, r):
			return ending{r, r == '…' || strings.HasSuffix(text, ".."), text}
		}
		text = text[:len(text)-n]
	}
	return ending{}
}

// closingEntity returns the length of a quotation mark at the end of a text
// that is written as HTML has it, or 0.
func closingEntity(text string) int {
	for _, entity := range []string{"&quot;", "&#39;", "&rdquo;", "&raquo;"} {
		if strings.HasSuffix(text, entity) {
			return len(entity)
		}
	}
	return 0
}

// stops end a sentence, in the scripts that have one.
const stops = ".!?…؟۔。！？।॥።။։:;؛"

func (e ending) stops() bool { return strings.ContainsRune(stops, e.last) && e.last != 0 }

// hangs tells an end that no sentence has.
func (e ending) hangs() bool {
	return e.last != 0 && strings.ContainsRune(",،、-–—([{«“", e.last)
}

// dangling are words that no sentence ends with, where no stop follows.
var dangling = map[string]bool{
	"and": true, "or": true, "but": true, "the": true, "a": true, "an": true, "of": true,
	"و": true, "أو": true, "في": true, "من": true, "إلى": true, "على": true, "عن": true, "أن": true, "إن": true, "التي": true, "الذي": true, "ثم": true,
}

func (e ending) lastWord() string {
	return e.rest[strings.LastIndexByte(e.rest, ' ')+1:]
}

func findCut(c *Checker, p pair) string {
	target := endingOf(p.target.text)
	if target.stops() && !target.ellipsis {
		return ""
	}
	source := endingOf(p.source.text)
	switch {
	case target.ellipsis && !source.ellipsis && !strings.Contains(p.source.text, ".."):
		return "an ellipsis at the end"
	case target.ellipsis:
		return ""
	case c.stops && source.stops() && source.last != ':':
		return "no stop at the end"
	case target.hangs() && !source.hangs():
		return "it ends with " + string(target.last)
	case dangling[target.lastWord()] && !dangling[source.lastWord()]:
		return "it ends with " + target.lastWord()
	}
	return ""
}
