package glossary

import (
	"fmt"
	"unicode/utf8"

	"dragoman/translator"
)

// A Warning is something about a glossary that works, but perhaps not as meant.
type Warning struct {
	Rule   string `json:"rule"`   // inside, common, long, same, signs or size
	Source string `json:"source"` // of the term; empty if it is about the whole
	Text   string `json:"text"`
}

// The sizes that services take, as published by November 2026: developers.deepl.com
// (managing glossaries), learn.microsoft.com (document translation, service limits),
// cloud.google.com/translate (glossaries). DeepL's limit for a term is met by Read.
const (
	deeplBytes  = 10 << 20
	azureBytes  = 10_000_000
	googleRunes = 10_000_000
	googleWords = 5 // "usually fewer than five": more is passed over or matched badly
)

// Warnings returns what is to be said of a glossary, in the order of its terms.
func Warnings(g *translator.Glossary) []Warning {
	m := New(g)
	var all []Warning
	var bytes, runes int
	for i, t := range m.terms {
		bytes += len(t.Source) + len(t.Target) + 2 // TAB and line end
		runes += utf8.RuneCountInString(t.Source) + utf8.RuneCountInString(t.Target)
		all = append(all, m.warnings(int32(i), t)...)
	}
	return append(all, sizeWarnings(bytes, runes)...)
}

// warnings returns what is to be said of one term.
func (m *Matcher) warnings(number int32, t translator.Term) []Warning {
	var all []Warning
	warn := func(rule, format string, args ...any) {
		all = append(all, Warning{rule, t.Source, fmt.Sprintf(format, args...)})
	}
	lang := m.source.lang
	words := lang.split(t.Source)
	for _, other := range m.inside(number, t.Source) {
		warn("inside", "%q stands inside it: where this one is found, that one is not asked for", other)
	}
	if len(words) == 1 && lang.isCommon(words[0]) {
		warn("common", "a single common word: services pass it over, and it is found in places where it is not meant")
	}
	if len(words) > googleWords {
		warn("long", "%d words: services expect fewer than %d, and the term is found only where all stand together", len(words), googleWords)
	}
	if t.Source == t.Target {
		warn("same", "source and target are the same: right for a name that stays, and for nothing else")
	}
	if signs := lang.signs(t.Source); signs != "" {
		warn("signs", "the signs %s before or after it are not looked at", signs)
	}
	return all
}

// inside returns the sources of other terms that stand in the text of a term.
func (m *Matcher) inside(number int32, text string) []string {
	var others []string
	seen := map[int32]bool{number: true}
	for _, at := range m.source.find(text) {
		if !seen[at.term] {
			seen[at.term] = true
			others = append(others, m.terms[at.term].Source)
		}
	}
	return others
}

func (l language) isCommon(w token) bool {
	return l == arabic && arabicFunctionWords[w.written] || l == english && englishCommonWords[w.folded]
}

// signs returns what stands before the first and after the last word of a term.
func (l language) signs(text string) string {
	first, end := l.word(text, 0)
	for start, next := l.word(text, end); start < len(text); start, next = l.word(text, end) {
		end = next
	}
	return text[:first] + text[end:]
}

// sizeWarnings returns what is to be said of the size as a whole.
func sizeWarnings(bytes, runes int) []Warning {
	var all []Warning
	for _, limit := range []struct {
		service   string
		size, max int
		unit      string
	}{
		{"DeepL", bytes, deeplBytes, "bytes"},
		{"Azure", bytes, azureBytes, "bytes"},
		{"Google", runes, googleRunes, "characters"},
	} {
		if limit.size > limit.max {
			all = append(all, Warning{Rule: "size", Text: fmt.Sprintf("%s takes a glossary of %d %s at most, this one has %d", limit.service, limit.max, limit.unit, limit.size)})
		}
	}
	return all
}
