package format

import (
	"bytes"
	"strings"
	"testing"

	"dragoman/translator"
)

// sampleComparison has a cell of every kind, and texts that must stay text.
func sampleComparison() Comparison {
	score := 71.25
	return Comparison{
		From: translator.Arabic, To: translator.English, Made: noon, Seed: 7, Distinct: 90, References: 1,
		Meanings: map[string]string{"numbers": "a figure was lost or changed"},
		Engines: []Compared{
			{
				Name: "deepl", Signature: "deepl:v2", Answered: 3, Recalled: 1, Requests: 2, Seconds: 1.5, Median: 0.75,
				Size: 120, Unit: "characters", Cost: 2400, Thousand: 1_200_000, Flags: []FlagCount{{"numbers", "", 1}},
				Scores: []Score{{"BLEU", 33.333, "nrefs:1|tok:13a"}},
			},
			{
				Name: "command", Signature: "command:<b>", Failed: "command: \u202eunavailable", Remedy: "see that it runs", Answered: 2,
				Unit: "characters", Flags: []FlagCount{}, Scores: []Score{},
			},
		},
		Rows: []ComparedRow{
			{
				ID: "a:1.1", Source: translator.Text{Lang: "ar", Text: "وصل 17 وزيرا <أمس>."}, Reference: translator.Text{Lang: "en", Text: "Seventeen ministers arrived <yesterday>."},
				Answers: []ComparedAnswer{
					{Text: "16 ministers & staff arrived.", Flags: []string{"numbers"}, Score: &score}, {Error: "command: \u202eunavailable"},
				},
			},
			{
				ID: "a:2.1", Source: translator.Text{Lang: "ar", Text: "انتهى الاجتماع."},
				Answers: []ComparedAnswer{{Text: "The meeting ended.", Recalled: true}, {Text: "The meeting ended."}},
			},
			{
				ID: "a:3.1", Source: translator.Text{Lang: "ar", Text: "عاجل."}, Reference: translator.Text{Lang: "en", Text: "Urgent."},
				Answers: []ComparedAnswer{{Text: "Urgent."}, {Text: "Alert."}},
			},
		},
	}
}

func TestComparison(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteComparison(&b, sampleComparison()); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	golden(t, "compare.html", b.Bytes())
	all := text(elements(t, page, "body")[0])
	for _, want := range []string{
		"2 backends, 3 sentences", "3 of 3", "2 of 3", "33.3", "nrefs:1|tok:13a", "1.50 s for 2 requests", "0.750 s", "120 characters", "$0.0024, 1 from memory", "$1.20",
		"the same as the reference", "the same as deepl", "from memory", "chrF2 71.2", "a figure was lost or changed", `command: \u202eunavailable`,
		"see that it runs", "16 ministers & staff", "<yesterday>",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, td := range elements(t, page, "td") {
		arabic := strings.ContainsFunc(text(td), func(r rune) bool { return 'ء' <= r && r <= 'ي' })
		if arabic != (attribute(td, "dir") == "rtl") || arabic != (attribute(td, "lang") == "ar") {
			t.Errorf("a cell of lang %q, dir %q holds %q", attribute(td, "lang"), attribute(td, "dir"), text(td))
		}
	}
	if len(elements(t, page, "script")) > 0 || len(elements(t, page, "b")) > 0 {
		t.Error("the data made an element")
	}
}

// What memory answered must not look quick or free.
func TestComparisonFromMemory(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		engine                        Compared
		time, pace, billed, paid, per string
	}{
		{Compared{Answered: 3, Recalled: 3, Unit: "characters"}, "from memory", "from memory", "from memory", "from memory", "not known"},
		{Compared{Unit: "characters"}, "–", "–", "0 characters", "$0.00", "–"},
		{
			Compared{Answered: 3, Recalled: 1, Requests: 1, Seconds: 2, Median: 2, Size: 1, Unit: "characters", Cost: 2400, Thousand: 1_200_000},
			"2.00 s for 1 request", "2.000 s", "1 character", "$0.0024, 1 from memory", "$1.20",
		},
		{Compared{Answered: 3, Requests: 2, Seconds: 1, Median: 0.5, Size: 9, Unit: "tokens"}, "1.00 s for 2 requests", "0.500 s", "9 tokens", "$0.00", "–"},
	} {
		e := tt.engine
		if e.Time() != tt.time || e.Pace() != tt.pace || e.Billed() != tt.billed || e.Paid() != tt.paid || e.PerThousand() != tt.per {
			t.Errorf("%+v: %q, %q, %q, %q, %q", e, e.Time(), e.Pace(), e.Billed(), e.Paid(), e.PerThousand())
		}
	}
}
