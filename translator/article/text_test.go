package article_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"dragoman/translator"
)

func TestHeadlineRule(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("كلمة ", 40))
	for _, tc := range []struct {
		why, text string
		want      []string
	}{
		{"a short line over an empty one", "افتتاح الجسر\n\nانتهى العمل أمس.\n", []string{"headline: افتتاح الجسر", "body: انتهى العمل أمس."}},
		{"a question", "من يدفع؟\n\nانتهى العمل.\n", []string{"headline: من يدفع؟", "body: انتهى العمل."}},
		{"empty lines before it", "\n \nافتتاح الجسر\n\nانتهى.\n", []string{"headline: افتتاح الجسر", "body: انتهى."}},
		{"a full stop", "انتهى العمل.\n\nوبدأ غيره.\n", []string{"body: انتهى العمل.", "body: وبدأ غيره."}},
		{"no empty line", "افتتاح الجسر\nانتهى العمل أمس.\n", []string{"body: افتتاح الجسر", "body: انتهى العمل أمس."}},
		{"too long", long + "\n\nانتهى.\n", []string{"body: " + long, "body: انتهى."}},
		{"heads nothing", "انفجار في وسط المدينة\n\n\n", []string{"body: انفجار في وسط المدينة"}},
		{"heads only initials", "انفجار في وسط المدينة\n\nبور/جص\n", []string{"body: انفجار في وسط المدينة", "boilerplate[desk-initials]: بور/جص"}},
		{"a dateline", "بيروت (رويترز) - هدوء\n\nتفاصيل.\n", []string{"dateline: بيروت (رويترز)", "body: هدوء", "body: تفاصيل."}},
		{"a byline", "بقلم سلمى حداد\n\nانتهى.\n", []string{"byline: بقلم سلمى حداد", "body: انتهى."}},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			wantBlocks(t, one(t, nil, "a.txt", tc.text), tc.want...)
		})
	}
}

func TestHeaderLines(t *testing.T) {
	t.Parallel()
	a := one(t, nil, "a.txt", "\ufeffالعنوان: جسر جديد\n  فوق النهر\nDate: 2026-03-04T05:06:07Z\nlang: en\nslug: bridge\n"+
		"بقلم: سلمى حداد\ndateline: القاهرة (أ ف ب) -\nالمصدر: الوزارة\nDesk: gulf\n\nقال: لا.\nslug: هذا نص.\n")
	wantBlocks(t, a, "headline: جسر جديد فوق النهر", "byline: سلمى حداد", "dateline: القاهرة (أ ف ب)", "body: قال: لا.", "body: slug: هذا نص.")
	if a.Lang != translator.English || !a.Published.Equal(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)) {
		t.Errorf("lang %q, published %v", a.Lang, a.Published)
	}
	for key, want := range map[string]string{"slug": "bridge", "source": "الوزارة", "desk": "gulf", "agency": "AFP"} {
		if a.Meta[key] != want {
			t.Errorf("meta %s is %q, want %q", key, a.Meta[key], want)
		}
	}
}

// A headline with a colon is no header line, and an unfinished header none either.
func TestTextThatOnlyLooksLikeHeaders(t *testing.T) {
	t.Parallel()
	wantBlocks(t, one(t, nil, "a.txt", "الرئيس: لن نتنازل\n\nقال الرئيس إنه لن يتنازل.\n"),
		"headline: الرئيس: لن نتنازل", "body: قال الرئيس إنه لن يتنازل.")
	wantBlocks(t, one(t, nil, "a.txt", "title: x\nهذا سطر من النص لا غير.\n\nوهذا سطر آخر.\n"),
		"body: title: x", "body: هذا سطر من النص لا غير.", "body: وهذا سطر آخر.")
}

func TestEmptyHeadlineMeansNone(t *testing.T) {
	t.Parallel()
	a := one(t, nil, "a.txt", "headline:\nslug: alert\n\nزلزال يضرب الساحل\n\nوأضاف المصدر أن لا ضحايا.\n")
	wantBlocks(t, a, "body: زلزال يضرب الساحل", "body: وأضاف المصدر أن لا ضحايا.")
}

func TestCharactersAreKept(t *testing.T) {
	t.Parallel()
	const text = "قال\u00a0المدير: \u202biPhone 15\u202c إن \"العـــمل\"  انتهى\u200f."
	a := one(t, nil, "a.txt", " \t"+text+" \n")
	wantBlocks(t, a, "body: "+text)
}

// lorem holds sentences of our own; wrap fills them as a wire or an editor does.
var lorem = []string{
	"قالت مديرة المشروع إن الجسر سيفتح أمام السيارات في الأسبوع الأول من الشهر المقبل بعد أن أنهت الفرق فحص أعمدته كلها وأصلحت ما تضرر منها في الشتاء الماضي.",
	"وأضافت أن الكلفة بلغت 12,5 مليون جنيه، أي أقل مما كان متوقعا عند وضع الخطة قبل ثلاثة أعوام، وأن الفرق سيصرف على ترميم المدرسة القريبة من الضفة الشرقية للنهر.",
	"لكن سكان الحي القديم يخشون أن يزيد الجسر الزحام في شوارعهم الضيقة، ويطالبون بموقف للسيارات قبل افتتاحه وبممر آمن للتلاميذ الذين يعبرون الشارع كل صباح.",
}

