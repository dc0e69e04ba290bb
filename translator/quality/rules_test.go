package quality_test

import (
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/quality"
)

// A sentence of each kind, and the rule that must find it, or "" for a clean one.
var cases = []struct {
	rule, source, target string
}{
	{"", "أعلنت البلدية إغلاق الجسر غدا.", "The council said the bridge would close tomorrow."},
	{"empty", "أعلنت البلدية إغلاق الجسر غدا.", " \n"},
	{"same-as-source", "أعلنت البلدية إغلاق الجسر غدا.", "أعلنت البلدية إغلاق الجسر غدا."},
	{"", "2-1", "2-1"},
	{"", "AFP", "AFP"},
	{"wrong-script", "أعلنت البلدية إغلاق الجسر غدا.", "Совет объявил о закрытии моста завтра."},
	{"", "BBC News", "BBC News"},
	{"wrong-language", "أعلنت البلدية إغلاق الجسر غدا أمام السيارات.", "La commune a annoncé que le pont sera fermé demain pour les voitures."},
	{"wrong-language", "أعلنت البلدية إغلاق الجسر غدا أمام السيارات.", "Die Gemeinde hat gesagt, dass die Brücke nicht für Autos offen ist."},
	{"untranslated-words", "أعلنت البلدية إغلاق جسر الغدير غدا.", "The council said الغدير bridge would close tomorrow."},
	{"refusal", "قتل خمسة أشخاص في الهجوم على القرية.", "I'm sorry, but I can't translate this content."},
	{"refusal", "قتل خمسة أشخاص في الهجوم على القرية.", "As an AI, I do not discuss violent events."},
	{"", "وقال \"آسف، لا أستطيع المساعدة في هذا الطلب\".", "\"I'm sorry, I cannot help with this request,\" he said."},
	{"", "آسف، لا أستطيع المساعدة في هذا الطلب.", "Sorry, I cannot assist with this request."},
	{"prompt-leak", "أعلنت البلدية إغلاق الجسر غدا.", "Here is the translation: The council said the bridge would close tomorrow."},
	{"prompt-leak", "أعلنت البلدية إغلاق الجسر غدا.", "```\nThe council said the bridge would close tomorrow.\n```"},
	{"prompt-leak", "أعلنت البلدية إغلاق الجسر غدا.", "{\"translation\": \"The council said the bridge would close.\"}"},
	{"", "وقالت \"إليك الترجمة\" ثم مضت.", "\"Here is the translation,\" she said, and left."},
	{"repetition", "أعلنت البلدية إغلاق الجسر غدا أمام السيارات والشاحنات.", "The council said the bridge, the bridge, the bridge, the bridge would close."},
	{"", "وهتف \"لا، لا، لا، لا\" ثم مضى.", "He shouted \"no, no, no, no\" and left."},
	{"truncated", "أعلنت البلدية إغلاق الجسر غدا أمام السيارات.", "The council said the bridge would close tomorrow to"},
	{"truncated", "أعلنت البلدية إغلاق الجسر غدا أمام السيارات.", "The council said the bridge would close tomorrow..."},
	{"truncated", "البلدية تغلق الجسر أمام السيارات", "Council closes bridge to cars and the"},
	{"truncated", "البلدية تغلق الجسر أمام السيارات", "Council closes bridge to cars,"},
	{"", "ثم أطفأ المصباح ومضى...", "Then he put out the lamp and left..."},
	{"too-short", "أعلنت البلدية إغلاق الجسر غدا أمام السيارات والشاحنات بسبب أعمال الصيانة التي تستمر أسبوعا.", "The bridge will be closed."},
	{"too-long", "أعلنت البلدية إغلاق الجسر غدا.", "The council said the bridge would close tomorrow, and that it would take every care to keep the drivers and the people who live nearby informed."},
	{"numbers", "أصيب 24 شخصا في الحادث.", "The accident injured 42 people."},
	{"lost-placeholder", "التفاصيل على https://news.example/a/7?b=c.", "Details are on our site, in the news."},
	{"lost-placeholder", "التفاصيل على http://intranet/desk غدا.", "Details will be on the intranet tomorrow."},
	{"lost-placeholder", "راسلونا على desk@news.example أو اتصلوا.", "Write to our desk, or call us by phone."},
	{"lost-placeholder", "كتبت على حسابها @harbour_news أمس.", "She wrote on her account yesterday."},
	{"lost-placeholder", "مرحبا {name}، لديك %d رسائل.", "Hello {name}, you have messages."},
	{"lost-placeholder", "أعلنت <x id=\"1\"/>البلدية إغلاق الجسر.", "The council said the bridge would close."},
	{"lost-placeholder", "انتشر وسم #الجسر_القديم أمس.", "The hashtag Old Bridge spread yesterday."},
	{"", "انتشر وسم #الجسر_القديم أمس.", "The hashtag #OldBridge spread yesterday."},
	{"", "ارتفعت الأسعار 20% في turtles.example.", "Prices rose 20% at Turtles.example."},
	{"unbalanced", "وقال \"سنعود غدا\" ثم مضى.", "\"We will be back tomorrow, he said, and left."},
	{"", "وقال \"سنعود غدا.", "\"We will be back tomorrow, he said."},
	{"hidden-characters", "أعلنت البلدية إغلاق الجسر غدا.", "The council said the \u202ebridge\u202c would close tomorrow."},
	{"", "أعلنت البلدية \u200fإغلاق الجسر غدا.", "The council said the \u200fbridge would close tomorrow."},
	{"", "أعلنت <b>البلدية</b> إغلاق الجسر غدا.", "The <b>council</b> said the bridge would close tomorrow."},
	{"added-markup", "أعلنت البلدية إغلاق الجسر غدا.", "The council said the <b>bridge</b> would close tomorrow."},
	{"added-markup", "أعلنت البلدية إغلاق الجسر غدا.", "The council&#39;s bridge will be closed tomorrow."},
	{"case-lost", "أعلن حلف NATO انطلاق المناورات.", "THE ALLIANCE NATO ANNOUNCED THE START OF THE EXERCISES."},
	{"case-lost", "نشر موقع example.com الخبر.", "the website example.com published the news."},
	{"", "أعلن حلف NATO انطلاق المناورات.", "The alliance NATO announced the start of the exercises."},
	{"", "حلف NATO", "NATO"},
	{"", "NATO OPENS TALKS", "NATO OPENS TALKS IN THE CAPITAL"},
	{"", "أعلنت شركة A&B إغلاق المصنع غدا.", "The A&B company said the plant would close tomorrow."},
}

