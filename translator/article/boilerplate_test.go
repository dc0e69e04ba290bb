package article_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/article"
)

// TestWireProfile reads look-alikes of the items that Arabic wires send: the
// shapes are theirs, the words are ours.
func TestWireProfile(t *testing.T) {
	t.Parallel()
	initials := []string{"بور-ايم/جص", "ع ز/ماب/ب ق", "جص", "رض/كد", "اب ج-د/هـ", "م ن/ل", "gr/bp"}
	for i := range 48 {
		mark := initials[i%len(initials)]
		text := []string{fmt.Sprintf("زلزال بقوة %d,5 درجات يضرب الساحل الشرقي (مركز الرصد)", i%9)}
		want := []string{"body: " + text[0]}
		if i%4 == 0 { // a story; the rest are alerts
			text = append(text, lorem...)
			text = slices.Insert(text, 2, "- كلفة أقل –")
			want = append(want, "body: "+lorem[0], "crosshead: - كلفة أقل –", "body: "+lorem[1], "body: "+lorem[2])
		}
		want = append(want, "boilerplate[desk-initials]: "+mark)
		text = append(append(text, mark+" "), make([]string, 2+i%6)...)
		line, _ := json.Marshal(map[string]any{"id": fmt.Sprint(i), "title": "", "paragraphs": text})
		a := one(t, nil, "wire.jsonl", string(line))
		wantBlocks(t, a, want...)
		if a.Meta["desk_initials"] != mark {
			t.Errorf("initials %q, want %q", a.Meta["desk_initials"], mark)
		}
		wantBlocks(t, one(t, nil, "wire.txt", "headline:\n\n"+strings.Join(text, "\n\n")), want...)
	}
}

func TestWordsThatAreNoInitials(t *testing.T) {
	t.Parallel()
	for _, paras := range [][]string{
		{"بور/جص"}, // all there is
		{"نعم", "قال المدير.", "انتهى العمل أمس."},
		{"قال المدير.", "مرحبا بالجميع"},
		{"قال المدير.", "2/3"},
		{"قال المدير.", "GR/BP"},
		{"قال المدير.", "ok"},
		{"قال المدير.", "القاهرة/بيروت"},
		{"قال المدير.", "//"},
	} {
		line, _ := json.Marshal(map[string]any{"paragraphs": paras})
		wantBlocks(t, one(t, nil, "a.jsonl", string(line)), strings.Split("body: "+strings.Join(paras, "\nbody: "), "\n")...)
	}
}

// webFoot is what readers save along with a story.
var webFoot = []string{"اقرأ أيضًا:", "مدرسة جديدة في الحي القديم", "اترك ردك", "لن يتم نشر عنوان بريدك"}

func TestFootOfSavedPages(t *testing.T) {
	t.Parallel()
	text := strings.Join(append(append([]string{}, lorem...), webFoot...), "\n\n")
	want := []string{"body: " + lorem[0], "body: " + lorem[1], "body: " + lorem[2],
		"boilerplate[related]: اقرأ أيضًا:", "boilerplate[related]: مدرسة جديدة في الحي القديم",
		"boilerplate[related]: اترك ردك", "boilerplate[related]: لن يتم نشر عنوان بريدك"}
	wantBlocks(t, one(t, nil, "a.txt", text), want...)
	// A sentence ends the cut, for in text it may be the story's.
	wantBlocks(t, one(t, nil, "a.txt", strings.Join(append(append([]string{}, lorem...), "اقرأ أيضا", "جسر آخر", "وختمت المديرة بالشكر.", "شارك"), "\n\n")),
		append(want[:3:3], "boilerplate[related]: اقرأ أيضا", "boilerplate[related]: جسر آخر", "body: وختمت المديرة بالشكر.", "boilerplate[share]: شارك")...)
}

func TestRulesCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	text := strings.Join(lorem, "\n\n") + "\n\nاترك ردك\n\nبور/جص\n\nالأحد/12/نوفمبر/2023 - 5:30 ص\n"
	rules := func(opts *article.Options) (got []string) {
		for _, b := range one(t, opts, "a.txt", text).Blocks {
			if b.Kind == translator.Boilerplate {
				got = append(got, b.Rule)
			}
		}
		return got
	}
	for _, tc := range []struct {
		opts article.Options
		want string
	}{
		{article.Options{}, "[comments comments comments]"},
		{article.Options{Disable: []string{"comments"}}, "[date-stamp desk-initials]"},
		{article.Options{Disable: []string{"comments", "desk-initials"}}, "[date-stamp]"},
		{article.Options{Disable: []string{"comments", "date-stamp"}}, "[desk-initials]"},
		{article.Options{KeepBoilerplate: true}, "[]"},
	} {
		got := rules(&tc.opts)
		slices.Sort(got)
		if fmt.Sprint(got) != tc.want {
			t.Errorf("%+v: rules %v, want %s", tc.opts, got, tc.want)
		}
	}
}

