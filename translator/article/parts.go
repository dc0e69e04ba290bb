package article

import (
	"strings"
	"unicode"

	"dragoman/translator"
)

// Bylines stand in the first paragraphs or, as on many pages, at the foot.
const (
	bylineHead = 3
	bylineFoot = 2
	maxByline  = 80 // characters
	maxCaption = 100
)

// bylineStarts open a byline, folded. Without its colon or dash "كتب" is the verb of a sentence.
var bylineStarts = foldAll("كتب:", "كتب :", "كتبت:", "كتب -", "كتبت -", "كتب/", "كتبت/", "بقلم", "تقرير:", "تقرير :", "تقرير/", "إعداد:", "إعداد :", "إعداد/",
	"ترجمة:", "ترجمة :", "ترجمة/", "تحرير:", "تحرير :", "تحرير/", "حاوره:", "حاورته:")

// captionStarts open a caption, folded.
var captionStarts = foldAll("صورة أرشيفية", "صورة من الأرشيف", "صورة تعبيرية", "تصوير:", "تصوير :", "تصوير/", "(أرشيف)", "File photo", "Photo:")

func foldAll(texts ...string) []string {
	for i, t := range texts {
		texts[i] = fold(t)
	}
	return texts
}

func startsWith(folded string, starts []string) bool {
	for _, s := range starts {
		if rest, ok := strings.CutPrefix(folded, s); ok && wordEnds(s, rest) {
			return true
		}
	}
	return false
}

// findBylines marks the bylines among the first and last paragraphs.
func (d *draft) findBylines() {
	for i := range d.paras {
		p := &d.paras[i]
		if i >= bylineHead && i < len(d.paras)-bylineFoot {
			continue
		}
		if p.kind == translator.Body && isByline(p.text) && (i < bylineHead || !isEnglishByline(p.text)) {
			p.kind = translator.Byline
		}
	}
}

// isByline tells a short line without a stop that begins with a byline's word,
// or "By" and two to five names with capitals.
func isByline(text string) bool {
	if longerThan(text, maxByline) || endsSentence(text) {
		return false
	}
	return startsWith(fold(text), bylineStarts) || isEnglishByline(text)
}

func isEnglishByline(text string) bool {
	names, ok := strings.CutPrefix(text, "By ")
	if !ok {
		names, ok = strings.CutPrefix(text, "BY ")
	}
	list := words(names)
	if !ok || len(list) < 2 || len(list) > 5 {
		return false
	}
	for _, w := range list {
		if r := []rune(w); !unicode.IsUpper(r[0]) && w != "and" && w != "al" && w != "de" {
			return false
		}
	}
	return true
}

// findCaptions marks captions and crossheads. An agency's name alone is the
// credit of a picture.
func (d *draft) findCaptions() {
	for i := range d.paras {
		p := &d.paras[i]
		if p.kind != translator.Body || longerThan(p.text, maxCaption) {
			continue
		}
		switch inner, ok := strings.CutPrefix(p.text, "("); {
		case isCrosshead(p.text):
			p.kind = translator.Crosshead
		case !endsSentence(p.text) && startsWith(fold(p.text), captionStarts),
			ok && strings.HasSuffix(inner, ")") && agencyOf(strings.TrimSuffix(inner, ")")) != "":
			p.kind = translator.Caption
		}
	}
}

// isCrosshead tells a line between two dashes: "- عنوان -".
func isCrosshead(text string) bool {
	const dashes = "-–—"
	left := strings.TrimLeft(text, dashes)
	if len(left) == len(text) || longerThan(text, 80) || !strings.HasPrefix(left, " ") {
		return false
	}
	inner := strings.TrimRight(left, dashes)
	return len(inner) < len(left) && strings.HasSuffix(inner, " ") && visible(inner)
}

// standsAlone tells a line that is a paragraph whatever is around it.
func standsAlone(line string) bool {
	return isCrosshead(line) || isInitials(line) && strings.Contains(line, "/")
}