func TestRules(t *testing.T) {
	t.Parallel()
	c := quality.New(toEnglish, nil)
	for _, test := range cases {
		found := names(c.Check(test.source, test.target))
		if test.rule == "" && len(found) > 0 || test.rule != "" && !slices.Contains(found, test.rule) {
			t.Errorf("found %q, want %q\n\t%s\n\t%s", found, test.rule, test.source, test.target)
		}
	}
}

func TestRulesIntoArabic(t *testing.T) {
	t.Parallel()
	c := quality.New(toArabic, nil)
	const source = "The council said on Sunday that the bridge would be closed to cars for a week."
	for rule, target := range map[string]string{
		"same-as-source":     source,
		"wrong-script":       "The council has announced the closing of the bridge for one week, on Sunday.",
		"wrong-language":     "شورای شهر روز یکشنبه اعلام کرد که پل برای یک هفته به روی خودروها بسته می\u200cشود.",
		"untranslated-words": "أعلن المجلس الأحد أن bridge سيبقى closed أمام السيارات أسبوعا كاملا.",
		"refusal":            "عذرا، لا يمكنني ترجمة هذا النص لأنه يخالف السياسات المعتمدة عندي.",
		"prompt-leak":        "إليك الترجمة: أعلن المجلس الأحد أن الجسر سيغلق أمام السيارات أسبوعا كاملا.",
		"repetition":         "أعلن المجلس الأحد أن الجسر سيغلق أن الجسر سيغلق أن الجسر سيغلق أن الجسر سيغلق.",
		"truncated":          "أعلن المجلس الأحد أن الجسر سيغلق أمام السيارات لمدة أسبوع،",
		"too-short":          "سيغلق الجسر.",
	} {
		if found := names(c.Check(source, target)); !slices.Contains(found, rule) {
			t.Errorf("found %q, want %q\n\t%s", found, rule, target)
		}
	}
	if found := c.Check(source, "أعلن المجلس الأحد أن الجسر سيغلق أمام السيارات لمدة أسبوع."); found != nil {
		t.Errorf("a clean pair is flagged: %v", found)
	}
}

