package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"dragoman/translator"
	"dragoman/translator/score"
)

// A scoring is what the flags of score ask for.
type scoring struct {
	refs      []string // files
	metrics   []string
	tokenizer string
	lowercase bool
	sentences bool
}

func (a *app) scoreCommand() *cobra.Command {
	s := &scoring{}
	cmd := &cobra.Command{
		Use:   "score --ref FILE [--ref FILE ...] HYP",
		Short: "Score a translation against references: BLEU, chrF2, chrF2++, TER",
		Long: `Compares line N of HYP with line N of each reference and writes a figure for each
metric, equal to what sacreBLEU ` + score.Version + ` writes, with its signature: two figures may
be compared only if their signatures are the same.

Files hold one sentence a line in UTF-8, plain or gzip; HYP may be - for standard
input. They are held in memory. More is better, but for TER.`,
		Example: `  dragoman score --ref human.en mine.en
  dragoman score --ref a.en --ref b.en --metric bleu,ter --json mine.en.gz
  dragoman score --ref human.ar --metric bleu --tokenize intl mine.ar
  my-engine < story.ar | dragoman score --ref human.en --sentence -`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return a.score(cmd.Context(), s, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&s.refs, "ref", nil, "a reference, line by line (several: repeat)")
	flags.StringSliceVar(&s.metrics, "metric", nil, "what to score: "+names(score.Metrics())+" (several: comma or repeat; default all)")
	flags.StringVar(&s.tokenizer, "tokenize", "13a", "how BLEU finds words: "+names(score.Tokenizers())+"; intl knows Arabic punctuation")
	flags.BoolVar(&s.lowercase, "lowercase", false, "BLEU does not tell capitals from small letters")
	flags.BoolVar(&s.sentences, "sentence", false, "score each line by itself, and write a line for each")
	return cmd
}

func names[S ~string](list []S) string {
	var all []string
	for _, s := range list {
		all = append(all, string(s))
	}
	return strings.Join(all, ", ")
}

func (a *app) score(ctx context.Context, s *scoring, hyp string) error {
	scorer, err := s.scorer()
	if err != nil {
		return err
	}
	hyps, refs, err := a.parallel(hyp, s.refs)
	if err != nil {
		return err
	}
	ctx, release := untilInterrupted(ctx)
	defer release()
	if s.sentences {
		err = a.scoreSentences(ctx, scorer, hyps, refs)
	} else {
		err = a.scoreCorpus(ctx, scorer, hyps, refs)
	}
	if errors.Is(err, context.Canceled) {
		return &translator.Error{Op: "score", Kind: translator.Interrupted} // nothing is remembered of it
	}
	return err
}

func (s *scoring) scorer() (*score.Scorer, error) {
	if len(s.refs) == 0 {
		return nil, usageError{errors.New("--ref FILE is missing: a figure comes from comparing with a human's translation")}
	}
	opts := &score.Options{Tokenizer: s.tokenizer, Lowercase: s.lowercase}
	for _, name := range s.metrics {
		m, err := score.ParseMetric(name)
		if err != nil {
			return nil, err
		}
		opts.Metrics = append(opts.Metrics, m)
	}
	return score.New(opts)
}

// parallel reads a translation and its references, and sees that they have as
// many lines as each other.
func (a *app) parallel(hyp string, refs []string) (hyps []string, of [][]string, err error) {
	if hyps, err = readSentences(hyp, a.in); err != nil {
		return nil, nil, err
	}
	for _, ref := range refs {
		if ref == "-" {
			return nil, nil, usageError{errors.New("--ref - : a reference is a file; only HYP may be standard input")}
		}
		lines, err := readSentences(ref, nil)
		if err != nil {
			return nil, nil, err
		}
		if len(lines) != len(hyps) {
			return nil, nil, unequal(hyp, len(hyps), ref, len(lines))
		}
		of = append(of, lines)
	}
	return hyps, of, nil
}

func unequal(hyp string, hyps int, ref string, refs int) error {
	longer := hyp
	if refs > hyps {
		longer = ref
	}
	return &translator.Error{
		Op: "score", Kind: translator.Invalid,
		Err:  fmt.Errorf("%s has %s and %s has %s: %s:%d has nothing to go with it", inputName(hyp), count(hyps, "line"), ref, count(refs, "line"), inputName(longer), min(hyps, refs)+1),
		Hint: "line N of every file must be of the same sentence: see that no line was lost, or broken in two",
	}
}

// A scoreJSON is one figure of --json; what it was made of where there is more to say.
type scoreJSON struct {
	Metric    score.Metric `json:"metric"`
	Value     float64      `json:"value"`
	Signature string       `json:"signature"`

	Matches    []int     `json:"matches,omitempty"` // BLEU: of 1 to 4 words
	Totals     []int     `json:"totals,omitempty"`
	Precisions []float64 `json:"precisions,omitempty"`
	Brevity    *float64  `json:"brevity_penalty,omitempty"`
	HypLen     *int      `json:"hyp_len,omitempty"`

	Edits  *int     `json:"edits,omitempty"`   // TER
	RefLen *float64 `json:"ref_len,omitempty"` // BLEU and TER
}

// A scoresJSON is the output of --json: of a corpus with Lines, or of one line with its number.
type scoresJSON struct {
	Lines  int         `json:"lines,omitempty"`
	Line   int         `json:"line,omitempty"`
	Scores []scoreJSON `json:"scores"`
}

func scoresToJSON(scores []score.Score) []scoreJSON {
	var all []scoreJSON
	for _, s := range scores {
		j := scoreJSON{Metric: s.Metric, Value: s.Value, Signature: s.Signature}
		if b := s.BLEU; b != nil {
			ref := float64(b.RefLen)
			j.Matches, j.Totals, j.Precisions = b.Matches[:], b.Totals[:], b.Precisions[:]
			j.Brevity, j.HypLen, j.RefLen = &b.Brevity, &b.HypLen, &ref
		}
		if t := s.TER; t != nil {
			j.Edits, j.RefLen = &t.Edits, &t.RefLen
		}
		all = append(all, j)
	}
	return all
}

func (a *app) scoreCorpus(ctx context.Context, scorer *score.Scorer, hyps []string, refs [][]string) error {
	scores, err := scorer.Corpus(ctx, hyps, refs...)
	if err != nil {
		return err
	}
	if a.json {
		return writeJSON(a.out, scoresJSON{Lines: len(hyps), Scores: scoresToJSON(scores)})
	}
	return writeScores(a.out, scores)
}

func writeScores(w io.Writer, scores []score.Score) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range scores {
		fmt.Fprintf(table, "%s\t%6.2f\t%s\n", s.Metric, s.Value, s.Signature) // the error comes with Flush
	}
	return table.Flush()
}

// scoreSentences writes the scores of each line: tab-separated values, with the
// signatures on standard error, or JSON lines.
func (a *app) scoreSentences(ctx context.Context, scorer *score.Scorer, hyps []string, refs [][]string) error {
	out := bufio.NewWriterSize(a.out, 1<<16)
	err := scorer.Sentences(ctx, hyps, refs, func(line int, scores []score.Score) error {
		if a.json {
			return writeJSON(out, scoresJSON{Line: line + 1, Scores: scoresToJSON(scores)})
		}
		if line == 0 {
			a.scoreHeader(out, scores)
		}
		fmt.Fprint(out, line+1) // errors are sticky
		for _, s := range scores {
			fmt.Fprintf(out, "\t%.2f", s.Value)
		}
		return out.WriteByte('\n')
	})
	return errors.Join(err, out.Flush())
}

func (a *app) scoreHeader(out io.Writer, scores []score.Score) {
	fmt.Fprint(out, "line")
	for _, s := range scores {
		fmt.Fprintf(out, "\t%s", s.Metric)
		if !a.quiet {
			fmt.Fprintf(a.err, "%s: %s\n", s.Metric, s.Signature)
		}
	}
	fmt.Fprintln(out)
}
