package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/ledger"
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
	addSettings(cmd, "from", "to", "store", "backend", "encoding", "budget")
	return cmd
}

// An estimate is what a run would come to.
type estimate struct {
	Stories    int               `json:"stories"`
	Failed     int               `json:"failed"` // stories that cannot be read
	Sentences  int               `json:"sentences"`
	Distinct   int               `json:"distinct"`
	Remembered int               `json:"remembered"`
	Send       int               `json:"send"`
	Chars      int               `json:"billed_chars"`   // characters to send; what of them is billed stands in Backends
	Cost       translator.USD    `json:"cost_usd"`       // the most that the dearest backend may cost
	Least      translator.USD    `json:"least_cost_usd"` // the least that the cheapest may
	Seconds    float64           `json:"seconds"`        // of the slowest
	Backends   []backendEstimate `json:"backends"`
	Unreadable []unreadable      `json:"unreadable"` // the first of the Failed
	// Over names the first limit of the run that the estimate passes; empty is none.
	Over string `json:"over_budget"`
}

// An unreadable story will fail in a run too.
type unreadable struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

// maxUnreadable bounds the stories that are named.
const maxUnreadable = 100

// A backendEstimate is what it would come to if one backend answered everything.
type backendEstimate struct {
	Name     string         `json:"name"`
	Requests int            `json:"requests"`
	Size     int            `json:"size"` // in the backend's unit, with what each request carries besides its texts
	Unit     string         `json:"unit"`
	Least    translator.USD `json:"least_cost_usd"`
	Cost     translator.USD `json:"cost_usd"` // at most; the same as Least where only the source is billed
	Seconds  float64        `json:"seconds"`
}

// requestTime is what a full request is taken to last: cloud services answer
// in half a second to one and a half.
const requestTime = time.Second

func (a *app) estimate(ctx context.Context, cfg *config.Config, paths []string) (err error) {
	ctx, release := untilInterrupted(ctx)
	defer release()
	job, err := newJob(cfg, paths, a.in, ctx.Done())
	if err != nil {
		return err
	}
	log, err := a.logger(cfg, a.err)
	if err != nil {
		return err
	}
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
	_, err = io.WriteString(a.out, e.text())
	return err
}

// chainTraits returns the traits of a chain's backends, which cost nothing.
func chainTraits(ctx context.Context, cfg *config.Config, dir translator.Direction, log *zap.Logger) ([]translator.Traits, error) {
	if err := cfg.RequireSettings(); err != nil {
		return nil, usageError{err}
	}
	o, err := newOrder(cfg, dir, log)
	if err != nil {
		return nil, err
	}
	var traits []translator.Traits
	for _, name := range cfg.Chain {
		t, err := o.traits(ctx, name)
		if err != nil {
			return nil, err
		}
		traits = append(traits, t)
	}
	return traits, nil
}

// errNotSent stands for the answer of a backend that is not asked.
var errNotSent = translator.NewError("estimate", translator.Interrupted, nil)

// A scale weighs the texts that would be sent in every backend's unit. A text
// that several pages hold is weighed each time; the pipeline counts it once.
type scale struct {
	traits []translator.Traits
	mu     sync.Mutex
	sums   []int // in the backends' units
	chars  int   // the same in characters
}

// notSent weighs texts and answers none.
func (s *scale) notSent(_ context.Context, req translator.Request) ([]translator.Result, error) {
	results := make([]translator.Result, len(req.Texts))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, text := range req.Texts {
		results[i].Err = errNotSent
		s.chars += utf8.RuneCountInString(text)
		for k, t := range s.traits {
			s.sums[k] += t.SizeOf(text)
		}
	}
	return results, nil
}

// size converts characters to the unit of the k-th backend.
func (s *scale) size(k, chars int) int {
	if s.sums[k] == s.chars {
		return chars
	}
	return int(math.Ceil(float64(chars) * float64(s.sums[k]) / float64(s.chars)))
}

// A lookedAt is a store on which nothing is claimed and nobody waited for: an
// estimate sends nothing.
type lookedAt struct{ translator.Store }

