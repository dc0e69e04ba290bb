package score

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// An ownCase is a sentence of our own with sacreBLEU's figures for it, by the
// names that expected.tsv has for the metrics.
type ownCase struct {
	Name string             `json:"name"`
	Hyp  string             `json:"hyp"`
	Refs []string           `json:"refs"`
	Want map[string]float64 `json:"want"`
}

// optionsOf are the options of a metric's name in expected.tsv, as "BLEU-lc".
func optionsOf(name string) *Options {
	metric, variant, _ := strings.Cut(name, "-")
	opts := &Options{Metrics: []Metric{Metric(metric)}}
	switch variant {
	case "":
	case "lc":
		opts.Lowercase = true
	default:
		opts.Tokenizer = variant
	}
	return opts
}

// TestOwn holds every figure of our own edge cases to testdata/own.jsonl, which
// translator/docs/score.md tells the origin of.
func TestOwn(t *testing.T) {
	t.Parallel()
	cases := ownCases(t)
	if len(cases) < 51 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		if len(c.Want) != 8 {
			t.Fatalf("%s: %d figures", c.Name, len(c.Want))
		}
		for name, want := range c.Want {
			if got := scorer(t, optionsOf(name)).Sentence(c.Hyp, c.Refs...)[0]; got.Value != want {
				t.Errorf("%s: %s is %v, want %v", c.Name, name, got.Value, want)
			}
		}
	}
}

func ownCases(t testing.TB) []ownCase {
	t.Helper()
	f, err := os.Open("testdata/own.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []ownCase
	for s := bufio.NewScanner(f); s.Scan(); {
		var c ownCase
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// TestTogether wants the same figures from a Scorer of several metrics, which
// share memory, and from one of each.
func TestTogether(t *testing.T) {
	t.Parallel()
	order := []Metric{TER, ChrFPP, BLEU, ChrF, ChrFPP}
	s := scorer(t, &Options{Metrics: order})
	for _, c := range ownCases(t) {
		got := s.Sentence(c.Hyp, c.Refs...)
		for i, m := range order {
			if got[i].Metric != m || got[i].Value != c.Want[string(m)] {
				t.Errorf("%s: %s is %v, want %v of %s", c.Name, got[i].Metric, got[i].Value, c.Want[string(m)], m)
			}
		}
	}
	if !slices.Equal(Metrics(), []Metric{BLEU, ChrF, ChrFPP, TER}) {
		t.Error("the order in which metrics are shown has changed: docs/score.md")
	}
}

// TestOwnCorpus scores all our cases as one corpus, with one, two and three
// references; a case that has fewer has its last one again.
func TestOwnCorpus(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/own-corpus.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[int]map[string]float64
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	cases := ownCases(t)
	var hyps []string
	var refs [3][]string
	for _, c := range cases {
		hyps = append(hyps, c.Hyp)
		for i := range refs {
			refs[i] = append(refs[i], c.Refs[min(i, len(c.Refs)-1)])
		}
	}
	for n := range refs {
		for name, w := range want[n+1] {
			got, err := scorer(t, optionsOf(name)).Corpus(context.Background(), hyps, refs[:n+1]...)
			if err != nil || got[0].Value != w {
				t.Errorf("%d references: %s is %v, want %v: %v", n+1, name, got, w, err)
			}
		}
		if len(want[n+1]) != 8 {
			t.Errorf("%d references: %d figures", n+1, len(want[n+1]))
		}
	}
}
