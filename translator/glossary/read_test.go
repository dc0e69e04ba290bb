package glossary_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"dragoman/translator"
	"dragoman/translator/glossary"
)

func read(text string, dir translator.Direction) (*translator.Glossary, error) {
	return glossary.Read("terms.tsv", strings.NewReader(text), dir)
}

func mustRead(t testing.TB, text string) *translator.Glossary {
	t.Helper()
	g, err := read(text, arEn)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestRead(t *testing.T) {
	t.Parallel()
	want := []translator.Term{{Source: "القاهرة", Target: "Cairo", Note: "a city"}, {Source: "صفاقس", Target: "Sfax"}}
	for name, text := range map[string]string{
		"plain":             "ar\ten\tnotes\nصفاقس\tSfax\nالقاهرة\tCairo\ta city\n",
		"BOM and CRLF":      "\uFEFFar\ten\tNotes\r\nصفاقس\tSfax\t\r\n\r\nالقاهرة\tCairo\ta city",
		"comments":          "# ours\n\nar\ten\tnotes\n# places\nصفاقس\tSfax\t\t\nالقاهرة\tCairo\ta city\n",
		"regions":           "ar-EG\ten-GB\tnotes\nصفاقس\tSfax\nالقاهرة\tCairo\ta city\n",
		"capitals of tags":  "AR\tEN\tnotes\nصفاقس\tSfax\nالقاهرة\tCairo\ta city\n",
		"transport form":    "ar\ten\tnotes\n صفا\u0640قس \t Sfax\nالقـــاهرة\tCairo\ta city\n",
		"no-break spaces":   "ar\ten\tnotes\n\u00A0صفاقس\tSfax\u00A0\nالقاهرة\tCairo\ta city\n",
		"the same pair":     "ar\ten\tnotes\nصفاقس\tSfax\nالقاهرة\tCairo\ta city\nصَفاقس\tSfax\n",
		"presentation form": "ar\ten\tnotes\nصفاقس\tSfax\nالقاهر\uFE93\tCairo\ta city\n",
	} {
		g, err := read(text, arEn)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(g.Terms, want) || g.Direction != arEn {
			t.Errorf("%s: %v %q", name, g.Direction, g.Terms)
		}
		if g.Digest != "71999b926e0b" { // computed apart, by hashlib: a change asks every term anew
			t.Errorf("%s: digest %s", name, g.Digest)
		}
	}
}

func TestDigestChangesWithWhatChangesAnswers(t *testing.T) {
	t.Parallel()
	const text = "ar\ten\tnotes\nصفاقس\tSfax\nالقاهرة\tCairo\tnote\n"
	base := mustRead(t, text).Digest
	if len(base) != 12 || strings.Trim(base, "0123456789abcdef") != "" {
		t.Errorf("digest %q is not 12 hexadecimal digits", base)
	}
	if other := mustRead(t, strings.Replace(text, "note\n", "another\n", 1)).Digest; other != base {
		t.Error("a note changes the digest")
	}
	seen := map[string]string{base: "the text"}
	for name, changed := range map[string]string{
		"a source":      strings.Replace(text, "القاهرة", "الجيزة", 1),
		"a target":      strings.Replace(text, "Cairo", "cairo", 1),
		"a term more":   text + "وهران\tOran\n",
		"a term less":   strings.Replace(text, "صفاقس\tSfax\n", "", 1),
		"sides swapped": strings.Replace(strings.Replace(text, "\tSfax", "\tCairo", 1), "القاهرة\tCairo", "القاهرة\tSfax", 1),
		"a shifted cut": strings.Replace(text, "صفاقس\tSfax", "صفاق\tس Sfax", 1),
	} {
		d := mustRead(t, changed).Digest
		if before, ok := seen[d]; ok {
			t.Errorf("%s has the digest of %s", name, before)
		}
		seen[d] = name
	}
	g, err := read(text, translator.Direction{From: "ar-EG", To: "en"})
	if err != nil {
		t.Fatal(err)
	}
	if g.Digest == base {
		t.Error("the direction does not change the digest")
	}
}

// mistakesOf returns what Read says is wrong.
func mistakesOf(t *testing.T, text string, dir translator.Direction) glossary.Mistakes {
	t.Helper()
	g, err := read(text, dir)
	if g != nil || !errors.Is(err, translator.Invalid) {
		t.Fatalf("%.60q: %v, %v", text, g, err)
	}
	m, ok := errors.AsType[glossary.Mistakes](err)
	if !ok {
		t.Fatalf("%.60q: no Mistakes in %v", text, err)
	}
	return m
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ا", glossary.MaxTerm)
	for _, c := range []struct {
		name, text string
		line       int
		want       string
	}{
		{"empty file", "", 1, "no terms: write ar<TAB>en above the terms"},
		{"only comments", "# nothing\n", 2, "no terms"},
		{"no terms", "ar\ten\n", 2, "no terms"},
		{"no header", "القاهرة\tCairo\n", 1, "not two languages: write ar<TAB>en"},
		{"a header without TAB", "ar en\nا ب\tx\n", 1, "does not name two languages"},
		{"the other direction", "en\tar\nCairo\tالقاهرة\n", 1, "the glossary is for en-ar, the run is ar-en: exchange"},
		{"another language", "ar\tfr\nالقاهرة\tLe Caire\n", 1, "the glossary is for ar-fr, the run is ar-en: name a glossary"},
		{"one language twice", "ar\tar\nا\tا\n", 1, "not two languages"},
		{"a strange column", "ar\ten\tdomain\nالقاهرة\tCairo\tx\n", 1, "besides the languages and notes: domain"},
		{"no TAB", "ar\ten\nالقاهرة  Cairo\n", 2, "no second column: put a TAB"},
		{"empty source", "ar\ten\n\tCairo\n", 2, "the source is empty"},
		{"empty target", "ar\ten\tnotes\nالقاهرة\t \tx\n", 2, "the target is empty"},
		{"too many columns", "ar\ten\nالقاهرة\tCairo\tx\n", 2, "3 columns where the first line has 2"},
		{"twice", "ar\ten\nالقاهرة\tCairo\nالقاهرة\tKairo\n", 3, "stands in line 2 already, as \"Cairo\""},
		{"twice by the rules", "ar\ten\nالقاهرة\tCairo\nالقـاهِرة\tKairo\n", 3, "stands in line 2 already"},
		{"a control", "ar\ten\nالقاهرة\tCai\x07ro\n", 2, "the target has a control character, U+0007"},
		{"a line separator", "ar\ten\nالقا\u2028هرة\tCairo\n", 2, "the source has a control character, U+2028"},
		{"a bidi control", "ar\ten\n\u202Bالقاهرة\tCairo\n", 2, "the source has a bidi control, U+202B"},
		{"a mark of direction", "ar\ten\nالقاهرة\tCairo\u200E\n", 2, "the target has a bidi control, U+200E"},
		{"a BOM further down", "ar\ten\n\uFEFFالقاهرة\tCairo\n", 2, "an invisible character, U+FEFF"},
		{"a soft hyphen", "ar\ten\nالقاهرة\tCai\u00ADro\n", 2, "an invisible character, U+00AD"},
		{"a private character", "ar\ten\nالقاهرة\t\uE000\n", 2, "stands for nothing, U+E000"},
		{"a lost character", "ar\ten\nالقاهرة\tCair\uFFFD\n", 2, "stands for nothing, U+FFFD"},
		{"not UTF-8", "ar\ten\n\xC7\xE1\xDE\xC7\xE5\xD1\xC9\tCairo\n", 2, "not UTF-8: save"},
		{"UTF-16", "\xff\xfea\x00r\x00\t\x00", 1, "the file is UTF-16: save it as UTF-8"},
		{"too long", "ar\ten\n" + long + "ا\tx\n", 2, "the source has 201 characters: a term has at most 200"},
		{"no word", "ar\ten\nالقاهرة\t--\n", 2, "no letter and no digit"},
		{"a huge line", "ar\ten\n" + strings.Repeat("x", 1<<17) + "\nا ب\tx\n", 2, "longer than 65536 bytes"},
	} {
		m := mistakesOf(t, c.text, arEn)
		if len(m) != 1 || m[0].Line != c.line || !strings.Contains(m[0].Problem+": "+m[0].Remedy, c.want) || m[0].Remedy == "" {
			t.Errorf("%s: %v, want line %d: %s", c.name, m, c.line, c.want)
		}
	}
	if g := mustRead(t, "ar\ten\n"+long+"\t"+strings.Repeat("x", glossary.MaxTerm)+"\n"); len(g.Terms) != 1 {
		t.Error("a term at the limit is refused")
	}
	persian := translator.Direction{From: "fa", To: "en"}
	if g, err := read("fa\ten\nمی\u200Cرود\tgoes\n", persian); err != nil || g.Terms[0].Source != "می\u200Cرود" {
		t.Errorf("a joiner in Persian: %v, %v", g, err)
	}
	american := translator.Direction{From: "ar", To: "en-US"}
	if m := mistakesOf(t, "ar\ten-GB\nا ب\tx\n", american); !strings.Contains(m[0].Problem, "ar-en-GB, the run is ar-en-US") {
		t.Errorf("British terms in an American run: %v", m)
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := read("en\tar\nالقاهرة\nصفاقس\t\n\xff\tx\nوهران\tOran\nوهران\tWahran\n", arEn)
	m, _ := errors.AsType[glossary.Mistakes](err)
	var lines []int
	for _, one := range m {
		lines = append(lines, one.Line)
	}
	if !slices.Equal(lines, []int{1, 2, 3, 4, 6}) {
		t.Errorf("mistakes in lines %v: %v", lines, err)
	}
	for _, want := range []string{"5 mistakes", "terms.tsv:2: ", "terms.tsv:6: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	_, err = read("ar\ten\n"+strings.Repeat("x\n", 250), arEn)
	if text := err.Error(); !strings.Contains(text, "250 mistakes") || !strings.HasSuffix(text, "and 150 more") {
		t.Errorf("250 mistakes are told as %s", text)
	}
}

func TestReadFailures(t *testing.T) {
	t.Parallel()
	lost := errors.New("disk gone")
	_, err := glossary.Read("terms.tsv", io.MultiReader(strings.NewReader("ar\ten\nا ب\tx\n"), iotest.ErrReader(lost)), arEn)
	if !errors.Is(err, lost) || errors.Is(err, translator.Invalid) {
		t.Errorf("a failing disk is told as %v", err)
	}
	_, err = glossary.Read("terms.tsv", &endless{line: "# " + strings.Repeat("x", 4000) + "\n"}, arEn)
	if err == nil || !strings.Contains(err.Error(), "larger than 64 MiB") {
		t.Errorf("an endless file is told as %v", err)
	}
}

// endless repeats a line for ever.
type endless struct {
	line string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.line[e.at:])
	e.at = (e.at + n) % len(e.line)
	return n, nil
}
