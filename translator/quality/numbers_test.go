package quality_test

import (
	"slices"
	"testing"

	"dragoman/translator/quality"
)

// Each pair says the same, or something else, in figures. They stand in a
// sentence of their own, so that nothing but numbers can be wrong with them.
var figurePairs = []struct {
	ar, en string
	same   bool
}{
	{"١٢٬٥٠٠", "12,500", true},
	{"12500", "12,500", true},
	{"12 500", "12,500", true},
	{"783،562", "783,562", true},
	{"۲۰۲۶", "2026", true},
	{"94,2 كيلوغراما", "94.2 kilogrammes", true},
	{"٩٤٫٢ كيلوغراما", "94.2 kilogrammes", true},
	{"٨٫٥٪", "8.5 percent", true},
	{"0,75%", "0.75%", true},
	{"41 ألف يورو", "41,000 euros", true},
	{"3 آلاف متر", "3,000 metres", true},
	{"27,6 مليون دولار", "$27.6 million", true},
	{"27 مليون جنيه", "£27m", true},
	{"1500 مليون", "1.5 billion", true},
	{"بين 5 و6 ملايين", "between 5 million and 6 million", true},
	{"الساعة 17,00 ت غ", "1700 GMT", true},
	{"الساعة 22,15", "10:15 pm", true},
	{"الساعة 6,00", "0600 GMT", true},
	{"الساعة 17,00", "5 pm", true},
	{"الساعة التاسعة والنصف", "9:30 am", true},
	{"الساعة العاشرة", "10:00 pm", true},
	{"ساعتين ونصف ساعة", "2.5 hours", true},
	{"15 كانون الثاني/يناير 2026", "January 15, 2026", true},
	{"15/10/2026", "October 15, 2026", true},
	{"15.10.2026", "15/10/2026", true},
	{"عشرين شخصا", "20 people", true},
	{"القرن الحادي والعشرين", "the 21st century", true},
	{"خمسة وثلاثين عاما", "35 years", true},
	{"مئة ألف شخص", "100,000 people", true},
	{"مليوني شخص", "two million people", true},
	{"11 شخصا", "eleven people", true},
	{"15 شخصا", "fifteen people", true},
	{"48 قاعدة", "four dozen bases", true},
	{"التسعينات", "the 1990s", true},
	{"ثلاثينيات القرن التاسع عشر", "the 1830s", true},
	{"2001-2002", "2001-02", true},
	{"4-صفر", "4-0", true},
	{"3 أشخاص", "three people", true},
	{"بزمن 9:12.40 دقائق", "in 9min 12.40sec", true},
	{"خلال 2:05:33", "in 2:05:33", true},
	{"كوفيد-19", "Covid-19", true},

	{"24 شخصا", "42 people", false},
	{"24 شخصا", "people", false},
	{"أشخاص", "24 people", false},
	{"١٢٬٥٠٠", "1,250", false},
	{"10,000 شخص", "10 people", false},
	{"94,2 كيلوغراما", "942 kilogrammes", false},
	{"27,6 مليون دولار", "$27.6 billion", false},
	{"41 ألف يورو", "41 euros", false},
	{"5 أشخاص", "6 people", false},
	{"2026", "2025", false},
	{"الساعة 17,00", "6 pm", false},
	{"الساعة 22,15", "10:45 pm", false},
	{"٨٫٥٪", "8.6 percent", false},
	{"0,75%", "0.57%", false},
	{"5%", "7%", false},
	{"5%", "a few", false},
	{"0,7 نقطة", "less than one point", false},
	{"3-1", "3-2", false},
	{"11 شخصا", "12 people", false},
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	const arBefore, arAfter, enBefore, enAfter = "وقالت الوزارة إن الرقم هو ", "، ولم تضف شيئا.", "The ministry gave the figure as ", ", adding nothing else."
	for _, p := range figurePairs {
		ar, en := arBefore+p.ar+arAfter, enBefore+p.en+enAfter
		for _, found := range [][]quality.Finding{quality.New(toEnglish, nil).Check(ar, en), quality.New(toArabic, nil).Check(en, ar)} {
			if flagged := slices.Contains(names(found), "numbers"); flagged == p.same {
				t.Errorf("%s | %s: found %v, want the same number: %v", p.ar, p.en, found, p.same)
			}
		}
	}
}

// TestUnitsAreRead wants every unit's word taken behind a figure: beginsUnit
// must know its first letter.
func TestUnitsAreRead(t *testing.T) {
	t.Parallel()
	for _, words := range [][2]string{
		{"3 آلاف", "3,000"}, {"35 ألفا", "35,000"}, {"35 الف", "35 thousand"}, {"35 مليونا", "35 million"}, {"35 مليارا", "35 bn"},
		{"35 بليونا", "35 billion"}, {"35 تريليونا", "35 trillion"}, {"35 مليار", "35tn"}, {"35 ألف", "35k"},
	} {
		source, target := "وقالت الوزارة إن الرقم هو "+words[0]+" ولم تضف شيئا.", "The ministry gave the figure as "+words[1]+", adding nothing else."
		flagged := slices.Contains(names(quality.New(toEnglish, nil).Check(source, target)), "numbers")
		if wrong := words[1] == "35tn"; flagged != wrong {
			t.Errorf("%s | %s: flagged is %v", words[0], words[1], flagged)
		}
	}
}
