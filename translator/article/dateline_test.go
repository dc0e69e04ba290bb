package article_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
)

func TestDatelines(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ line, rest, agency string }{
		{"القاهرة (أ ف ب)", " - ", "AFP"},
		{"القاهرة (أ ف ب)", " – ", "AFP"},
		{"القاهرة (أ.ف.ب)", "ـ ", "AFP"},
		{"القاهرة (ا ف ب)", "-", "AFP"},
		{"القاهرة (اف ب)", ": ", "AFP"},
		{"القاهرة (فرانس برس)", ". ", "AFP"},
		{"القاهرة (وكالة فرانس برس)", " — ", "AFP"},
		{"القاهرة (رويترز)", " ", "Reuters"},
		{"القاهرة (رويترز)", " -- ", "Reuters"},
		{"باريس (فرنسا), 25-11-2023 (أ ف ب)", " - ", "AFP"},
		{"باريس (فرنسا) (أ ف ب)", " - ", "AFP"},
		{"بيروت، 3 تشرين الثاني/نوفمبر 2023 (رويترز)", " - ", "Reuters"},
		{"بيروت 3 آذار/مارس (د ب أ)", " - ", "dpa"},
		{"بيروت، الاثنين 3 مارس (د.ب.أ)", " - ", "dpa"},
		{"الرياض ٣/١١/٢٠٢٣ (واس)", " - ", "SPA"},
		{"الدوحة (قنا)", " - ", "QNA"},
		{"القدس/رام الله (وفا)", " - ", "WAFA"},
		{"القدس - غزة (وكالات)", " - ", "agencies"},
		{"الأمم المتحدة (الولايات المتحدة) (أ ف ب، رويترز)", " - ", "AFP, Reuters"},
		{"القاهرة\u00a0(أ\u202fف\u00a0ب)\u200f", "- ", "AFP"},
		{"إسطنبول (الأناضول)", " - ", "AA"},
		{"CAIRO (AFP)", " - ", "AFP"},
		{"PARIS, Nov 3 (Reuters)", " - ", "Reuters"},
		{"WASHINGTON, D.C., Nov. 3, 2023 (AP)", " — ", "AP"},
		{"New York (dpa)", " - ", "dpa"},
		{"THE HAGUE (AFP)", " - ", "AFP"},
		{"The Hague, 3 May (Reuters)", " - ", "Reuters"},
	} {
		const body = "قالت مديرة المشروع إن الجسر سيفتح غدا."
		a := one(t, nil, "a.txt", "عنوان الخبر\n\n"+tc.line+tc.rest+body+"\n\nوأضافت أن الكلفة (رويترز) أقل.\n")
		wantBlocks(t, a, "headline: عنوان الخبر", "dateline: "+strings.TrimSuffix(tc.line, "\u200f"), "body: "+body, "body: وأضافت أن الكلفة (رويترز) أقل.")
		if a.Meta["agency"] != tc.agency {
			t.Errorf("%s: agency %q, want %q", tc.line, a.Meta["agency"], tc.agency)
		}
	}
}

func TestDatelineOnItsOwnLine(t *testing.T) {
	t.Parallel()
	wantBlocks(t, one(t, nil, "a.txt", "عنوان\n\nباريس (فرنسا), 25-11-2023 (أ ف ب) -\n\nانتهى العمل.\n"),
		"headline: عنوان", "dateline: باريس (فرنسا), 25-11-2023 (أ ف ب)", "body: انتهى العمل.")
	// said twice, by the record and by the text, it is one
	wantBlocks(t, one(t, nil, "a.jsonl", `{"dateline":"القاهرة (أ ف ب) -","text":"القاهره (ا ف ب) - انتهى."}`),
		"dateline: القاهرة (أ ف ب)", "body: انتهى.")
}

// Words in parentheses that are an agency's code elsewhere leave a sentence whole.
func TestSentencesThatAreNoDatelines(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"وذكرت وكالة (رويترز) أن العمل انتهى.",
		"قال مراسل (أ ف ب) إن العمل انتهى.",
		"أحداث أغسطس (آب) 2023 غيرت المدينة.",
		"القاهرة 3 أغسطس (آب) - هدوء.",
		"مدينة قنا في صعيد مصر تستعد للمهرجان.",
		"اجتمع الوزراء الأربعة في مبنى الأمانة العامة (رويترز) أمس.",
		"انتهى العمل (بنا) اليوم.",
		"القاهرة (مصر) - مدينة كبيرة.",
		"القاهرة (أ ف ب - انتهى.",
		"(أ ف ب) - انتهى العمل.",
		"The agency (AFP) said the bridge opened.",
		"officials told (AP) that it opened.",
		"بلغ الدين 95 % (أ ف ب) من الناتج.",
		"نيويورك - وامالتقى الوزير نظيره.",
	} {
		wantBlocks(t, one(t, nil, "a.txt", text), "body: "+text)
	}
}

func TestDatelineAfterOtherParts(t *testing.T) {
	t.Parallel()
	wantBlocks(t, one(t, nil, "a.jsonl", `{"paragraphs":["بقلم سلمى حداد","(أ ف ب)","- هدوء -","القاهرة (أ ف ب) - وصل."]}`),
		"byline: بقلم سلمى حداد", "caption: (أ ف ب)", "crosshead: - هدوء -", "dateline: القاهرة (أ ف ب)", "body: وصل.")
}

// A second paragraph never has a dateline, nor has a caption.
func TestOnlyTheFirstParagraph(t *testing.T) {
	t.Parallel()
	wantBlocks(t, one(t, nil, "a.jsonl", `{"paragraphs":["انتهى.","القاهرة (أ ف ب) - وصل."]}`), "body: انتهى.", "body: القاهرة (أ ف ب) - وصل.")
}

// Whatever the words, a dateline and its rest give the paragraph back but for
// the mark between them.
func TestDatelineKeepsTheText(t *testing.T) {
	t.Parallel()
	part := rapid.SampledFrom([]string{"القاهرة", " ", "(", ")", "أ ف ب", "رويترز", "-", "–", ",", "،", "25-11-2023", "3 مارس", "(أ ف ب)", "قال", ":", "ـ", "\u200f", "CAIRO", "/"})
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(part, 1, 12).Draw(rt, "parts"), "")
		got := readAll(t, nil, write(t, "a.txt", "س"+text))
		if len(got) != 1 || got[0].err != nil {
			rt.Fatalf("%q: %+v", text, got)
		}
		wantSound(rt, got[0].a)
		b := got[0].a.Blocks
		if b[0].Kind == translator.Dateline && (!strings.HasPrefix("س"+text, b[0].Text) || len(b) == 2 && !strings.HasSuffix(strings.TrimSpace(text), b[1].Text)) {
			rt.Fatalf("%q became\n%s", text, show(b))
		}
	})
}
