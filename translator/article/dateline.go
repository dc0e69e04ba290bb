package article

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// A dateline is what was found at the start of a paragraph.
type dateline struct {
	text   string // "القاهرة (أ ف ب)", as written
	agency string // in English
	rest   string // of the paragraph, without the dash between
}

// Limits of the dateline grammar.
const (
	maxDateline   = 480 // bytes up to the agency's closing parenthesis
	maxPlaceWords = 6
)

// cutDateline recognises
//
//	PLACE [(COUNTRY)] [,] [DATE] (AGENCY) [dash or colon or full stop]
//
// at the start of a paragraph. PLACE is up to six words, maybe two places with
// a slash or a spaced hyphen between; DATE is numeric or a day and a month,
// maybe with its second name after a slash, a weekday and a year; AGENCY is one of the
// table or a list of them. Without a mark after the agency the place has at
// most three words and the agency's code is no word: "انتهى العمل (بنا) اليوم" is a sentence, and
// so is what has a word that no place name has.
func cutDateline(text string) (dateline, bool) {
	start := 0
	for range 2 { // the agency stands in the first or the second parentheses
		open := strings.IndexByte(text[start:min(len(text), maxDateline)], '(')
		if open < 0 {
			return dateline{}, false
		}
		open += start
		length := strings.IndexByte(text[open:min(len(text), maxDateline)], ')')
		if length < 0 {
			return dateline{}, false
		}
		end := open + length + 1
		if agency := agencyOf(text[open+1 : end-1]); agency != "" {
			return splitDateline(text, open, end, agency)
		}
		start = end
	}
	return dateline{}, false
}

// splitDateline checks what is before the agency and takes off what is after it.
func splitDateline(text string, open, end int, agency string) (dateline, bool) {
	rest, marked := cutMark(text[end:])
	words, ok := placeWords(text[:open])
	if !ok || !marked && rest != "" && (words > 3 || alsoWords[squeeze(text[open+1:end-1])]) {
		return dateline{}, false
	}
	return dateline{text: strings.TrimSpace(text[:end]), agency: agency, rest: rest}, true
}

// cutMark takes the dash, colon or stop after a dateline off, with the spaces around it.
func cutMark(text string) (rest string, marked bool) {
	text = strings.TrimLeftFunc(text, blank)
	rest = strings.TrimLeft(text, "-‐‑‒–—―−ـ")
	if rest == text {
		if r, n := utf8.DecodeRuneInString(text); r == ':' || r == '.' || r == '،' || r == ',' {
			rest = text[n:]
		}
	}
	return strings.TrimLeftFunc(rest, blank), rest != text
}

// blank tells white space and the direction marks that go with it.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200e' || r == '\u200f' || r == '\u061c' || r == '\ufeff'
}

// placeWords checks the text before the agency and returns the number of words
// of the place.
func placeWords(head string) (int, bool) {
	if place, country, ok := strings.Cut(head, "("); ok {
		country, after, ok := strings.Cut(country, ")")
		after = strings.TrimLeft(after, " ,،\u00a0\u200f")
		if !ok || !isPlace(words(country)) || after != "" && !isDate(words(after)) {
			return 0, false
		}
		head = place
	}
	w := words(head)
	for i := 1; i < len(w); i++ {
		if isDate(w[i:]) {
			w = w[:i]
			break
		}
	}
	return len(w), isPlace(w)
}

// words splits at spaces and takes commas off.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return blank(r) || r == ',' || r == '،' })
}

// isPlace tells whether words may name one or two places.
func isPlace(words []string) bool {
	if len(words) == 0 || len(words) > maxPlaceWords {
		return false
	}
	if len(words) > 1 && (words[0] == "THE" || strings.EqualFold(words[0]+words[1], "TheHague")) {
		words = words[1:]
	}
	for i, w := range words {
		if folded := fold(w); notInPlaces[folded] || months[folded] || !isPlaceWord(w, i == 0) {
			return false
		}
	}
	return true
}

func isPlaceWord(w string, first bool) bool {
	for i, r := range w {
		switch {
		case first && i == 0 && (!unicode.IsLetter(r) || unicode.IsLower(r)):
			return false
		case !unicode.In(r, unicode.L, unicode.M, unicode.Cf) && !strings.ContainsRune("-–./'’", r):
			return false
		}
	}
	return true
}