// wireSentences begin as rules do, and are news.
var wireSentences = []string{
	"شارك في المؤتمر أربعون وزيرا.", "شارك الوزير في الافتتاح", "انشر الخبر قبل أن يسبقك غيرك", "المزيد من الأسلحة إلى الجبهة", "المزيد من المظاهرات في العاصمة.",
	"وكالات الإغاثة تحذر من نقص الغذاء", "وكالات الأمم المتحدة تسحب موظفيها.", "متابعات قضائية بحق ثلاثة موظفين", "التعليقات على القرار كانت قليلة.",
	"المصدر: الوزارة لا تملك المال.", "إعلان حالة الطوارئ في الجزيرة", "اقرأ المزيد من الكتب، قال المعلم.", "اترك ردك على الأسئلة حتى المساء",
	"تابعنا على مدى ساعتين ما جرى", "حقوق النشر في قلب خلاف بين دارين", "تسجيل الدخول إلى المدينة عند الحاجز", "نشر الجيش قواته", "Share prices fell on Monday", "Comments by the minister drew fire",
	"مشاركة واسعة في الاقتراع", "طباعة العملة تتوقف", "12 قتيلا في 2023", "كتب المدير رسالة إلى الوزير", "إعداد الخطة يستغرق عاما", "مراسل القناة ينجو من الحادث",
	"اقرأ المزيد: هكذا تبدأ نصيحة المعلم لتلاميذه.", "Read more: that was all the minister had to say.", "التعليقات: لا شيء جديد", "المزيد: مئة دبابة إلى الجبهة",
	"صورة أرشيفية للجسر نشرت أمس.", "By noon the bridge was open", "آخر تحديث للخطة يعرض غدا",
}

// No sentence of wire copy is ever dropped, wherever it stands.
func TestWireCopyLosesNothing(t *testing.T) {
	t.Parallel()
	for _, s := range wireSentences {
		for at := range 4 {
			paras := slices.Insert(slices.Clone(lorem), at, s)
			line, _ := json.Marshal(map[string]any{"paragraphs": paras})
			for name, content := range map[string]string{"a.jsonl": string(line), "a.txt": "headline:\n\n" + strings.Join(paras, "\n\n")} {
				wantBlocks(t, one(t, nil, name, content), "body: "+paras[0], "body: "+paras[1], "body: "+paras[2], "body: "+paras[3])
			}
		}
	}
}

// Each form of each rule, as a whole line at the foot, is found by its own
// rule; in the upper part of the text it stays.
func TestEveryRule(t *testing.T) {
	t.Parallel()
	for rule, lines := range map[string][]string{
		"related":          {"اقرأ أيضا", "» إقرأ أيضاً:", "مواضيع ذات صلة", "Read more"},
		"more-from":        {"المزيد من"},
		"most-read":        {"الأكثر قراءة"},
		"neighbours":       {"المقال السابق"},
		"comments":         {"اترك ردك", "أضف تعليق", "اترك تعليقاً"},
		"comments-heading": {"التعليقات"},
		"share-article":    {"شارك المقال"},
		"share":            {"شارك", "واتساب"},
		"follow":           {"تابعونا على فيسبوك"},
		"updated":          {"آخر تحديث:"},
		"source":           {"المصدر:"},
		"agencies":         {"وكالات", "(وكالات)"},
		"copyright":        {"جميع الحقوق محفوظة", "©"},
		"advertisement":    {"إعلان"},
		"newsletter":       {"اشترك في النشرة"},
		"login":            {"تسجيل الدخول"},
		"privacy":          {"سياسة الخصوصية"},
		"app":              {"حمّل التطبيق"},
		"date-stamp":       {"الأحد/12/نوفمبر/2023 - 5:30 ص", "12 كانون الثاني 2024", "2024-01-12 17:30"},
		"desk-initials":    {"بور/جص"},
	} {
		if !slices.Contains(article.RuleNames(), rule) {
			t.Errorf("no rule %s", rule)
		}
		for _, line := range lines {
			a := one(t, nil, "a.jsonl", record(append(slices.Clone(lorem), line)))
			if last := a.Blocks[3]; last.Rule != rule {
				t.Errorf("%q at the foot falls under %q, want %q", line, last.Rule, rule)
			}
			if rule == "desk-initials" {
				continue
			}
			a = one(t, nil, "a.jsonl", record(slices.Insert(slices.Clone(lorem), 1, line)))
			if a.Blocks[1].Kind == translator.Boilerplate {
				t.Errorf("%q is dropped in the upper part of the text", line)
			}
		}
	}
	if n := len(article.RuleNames()); n != 20 {
		t.Errorf("there are %d rules; this test knows 20", n)
	}
}

