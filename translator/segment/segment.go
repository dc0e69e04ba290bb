// Package segment cuts a block's text into sentences: Arabic and English by
// rules and tables of their own, any other language by Unicode's UAX #29.
//
// A scan jumps from one candidate (a stop, a run of stops, the end of a line)
// to the next, and an ordered list of rules decides each: the first that
// applies. What a rule may look at ends with the sentence on the left and with
// the next stop on the right, so that a sentence cut out and split again is
// one sentence, and is bounded by a number of bytes, so that time is linear.
// translator/docs/segmentation.md lists the rules and what they are worth.
package segment

import (
	"iter"
	"slices"

	"dragoman/translator"
)

// A Splitter cuts a text into sentences. The spans put together are the text,
// byte for byte; white space belongs to the sentence before it, at the text's
// beginning to the first; no span is empty. Any bytes are allowed. The end of a
// line always ends a sentence.
type Splitter func(text string) iter.Seq[translator.Span]

// For returns the splitter of a language. One without a table of its own is
// cut by Unicode's UAX #29.
func For(lang translator.Lang) Splitter {
	if r := RulesFor(lang); r != nil {
		return r.Split
	}
	return splitUnicode
}

// RulesFor returns the rules of a language, or nil if it has none.
//
// Arabic and English share them: the script of the word at a stop picks the
// table, because wire copy quotes one language inside the other.
func RulesFor(lang translator.Lang) *Rules {
	switch lang.Base() {
	case translator.Arabic, translator.English:
		return wire
	}
	return nil
}

// Rules decide where sentences end. They are safe for concurrent use.
type Rules struct {
	order  [kinds][gaps][shapes][followers][]ruleID // each by the place of its bit
	breaks [kinds][followers]bool                   // whether any rule asked about a glued stop breaks
	words  map[string]class
	sieve  [256]uint32 // how many letters abbreviations have that end in a byte, as bits
}

var wire = newRules(rowsOf(arabic, english))

func newRules(rows []row, without ...ruleID) *Rules {
	r := &Rules{words: make(map[string]class, len(rows))}
	r.add(rows)
	for id, rule := range catalogue {
		if !slices.Contains(without, ruleID(id)) {
			r.ask(ruleID(id), rule)
		}
	}
	return r
}

// ask puts a rule at the end of the orders that it has a place in, so that a
// candidate is asked only what can apply to it.
func (r *Rules) ask(id ruleID, rule rule) {
	for k := range kinds {
		for g := range gaps {
			for w := range shapes {
				for f := range followers {
					if rule.kinds>>k&1 != 0 && rule.gaps>>g&1 != 0 && rule.shapes>>w&1 != 0 && rule.before>>f&1 != 0 {
						r.order[k][g][w][f] = append(r.order[k][g][w][f], id)
						r.breaks[k][f] = r.breaks[k][f] || gap(1)<<g == glued && rule.breaks
					}
				}
			}
		}
	}
}

// Next returns where the sentence that begins at start ends, white space after
// it included. It is more than start unless start is the end of the text. Next
// does not allocate.
func (r *Rules) Next(text string, start int) int {
	s := site{scanner: scanner{text: text}, rules: r}
	return s.sentence(start)
}

// Split yields the sentences of a text: see Splitter.
func (r *Rules) Split(text string) iter.Seq[translator.Span] {
	return func(yield func(translator.Span) bool) {
		s := site{scanner: scanner{text: text}, rules: r}
		for start := 0; start < len(text); {
			end := s.sentence(start)
			if !yield(translator.Span{Start: start, End: end}) {
				return
			}
			start = end
		}
	}
}

// sentence returns where the sentence that begins at start ends.
func (s *site) sentence(start int) int {
	s.start = start
	for i := skipSpace(s.text, start); s.find(i); i = s.end {
		if s.next == len(s.text) {
			break
		}
		if s.gap() == glued && !s.rules.breaks[place(s.kind)][place(s.follower())] {
			continue // which rule joins makes no difference
		}
		if catalogue[s.decide()].breaks {
			return s.next
		}
	}
	return len(s.text)
}

// A Decision is what was decided at one candidate for the end of a sentence.
type Decision struct {
	At    translator.Span // the stops, or the line break
	Break bool
	Rule  string // the name of the rule that decided, as in translator/docs/segmentation.md
}

// Explain yields the decision at every candidate of a text, in order.
func Explain(lang translator.Lang, text string) iter.Seq[Decision] {
	if r := RulesFor(lang); r != nil {
		return r.explain(text)
	}
	return explainUnicode(text)
}

func (r *Rules) explain(text string) iter.Seq[Decision] {
	return func(yield func(Decision) bool) {
		s := site{scanner: scanner{text: text}, rules: r}
		for i := skipSpace(text, 0); s.find(i); i = s.end {
			d := s.decision()
			if !yield(d) {
				return
			}
			if d.Break {
				s.start, s.end = s.next, s.next
			}
		}
	}
}

func (s *site) decision() Decision {
	d := Decision{At: translator.Span{Start: s.at, End: s.end}, Break: true, Rule: "end of text"}
	if s.next < len(s.text) {
		id := s.decide()
		d.Break, d.Rule = catalogue[id].breaks, catalogue[id].name
	}
	return d
}