// estimateJob runs the pipeline with a backend that is never asked.
func estimateJob(ctx context.Context, job *job, db database, traits []translator.Traits, cfg *config.Config) (*estimate, error) {
	remembered := newMemory(lookedAt{db})
	for _, t := range traits {
		remembered.Link(t.Signature, nil) // Recall asks the scale instead
	}
	weigh := &scale{traits: traits, sums: make([]int, len(traits))}
	e := &estimate{Unreadable: []unreadable{}}
	totals, err := pipeline.Run(ctx, job.dir, job.articles(ctx), remembered.Recall(weigh.notSent), e.note, nil)
	if err != nil {
		return nil, err
	}
	e.fill(totals)
	for i, t := range traits {
		b := estimateBackend(t, e.Send, weigh.size(i, e.Chars), connections(cfg, t), pace(cfg.Chain[i], cfg))
		e.Backends = append(e.Backends, b)
		e.Cost, e.Seconds = max(e.Cost, b.Cost), max(e.Seconds, b.Seconds)
		if i == 0 || b.Least < e.Least {
			e.Least = b.Least
		}
	}
	e.Over = over(budgetOf(cfg), e)
	return e, nil
}

// note keeps the reasons of stories that cannot be read.
func (e *estimate) note(s translator.Story) error {
	if s.Status == translator.Failed && len(e.Unreadable) < maxUnreadable {
		e.Unreadable = append(e.Unreadable, unreadable{s.Article.Path, s.Err.Error(), translator.HintOf(s.Err)})
	}
	return nil
}

func (e *estimate) fill(totals pipeline.Totals) {
	e.Stories, e.Failed, e.Sentences = totals.Stories.All(), totals.Stories.Failed, totals.Sentences
	e.Distinct, e.Remembered, e.Send, e.Chars = totals.Distinct, totals.Recalled, totals.Held, totals.HeldSize
}

// over names the limit of a run at which it would stop.
func over(b ledger.Budget, e *estimate) string {
	switch {
	case b.RunSize > 0 && slices.ContainsFunc(e.Backends, func(x backendEstimate) bool { return int64(x.Size) > b.RunSize }):
		return fmt.Sprintf("budget.run_chars is %d", b.RunSize)
	case b.RunCost > 0 && e.Cost > b.RunCost:
		return fmt.Sprintf("budget.run_usd is %s", b.RunCost)
	}
	return ""
}

func connections(cfg *config.Config, t translator.Traits) int {
	if cfg.Concurrency > 0 {
		return cfg.Concurrency
	}
	return max(t.Connections, 1)
}

// unitOf returns what a backend counts, in the plural.
func unitOf(t translator.Traits) string { return cmp.Or(t.Unit, "characters") }

// estimateBackend packs perfectly: the client comes within a few percent of it.
func estimateBackend(t translator.Traits, texts, size, connections int, pace backend.Pace) backendEstimate {
	b := backendEstimate{Name: t.Name, Unit: unitOf(t)}
	if texts == 0 {
		return b
	}
	b.Requests = max(perLimit(texts, t.MaxTexts), perLimit(size, t.MaxSize), 1)
	b.Size = size + b.Requests*t.Overhead
	b.Least, b.Cost = t.Cost(b.Requests, size)
	if t.Price > 0 { // a local engine's speed is not known
		rounds := perLimit(b.Requests, connections)
		b.Seconds = (time.Duration(rounds) * requestTime).Seconds()
	}
	for _, m := range [...]struct{ amount, aMinute int }{{b.Requests, pace.RequestsPerMinute}, {b.Size, pace.SizePerMinute}} {
		if m.aMinute > 0 {
			b.Seconds = max(b.Seconds, 60*float64(m.amount)/float64(m.aMinute))
		}
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

// costRange says what something costs: a range where the answer is billed too.
func costRange(least, most translator.USD) string {
	if least == most {
		return "at most " + most.String()
	}
	return fmt.Sprintf("%s to %s", least, most)
}

// text says it to people.
func (e *estimate) text() string {
	w := &strings.Builder{}
	for _, u := range e.Unreadable {
		fmt.Fprintf(w, "cannot be read: %s: %s\n  %s\n", printable(u.Path), printable(u.Reason), printable(u.Remedy))
	}
	fmt.Fprintf(w, "%s, %s, %d distinct\n", count(e.Stories, "story"), count(e.Sentences, "sentence"), e.Distinct)
	fmt.Fprintf(w, "%d are remembered, %d would be sent: %d characters\n", e.Remembered, e.Send, e.Chars)
	for _, b := range e.Backends {
		duration := "at the engine's own speed"
		if b.Seconds > 0 {
			duration = "about " + time.Duration(b.Seconds*float64(time.Second)).String()
		}
		fmt.Fprintf(w, "  %-14s %s, %d %s, %s, %s\n", b.Name, count(b.Requests, "request"), b.Size, b.Unit, costRange(b.Least, b.Cost), duration)
	}
	if e.Over != "" {
		fmt.Fprintf(w, "a run would stop before its end: %s\n", e.Over)
	}
	return w.String()
}
