package score

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// tokenizeIntl does in one pass what three regular expressions of mteval-v14 do
// one after the other: (\P{N})(\p{P}), (\p{P})(\P{N}) and (\p{S}). As in
// tokenize13a, a stop can be used up by the first; other than there, a stop at
// either end of the text has nothing beside it that would set it apart.
func tokenizeIntl(words []string, text string) []string {
	start, before, used := 0, digit, false // digit: nothing that sets a stop apart
	for i := 0; i < len(text); {
		c, n := classIntl(text, i)
		alone, usedNow := c == mark, false
		if c == stop {
			usedNow = before != digit && !used
			alone = usedNow || i+n < len(text) && !numberAt(text, i+n)
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

func numberAt(text string, i int) bool {
	c, _ := classIntl(text, i)
	return c == digit
}

func classIntl(text string, i int) (class, int) {
	r, n := rune(text[i]), 1
	if r >= utf8.RuneSelf {
		r, n = utf8.DecodeRuneInString(text[i:])
	}
	if r < rune(len(classesIntl())) {
		return classesIntl()[r], n
	}
	return categoryOf(r), n
}

// classesIntl are the classes of the first plane, looked up once.
var classesIntl = sync.OnceValue(func() []class {
	table := make([]class, 1<<16)
	for r := range table {
		table[r] = categoryOf(rune(r))
	}
	return table
})

// categoryOf returns the class of Unicode's categories: P may be inside a
// number, S never is, and any kind of number (N) makes one.
func categoryOf(r rune) class {
	switch {
	case isSpace(r):
		return space
	case unicode.Is(unicode.P, r):
		return stop
	case unicode.Is(unicode.S, r):
		return mark
	case unicode.Is(unicode.N, r):
		return digit
	}
	return letter
}
