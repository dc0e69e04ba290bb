package quality

import (
	"math"
	"slices"

	"golang.org/x/text/language"

	"dragoman/translator"
)

// Options of a Checker. The zero value of each field is its default.
type Options struct {
	// Terms returns the terms of the user's glossary that a source holds and
	// its target does not; nil is no glossary.
	Terms func(source, target string) []translator.Term
	// Disable names rules that are not asked.
	Disable []string
}

// A Finding is a rule that a pair breaks.
type Finding struct {
	Rule   string // its name
	Doubt  translator.Doubt
	Detail string // what was seen, a few words
}

// A Checker looks at pairs of one direction. It is safe for concurrent use.
type Checker struct {
	dir      translator.Direction
	from, to script
	stops    bool // the target's sentences end with a mark
	band     band
	terms    func(source, target string) []translator.Term
	rows     []row // of the table; the first is empty
}

// New returns a Checker of a direction.
func New(dir translator.Direction, opts *Options) *Checker {
	if opts == nil {
		opts = &Options{}
	}
	return &Checker{
		dir: dir, from: scriptOf(dir.From), to: scriptOf(dir.To), stops: !stopless[scriptName(dir.To)],
		band: bandOf(dir), terms: opts.Terms, rows: rowsBut(opts.Disable),
	}
}

// Check returns what is suspect about a pair, in the order of Rules; nil is
// nothing. White space around either text does not matter. A pair without a
// source is never suspect, since there is nothing to hold its target against.
func (c *Checker) Check(source, target string) []Finding {
	p := pair{gather(source), gather(target)}
	if p.source.text == "" {
		return nil
	}
	rows := c.rows
	if p.target.text == "" {
		rows = table[:1]
	}
	var found []Finding
	for i := range rows {
		if detail := rows[i].find(c, p); detail != "" {
			found = append(found, Finding{rows[i].Name, rows[i].Doubt, detail})
		}
	}
	return found
}

// rowsBut returns the table without some rules. That a text is there cannot be
// switched off.
func rowsBut(names []string) []row {
	return slices.DeleteFunc(slices.Clone(table), func(r row) bool {
		return r.Name != table[0].Name && slices.Contains(names, r.Name)
	})
}

func findEmpty(_ *Checker, p pair) string {
	if p.target.text == "" {
		return "no text"
	}
	return ""
}

// script is how a Checker sees a language's letters.
type script uint8

const (
	otherScript script = iota
	latinScript
	arabicScript
)

// scriptName returns the ISO 15924 code of the script a language is written in.
func scriptName(lang translator.Lang) string {
	s, _ := language.Make(string(lang)).Script()
	return s.String()
}

func scriptOf(lang translator.Lang) script {
	switch scriptName(lang) {
	case "Latn":
		return latinScript
	case "Arab":
		return arabicScript
	}
	return otherScript
}

// dense holds the scripts that write a word in one or two characters, stopless
// those whose sentences end with no more than a space.
var (
	dense    = map[string]bool{"Hans": true, "Hant": true, "Hani": true, "Jpan": true, "Kore": true, "Hang": true}
	stopless = map[string]bool{"Thai": true, "Laoo": true, "Khmr": true, "Tibt": true}
)

// band bounds target by source code points.
type band struct{ least, usual, most float64 }

// bandOf returns the band of a direction; the zero band bounds nothing.
func bandOf(dir translator.Direction) band {
	from, to := dir.From.Base(), dir.To.Base()
	switch {
	case from == translator.Arabic && to == translator.English:
		return band{leastRatio, usualRatio, mostRatio}
	case from == translator.English && to == translator.Arabic:
		return band{1 / mostRatio, 1 / usualRatio, 1 / leastRatio}
	case dense[scriptName(dir.From)] || dense[scriptName(dir.To)]:
		return band{}
	}
	return band{1 / otherBand, 1, otherBand}
}

// around returns the bounds for a source of n code points. The spread of the
// logarithm of the ratio shrinks with the square root of the length, as that
// of any mean does, until the spread between authors is left.
func (b band) around(n int) (least, most float64) {
	if n >= steadyRunes {
		return b.least, b.most
	}
	wider := math.Sqrt(steadyRunes / float64(n))
	return b.usual * math.Pow(b.least/b.usual, wider), b.usual * math.Pow(b.most/b.usual, wider)
}
