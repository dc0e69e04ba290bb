package quality

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// loop is a part of a text that repeats itself.
type loop struct {
	text   string // what is repeated
	copies int
}

func findLoop(_ *Checker, p pair) string {
	l := longestLoop(p.target.text)
	if l.copies == 0 {
		return ""
	}
	if s := longestLoop(p.source.text); s.copies >= loopCopies && l.copies <= 2*s.copies {
		return "" // "no, no, no" is what was said
	}
	return fmt.Sprintf("%d times %q", l.copies, l.text)
}

// longestLoop returns the first run of copies of one string that counts as a
// loop, or none. A run with period p of at least loopCopies copies has 2p bytes
// in a row that equal the ones p further on, so it is enough to look at every
// 2p-th byte and from there to both sides: all periods together take little
// more than one reading of the text.
func longestLoop(text string) loop {
	most := min(len(text)/loopCopies, loopMost*utf8.UTFMax)
	for period := loopLeast; period <= most; period++ {
		stride := (loopCopies - 1) * period
		for i := stride - 1; i+period < len(text); i += stride {
			if text[i] != text[i+period] {
				continue
			}
			start, end := runAround(text, i, period)
			if end-start >= stride {
				if l := loopIn(text[start:end+period], period); l.copies > 0 {
					return l
				}
			}
			i = max(i, end-stride) // what this run covers is looked at once
		}
	}
	return loop{}
}

// runAround returns the run of bytes around i that equal the ones a period
// further on.
func runAround(text string, i, period int) (start, end int) {
	start, end = i, i+1
	for start > 0 && text[start-1] == text[start-1+period] {
		start--
	}
	for end+period < len(text) && text[end] == text[end+period] {
		end++
	}
	return start, end
}

// loopIn tells whether a run of a period counts: it is cut at whole characters,
// and what is repeated has letters or goes on for long.
func loopIn(run string, period int) loop {
	for run != "" && !utf8.RuneStart(run[0]) {
		run = run[1:]
	}
	copies := len(run) / period
	if copies < loopCopies {
		return loop{}
	}
	part := run[:period]
	if n := utf8.RuneCountInString(part); n < loopLeast || n > loopMost || !hasLetter(part) && n*copies < loopNoLetter {
		return loop{}
	}
	return loop{part, copies}
}

func hasLetter(text string) bool {
	for _, r := range text {
		if unicode.IsLetter(r) {
			return true
		}
	}
	return false
}
