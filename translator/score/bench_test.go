package score

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// benchLines is how many lines the benchmarks score: what the goal is about.
const benchLines = 100_000

// BenchmarkCorpus scores 100,000 lines of news-like text, FLORES repeated where
// it is on the machine, or else our own. The figure to look at is lines/s.
func BenchmarkCorpus(b *testing.B) {
	hyps, refs := benchTexts(b)
	for _, c := range []struct {
		name string
		opts Options
	}{
		{"BLEU", Options{Metrics: []Metric{BLEU}}},
		{"BLEU-intl", Options{Metrics: []Metric{BLEU}, Tokenizer: "intl"}},
		{"chrF2", Options{Metrics: []Metric{ChrF}}},
		{"chrF2++", Options{Metrics: []Metric{ChrFPP}}},
		{"TER", Options{Metrics: []Metric{TER}}},
		{"all", Options{}},
		{"all-one-worker", Options{Workers: 1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, err := New(&c.opts)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Corpus(context.Background(), hyps, refs); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*benchLines)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

func benchTexts(b *testing.B) (hyps, refs []string) {
	b.Helper()
	read := func(name string) []string {
		data, err := os.ReadFile(filepath.Join(shared, "ar-en", name))
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			b.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	}
	hyps, refs = read("flores-dev.opusmt.en"), read("flores-dev.en")
	if hyps == nil {
		b.Log("FLORES is not on this machine: our own lines instead")
		for _, c := range ownCases(b) {
			hyps, refs = append(hyps, c.Hyp), append(refs, c.Refs[0])
		}
	}
	return repeated(hyps), repeated(refs)
}

func repeated(lines []string) []string {
	var all []string
	for len(all) < benchLines {
		all = append(all, lines...)
	}
	return all[:benchLines]
}