func record(paras []string) string {
	line, _ := json.Marshal(map[string]any{"paragraphs": paras})
	return string(line)
}

func TestBylinesAndCaptions(t *testing.T) {
	t.Parallel()
	for line, kind := range map[string]translator.BlockKind{
		"كتب: سامي حداد": translator.Byline, "كتبت - سلمى حداد": translator.Byline, "بقلم سلمى حداد": translator.Byline, "إعداد: سلمى حداد": translator.Byline,
		"تقرير/ سلمى حداد": translator.Byline, "ترجمة: سلمى حداد": translator.Byline, "By Salma Haddad": translator.Byline, "BY SALMA HADDAD and Sami Nour": translator.Byline,
		"صورة أرشيفية للجسر": translator.Caption, "تصوير: سامي نور": translator.Caption, "(أرشيف)": translator.Caption, "(أ ف ب)": translator.Caption,
		"- كلفة أقل -": translator.Crosshead, "– كلفة أقل -": translator.Crosshead, "- كلفة أقل": translator.Body, "-كلفة-": translator.Body,
	} {
		a := one(t, nil, "a.jsonl", record([]string{line, lorem[0], lorem[1]}))
		if a.Blocks[0].Kind != kind || a.Blocks[0].Text != line {
			t.Errorf("%q is %s, want %s", line, a.Blocks[0].Kind, kind)
		}
	}
	middle := one(t, nil, "a.jsonl", record([]string{lorem[0], lorem[1], lorem[2], "بقلم سلمى حداد", lorem[0], lorem[1]}))
	if middle.Blocks[3].Kind != translator.Body {
		t.Error("a byline in the middle of a story")
	}
	foot := one(t, nil, "a.jsonl", record([]string{lorem[0], lorem[1], lorem[2], "By noon Monday", "كتب: سامي حداد"}))
	if foot.Blocks[3].Kind != translator.Body || foot.Blocks[4].Kind != translator.Byline {
		t.Errorf("the foot of a story:\n%s", show(foot.Blocks))
	}
}

// A stop marker, a colon and a title in one line are the page's too, in the
// last two fifths; the lines after them are asked on their own.
func TestTeasersInTheirMarkersLine(t *testing.T) {
	t.Parallel()
	for line, rule := range map[string]string{
		"اقرأ أيضا: عنوان خبر آخر":                                   "related",
		"» اقرأ أيضًا : جسر للمشاة":                                  "related",
		"اقرأ أيضا: " + strings.Repeat("جسر آخر ", 9) + "في المدينة": "related", // longer than the words of a rule may be
		"Read more: a bridge for the old town":                       "related",
		"الأكثر قراءة: جسر للمشاة":                                   "most-read",
		"الخبر السابق: جسر للمشاة":                                   "neighbours",
	} {
		paras := append(slices.Clone(lorem), line, "- كلفة أقل –")
		want := []string{"body: " + lorem[0], "body: " + lorem[1], "body: " + lorem[2], "boilerplate[" + rule + "]: " + line, "crosshead: - كلفة أقل –"}
		wantBlocks(t, one(t, nil, "a.txt", "headline:\n\n"+strings.Join(paras, "\n\n")), want...)
		wantBlocks(t, one(t, nil, "a.jsonl", record(paras)), want...)
		off := one(t, &article.Options{Disable: []string{rule}}, "a.jsonl", record(paras))
		upper := one(t, nil, "a.jsonl", record(slices.Insert(slices.Clone(lorem), 1, line)))
		if off.Blocks[3].Kind != translator.Body || upper.Blocks[1].Kind != translator.Body {
			t.Errorf("%q is dropped with its rule switched off, or in the upper part of the text", line)
		}
	}
}
