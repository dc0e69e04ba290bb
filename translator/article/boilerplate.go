package article

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// RulesVersion changes when a rule or a form of one does: the same file may
// then give other blocks.
const RulesVersion = 2

// A rule names lines that belong to the page and not to the story. The names
// are an interface: people switch rules off by them.
type rule struct {
	name  string
	stop  bool // it ends the story: what follows is dropped with it
	whole bool // it never matches the start of a longer line: a sentence may begin so
	meta  string
	forms []string
}

// rules is the list, in the order of asking. A form is compared folded, at the
// start of a block, up to the end of a word.
var rules = []rule{
	{name: "related", stop: true, forms: []string{
		"اقرأ أيضا", "اقرأ المزيد", "إقرأ أيضا", "اقرئي أيضا", "شاهد أيضا", "مواضيع قد تهمك", "مواضيع ذات صلة", "مقالات ذات صلة", "أخبار ذات صلة",
		"قد يعجبك أيضا", "قد يهمك أيضا", "أخبار أخرى قد تعجبك", "Read also", "Read more", "Related articles", "Related stories", "You may also like"}},
	{name: "more-from", stop: true, whole: true, forms: []string{
		"المزيد من الأخبار", "المزيد من أخبار", "المزيد من", "المزيد", "More news", "More stories"}},
	{name: "most-read", stop: true, forms: []string{
		"الأكثر قراءة", "الأكثر مشاهدة", "أحدث المنشورات", "Most read", "Latest posts"}},
	{name: "neighbours", stop: true, forms: []string{
		"المقال السابق", "المقال التالي", "الخبر السابق", "الخبر التالي", "Previous article", "Next article"}},
	{name: "comments", stop: true, forms: []string{
		"أضف تعليق", "أضف تعليقا", "أضف تعليقك", "اترك ردا", "اترك ردك", "اترك رد", "اترك تعليقا", "اترك تعليقك", "Leave a reply", "Leave a comment", "Add a comment"}},
	{name: "comments-heading", stop: true, whole: true, forms: []string{"التعليقات", "تعليقات", "Comments"}},
	{name: "share-article", stop: true, forms: []string{"شارك المقال", "شارك الخبر", "شارك هذا الخبر", "شارك هذا المقال", "Share this article"}},
	{name: "share", whole: true, forms: []string{
		"شارك", "شاركها", "شاركه", "انشر", "نشر", "مشاركة", "متابعات", "طباعة", "فيسبوك", "تويتر", "واتساب", "تلغرام", "تيليجرام", "Share", "Tweet", "Print"}},
	{name: "follow", forms: []string{
		"تابعونا على", "تابعنا على", "تابعونا على فيسبوك", "تابعونا على تويتر", "تابعونا على تلغرام", "تابعونا على غوغل نيوز",
		"تابعنا على فيسبوك", "تابعنا على تويتر", "تابعنا على غوغل نيوز", "تابعونا", "Follow us", "Follow us on"}},
	{name: "updated", forms: []string{"آخر تحديث:", "آخر تحديث", "تاريخ النشر:", "Last updated"}},
	{name: "source", meta: "source", forms: []string{"المصدر:", "المصدر/", "المصدر :", "Source:"}},
	{name: "agencies", whole: true, forms: []string{"وكالات", "الوكالات", "(وكالات)"}},
	{name: "copyright", forms: []string{
		"جميع الحقوق محفوظة", "كل الحقوق محفوظة", "حقوق النشر", "حقوق النشر محفوظة", "©", "All rights reserved", "Copyright ©"}},
	{name: "advertisement", whole: true, forms: []string{"إعلان", "إعلانات", "مساحة إعلانية", "Advertisement"}},
	{name: "newsletter", forms: []string{"اشترك في النشرة", "اشترك في نشرتنا", "اشترك في النشرة البريدية", "اشتركوا في النشرة", "Subscribe to our newsletter"}},
	{name: "login", whole: true, forms: []string{"تسجيل الدخول", "سجل الدخول", "Log in", "Sign in"}},
	{name: "privacy", forms: []string{"سياسة الخصوصية", "سياسة ملفات تعريف الارتباط", "نستخدم ملفات تعريف الارتباط", "يستخدم هذا الموقع ملفات تعريف الارتباط", "Privacy policy", "Cookie policy", "We use cookies"}},
	{name: "app", forms: []string{"حمّل التطبيق", "حمل تطبيق", "حملوا التطبيق", "نزل التطبيق", "Download our app"}},
}

// The rules that are no list of words.
const (
	ruleInitials = "desk-initials"
	ruleStamp    = "date-stamp"
)

// RuleNames returns the names of all rules that make Boilerplate of a block.
func RuleNames() []string {
	names := []string{ruleInitials, ruleStamp}
	for _, r := range rules {
		names = append(names, r.name)
	}
	return names
}

// Limits of the rules.
const (
	maxNoise  = 60  // characters of a line that a rule may match
	maxTeaser = 160 // characters of a line that may be, or end with, the title of another story
)

// foldedForms holds the forms of each rule as they are compared.
var foldedForms = func() map[string][]string {
	m := make(map[string][]string)
	for _, r := range rules {
		for _, f := range r.forms {
			m[r.name] = append(m[r.name], fold(f))
		}
	}
	return m
}()

