// Package score compares translations with references: BLEU, chrF2, chrF2++
// and TER, with the figures of sacreBLEU 2.6.0 to the last bit.
//
// Every metric counts a sentence at a time (matching n-grams, edits) and makes
// one figure of the counts of a sentence or of the sums of a corpus. Sentences
// are counted side by side; the sums are taken in the order of the lines, so
// that a figure never depends on the machine. translator/docs/score.md says
// what each figure means and how the sameness was checked.
package score

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dragoman/translator"
)

// Version is the version of sacreBLEU whose figures these are; it stands in
// every signature.
const Version = "2.6.0"

// A Metric is the name of a metric.
type Metric string

// The metrics. TER is the only one of which less is better.
const (
	BLEU   Metric = "BLEU"    // Papineni et al. 2002: words, up to four in a row
	ChrF   Metric = "chrF2"   // Popović 2015: characters, up to six in a row
	ChrFPP Metric = "chrF2++" // Popović 2017: the same, and words up to two in a row
	TER    Metric = "TER"     // Snover et al. 2006: edits and moves of words per word of the reference
)

// Metrics returns all metrics in the order in which they are shown.
func Metrics() []Metric { return []Metric{BLEU, ChrF, ChrFPP, TER} }

// ParseMetric returns the metric of a name in any case; "chrf" and "chrf++"
// stand for chrF2 and chrF2++.
func ParseMetric(name string) (Metric, error) {
	wanted := strings.ToLower(name)
	if wanted == "chrf" || wanted == "chrf++" {
		wanted = "chrf2" + wanted[len("chrf"):]
	}
	for _, m := range Metrics() {
		if strings.ToLower(string(m)) == wanted {
			return m, nil
		}
	}
	return "", invalid(fmt.Errorf("there is no metric %q", name), "choose from BLEU, chrF2, chrF2++ and TER")
}

// Options say what is scored and how. The zero value is sacreBLEU's own.
type Options struct {
	Metrics   []Metric // what to score, in this order; none: all of Metrics()
	Tokenizer string   // how BLEU finds words, one of Tokenizers(); "": 13a
	Lowercase bool     // BLEU does not tell capitals from small letters
	Workers   int      // sentences counted at once; 0: as many as Go uses processors
}

// A Scorer scores translations. It is safe for concurrent use.
type Scorer struct {
	metrics []metric
	width   int // of the statistics of one line
	workers int
}

// A metric turns lines into statistics, which can be added up, and statistics
// into a figure. It holds no state.
type metric interface {
	width() int                                      // how many statistics a line has
	count(into []float64, l *line)                   // into is of width()
	score(stats []float64, nrefs int, as unit) Score // stats of a line, or sums of them
}

// A unit is what a figure is about.
type unit bool

const (
	corpus   unit = false
	sentence unit = true
)

// New returns a Scorer. Errors are Invalid: a metric or tokenizer that is not there.
func New(opts *Options) (*Scorer, error) {
	if opts == nil {
		opts = &Options{}
	}
	wanted := opts.Metrics
	if len(wanted) == 0 {
		wanted = Metrics()
	}
	s := &Scorer{workers: opts.Workers}
	for _, name := range wanted {
		m, err := newMetric(name, opts)
		if err != nil {
			return nil, err
		}
		s.metrics = append(s.metrics, m)
		s.width += m.width()
	}
	return s, nil
}

func newMetric(name Metric, opts *Options) (metric, error) {
	switch name {
	case BLEU:
		return newBLEU(opts.Tokenizer, opts.Lowercase)
	case ChrF:
		return chrf{name: ChrF}, nil
	case ChrFPP:
		return chrf{name: ChrFPP, words: 2}, nil
	case TER:
		return ter{}, nil
	}
	return nil, invalid(fmt.Errorf("there is no metric %q", name), "choose from BLEU, chrF2, chrF2++ and TER")
}

// A Score is one figure, from 0 to 100 (TER: from 0, with no upper end), with
// what it was made of.
type Score struct {
	Metric    Metric
	Signature string // sacreBLEU's: what must be equal for two figures to be comparable
	Value     float64
	BLEU      *BLEUParts // of BLEU only
	TER       *TERParts  // of TER only
}

// Sentence scores one translation against one or more references, with a score
// for each metric. Without a reference all scores are those of an empty one.
func (s *Scorer) Sentence(hyp string, refs ...string) []Score {
	if len(refs) == 0 {
		refs = []string{""}
	}
	l := &line{}
	l.set(hyp, refs)
	stats := make([]float64, s.width)
	s.count(stats, l)
	return s.scores(stats, len(refs), sentence)
}

// Corpus scores a corpus, with a score for each metric. A line of hyps is
// scored against the same line of each of refs. It is an error if there is no
// line, or no reference, or if their numbers of lines differ.
func (s *Scorer) Corpus(ctx context.Context, hyps []string, refs ...[]string) ([]Score, error) {
	sums := make([]float64, s.width)
	err := s.each(ctx, hyps, refs, func(_ int, stats []float64) error {
		for i, n := range stats {
			sums[i] += n
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.scores(sums, len(refs), corpus), nil
}

// Sentences scores each line of a corpus by itself, as Sentence does, and calls
// use in the order of the lines, counted from 0. Errors are those of Corpus and
// of use, which ends it.
func (s *Scorer) Sentences(ctx context.Context, hyps []string, refs [][]string, use func(line int, scores []Score) error) error {
	return s.each(ctx, hyps, refs, func(line int, stats []float64) error {
		return use(line, s.scores(stats, len(refs), sentence))
	})
}

// count takes the statistics of a line for all metrics.
func (s *Scorer) count(stats []float64, l *line) {
	for _, m := range s.metrics {
		m.count(stats[:m.width()], l)
		stats = stats[m.width():]
	}
}

func (s *Scorer) scores(stats []float64, nrefs int, as unit) []Score {
	scores := make([]Score, 0, len(s.metrics))
	for _, m := range s.metrics {
		scores = append(scores, m.score(stats[:m.width()], nrefs, as))
		stats = stats[m.width():]
	}
	return scores
}

// comparable tells why a corpus cannot be scored, or nil.
func comparable(hyps []string, refs [][]string) error {
	if len(hyps) == 0 || len(refs) == 0 {
		return invalid(fmt.Errorf("%d lines and %d references", len(hyps), len(refs)), "give at least one line, and one reference to compare it with")
	}
	if i := slices.IndexFunc(refs, func(ref []string) bool { return len(ref) != len(hyps) }); i >= 0 {
		return invalid(fmt.Errorf("%d lines, but %d in reference %d", len(hyps), len(refs[i]), i+1), "line N of a translation is compared with line N of each reference")
	}
	return nil
}

func invalid(err error, hint string) error {
	return &translator.Error{Op: "score", Kind: translator.Invalid, Err: err, Hint: hint}
}
