package glossary_test

import (
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/glossary"
)

// matcherOf returns a Matcher of "source=target" terms.
func matcherOf(dir translator.Direction, terms ...string) *glossary.Matcher {
	g := &translator.Glossary{Direction: dir}
	for _, t := range terms {
		source, target, _ := strings.Cut(t, "=")
		g.Terms = append(g.Terms, translator.Term{Source: source, Target: target})
	}
	return glossary.New(g)
}

func sources(terms []translator.Term) string {
	var all []string
	for _, t := range terms {
		all = append(all, t.Source)
	}
	return strings.Join(all, "|")
}

var enAr = translator.Direction{From: translator.English, To: translator.Arabic}

func TestLongestTermCounts(t *testing.T) {
	t.Parallel()
	m := matcherOf(enAr, "Cairo=القاهرة", "Cairo University=جامعة القاهرة", "University Hospital of Giza=x", "hospital=مستشفى", "us=z", "US=y", "us too=w")
	for text, want := range map[string]string{
		"She left Cairo for Cairo University.":    "Cairo|Cairo University",
		"Cairo University":                        "Cairo University",
		"CAIRO UNIVERSITY":                        "Cairo University",
		"Cairo and Cairo and Cairo":               "Cairo",
		"the hospital of Cairo":                   "hospital|Cairo",
		"Cairo University Hospital of Giza":       "Cairo|University Hospital of Giza", // the longer of two that overlap
		"Cairo University Hospital of Alex":       "Cairo University|hospital",
		"the US asked":                            "US", // of two readings the one as written
		"he asked us":                             "us",
		"Us too":                                  "us too",
		"":                                        "",
		"nothing of the kind":                     "",
		"Cairo University's hospital, University": "Cairo University|hospital",
	} {
		if got := sources(m.In(text)); got != want {
			t.Errorf("In(%q) = %s, want %s", text, got, want)
		}
	}
	if m.In("nothing") != nil || m.Missing("nothing", "") != nil || m.For(nil) != nil {
		t.Error("no terms are not nil")
	}
}

// A word that is a term is not another with a prefix.
func TestClosestSpellingCounts(t *testing.T) {
	t.Parallel()
	m := matcherOf(arEn, "سام=Sam", "وسام=Wissam", "اسم=Ism", "باسم=Bassem", "إيمان=Iman", "أيمن=Ayman", "ايمان=faith")
	for text, want := range map[string]string{"قال وسام": "وسام", "قال سام وسام": "سام|وسام", "قال باسم": "باسم", "إيمان": "إيمان", "ايمان": "ايمان", "وايمان": "ايمان"} {
		if got := sources(m.In(text)); got != want {
			t.Errorf("In(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	m := matcherOf(arEn, "القاهرة=Cairo", "جامعة القاهرة=Cairo University", "جامعة=university", "أ ف ب=AFP", "فرانس برس=AFP")
	for _, c := range []struct{ source, target, want string }{
		{"وصل إلى القاهرة", "He reached Cairo.", ""},
		{"وصل إلى القاهرة", "He reached the capital.", "القاهرة"},
		{"بجامعة القاهرة", "at Cairo University", ""},
		{"بجامعة القاهرة", "at the university of Cairo", "جامعة القاهرة"}, // and not the shorter two
		{"القاهرة (أ ف ب)", "CAIRO (AFP)", ""},
		{"قال لفرانس برس (أ ف ب)", "he told the agency", "فرانس برس|أ ف ب"},
		{"القاهرة ثم القاهرة", "Cairo, then away", ""}, // the second may be a pronoun
		{"الجامعات", "nothing", ""},
	} {
		if got := sources(m.Missing(c.source, c.target)); got != c.want {
			t.Errorf("Missing(%q, %q) = %s, want %s", c.source, c.target, got, c.want)
		}
	}
}

// A night of English copy goes by the same rules, turned round.
func TestMissingIntoArabic(t *testing.T) {
	t.Parallel()
	m := matcherOf(enAr, "Cairo=القاهرة", "news conference=مؤتمر صحافي", "ministry of health=وزارة الصحة")
	for target, want := range map[string]string{
		"سيعقد مؤتمرا صحافيا بالقاهرة":       "",
		"المؤتمر الصحافي للقاهره":            "",
		"سيعقد لقاء في القاهرة":              "news conference",
		"سيعقد المؤتمرون لقاء صحافيا في مصر": "news conference|Cairo",
	} {
		if got := sources(m.Missing("A news conference in Cairo", target)); got != want {
			t.Errorf("Missing in %q: %s, want %s", target, got, want)
		}
	}
	if got := m.Missing("The Ministry of Health", "ووزارة الصحة"); len(got) != 0 {
		t.Errorf("missing %v", got)
	}
}

func TestFor(t *testing.T) {
	t.Parallel()
	m := matcherOf(arEn, "القاهرة=Cairo", "صفاقس=Sfax", "وهران=Oran")
	got := m.For([]string{"من وهران إلى القاهرة", "لا شيء", "القاهرة"})
	if want := "القاهرة|وهران"; sources(got) != want {
		t.Errorf("For = %s, want %s", sources(got), want)
	}
}

func TestNoGlossary(t *testing.T) {
	t.Parallel()
	m := glossary.New(nil)
	if m.In("القاهرة") != nil || m.Missing("القاهرة", "x") != nil {
		t.Error("terms without a glossary")
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	g := mustRead(t, "ar\ten\nبنك\tbank\nبنك المدينة\tCity Bank\nمن\tof\nرويترز\tرويترز\n+أمل+\tAmal\nواحد اثنان ثلاثة أربعة خمسة ستة\tx\nصفاقس\tSfax\n")
	var got []string
	for _, w := range glossary.Warnings(g) {
		got = append(got, w.Rule+" "+w.Source)
	}
	want := []string{"signs +أمل+", "inside بنك المدينة", "same رويترز", "common من", "long واحد اثنان ثلاثة أربعة خمسة ستة"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	english := &translator.Glossary{Direction: enAr, Terms: []translator.Term{{Source: "Will", Target: "ويل"}}}
	if w := glossary.Warnings(english); len(w) != 1 || w[0].Rule != "common" {
		t.Errorf("a common English word: %v", w)
	}
}

func TestWarningsOfSize(t *testing.T) {
	t.Parallel()
	g := &translator.Glossary{Direction: translator.Direction{From: "de", To: "fr"}}
	pad := strings.Repeat("x", 9_000_000)
	for _, size := range []struct{ more, want int }{{0, 0}, {1_000_000, 2}, {2_000_000, 3}} {
		g.Terms = []translator.Term{{Source: "a", Target: pad + strings.Repeat("y", size.more)}}
		if w := glossary.Warnings(g); len(w) != size.want {
			t.Errorf("%d characters: %v", len(pad)+size.more, w)
		}
	}
}

// hostile texts must cost no more than their length.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("الا ", 50))
	m := matcherOf(arEn, long+"=x", "الا=y")
	if got := m.In(strings.Repeat("الا ", 2000)); len(got) != 1 { // 40 times the long one
		t.Errorf("%d terms", len(got))
	}
	if got := m.In(strings.Repeat("ل", 1<<16)); got != nil {
		t.Errorf("%v", got)
	}
}
