package article

import "strings"

// agencies are the news agencies that datelines name, each with its spellings
// and its English name. Spaces, dots, hyphens, hamzas and diacritics of a
// spelling do not count, neither does the word for "agency" before it. Several
// of the Arabic codes are words or places too (قنا is a city, بنا "with us"), so they
// are looked for only between a dateline's parentheses.
var agencies = []struct {
	english   string
	spellings []string
}{
	{"AFP", []string{"أ ف ب", "فرانس برس", "AFP", "Agence France-Presse"}},
	{"Reuters", []string{"رويترز", "Reuters"}},
	{"AP", []string{"أ ب", "أسوشيتد برس", "أسوشييتد برس", "اسوشيتدبرس", "AP", "Associated Press"}},
	{"dpa", []string{"د ب أ", "الألمانية", "dpa"}},
	{"MENA", []string{"أ ش أ", "أنباء الشرق الأوسط", "MENA"}},
	{"SPA", []string{"واس", "SPA"}},
	{"WAM", []string{"وام", "WAM"}},
	{"KUNA", []string{"كونا", "KUNA"}},
	{"QNA", []string{"قنا", "QNA"}},
	{"BNA", []string{"بنا", "BNA"}},
	{"ONA", []string{"العمانية", "ONA"}},
	{"Petra", []string{"بترا", "Petra"}},
	{"SANA", []string{"سانا", "SANA"}},
	{"WAFA", []string{"وفا", "WAFA"}},
	{"SUNA", []string{"سونا", "SUNA"}},
	{"Saba", []string{"سبأ", "Saba"}},
	{"INA", []string{"واع", "INA"}},
	{"TAP", []string{"وات", "TAP"}},
	{"APS", []string{"وأج", "APS"}},
	{"MAP", []string{"و م ع", "MAP"}},
	{"AA", []string{"الأناضول", "AA", "Anadolu"}},
	{"Xinhua", []string{"شينخوا", "Xinhua"}},
	{"TASS", []string{"تاس", "TASS"}},
	{"EFE", []string{"إفي", "EFE"}},
	{"ANSA", []string{"أنسا", "ANSA"}},
	{"UPI", []string{"يو بي آي", "UPI"}},
	{"agencies", []string{"وكالات", "الوكالات", "Agencies"}},
}

// agencyNames maps a squeezed spelling to the agency's English name.
var agencyNames = func() map[string]string {
	names := make(map[string]string)
	for _, a := range agencies {
		for _, s := range a.spellings {
			names[squeeze(s)] = a.english
		}
	}
	return names
}()

// alsoWords are the codes that are words or places in other parentheses.
var alsoWords = wordSet("بنا قنا وات واع وفا سبأ واس وام تاس العمانية الألمانية")

// agencyOf returns the English names of the agencies in a text such as
// "أ ف ب، رويترز", or "" if any part of it is something else.
func agencyOf(text string) string {
	if len(text) > 120 {
		return ""
	}
	var names []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",،/;؛+", r) }) {
		code := squeeze(part)
		if strings.Contains(part, "آب") { // August, in its eastern name: not AP
			return ""
		}
		name, ok := agencyNames[code]
		if !ok {
			if name, ok = agencyNames[strings.TrimPrefix(code, "وكاله")]; !ok {
				return ""
			}
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
