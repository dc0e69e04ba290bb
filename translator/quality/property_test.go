package quality_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/quality"
)

var directions = []translator.Direction{
	toEnglish, toArabic, {From: "ar", To: "fr"}, {From: "fa", To: "en"}, {From: "en", To: "ur"}, {From: "en", To: "zh"}, {From: "xx", To: "yy"},
}

// pieces are what the rules look at, so that random texts reach them all.
var pieces = []string{
	" ", "\n", ".", ",", "،", "…", "؟", "!", ":", ";", "\"", "“", "”", "«", "»", "(", ")", "[", "]", "{", "}", "<", ">", "</", "<b>", "&", "&amp;", "&#39;",
	"%", "%s", "%1$s", "%(", "$", "@", "@desk", "#", "#وسم", "://", "http", "www.", ".example", "```", "**", "# ", "{0}", "\u202e", "\u200c", "\u00ad",
	"0", "1", "12", "2026", "٣", "٫", "٬", "۵", "٪", "3.5", "10:30", "17,00", "million", "ألف", "مليون", "the", "of", "le", "der", "and", "و", "في",
	"الترجمة:", "Sure, ", "I'm sorry", "translate", "ترجم", "bridge", "جسر", "پل", "مدرسة", "мост", "桥", "é", "\xff", "\xd8", "\xd9", "\xdb\xb1", "😀", "ـ",
}

func anyText() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40), func(s []string) string { return strings.Join(s, "") })
}

// hold wants the same findings each time, with white space around or without,
// and each with a reason; an empty pair of nothing has none.
func hold(t interface{ Fatalf(string, ...any) }, dir translator.Direction, source, target string) {
	c := quality.New(dir, nil)
	found := c.Check(source, target)
	for _, again := range [][]quality.Finding{c.Check(source, target), c.Check(" "+source+"\n\t", "\u00a0"+target+"  "), quality.New(dir, nil).Check(source, target)} {
		if !reflect.DeepEqual(found, again) {
			t.Fatalf("%s: %q, %q: found %v and then %v", dir, source, target, found, again)
		}
	}
	for _, f := range found {
		if f.Detail == "" {
			t.Fatalf("%s: %q, %q: %s says nothing", dir, source, target, f.Rule)
		}
	}
	empty := len(found) > 0 && found[0].Rule == "empty"
	if want := strings.TrimSpace(source) != "" && strings.TrimSpace(target) == ""; empty != want {
		t.Fatalf("%s: %q, %q: empty is found: %v, want %v", dir, source, target, empty, want)
	}
}

func TestCheckHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hold(t, rapid.SampledFrom(directions).Draw(t, "direction"), anyText().Draw(t, "source"), anyText().Draw(t, "target"))
	})
}

// TestLongTexts looks at texts that make a careless search quadratic; with one
// of those it would not come to an end within the time that tests have.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	c := quality.New(toEnglish, nil)
	for i, piece := range append(pieces, "ا", "اب", "<a", "{{", "%(", "&a", "1,", "a b ", "\"(") {
		long := strings.Repeat(piece, 100_000/len(piece))
		other := strings.Repeat(pieces[(i+1)%len(pieces)], 10_000) + "x"
		for _, p := range []twoTexts{{long, "x" + long}, {other, long}} {
			c.Check(p.source, p.target)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range typical {
		f.Add(s.ar, s.en)
	}
	f.Add("%1$", "{\x80<")
	f.Fuzz(func(t *testing.T, source, target string) {
		for _, dir := range directions {
			hold(t, dir, source, target)
		}
	})
}

// written returns a number as wire copy writes it, in one of several ways.
func written(t *rapid.T, n int, style string) string {
	digits := fmt.Sprint(n)
	switch style {
	case "grouped", "Arabic":
		for i := len(digits) - 3; i > 0; i -= 3 {
			digits = digits[:i] + "," + digits[i:]
		}
	}
	if style != "Arabic" {
		return digits
	}
	return strings.Map(func(r rune) rune {
		if r == ',' {
			return '٬'
		}
		return '٠' + r - '0'
	}, digits)
}

// TestNumbersHold wants a number found however each side writes it, and missed
// when it is another. Below 100 there are years without their century.
func TestNumbersHold(t *testing.T) {
	t.Parallel()
	styles := rapid.SampledFrom([]string{"plain", "grouped", "Arabic"})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(100, 9_999_999).Draw(t, "n")
		other := rapid.IntRange(100, 9_999_999).Draw(t, "other")
		source := "وقالت الوزارة إن الرقم هو " + written(t, n, styles.Draw(t, "in Arabic")) + " ولم تضف شيئا."
		text := func(n int, style string) string {
			return "The ministry gave the figure as " + written(t, n, style) + " and added nothing."
		}
		for _, c := range []struct {
			target  string
			flagged bool
		}{
			{text(n, "plain"), false}, {text(n, "grouped"), false}, {text(other, "plain"), n != other}, {text(other, "grouped"), n != other},
		} {
			if found := names(quality.New(toEnglish, nil).Check(source, c.target)); slices.Contains(found, "numbers") != c.flagged {
				t.Fatalf("%s | %s: found %q, want numbers to be flagged: %v", source, c.target, found, c.flagged)
			}
		}
	})
}

// TestLoopsHold wants every loop found, of any length, anywhere in a text.
func TestLoopsHold(t *testing.T) {
	t.Parallel()
	letters := []rune("abcdefghijklmnop  جسرمدنةوي")
	rapid.Check(t, func(t *rapid.T) {
		part := "x" + rapid.StringOfN(rapid.RuneFrom(letters), 2, 60, -1).Draw(t, "part") + "z"
		before, after := anyText().Draw(t, "before"), anyText().Draw(t, "after")
		target := before + strings.Repeat(part, rapid.IntRange(3, 30).Draw(t, "times")) + after
		if found := names(quality.New(toEnglish, nil).Check("أعلنت البلدية إغلاق الجسر.", target)); !slices.Contains(found, "repetition") {
			t.Fatalf("%q: found %q, want the loop", target, found)
		}
	})
}

// TestCheckAllocatesNothing holds for pairs in which nothing is found.
func TestCheckAllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	for _, s := range typical {
		c := quality.New(toEnglish, nil)
		if n := testing.AllocsPerRun(100, func() { c.Check(s.ar, s.en) }); n > 0 {
			t.Errorf("%s: %v allocations a pair", s.name, n)
		}
	}
}