// dropBoilerplate makes Boilerplate of what belongs to the page.
//
// On a page a block must be short, or mostly links, and begin as a rule says;
// one that ends like a sentence stays. In other formats, where the body is
// wire copy more often than not, the whole line must be the rule's words and
// stand in the last two fifths of the text; after a stop marker's words a colon
// and a title may follow. A stop marker that is the whole line takes along what
// follows it in these last two fifths: on a page all of it, elsewhere only
// lines that may be titles, up to the first that is a sentence. One with a
// title in its own line takes nothing along: a crosshead may come next.
func (r *reader) dropBoilerplate(d *draft) {
	total, at := 0, 0
	for _, p := range d.paras {
		total += len(p.text)
	}
	cutting := ""
	for i := range d.paras {
		p := &d.paras[i]
		foot := at*5 >= total*3
		at += len(p.text)
		if cutting != "" && (d.page || !longerThan(p.text, maxTeaser) && !endsSentence(p.text)) {
			p.kind, p.rule = translator.Boilerplate, cutting
			continue
		}
		cutting = ""
		if !d.page && !foot {
			continue
		}
		found, ok := r.match(*p, !d.page)
		if !ok && !d.page {
			found, ok = r.matchTeaser(p.text)
		}
		if !ok {
			continue
		}
		p.kind, p.rule = translator.Boilerplate, found.name
		if found.meta != "" {
			d.setMeta(found.meta, sourceName(p.text))
		}
		if found.stop && foot {
			cutting = found.name
		}
	}
}

// match returns the rule that a paragraph falls under.
func (r *reader) match(p para, whole bool) (rule, bool) {
	if longerThan(p.text, maxNoise) && (whole || !p.links || longerThan(p.text, 4*maxNoise)) {
		return rule{}, false
	}
	folded := fold(p.text)
	sentence := endsSentence(p.text) && !strings.HasSuffix(folded, "..") && !strings.HasSuffix(folded, "…")
	for _, rule := range r.rules {
		for _, form := range foldedForms[rule.name] {
			rest, ok := strings.CutPrefix(folded, form)
			switch {
			case !ok:
			case strings.TrimLeft(rest, " :.…!-–—|") == "",
				!whole && !rule.whole && (p.links || !sentence) && wordEnds(form, rest):
				return rule, true
			}
		}
	}
	if !r.off(ruleStamp) && isStamp(folded) {
		return rule{name: ruleStamp}, true
	}
	return rule{}, false
}

// matchTeaser returns the stop marker that a line begins with, before a colon
// and what may be a title: "Read also: a bridge for the old town".
func (r *reader) matchTeaser(text string) (rule, bool) {
	if longerThan(text, maxTeaser) || endsSentence(text) {
		return rule{}, false
	}
	folded := fold(text)
	for _, found := range r.rules {
		if !found.stop || found.whole {
			continue
		}
		for _, form := range foldedForms[found.name] {
			if rest, ok := strings.CutPrefix(folded, form); ok && strings.HasPrefix(strings.TrimLeft(rest, " "), ":") {
				found.stop = false // its title stands in the line
				return found, true
			}
		}
	}
	return rule{}, false
}

// wordEnds tells whether a form that rest follows ends with a word.
func wordEnds(form, rest string) bool {
	last, _ := utf8.DecodeLastRuneInString(form)
	next, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLetter(last) || !unicode.IsLetter(next)
}

// sourceName returns what stands after "المصدر:".
func sourceName(text string) string {
	if i := strings.IndexAny(text, ":/"); i >= 0 {
		return strings.TrimSpace(text[i+1:])
	}
	return ""
}

// isStamp tells a line that is only a time: "الأحد/12/نوفمبر/2023 - 5:30 ص". It has a day,
// a year, and no word that is not of a date.
func isStamp(folded string) bool {
	day, year := false, false
	parts := strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range parts {
		switch {
		case isNumber(w, 2):
			day = true
		case isNumber(w, 4):
			year = true
		case !weekdays[w] && !months[w] && !stampWords[w] && !(i+1 < len(parts) && months[w+" "+parts[i+1]]) && !(i > 0 && months[parts[i-1]+" "+w]):
			return false
		}
	}
	return day && year
}

var stampWords = wordSet("ص م صباحا مساء بتوقيت غرينتش جرينتش اليوم الشهر السنة am pm gmt utc")

// dropInitials makes Boilerplate of the desk's initials, which end the items
// of some wires, and keeps them as metadata.
func (r *reader) dropInitials(d *draft) {
	if r.off(ruleInitials) {
		return
	}
	last, first := -1, -1
	for i, p := range d.paras {
		if p.kind != translator.Boilerplate {
			last = i
			if first < 0 {
				first = i
			}
		}
	}
	for i := range d.paras {
		p := &d.paras[i]
		if p.kind != translator.Body || i == first || !isInitials(p.text) || i != last && !strings.Contains(p.text, "/") {
			continue
		}
		p.kind, p.rule = translator.Boilerplate, ruleInitials
		d.setMeta("desk_initials", p.text)
	}
}

// isInitials tells GROUP([-/]GROUP)*, where GROUP is one to five Arabic
// letters with at most two spaces between them, forty characters in all; or
// the English form "gr/bp", which needs its slash.
func isInitials(text string) bool {
	if len(text) > 2*40 || longerThan(text, 40) { // these letters have two bytes at most
		return false
	}
	groups := strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '/' })
	if len(groups) == 0 || len(groups) != 1+strings.Count(text, "-")+strings.Count(text, "/") {
		return false
	}
	latin := strings.Contains(text, "/")
	for _, g := range groups {
		if !isGroup(strings.TrimFunc(g, blank), latin) {
			return false
		}
	}
	return true
}

func isGroup(group string, latin bool) bool {
	letters, spaces := 0, 0
	for _, r := range group {
		switch {
		case r == ' ' || r == '\u00a0':
			spaces++
		case r == '\u0640': // as in هـ
		case unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r), latin && r >= 'a' && r <= 'z':
			letters++
		default:
			return false
		}
	}
	return letters >= 1 && letters <= 5 && spaces <= 2
}