// TestOtherDirections wants what a rule knows of languages besides the two.
func TestOtherDirections(t *testing.T) {
	t.Parallel()
	const source, arabic = "The council said that the bridge would be closed to cars for a week.", "أعلن المجلس أن الجسر سيغلق أمام السيارات لمدة أسبوع كامل بسبب أعمال الصيانة الجارية."
	for _, c := range []struct {
		to           translator.Lang
		target, rule string
	}{
		{"fa", arabic, "wrong-language"},
		{"fa", "شورا اعلام کرد که پل به مدت یک هفته به روی خودروها بسته خواهد بود.", ""},
		{"fr", "Le conseil a annoncé que le pont sera fermé aux voitures pendant une semaine.", ""},
		{"fr", "Der Rat sagte, dass die Brücke für eine Woche nicht mit Autos befahren werden kann.", "wrong-language"},
		{"ru", "Совет сообщил, что мост будет закрыт для машин на неделю.", ""},
		{"ru", "Совет сообщил, что мост будет закрыт для машин", "truncated"},
		{"th", "สภากล่าวว่าสะพานจะปิดไม่ให้รถยนต์ผ่านเป็นเวลาหนึ่งสัปดาห์", ""},
		{"zh", "市议会表示，这座桥将对汽车关闭一周。", ""},
		{"zh", source, "wrong-script"},
	} {
		found := names(quality.New(translator.Direction{From: "en", To: c.to}, nil).Check(source, c.target))
		if c.rule == "" && len(found) > 0 || c.rule != "" && !slices.Contains(found, c.rule) {
			t.Errorf("%s: found %q, want %q\n\t%s", c.to, found, c.rule, c.target)
		}
	}
}

// TestGlossaryTerm wants the caller's own function to be asked, and believed.
func TestGlossaryTerm(t *testing.T) {
	t.Parallel()
	c := quality.New(toEnglish, &quality.Options{Terms: func(source, target string) (missing []translator.Term) {
		if strings.Contains(source, "البلدية") && !strings.Contains(target, "municipality") {
			missing = append(missing, translator.Term{Source: "البلدية", Target: "municipality"})
		}
		return missing
	}})
	const source = "أعلنت البلدية إغلاق الجسر غدا."
	if found := c.Check(source, "The council said the bridge would close tomorrow."); len(found) != 1 || found[0].Rule != "glossary-term" || found[0].Detail != "municipality" {
		t.Errorf("found %v, want the term", found)
	}
	if found := c.Check(source, "The municipality said the bridge would close tomorrow."); found != nil {
		t.Errorf("found %v where the term was used", found)
	}
}

// TestRulesTable wants names that make good flags, and no rule without a case.
func TestRulesTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range quality.Rules() {
		if r.Name != strings.ToLower(r.Name) || strings.ContainsAny(r.Name, " _,") || seen[r.Name] {
			t.Errorf("%q is no good name, or is there twice", r.Name)
		}
		seen[r.Name] = true
		if !strings.HasSuffix(r.Means, ".") {
			t.Errorf("%s: %q is no sentence", r.Name, r.Means)
		}
		tested := slices.ContainsFunc(cases, func(c struct{ rule, source, target string }) bool { return c.rule == r.Name })
		if !tested && r.Name != "glossary-term" {
			t.Errorf("%s has no case", r.Name)
		}
	}
	for _, note := range []string{translator.FlagAskedAgain, translator.FlagMovedOn} {
		if seen[note] {
			t.Errorf("%s is a note, and there is a rule of that name", note)
		}
	}
}

func names(found []quality.Finding) (flags []string) {
	for _, f := range found {
		flags = append(flags, f.Rule)
	}
	return flags
}
