package quality_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/format"
	"dragoman/translator/quality"
)

var (
	toEnglish = translator.Direction{From: translator.Arabic, To: translator.English}
	toArabic  = translator.Direction{From: translator.English, To: translator.Arabic}
)

// twoTexts is a source and its translation.
type twoTexts struct{ source, target string }

// samples returns the project's own human pairs in one direction.
func samples(t testing.TB, dir translator.Direction) (pairs []twoTexts) {
	t.Helper()
	path := filepath.Join("..", "..", "samples", "memory.tmx")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for p, err := range format.ReadTMX(path, f, dir, nil) {
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, twoTexts{translator.Transport(dir.From, p.Source.Text), p.Target.Text})
	}
	return pairs
}

// tally counts the pairs that each rule flags, and keeps a few.
type tally struct {
	pairs, flagged int
	byRule         map[string]int
	shown          []string
}

func count(c *quality.Checker, pairs []twoTexts) tally {
	n := tally{pairs: len(pairs), byRule: map[string]int{}}
	for _, p := range pairs {
		found := c.Check(p.source, p.target)
		if len(found) > 0 {
			n.flagged++
		}
		for _, f := range found {
			n.byRule[f.Rule]++
			n.shown = append(n.shown, fmt.Sprintf("%s: %s\n\t%s\n\t%s", f.Rule, f.Detail, p.source, p.target))
		}
	}
	return n
}

func (n tally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d (%.2f %%)", n.flagged, n.pairs, 100*n.share())
	for _, r := range quality.Rules() {
		if k := n.byRule[r.Name]; k > 0 {
			fmt.Fprintf(&b, ", %s %d", r.Name, k)
		}
	}
	return b.String()
}

func (n tally) share() float64 { return float64(n.flagged) / float64(n.pairs) }

// TestSamplesAreClean holds the checks against pairs that a person wrote.
func TestSamplesAreClean(t *testing.T) {
	t.Parallel()
	for _, dir := range []translator.Direction{toEnglish, toArabic} {
		n := count(quality.New(dir, nil), samples(t, dir))
		t.Logf("%s: %v\n%s", dir, n, strings.Join(n.shown, "\n"))
		if n.pairs < 100 || n.share() > 0.02 {
			t.Errorf("%s: %v of the human pairs, want at least 100 pairs and at most 2 %% flagged", dir, n)
		}
	}
}

// TestMeasure prints what the rules flag of public news pairs and of several
// engines' answers, where the data lies beside the project.
func TestMeasure(t *testing.T) {
	t.Parallel()
	shared := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(filepath.Join(shared, "score", "ar-en")); err != nil {
		t.Skip("the data for development is not there: ", err)
	}
	for _, dir := range []translator.Direction{toEnglish, toArabic} {
		c := quality.New(dir, nil)
		at := filepath.Join(shared, "score", dir.String(), "flores-dev.")
		source := lines(t, at+string(dir.From))
		human := count(c, zip(t, source, lines(t, at+string(dir.To))))
		t.Logf("%s human: %v", dir, human)
		if os.Getenv("SHOW") == "human" {
			t.Log(strings.Join(human.shown, "\n"))
		}
		if human.share() > 0.03 || float64(human.byRule["numbers"]) > 0.01*float64(human.pairs) {
			t.Errorf("%s: of the human pairs %v, want at most 3 %%, and 1 %% for numbers", dir, human)
		}
		pud := filepath.Join(shared, "segment")
		p := count(c, zip(t, lines(t, filepath.Join(pud, string(dir.From)+"-pud.a.gold")), lines(t, filepath.Join(pud, string(dir.To)+"-pud.a.gold"))))
		t.Logf("%s PUD human: %v", dir, p)
		if os.Getenv("SHOW") == "pud" {
			t.Log(strings.Join(p.shown, "\n"))
		}
		for _, engine := range []string{"google", "microsoft", "bergamot-base", "bergamot-base-memory", "opusmt", "nllb", "argos"} {
			n := count(c, zip(t, source, lines(t, at+engine+"."+string(dir.To))))
			t.Logf("%s %s: %v", dir, engine, n)
			if os.Getenv("SHOW") == engine {
				t.Log(strings.Join(n.shown, "\n"))
			}
		}
	}
}

func zip(t *testing.T, sources, targets []string) (pairs []twoTexts) {
	t.Helper()
	if len(sources) != len(targets) {
		t.Fatalf("%d sources and %d targets", len(sources), len(targets))
	}
	for i, s := range sources {
		if s != "" {
			pairs = append(pairs, twoTexts{s, targets[i]})
		}
	}
	return pairs
}

func lines(t *testing.T, path string) (all []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for scan := bufio.NewScanner(f); scan.Scan(); {
		all = append(all, scan.Text())
	}
	return all
}
