package segment

import (
	"os"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
)

// A hardCase is a line of testdata/hard.tsv: \n in the input is a line break,
// " ||| " in what is expected stands between sentences, whose outer white
// space does not count.
type hardCase struct {
	lang     translator.Lang
	input    string
	expected []string
	point    string
}

func hardCases(t *testing.T) []hardCase {
	t.Helper()
	data, err := os.ReadFile("testdata/hard.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var cases []hardCase
	for i, l := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		f := strings.Split(l, "\t")
		if len(f) != 4 || f[3] == "" {
			t.Fatalf("testdata/hard.tsv:%d has %d columns, not 4", i+2, len(f))
		}
		cases = append(cases, hardCase{translator.Lang(f[0]), strings.ReplaceAll(f[1], `\n`, "\n"), strings.Split(f[2], " ||| "), f[3]})
	}
	return cases
}

// sentencesOf returns the sentences of a text without the white space around them.
func sentencesOf(r *Rules, text string) []string {
	var list []string
	for s := range r.Split(text) {
		list = append(list, strings.TrimSpace(text[s.Start:s.End]))
	}
	return list
}

func TestHard(t *testing.T) {
	t.Parallel()
	count := map[translator.Lang]int{}
	for _, c := range hardCases(t) {
		count[c.lang]++
		if got := sentencesOf(RulesFor(c.lang), c.input); !slices.Equal(got, c.expected) {
			t.Errorf("%s, %s:\n got %q\nwant %q", c.lang, c.point, got, c.expected)
		}
	}
	if count[translator.Arabic] < 200 || count[translator.Arabic]+count[translator.English] < 300 {
		t.Errorf("%v cases are too few", count)
	}
}

// TestMutation deletes each rule and each row of the tables in turn, and wants
// a hard case to fail: so that none can be deleted unseen, and none is there
// for nothing.
func TestMutation(t *testing.T) {
	t.Parallel()
	cases := hardCases(t)
	rows := rowsOf(arabic, english)
	for id, rule := range catalogue {
		if rule.kinds != 0 && !noticed(newRules(rows, ruleID(id)), cases) {
			t.Errorf("without the rule %q (%d) every hard case passes", rule.name, id)
		}
	}
	for i, row := range rows {
		if !noticed(newRules(slices.Concat(rows[:i], rows[i+1:])), cases) {
			t.Errorf("without the row %q of class %b every hard case passes", row.word, row.class)
		}
	}
}

func noticed(r *Rules, cases []hardCase) bool {
	return slices.ContainsFunc(cases, func(c hardCase) bool {
		return !slices.Equal(sentencesOf(r, c.input), c.expected)
	})
}
