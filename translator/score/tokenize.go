package score

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A tokenizer appends the words of a text, for BLEU.
type tokenizer func(words []string, text string) []string

// tokenizers are sacreBLEU's, without those for languages written without
// spaces, which need models and dictionaries.
var tokenizers = []struct {
	name string
	tokenizer
}{
	{"13a", tokenize13a},
	{"intl", tokenizeIntl},
	{"char", tokenizeChar},
	{"none", fields},
}

// Tokenizers returns the names of the tokenizers, the default first:
//
//   - 13a: NIST's mteval-v13a: breaks at ASCII punctuation, but not at the
//     separators within a number
//   - intl: NIST's mteval-v14: breaks at all punctuation and symbols of
//     Unicode; better for Arabic
//   - char: every character that is not white space
//   - none: breaks at white space only, for text that has been tokenized
func Tokenizers() []string {
	var names []string
	for _, t := range tokenizers {
		names = append(names, t.name)
	}
	return names
}

func tokenizerOf(name string) (tokenizer, error) {
	i := slices.Index(Tokenizers(), name)
	if i < 0 {
		return nil, invalid(fmt.Errorf("there is no tokenizer %q", name), "choose from "+strings.Join(Tokenizers(), ", "))
	}
	return tokenizers[i].tokenizer, nil
}

// A class is what a character is to a tokenizer.
type class uint8

const (
	letter class = iota // part of a word
	space               // between words
	mark                // a word by itself
	stop                // a word by itself unless it is inside a number
	dash                // 13a: a word by itself after a digit
	digit               // part of a word, and of a number
)

// classes13a are the classes of ASCII for 13a; all that is beyond ASCII is letter or space.
var classes13a = func() (table [utf8.RuneSelf]class) {
	for c := range table {
		switch r := rune(c); {
		case isSpace(r):
			table[c] = space
		case strings.ContainsRune(".,", r):
			table[c] = stop
		case r == '-':
			table[c] = dash
		case r >= '0' && r <= '9':
			table[c] = digit
		case strings.ContainsRune("!\"#$%&()*+/:;<=>?@[\\]^_`{|}~", r):
			table[c] = mark
		}
	}
	return table
}()

// tokenize13a does in one pass what four regular expressions of mteval-v13a do
// one after the other. The second and the third, ([^0-9])([.,]) and
// ([.,])([^0-9]), consume what they match, which shows in runs of stops: of two
// stops the first uses up the second, so that a third one is judged by what
// follows it alone. used says that the stop before was used up so.
func tokenize13a(words []string, text string) []string {
	text = unescape(text)
	start, before, used := 0, space, false // the text stands between two spaces
	for i := 0; i < len(text); {
		c, n := class13a(text, i)
		alone := c == mark || c == dash && before == digit
		usedNow := false
		if c == stop {
			usedNow = before != digit && !used
			alone = usedNow || !digitAt(text, i+1)
		}
		if alone || c == space {
			words = word(words, text[start:i])
			start = i + n
		}
		if alone {
			words = append(words, text[i:i+n])
		}
		before, used = c, usedNow
		i += n
	}
	return word(words, text[start:])
}

func class13a(text string, i int) (class, int) {
	if text[i] < utf8.RuneSelf {
		return classes13a[text[i]], 1
	}
	r, n := utf8.DecodeRuneInString(text[i:])
	if isSpace(r) {
		return space, n
	}
	return letter, n
}

func digitAt(text string, i int) bool {
	return i < len(text) && classes13a[text[i]&0x7f] == digit && text[i] < utf8.RuneSelf
}

// unescape undoes what mteval-v13a undoes before it tokenizes.
func unescape(text string) string {
	if strings.Contains(text, "<skipped>") {
		text = strings.ReplaceAll(text, "<skipped>", "")
	}
	if strings.Contains(text, "-\n") {
		text = strings.ReplaceAll(text, "-\n", "")
	}
	if !strings.Contains(text, "&") {
		return text
	}
	for _, entity := range [][2]string{{"&quot;", `"`}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}} {
		text = strings.ReplaceAll(text, entity[0], entity[1]) // one after the other: &amp;lt; becomes <
	}
	return text
}

func tokenizeChar(words []string, text string) []string {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !isSpace(r) {
			words = append(words, text[i:i+n])
		}
		i += n
	}
	return words
}
