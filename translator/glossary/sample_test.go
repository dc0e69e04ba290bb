package glossary_test

import (
	"encoding/xml"
	"os"
	"testing"

	"dragoman/translator"
	"dragoman/translator/glossary"
)

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

const samples = "../../samples/"

func readFile(t testing.TB, path string, dir translator.Direction) *translator.Glossary {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	g, err := glossary.Read(path, f, dir)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A tmx is as much of a TMX file as the test needs; package format reads them,
// but is no neighbour of this one.
type tmx struct {
	Units []struct {
		Variants []struct {
			Lang string `xml:"lang,attr"`
			Seg  string `xml:"seg"`
		} `xml:"tuv"`
	} `xml:"body>tu"`
}

// samplePairs returns the pairs of the samples, Arabic first.
func samplePairs(t testing.TB) [][2]string {
	t.Helper()
	data, err := os.ReadFile(samples + "memory.tmx")
	if err != nil {
		t.Fatal(err)
	}
	var file tmx
	if err := xml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var pairs [][2]string
	for _, u := range file.Units {
		texts := map[string]string{}
		for _, v := range u.Variants {
			texts[v.Lang] = v.Seg
		}
		if texts["ar"] == "" || texts["en"] == "" {
			t.Fatalf("%v is no pair", u)
		}
		pairs = append(pairs, [2]string{texts["ar"], texts["en"]})
	}
	return pairs
}

// The sample glossary agrees with the sample memory, and each of its terms stands there.
func TestSamplesKeepToTheirGlossary(t *testing.T) {
	t.Parallel()
	g := readFile(t, samples+"glossary.tsv", arEn)
	m := glossary.New(g)
	found := map[string]int{}
	for _, p := range samplePairs(t) {
		for _, term := range m.In(p[0]) {
			found[term.Source]++
		}
		for _, term := range m.Missing(p[0], p[1]) {
			t.Errorf("%s stands in %q, and %s not in %q", term.Source, p[0], term.Target, p[1])
		}
	}
	for _, term := range g.Terms {
		t.Logf("%s: %d times", term.Source, found[term.Source])
		if found[term.Source] == 0 {
			t.Errorf("%s stands nowhere", term.Source)
		}
	}
}
