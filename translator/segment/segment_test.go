package segment

import (
	"os"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
)

func TestForPicksTheLanguage(t *testing.T) {
	t.Parallel()
	const text = "He met Mr. Alder. Then he left."
	for _, c := range []struct {
		lang translator.Lang
		want int
	}{{"en", 2}, {"en-GB", 2}, {"ar", 2}, {"ar-EG", 2}, {"fr", 3}, {"und", 3}} {
		if got := len(spansOf(c.lang, text)); got != c.want {
			t.Errorf("%s: %d sentences, want %d", c.lang, got, c.want)
		}
	}
}

// TestWhiteSpace holds where white space and line breaks go, for the rules and
// for UAX #29 alike.
func TestWhiteSpace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" \n\t ", []string{" \n\t "}},
		{"\n\nOne. Two.\n\n Three.", []string{"\n\nOne. ", "Two.\n\n ", "Three."}},
		{"One.\r\nTwo", []string{"One.\r\n", "Two"}},
		{"One\u2029Two", []string{"One\u2029", "Two"}},
		{"One.\u00a0\u200f Two.", []string{"One.\u00a0\u200f ", "Two."}},
		{"no stop", []string{"no stop"}},
		{"\xff. \xfe", nil},
	} {
		for _, lang := range []translator.Lang{"ar", "fr"} {
			var got []string
			for _, s := range spansOf(lang, c.text) {
				got = append(got, c.text[s.Start:s.End])
			}
			if c.text == "\xff. \xfe" && strings.Join(got, "") == c.text {
				continue
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s %q: %q, want %q", lang, c.text, got, c.want)
			}
		}
	}
}

func TestSplitStopsWhenAsked(t *testing.T) {
	t.Parallel()
	for _, lang := range []translator.Lang{"en", "fr"} {
		n := 0
		for range For(lang)("One. Two. Three.") {
			if n++; n == 2 {
				break
			}
		}
		for range Explain(lang, "One. Two. Three.") {
			break
		}
		if n != 2 {
			t.Errorf("%s: %d spans after a break at 2", lang, n)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	const text = "سأله د. كمال \"من هنا؟\" فسكت... 3.5 كم. أ.ف.ب\nنعم."
	want := []string{
		"false arabic initial .", "false quotation within ؟", "true mark ...", "false inside a word .",
		"true full stop .", "false inside a word .", "false inside a word .", "true line end \n", "true end of text .",
	}
	var got []string
	for d := range Explain(translator.Arabic, text) {
		word := "false"
		if d.Break {
			word = "true"
		}
		got = append(got, word+" "+d.Rule+" "+text[d.At.Start:d.At.End])
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestWindowEdges moves stops over the edges of the scanner's window.
func TestWindowEdges(t *testing.T) {
	t.Parallel()
	for _, stop := range []string{".", "!", "؟", "۔", "…", "\n", "\u2028"} {
		for pad := scanWindow - 8; pad < scanWindow+8; pad++ {
			text := strings.Repeat("a", pad) + stop + " Bread " + strings.Repeat("b", scanWindow) + stop + " Crumb"
			if got := len(sentencesOf(wire, text)); got != 3 {
				t.Errorf("stop %q after %d bytes: %d sentences, want 3", stop, pad, got)
			}
		}
	}
}

func TestNextDoesNotAllocate(t *testing.T) {
	for _, text := range []string{arabicNews, englishNews, "Plan B. Vitamin D. MR. X said.Then \"Stop!\" د. كمال. «لا…» ثم.وقال"} {
		allocs := testing.AllocsPerRun(10, func() {
			for start := 0; start < len(text); {
				start = wire.Next(text, start)
			}
		})
		if allocs != 0 {
			t.Errorf("%.0f allocations in %.20q...", allocs, text)
		}
	}
}

// TestDocumented wants every rule in the documentation, which has them in this order.
func TestDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/segmentation.md")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(page)
	last := ""
	for _, rule := range catalogue {
		if rule.name == last {
			continue
		}
		last = rule.name
		_, after, found := strings.Cut(rest, "\n| "+rule.name+" |")
		if !found {
			t.Errorf("docs/segmentation.md does not list the rule %q after those before it", rule.name)
			continue
		}
		rest = after
	}
}
