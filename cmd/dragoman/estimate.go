package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/memory"
	"dragoman/translator/pipeline"
)

func (a *app) estimateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "estimate [PATH...]",
		Short: "Say what a run would send and cost, without sending anything",
		Long: `Reads and splits the stories, takes off what is remembered and what stands twice,
and says what is left: sentences, characters to be billed, requests, price and time.
No backend is called. Where the chain has several backends, each line says what it
would cost if that backend answered everything.`,
		Example: `  dragoman estimate night/
  dragoman estimate --backend google --json night.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.settings(cmd)
			if err != nil {
				return err
			}
			return a.estimate(cmd.Context(), cfg, args)
		},
	}
	addSettings(cmd, "from", "to", "store", "backend", "encoding")
	return cmd
}

// An estimate is what a run would come to. Characters are counted as the first
// backend of the chain counts them.
type estimate struct {
	Stories    int               `json:"stories"`
	Failed     int               `json:"failed"` // stories that cannot be read
	Sentences  int               `json:"sentences"`
	Distinct   int               `json:"distinct"`
	Remembered int               `json:"remembered"`
	Send       int               `json:"send"`
	Chars      int               `json:"billed_chars"`
	Cost       translator.USD    `json:"cost_usd"` // of the dearest backend
	Seconds    float64           `json:"seconds"`  // of the slowest
	Backends   []backendEstimate `json:"backends"`
}

// A backendEstimate is what it would come to if one backend answered everything.
type backendEstimate struct {
	Name     string         `json:"name"`
	Requests int            `json:"requests"`
	Cost     translator.USD `json:"cost_usd"`
	Seconds  float64        `json:"seconds"`
}

// requestTime is what a full request is taken to last: cloud services answer
// in half a second to one and a half.
const requestTime = time.Second

func (a *app) estimate(ctx context.Context, cfg *config.Config, paths []string) (err error) {
	job, err := newJob(cfg, paths, a.in)
	if err != nil {
		return err
	}
	log, err := a.logger(cfg, a.err)
	if err != nil {
		return err
	}
	ctx, _, release := interruptions(ctx)
	defer release()
	db, err := openStore(ctx, cfg.Store, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(db)) }()
	traits, err := chainTraits(ctx, cfg, job.dir, log)
	if err != nil {
		return err
	}
	e, err := estimateJob(ctx, job, db, traits, cfg)
	if err != nil {
		return err
	}
	if a.json {
		return writeJSON(a.out, e)
	}
	return e.print(a.out)
}

// chainTraits returns the traits of a chain's backends, which cost nothing.
func chainTraits(ctx context.Context, cfg *config.Config, dir translator.Direction, log *zap.Logger) ([]translator.Traits, error) {
	if err := cfg.Require(); err != nil {
		return nil, usageError{err}
	}
	var traits []translator.Traits
	for _, name := range cfg.Chain {
		t, err := traitsOf(ctx, name, cfg, dir, log)
		if err != nil {
			return nil, err
		}
		traits = append(traits, t)
	}
	return traits, nil
}

// errNotSent stands for the answer of a backend that is not asked.
var errNotSent = translator.NewError("estimate", translator.Interrupted, nil)

func notSent(_ context.Context, _ translator.Direction, texts []string) ([]translator.Result, error) {
	results := make([]translator.Result, len(texts))
	for i := range results {
		results[i].Err = errNotSent
	}
	return results, nil
}

// estimateJob runs the pipeline with a backend that is never asked.
func estimateJob(ctx context.Context, job *job, db database, traits []translator.Traits, cfg *config.Config) (*estimate, error) {
	var signatures []translator.Signature
	for _, t := range traits {
		signatures = append(signatures, t.Signature)
	}
	recall := memory.Recall(db, signatures, notSent)
	totals, err := pipeline.Run(ctx, job.dir, job.articles(ctx), recall, func(translator.Story) error { return nil },
		&pipeline.Options{Size: traits[0].SizeOf})
	if err != nil {
		return nil, err
	}
	e := &estimate{
		Stories: totals.Stories.All(), Failed: totals.Stories.Failed, Sentences: totals.Sentences, Distinct: totals.Distinct,
		Remembered: totals.Recalled, Send: totals.Held, Chars: totals.HeldSize,
	}
	for i, t := range traits {
		b := estimateBackend(t, e.Send, e.Chars, connections(cfg, t), pace(cfg.Chain[i], cfg).SizePerMinute)
		e.Backends = append(e.Backends, b)
		e.Cost, e.Seconds = max(e.Cost, b.Cost), max(e.Seconds, b.Seconds)
	}
	return e, nil
}

func connections(cfg *config.Config, t translator.Traits) int {
	if cfg.Concurrency > 0 {
		return cfg.Concurrency
	}
	return max(t.Connections, 1)
}

// estimateBackend packs perfectly: the client comes within a few percent of it.
func estimateBackend(t translator.Traits, texts, size, connections, sizePerMinute int) backendEstimate {
	b := backendEstimate{Name: t.Name, Cost: t.Price.Of(size)}
	if texts == 0 {
		return b
	}
	b.Requests = max(perLimit(texts, t.MaxTexts), perLimit(size, t.MaxSize), 1)
	if t.Price > 0 { // a local engine's speed is not known
		rounds := perLimit(b.Requests, connections)
		b.Seconds = (time.Duration(rounds) * requestTime).Seconds()
	}
	if sizePerMinute > 0 {
		b.Seconds = max(b.Seconds, 60*float64(size)/float64(sizePerMinute))
	}
	return b
}

// perLimit returns how many portions of at most limit n makes; a limit of 0 is none.
func perLimit(n, limit int) int {
	if limit <= 0 {
		return min(n, 1)
	}
	return (n + limit - 1) / limit
}

func (e *estimate) print(w io.Writer) error {
	fmt.Fprintf(w, "%d stories (%d cannot be read), %d sentences, %d distinct\n", e.Stories, e.Failed, e.Sentences, e.Distinct)
	fmt.Fprintf(w, "%d are remembered, %d would be sent: %d characters\n", e.Remembered, e.Send, e.Chars)
	for _, b := range e.Backends {
		duration := "at the engine's own speed"
		if b.Seconds > 0 {
			duration = "about " + time.Duration(b.Seconds*float64(time.Second)).String()
		}
		if _, err := fmt.Fprintf(w, "  %-13s %d requests, at most %s, %s\n", b.Name, b.Requests, b.Cost, duration); err != nil {
			return err
		}
	}
	return nil
}
