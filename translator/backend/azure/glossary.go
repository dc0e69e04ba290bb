package azure

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// The markup of Azure's dynamic dictionary, which works in plain text as in
// HTML (learn.microsoft.com, "Use the dynamic dictionary feature"). It is meant
// for names, and is billed.
const (
	markOpen   = `<mstrans:dictionary translation="`
	markMiddle = `">`
	markClose  = `</mstrans:dictionary>`
)

// A marker puts a glossary's terms in texts into markup. A term is marked where
// it stands as it is written, as whole words: marking an inflected form would
// put the target in place of what its ending or its particle says.
type marker struct {
	byWord map[string][]translator.Term // by their first word, the longest first
}

func newMarker(g *translator.Glossary) *marker {
	m := &marker{byWord: map[string][]translator.Term{}}
	if g == nil {
		return m
	}
	for _, t := range g.Terms {
		if word := t.Source[:wordEnd(t.Source)]; word != "" && markable(t) {
			m.byWord[word] = append(m.byWord[word], t)
		}
	}
	for _, terms := range m.byWord {
		slices.SortStableFunc(terms, func(a, b translator.Term) int { return cmp.Compare(len(b.Source), len(a.Source)) })
	}
	return m
}

// markable tells whether a term can be put into markup. Azure does not say how
// these characters are to be written there in plain text.
func markable(t translator.Term) bool {
	return t.Target != "" && !strings.ContainsAny(t.Source+t.Target, "<>\"&\n")
}

// mark returns a text with its terms in markup. One that holds such markup
// already is returned as it is: nobody could tell the two apart.
func (m *marker) mark(text string) string {
	if len(m.byWord) == 0 || strings.Contains(strings.ToLower(text), "mstrans:") {
		return text
	}
	var out strings.Builder
	for at := 0; at < len(text); {
		n := wordEnd(text[at:])
		if n == 0 { // no word begins here
			_, n = utf8.DecodeRuneInString(text[at:])
			out.WriteString(text[at : at+n])
		} else if t, ok := m.at(text[at:], text[at:at+n]); ok {
			n = len(t.Source)
			out.WriteString(markOpen + t.Target + markMiddle + t.Source + markClose)
		} else {
			out.WriteString(text[at : at+n])
		}
		at += n
	}
	return out.String()
}

// at returns the longest term with which rest begins, whose first word is word.
func (m *marker) at(rest, word string) (translator.Term, bool) {
	for _, t := range m.byWord[word] {
		after, ok := strings.CutPrefix(rest, t.Source)
		if ok && wordEnd(after) == 0 {
			return t, true
		}
	}
	return translator.Term{}, false
}

// wordEnd returns where the word with which s begins ends; 0 if none does.
func wordEnd(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) && r != 'ـ' })
	if end < 0 {
		return len(s)
	}
	return end
}
