package glossary

import (
	"slices"
	"unicode/utf8"
)

// An index finds terms of one language in texts: a tree of words, in which the
// words of a text are looked up by their folded forms.
type index struct {
	lang  language
	forms map[string][]form // by folded form
	next  map[edge]int32    // the node that a word leads to
	nodes []node            // 0 is the root
	words map[token]int32   // the number of a term's word
}

// An edge leaves a node by a word.
type edge struct{ node, word int32 }

// A node is the first words of some terms.
type node struct {
	ends []int32 // the terms that end here
	open bool    // some go on
}

// A form is one that a word of a term may have in a text.
type form struct {
	word      int32  // its number
	folded    string // what it is looked up by
	written   string // what its capitals are compared with
	capital   bool   // there are any
	gap       string // what the term has before it, as gapOf returns it
	article   demand // for the Arabic article
	last      bool   // only as the last word of a term
	several   bool   // only in a term of several words
	inflected bool   // it is not the word itself
}

// A demand is what a form says of the article before it.
type demand uint8

const (
	allowed demand = iota
	required
	refused
)

func newIndex(lang language) *index {
	return &index{lang: lang, forms: map[string][]form{}, next: map[edge]int32{}, words: map[token]int32{}, nodes: make([]node, 1)}
}

// add puts a term in, by its text in transport form.
func (x *index) add(term int32, text string) {
	tokens := x.lang.split(text)
	if len(tokens) == 0 {
		return
	}
	spellings := [][]token{tokens}
	if x.lang == arabic {
		spellings = arabicSpellings(tokens)
	}
	for _, s := range spellings {
		at := int32(0)
		for _, w := range s {
			at = x.child(at, x.number(w))
		}
		x.nodes[at].ends = append(x.nodes[at].ends, term)
	}
}

// number returns the number of a word and, if it is new, puts its forms in.
func (x *index) number(w token) int32 {
	if n, ok := x.words[w]; ok {
		return n
	}
	n := int32(len(x.words))
	x.words[w] = n
	for _, f := range x.formsOf(w) {
		f.word, f.gap, f.capital = n, w.gap, hasUpper(w.written)
		x.forms[f.folded] = append(x.forms[f.folded], f)
	}
	return n
}

func (x *index) formsOf(w token) []form {
	switch x.lang {
	case arabic:
		return arabicForms(w)
	case english:
		return englishForms(w)
	}
	return []form{{folded: w.folded, written: w.written}}
}

func (x *index) child(at, word int32) int32 {
	e := edge{at, word}
	if to, ok := x.next[e]; ok {
		return to
	}
	to := int32(len(x.nodes))
	x.next[e] = to
	x.nodes = append(x.nodes, node{})
	x.nodes[at].open = true
	return to
}

// A match is a term that stands in a text, from byte start to end.
type match struct {
	start, end int
	term       int32
	cost       int // how far the text is from the term as written
}

// A search is one text being looked through.
type search struct {
	*index
	text  string
	found []match
}

// find returns all matches in a text in transport form, overlapping or not.
func (x *index) find(text string) []match {
	s := search{index: x, text: text}
	for start, end := x.lang.word(text, 0); start < len(text); start, end = x.lang.word(text, end) {
		s.step(way{start: start}, start, end)
	}
	return s.found
}

// A way is how a search came from the root to a node.
type way struct {
	node   int32
	words  int    // passed
	start  int    // of the first one in the text
	before int    // letters of the one before
	gap    string // after that
	cost   int
	// several says that what was passed counts only for a term of several words.
	several bool
}

// step goes on from w by the word of the text from start to end.
func (s *search) step(w way, start, end int) {
	var room [2][64]byte
	written, folded := s.lang.fold(room[0][:0], room[1][:0], s.text[start:end])
	rs := readings{n: 1}
	if s.lang == arabic {
		rs = readingsOf(written, w.words == 0)
	}
	// The same word may be read in two ways, which must not be followed twice:
	// that would double the work with every word of a term.
	var first [8]int32
	taken := first[:0]
	for _, r := range rs.list[:rs.n] {
		forms := s.forms[string(folded[min(int(r.skip), len(folded)):])]
		for i := range forms {
			f := &forms[i]
			to, ok := s.next[edge{w.node, f.word}]
			if !ok || slices.Contains(taken, f.word) {
				continue
			}
			if onward, ok := s.take(w, f, r, written); ok {
				taken = append(taken, f.word)
				onward.node = to
				s.arrive(onward, f, end)
			}
		}
	}
}

// take tells whether a reading of a written word is a form of the term's word,
// and returns the way with it.
func (s *search) take(w way, f *form, r reading, written []byte) (way, bool) {
	if w.words > 0 && !(f.gap == "" && isSoft(w.gap, w.before) || f.gap != "" && isGap(w.gap, f.gap)) {
		return w, false
	}
	if f.article == required && !r.article || f.article == refused && r.article {
		return w, false
	}
	bare := written[r.skip:]
	cost := int(r.cost)
	if f.inflected || string(bare) != f.written {
		cost++
	}
	if cost > 0 && s.lang == arabic && isFunctionWord(written, f.written) {
		return w, false
	}
	if f.capital {
		fits, several := caseFits(bare, f.written)
		if !fits {
			return w, false
		}
		w.several = w.several || several
	}
	w.words++
	w.before = utf8.RuneCount(written)
	w.several = w.several || f.several || r.short
	w.cost += cost
	return w, true
}

// arrive notes the terms that end where w has come to, and goes on to the next word.
func (s *search) arrive(w way, f *form, end int) {
	at := &s.nodes[w.node]
	if !w.several || w.words > 1 {
		for _, term := range at.ends {
			s.found = append(s.found, match{w.start, end, term, w.cost})
		}
	}
	if !at.open || f.last {
		return
	}
	if start, stop := s.lang.word(s.text, end); start < len(s.text) {
		w.gap = s.text[end:start]
		s.step(w, start, stop)
	}
}
