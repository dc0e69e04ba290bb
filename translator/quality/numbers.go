package quality

import (
	"fmt"
	"strings"

	"dragoman/translator"
)

// findNumber compares the figures of both sides as sets. A figure counts if it
// has two digits, a decimal point or a percent sign, since smaller ones are
// written as words as often as not. One that the other side may spell out, or
// name as a month, is there. A single digit counts only where both sides have
// one that the other lacks: then it was changed.
func findNumber(c *Checker, p pair) string {
	if !p.source.has(digit) && !p.target.has(digit) {
		return ""
	}
	var a, b [12]figure
	source, target := appendFigures(a[:0], p.source.text), appendFigures(b[:0], p.target.text)
	if len(source) > figuresMost || len(target) > figuresMost {
		return "" // a table
	}
	strict := spelledIn(c.dir.From) && spelledIn(c.dir.To)
	lost := missing(p.source.text, p.target.text, source, target, strict)
	added := missing(p.target.text, p.source.text, target, source, strict)
	switch {
	case lost.large != "" && added.large != "":
		return fmt.Sprintf("%s became %s", lost.large, added.large)
	case lost.large != "":
		return lost.large + " is lost"
	case added.large != "":
		return added.large + " is added"
	case lost.small != "" && added.small != "":
		return fmt.Sprintf("%s became %s", lost.small, added.small)
	}
	return ""
}

// absent holds the first figures that the other side lacks, as written.
type absent struct{ large, small string }

// missing compares the figures of a text with those of the other one. Texts
// and figures come apart so that these stay on the stack.
func missing(text, other string, figures, others []figure, strict bool) (gone absent) {
	for i := range figures {
		f := &figures[i]
		if isAmong(f, others) || spelledOut(f, other) {
			continue
		}
		switch {
		case !f.small(text, strict):
			gone.large = text[f.start:f.end]
			return gone
		case f.digits <= 1 && gone.small == "":
			gone.small = text[f.start:f.end]
		}
	}
	return gone
}

func isAmong(f *figure, others []figure) bool {
	for i := range others {
		if o := &others[i]; f.same(o) || shortYear(f, o) || shortYear(o, f) {
			return true
		}
	}
	return false
}

// shortYear tells whether b is the year a without its century, as in 2001-02.
func shortYear(a, b *figure) bool {
	year := a.value(0)
	return a.digits == 4 && 1900 <= year && year < 2100 && b.readings == 1 && b.value(0) == year%100
}

// small tells whether a figure is too small to count by itself. In languages
// whose number words are not known here, more are.
func (f *figure) small(text string, strict bool) bool {
	if f.fraction > 0 || isPercent(text[f.end:]) {
		return false
	}
	if strict {
		return f.digits < figureDigits
	}
	return f.digits <= figureDigits || f.unit > 0 || f.exps[0] >= 2
}

func isPercent(after string) bool {
	after = strings.TrimPrefix(after, " ")
	return strings.HasPrefix(after, "%") || strings.HasPrefix(after, "٪")
}

// spelledIn tells whether a language's number words are known.
func spelledIn(lang translator.Lang) bool {
	base := lang.Base()
	return base == translator.Arabic || base == translator.English
}

// value returns the number that a reading means if it is whole and below 10^13, or else 0.
func (f *figure) value(reading int32) uint64 {
	v, exp := f.sig, f.exps[reading]
	if exp < 0 {
		return 0
	}
	for ; exp > 0 && v < 1e13; exp-- {
		v *= 10
	}
	if v >= 1e13 {
		return 0
	}
	return v
}