// notInPlaces are words, folded, that show a sentence where a place might be.
var notInPlaces = wordSet(`وكالة وكالات لوكالة وكالتي ووكالة صحيفة قناة شبكة مراسل مراسلو مراسلنا قال قالت وقال وقالت يقول
	ذكر ذكرت وذكر وذكرت نقل نقلت ونقلت أعلن أعلنت وأعلنت أفاد أفادت وأفادت أكد أكدت وأكد بحسب وفق وفقا عن نقلا من إلى في على أن إن مع بعد قبل
	صورة تصوير أرشيف المصدر
	the a an agency agencies news said says told according from by to in photo image source`)

// weekdays and months are words of dates, folded. Months that are two words in
// Arabic are listed as such.
var (
	weekdays = wordSet(`الأحد الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت أحد اثنين ثلاثاء أربعاء خميس جمعة سبت
		sunday monday tuesday wednesday thursday friday saturday sun mon tue tues wed thu thurs fri sat`)
	months = wordSet(`يناير فبراير مارس أبريل إبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
		كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول
		جانفي فيفري أفريل ماي جوان جويلية أوت يوليوز غشت شتنبر نونبر دجنبر
		محرم صفر ربيع_الأول ربيع_الثاني ربيع_الآخر جمادى_الأولى جمادى_الآخرة رجب شعبان رمضان شوال ذو_القعدة ذو_الحجة
		january february march april may june july august september october november december
		jan feb mar apr jun jul aug sep sept oct nov dec`)
)

// wordSet folds a list of words; an underscore stands for a space in one.
func wordSet(list string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		set[fold(strings.ReplaceAll(w, "_", " "))] = true
	}
	return set
}

// isDate tells whether words are a date: "25-11-2023", "3 تشرين الثاني/نوفمبر 2023",
// "الاثنين", "Nov. 3".
func isDate(words []string) bool {
	if len(words) == 0 || len(words) > 7 {
		return false
	}
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = strings.TrimSuffix(fold(w), ".")
	}
	if weekdays[folded[0]] {
		if folded = folded[1:]; len(folded) == 0 {
			return true
		}
	}
	if len(folded) == 1 && numericDate(folded[0]) {
		return true
	}
	return dayAndMonth(folded)
}

// numericDate tells "25-11-2023" and its like: two or three numbers with one separator.
func numericDate(w string) bool {
	parts := strings.FieldsFunc(w, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	if len(parts) < 2 || len(parts) > 3 {
		return false
	}
	for _, p := range parts {
		if !isNumber(p, 4) {
			return false
		}
	}
	return true
}

// dayAndMonth tells "3 نوفمبر", "تشرين الثاني/نوفمبر 3 2023", "nov 3".
func dayAndMonth(words []string) bool {
	if n := len(words); n > 2 && len(words[n-1]) == 4 && isNumber(words[n-1], 4) {
		words = words[:n-1]
	}
	n := len(words)
	switch {
	case n >= 2 && isNumber(words[0], 2):
		words = words[1:]
	case n >= 2 && isNumber(words[n-1], 2):
		words = words[:n-1]
	default:
		return false
	}
	for name := range strings.SplitSeq(strings.Join(words, " "), "/") {
		if !months[strings.TrimSpace(name)] {
			return false
		}
	}
	return true
}

func isNumber(w string, digits int) bool {
	if w == "" || len(w) > digits {
		return false
	}
	for i := range len(w) {
		if w[i] < '0' || w[i] > '9' {
			return false
		}
	}
	return true
}

// findDateline makes the dateline of the first body paragraph a block of its
// own. The dash after it and the spaces around the dash are the only
// characters of a story that are not kept.
func (d *draft) findDateline() {
	if d.dateline != "" {
		d.dateline = strings.TrimRightFunc(d.dateline, func(r rune) bool { return blank(r) || strings.ContainsRune("-–—ـ", r) })
		if found, ok := cutDateline(d.dateline); ok {
			d.setMeta("agency", found.agency)
		}
	}
	for i, p := range d.paras {
		if p.kind != translator.Body {
			continue
		}
		if found, ok := cutDateline(p.text); ok {
			d.splitOff(i, found)
		}
		return
	}
}

func (d *draft) splitOff(i int, found dateline) {
	d.setMeta("agency", found.agency)
	var parts []para
	if fold(found.text) != fold(d.dateline) {
		parts = append(parts, para{kind: translator.Dateline, text: found.text})
	}
	if rest := oneLine(found.rest); rest != "" {
		parts = append(parts, para{kind: translator.Body, text: rest})
	}
	d.paras = append(d.paras[:i:i], append(parts, d.paras[i+1:]...)...)
}