func wrapAt(text string, width int, length func(string) int) string {
	var out, line []string
	for _, word := range strings.Fields(text) {
		if len(line) > 0 && length(strings.Join(append(line, word), " ")) > width {
			out, line = append(out, strings.Join(line, " ")), nil
		}
		line = append(line, word)
	}
	return strings.Join(append(out, strings.Join(line, " ")), "\n")
}

func runes(s string) int { return len([]rune(s)) }
func size(s string) int  { return len(s) }

func TestHardWrapIsUndone(t *testing.T) {
	t.Parallel()
	want := []string{"body: " + lorem[0], "body: " + lorem[1], "body: " + lorem[2]}
	for width := 50; width <= 90; width += 5 {
		var filled []string
		for _, p := range lorem {
			filled = append(filled, wrapAt(p, width, runes))
		}
		wantBlocks(t, one(t, nil, "blank.txt", strings.Join(filled, "\n\n")), want...)
		wantBlocks(t, one(t, nil, "indent.txt", "   "+strings.Join(filled, "\r\n   ")), want...)
		wantBlocks(t, one(t, nil, "tabs.txt", "\t"+strings.Join(filled, "\n\t")), want...)
	}
	wantBlocks(t, one(t, nil, "bytes.txt", strings.Join([]string{wrapAt(lorem[0], 80, size), wrapAt(lorem[1], 80, size)}, "\n\n")), want[:2]...)
}

func TestHardWrapInEnglish(t *testing.T) {
	t.Parallel()
	a := one(t, nil, "a.txt", "New bridge opens\n\nThe new bridge over the river opened on\nMonday, and it is said to have cost less\nthan planned.\n\nDrivers are\nglad.\n")
	wantBlocks(t, a, "headline: New bridge opens",
		"body: The new bridge over the river opened on Monday, and it is said to have cost less than planned.", "body: Drivers are glad.")
}

func TestLinesThatAreParagraphsStayApart(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{
		lorem, // one long line a paragraph
		// sentences of similar length
		{"وصل الوفد إلى المدينة صباح الأحد قادما من العاصمة.", "واستقبله المحافظ في مبنى البلدية وسط حضور كبير.", "وبدأت المحادثات فور وصوله واستمرت حتى المساء.", "ومن المقرر أن تستأنف غدا في المكان نفسه صباحا."},
		// alerts without stops, of similar length
		{"زلزال بقوة خمس درجات يضرب الساحل الشرقي للجزيرة فجرا", "وزارة الصحة تعلن حصيلة جديدة من ثلاثة عشر جريحا", "الحكومة تعقد اجتماعا طارئا في مقر وزارة الداخلية الآن", "مطار العاصمة يعلق رحلاته حتى إشعار آخر بسبب الهزات"},
		// two lines prove nothing
		{"مجلس المدينة يقر خطة الجسر الجديد بعد جلسة طويلة أمس", "وصوت أربعة عشر عضوا لصالح الخطة."},
		// a crosshead between paragraphs
		{"انتهى العمل في الجسر.", "- كلفة أقل -", "وقالت المديرة إن الكلفة أقل من المتوقع."},
	} {
		a := one(t, nil, "a.txt", strings.Join(lines, "\n"))
		var got []string
		for _, b := range a.Blocks {
			got = append(got, b.Text)
		}
		if strings.Join(got, "\n") != strings.Join(lines, "\n") {
			t.Errorf("lines became\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(lines, "\n"))
		}
	}
}

// Whatever is read, its blocks are sound and no letter is lost.
func TestNoLetterIsLost(t *testing.T) {
	t.Parallel()
	line := rapid.OneOf(rapid.StringMatching(`[ابتمهو ،.:()/"-]{0,60}`), rapid.SampledFrom(append(lorem,
		"القاهرة (أ ف ب) - ", "اترك ردك", "بور/جص", "- عنوان -", "title: x", "  ", "\t", "بقلم فلان", "بيروت 3 آذار/مارس 2026 (رويترز) - قال")))
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(line, 1, 12).Draw(rt, "lines"), rapid.SampledFrom([]string{"\n", "\n\n", "\r\n"}).Draw(rt, "end"))
		got := readAll(t, nil, write(t, "a.txt", "نص\n"+text))
		if len(got) != 1 || got[0].err != nil {
			rt.Fatalf("%q gives %+v", text, got)
		}
		wantSound(rt, got[0].a)
		var joined strings.Builder
		for _, b := range got[0].a.Blocks {
			joined.WriteString(b.Text)
		}
		if in, out := letters("نص"+text), letters(joined.String()); in != out {
			rt.Fatalf("letters in %q, out %q", in, out)
		}
	})
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) && r != 'ـ' {
			return r
		}
		return -1
	}, s)
}
