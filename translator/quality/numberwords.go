package quality

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// stems are the beginnings of words, English in small letters; any will do.
type stems []string

// The words of small numbers and of what is named by one: ordinals, months,
// quarters, noon. They are for finding out that a figure may have been spelled
// out, so they err on the side of yes.
var (
	oneToTwelve = [13]stems{
		0:  {"zero", "nil", "صفر"},
		1:  {"one", "first", "jan", "single", "واحد", "أحد", "إحد", "حاد", "أول", "يناير", "كانون الثاني"},
		2:  {"two", "second", "feb", "twi", "both", "pair", "اثن", "إثن", "ثان", "فبراير", "شباط"},
		3:  {"three", "third", "thri", "mar", "ثلاث", "ثالث", "مارس", "آذار"},
		4:  {"four", "apr", "أربع", "اربع", "رابع", "أبريل", "إبريل", "نيسان"},
		5:  {"five", "fif", "may", "خمس", "خامس", "مايو", "أيار"},
		6:  {"six", "jun", "ست", "سادس", "يونيو", "حزيران"},
		7:  {"seven", "jul", "سبع", "سابع", "يوليو", "تموز"},
		8:  {"eight", "aug", "ثمان", "ثامن", "أغسطس", "آب"},
		9:  {"nine", "nint", "sep", "تسع", "تاسع", "سبتمبر", "أيلول"},
		10: {"ten", "oct", "عشر", "عاشر", "أكتوبر", "تشرين الأول"},
		11: {"eleven", "nov", "أحد عشر", "إحدى عشر", "حادي عشر", "حادية عشر", "نوفمبر", "تشرين الثاني"},
		12: {"twel", "dozen", "dec", "noon", "midday", "midnight", "اثن", "إثن", "ثاني", "ظهر", "منتصف الليل", "ديسمبر", "كانون الأول"},
	}
	teens = [10]stems{3: {"thirteen"}, 4: {"fourteen"}, 5: {"fifteen"}, 6: {"sixteen"}, 7: {"seventeen"}, 8: {"eighteen"}, 9: {"nineteen"}}
	tens  = [10]stems{
		2: {"twent", "عشرين", "عشرون", "عشرينيات", "عشرينات"},
		3: {"thirt", "ثلاثين", "ثلاثون"},
		4: {"fort", "أربعين", "أربعون", "اربعين"},
		5: {"fift", "خمسين", "خمسون"},
		6: {"sixt", "ستين", "ستون"},
		7: {"sevent", "سبعين", "سبعون"},
		8: {"eight", "ثمانين", "ثمانون"},
		9: {"ninet", "تسعين", "تسعون"},
	}
	hundred = stems{"hundred", "cent", "مئة", "مائة", "مئت", "مائت", "مئات", "قرن"}
	units   = []unit{
		{12, stems{"trillion", "تريليون"}},
		{9, stems{"billion", "bn", "مليار", "بليون", "بلايين"}},
		{6, stems{"million", "مليون", "ملايين"}},
		{3, stems{"thousand", "ألف", "آلاف", "الف"}},
	}
	dozen   = stems{"dozen"}
	half    = stems{"half", "نصف"}
	quarter = stems{"quarter", "ربع", "أرباع"}
	third   = stems{"third", "ثلث", "twenty", "عشرين"} // of an hour, as Arabic tells the time
)

// unit is a word for a power of ten.
type unit struct {
	exp   int32
	words stems
}

// in tells whether any of the stems begins a word of the text. Arabic ones may
// stand anywhere, since words carry the article and conjunctions in front.
func (s stems) in(text string) bool {
	for _, stem := range s {
		if stem[0] >= 0x80 && strings.Contains(text, stem) || stem[0] < 0x80 && beginsWord(text, stem) {
			return true
		}
	}
	return false
}

// beginsWord finds a stem in small letters at the beginning of a word, whose
// first letter may be a capital.
func beginsWord(text, stem string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], stem[1:])
		if i < 0 {
			return false
		}
		first := at + i - 1
		if first >= 0 && text[first]|0x20 == stem[0] && (first == 0 || !isASCIILetter(text[first-1])) {
			return true
		}
		at += i + 1
	}
}

func isASCIILetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// spelledOut tells whether the text may write the figure in words.
func spelledOut(f *figure, text string) bool {
	for i := range f.readings {
		if v := f.value(i); (v > 0 || f.sig == 0) && wordsOf(v, text) {
			return true
		}
	}
	switch {
	case f.timed && f.minutes%60 == 0 && oneToTwelve[(f.minutes/60+11)%12+1].in(text):
		return true
	case f.timed && f.minutes%60 == 30, f.exps[f.readings-1] == f.unit-1 && f.sig%10 == 5:
		return half.in(text)
	case f.timed && f.minutes%15 == 0, f.exps[f.readings-1] == f.unit-2 && f.sig%50 == 25:
		return quarter.in(text)
	case f.timed && f.minutes%20 == 0:
		return third.in(text)
	}
	return false
}

// wordsOf tells whether the text may hold the words of a whole number.
func wordsOf(v uint64, text string) bool {
	if v%12 == 0 && v <= 144 && dozen.in(text) && oneToTwelve[v/12].in(text) {
		return true
	}
	switch {
	case v <= 12:
		return oneToTwelve[v].in(text)
	case v < 20:
		return teens[v-10].in(text) || oneToTwelve[v-10].in(text) && oneToTwelve[10][2:].in(text)
	case v < 100:
		return tens[v/10].in(text) && (v%10 == 0 || oneToTwelve[v%10].in(text))
	case v < 1000:
		return hundred.in(text) && (v%100 == 0 || wordsOf(v%100, text))
	case 1000 < v && v < 2100 && v%10 == 0 && v%100 > 10 && tens[v%100/10].in(text):
		return true // the nineties
	}
	return unitsOf(v, text)
}

// unitsOf tells whether the text may write a number with its largest unit, as
// two million or three thousand five hundred.
func unitsOf(v uint64, text string) bool {
	for _, u := range units {
		size := uint64(1)
		for range u.exp {
			size *= 10
		}
		if v < size {
			continue
		}
		count, rest := v/size, v%size
		return u.words.in(text) && (count <= 2 || wordsOf(count, text)) && (rest == 0 || wordsOf(rest, text))
	}
	return false
}

// unitWords are what may stand behind a figure and belongs to it.
var unitWords = map[string]int32{
	"thousand": 3, "million": 6, "millions": 6, "billion": 9, "billions": 9, "trillion": 12, "mn": 6, "mln": 6, "bn": 9, "tn": 12, "k": 3, "m": 6,
	"ألف": 3, "ألفا": 3, "ألفاً": 3, "آلاف": 3, "الف": 3, "الاف": 3,
	"مليون": 6, "مليونا": 6, "مليوناً": 6, "ملايين": 6, "مليار": 9, "مليارا": 9, "ملياراً": 9, "مليارات": 9,
	"بليون": 9, "بليونا": 9, "بلايين": 9, "تريليون": 12, "تريليونا": 12, "تريليونات": 12,
}

// unitAfter returns the power of ten of the word behind a figure that ends at
// i, and where that word ends; without one 0 and i.
func unitAfter(text string, i int) (exp int32, end int) {
	start := i
	if start < len(text) && (text[start] == ' ' || text[start] == '-') {
		start++
	}
	if !beginsUnit(text[start:]) {
		return 0, i
	}
	end = start
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		end += n
	}
	exp = unitWords[text[start:end]]
	if exp == 0 || end-start == 1 && start > i {
		return 0, i // a letter must follow at once
	}
	return exp, end
}

// beginsUnit tells whether a text begins with the first letter of a unit's
// word, so that most words behind a figure need not be read.
func beginsUnit(text string) bool {
	switch {
	case text == "":
		return false
	case text[0] < utf8.RuneSelf:
		return strings.IndexByte("tmbk", text[0]) >= 0
	case text[0] == 0xD8 || text[0] == 0xD9: // the lead bytes of Arabic letters
		r, _ := utf8.DecodeRuneInString(text)
		return strings.ContainsRune("أآابمت", r)
	}
	return false
}
