package glossary

import (
	"cmp"
	"slices"

	"dragoman/translator"
)

// A Matcher finds the terms of a glossary in sentences. It is safe for
// concurrent use and is not changed after New.
//
// A term is found as whole words. Between its words may stand a space or a
// hyphen, and the stop of an abbreviation; any other sign only if the term has
// it too. Signs before its first and after its last word are not looked at.
//
//   - Case, in every language: a word in lower case stands for any case. One
//     with capitals stands for itself, also with its first letter raised, and
//     for the word in capitals throughout (CAIRO), which in a term of one word
//     needs four letters.
//   - Arabic letters: vowel marks and tatweel are ignored; forms of alef and
//     hamza, ى and ي, ة and ه are one. Particles (على, إن, التي) are only ever
//     themselves.
//   - Arabic prefixes: the first word may stand behind و or ف, then ب, ك or ل,
//     for which a term of one word needs three letters or the article. Each word
//     may have the article where the term has none, and not the reverse.
//   - Arabic endings: a word may have the alef of the accusative, for which a term
//     of one word needs five letters. The last may have a pronoun (ه ها هم هما
//     هن نا) only if it ends in ة and has five letters: عليه is not علي.
//   - English: the last word may be a plural (s, es, ies) and have a possessive.
//   - Other languages: the word as it is.
//
// Both sides of a glossary are found by the rules of their own language.
type Matcher struct {
	dir            translator.Direction
	terms          []translator.Term
	source, target *index
}

// New returns a Matcher of a glossary; nil is one without terms.
func New(g *translator.Glossary) *Matcher {
	if g == nil {
		g = &translator.Glossary{}
	}
	m := &Matcher{dir: g.Direction, terms: slices.Clone(g.Terms), source: newIndex(languageOf(g.Direction.From)), target: newIndex(languageOf(g.Direction.To))}
	for i, t := range m.terms {
		m.source.add(int32(i), translator.Transport(m.dir.From, t.Source))
		m.target.add(int32(i), translator.Transport(m.dir.To, t.Target))
	}
	return m
}

// In returns the terms that stand in a source sentence, each once, in the order
// in which they stand there. Of terms that overlap the longest counts, and a
// shorter one that stands only inside it does not.
func (m *Matcher) In(source string) []translator.Term {
	return m.pick(m.in(source))
}

// Missing returns those terms In the source whose target does not stand in the
// target sentence. There, targets may overlap.
func (m *Matcher) Missing(source, target string) []translator.Term {
	asked := m.in(source)
	if len(asked) == 0 {
		return nil
	}
	there := m.target.find(translator.Transport(m.dir.To, target))
	return m.pick(slices.DeleteFunc(asked, func(term int32) bool {
		return slices.ContainsFunc(there, func(at match) bool { return at.term == term })
	}))
}

// For returns the terms that stand in any of the texts, sorted by source: what
// of a glossary belongs into a request for them.
func (m *Matcher) For(texts []string) []translator.Term {
	var all []int32
	for _, text := range texts {
		all = append(all, m.in(text)...)
	}
	slices.Sort(all) // as in the Glossary
	return m.pick(slices.Compact(all))
}

func (m *Matcher) pick(numbers []int32) []translator.Term {
	if len(numbers) == 0 {
		return nil
	}
	terms := make([]translator.Term, len(numbers))
	for i, n := range numbers {
		terms[i] = m.terms[n]
	}
	return terms
}

// in returns the terms in a source sentence by their numbers, each once.
func (m *Matcher) in(source string) []int32 {
	found := m.longest(source)
	if len(found) == 0 {
		return nil
	}
	var terms []int32
	seen := map[int32]bool{}
	for _, at := range found {
		if !seen[at.term] {
			seen[at.term] = true
			terms = append(terms, at.term)
		}
	}
	return terms
}

// longest returns the matches in a source sentence that no longer one overlaps,
// in the order of the text. Of several with the same words the closest in
// spelling counts.
func (m *Matcher) longest(source string) []match {
	source = translator.Transport(m.dir.From, source)
	found := m.source.find(source)
	if len(found) == 0 {
		return nil
	}
	slices.SortFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.end-b.start, a.end-a.start), cmp.Compare(a.cost, b.cost), cmp.Compare(a.start, b.start), cmp.Compare(a.term, b.term))
	})
	covered := make([]bool, len(source))
	kept := found[:0]
	for _, at := range found {
		// What covers a part of at is at least as long, so it covers an end of it.
		if covered[at.start] || covered[at.end-1] {
			continue
		}
		for i := at.start; i < at.end; i++ {
			covered[i] = true
		}
		kept = append(kept, at)
	}
	slices.SortFunc(kept, func(a, b match) int { return cmp.Compare(a.start, b.start) })
	return kept
}
