package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/format"
	"dragoman/translator/pipeline"
	"dragoman/translator/quality"
	"dragoman/translator/score"
)

// compareFlags are the flags of compare that are no settings.
type compareFlags struct {
	sentences int
	seed      uint64
	ref, page string
	yes       bool
}

func (a *app) compareCommand() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare [PATH...]",
		Short: "Put the same sentences of your stories through several backends, side by side on a page",
		Long: `Takes a sample of the distinct sentences of the stories, asks each backend of
--backend for all of them, one backend after the other, and writes a page with the
translations side by side, time, cost, flags, and, for sentences that --ref knows a
translation of, the scores. The cost is said first. What is remembered of a backend is
not paid for again; what it answers is remembered.

` + exitHelp(),
		Example: `  dragoman compare --backend deepl,google,openai --sample 100 night/
  dragoman compare --config samples/dragoman.yaml --backend tmx,pseudo --ref samples/memory.tmx samples/ar`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.settings(cmd)
			if err != nil {
				return err
			}
			return a.compare(cmd.Context(), cfg, args, f)
		},
	}
	cmd.Flags().IntVar(&f.sentences, "sample", 50, "how many distinct sentences")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "another number takes another sample")
	cmd.Flags().StringVar(&f.ref, "ref", "", "TMX, TSV or JSON lines file with human translations to score against")
	cmd.Flags().StringVar(&f.page, "page", "compare.html", "file to write the page to")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "spend without asking")
	addSettings(cmd, "from", "to", "store", "backend", "encoding", "concurrency", "budget")
	return cmd
}

// compare runs the command.
func (a *app) compare(ctx context.Context, cfg *config.Config, paths []string, f compareFlags) (err error) {
	ctx, release := untilInterrupted(ctx)
	defer release()
	if f.sentences < 1 {
		return usageError{errors.New("--sample is at least 1")}
	}
	job, err := newJob(cfg, paths, a.in, ctx.Done())
	if err != nil {
		return err
	}
	if err := cfg.Require(); err != nil {
		return usageError{err}
	}
	log, err := a.logger(cfg, a.err)
	if err != nil {
		return err
	}
	o, err := newOrder(cfg, job.dir, log)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, cfg.Store, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(db)) }()
	unlock, err := lockStore(ctx, db, func(s string) { fmt.Fprintln(a.err, s) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	c := &comparison{app: a, order: o, db: db, flags: f, id: newRunID("compare")}
	return c.run(ctx, job)
}

// A comparison is one run of compare.
type comparison struct {
	app   *app
	order order
	db    database
	flags compareFlags
	id    string

	sentences  []*sampled
	references []string // one per sentence; empty is none
	page       format.Comparison
}

func (c *comparison) run(ctx context.Context, job *job) error {
	s := newSample(c.flags.sentences, c.flags.seed)
	if err := s.take(ctx, job); err != nil {
		return err
	}
	if c.sentences = s.sentences(); len(c.sentences) == 0 {
		return translator.NewError("compare", translator.Invalid, errors.New("the stories hold no sentence"))
	}
	if err := c.refer(); err != nil {
		return err
	}
	if err := c.confirm(ctx); err != nil {
		return err
	}
	c.page = format.Comparison{
		From: job.dir.From, To: job.dir.To, Made: time.Now().UTC().Truncate(time.Second),
		Seed: c.flags.seed, Distinct: len(s.seen), Rows: c.rows(),
	}
	for _, text := range c.references {
		if text != "" {
			c.page.References++
		}
	}
	for _, name := range c.order.cfg.Chain {
		if err := c.ask(ctx, name); err != nil {
			return err
		}
	}
	return c.conclude()
}

// refer reads the references.
func (c *comparison) refer() error {
	c.references = make([]string, len(c.sentences))
	if c.flags.ref == "" {
		return nil
	}
	how, err := format.ByExtension(c.flags.ref)
	if err != nil {
		return usageError{err}
	}
	file, err := os.Open(c.flags.ref)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	place := map[string]int{}
	for i, s := range c.sentences {
		place[s.text] = i
	}
	for pair, err := range how.Read(c.flags.ref, file, c.order.dir, nil) {
		if item, ok := errors.AsType[*translator.ItemError](err); ok {
			report(item, c.app.err)
			continue
		}
		if err != nil {
			return err
		}
		if i, ok := place[translator.Transport(c.order.dir.From, pair.Source.Text)]; ok && c.references[i] == "" {
			c.references[i] = strings.TrimSpace(pair.Target.Text)
		}
	}
	return nil
}

// confirm says what the sample may cost at most, and asks.
func (c *comparison) confirm(ctx context.Context) error {
	var total translator.USD
	var said strings.Builder
	for _, name := range c.order.cfg.Chain {
		t, err := c.order.traits(ctx, name)
		if err != nil {
			continue // its column will say so
		}
		known, err := c.remembered(ctx, t.Signature)
		if err != nil {
			return err
		}
		size, texts := 0, 0
		for _, s := range c.sentences {
			if _, ok := known[s.key]; !ok {
				size += t.SizeOf(s.text)
				texts++
			}
		}
		b := estimateBackend(t, texts, size, 1, pace(name, c.order.cfg))
		total += b.Cost
		fmt.Fprintf(&said, "%s: %s of %d to send, %d %s, %s\n", name, count(texts, "sentence"), len(c.sentences), b.Size, b.Unit, costRange(b.Least, b.Cost))
	}
	if !c.app.json && !c.app.quiet {
		fmt.Fprint(c.app.err, said.String())
	}
	return c.app.confirmCost(total, c.flags.yes)
}

// remembered returns what the store holds of the sample under a signature.
func (c *comparison) remembered(ctx context.Context, signature translator.Signature) (map[translator.Key]translator.Entry, error) {
	keys := make([]translator.Key, len(c.sentences))
	for i, s := range c.sentences {
		keys[i] = s.key
	}
	found, err := c.db.Lookup(ctx, keys)
	if err != nil {
		return nil, err
	}
	known := map[translator.Key]translator.Entry{}
	for _, s := range c.sentences {
		for _, e := range found[s.key] {
			if e.Origin.Signature == signature && e.Source == s.text {
				known[s.key] = e
			}
		}
	}
	return known, nil
}

func (c *comparison) rows() []format.ComparedRow {
	dir := c.order.dir
	rows := make([]format.ComparedRow, len(c.sentences))
	for i, s := range c.sentences {
		rows[i] = format.ComparedRow{
			ID: s.id, Source: translator.Text{Lang: dir.From, Text: s.source},
			Reference: translator.Text{Lang: dir.To, Text: c.references[i]},
		}
	}
	return rows
}

// ask puts the sample through one backend. What is wrong with the backend is
// its column's matter; only what ends the whole run is an error.
func (c *comparison) ask(ctx context.Context, name string) (err error) {
	col := format.Compared{Name: name}
	timed := &stopwatch{}
	o := c.order
	o.around = timed.around
	results := make([]translator.Result, len(c.sentences))
	e, err := o.engine(ctx, name, c.db, o.meter(c.id, timed.billed))
	if err != nil {
		if t, describeErr := c.order.traits(ctx, name); describeErr == nil {
			col.Signature = t.Signature
		}
		for i := range results {
			results[i].Err = err
		}
		return c.add(ctx, col, results)
	}
	col.Signature, col.Unit = e.traits.Signature, unitOf(e.traits)
	results, err = c.translate(ctx, e)
	if err = errors.Join(err, e.close()); err != nil {
		return err
	}
	timed.tell(&col)
	return c.add(ctx, col, results)
}

// translate answers the sample from memory, of this backend alone, and asks
// the backend for the rest.
func (c *comparison) translate(ctx context.Context, e *engine) ([]translator.Result, error) {
	known, err := c.remembered(ctx, e.traits.Signature)
	if err != nil {
		return nil, err
	}
	req := translator.Request{Direction: c.order.dir}
	results := make([]translator.Result, len(c.sentences))
	var open []int
	for i, s := range c.sentences {
		req.Texts, req.Contexts = append(req.Texts, s.text), append(req.Contexts, s.context)
		if entry, ok := known[s.key]; ok {
			results[i] = translator.Result{Text: entry.Target, Origin: entry.Origin, Flags: entry.Flags, Recalled: true}
			continue
		}
		open = append(open, i)
	}
	if len(open) == 0 {
		return results, nil
	}
	answers, err := e.client.Translate(ctx, req.Pick(open))
	if err != nil {
		return nil, err
	}
	for k, i := range open {
		results[i] = answers[k]
	}
	return results, nil
}

// add puts a backend's results into its column and every row.
func (c *comparison) add(ctx context.Context, col format.Compared, results []translator.Result) error {
	answers := make([]*format.ComparedAnswer, len(results))
	flags := map[string]int{}
	var failure error
	for i, r := range results {
		answer := &format.ComparedAnswer{Text: r.Text, Flags: []string{}, Recalled: r.Recalled}
		if r.Err != nil {
			answer.Error, failure = r.Err.Error(), r.Err
		} else {
			col.Answered++
			answer.Flags = append(answer.Flags, pipeline.Flags(c.sentences[i].text, r, c.order.checker.Flags)...)
		}
		if r.Recalled {
			col.Recalled++
		}
		for _, flag := range answer.Flags {
			flags[flag]++
		}
		answers[i] = answer
	}
	if failure != nil {
		col.Failed = fmt.Sprintf("%d of %d sentences have no translation: %s", len(results)-col.Answered, len(results), failure)
		col.Remedy = translator.HintOf(failure)
	}
	meanings := quality.Meanings()
	col.Flags = []format.FlagCount{}
	for _, flag := range sortedNames(flags) {
		col.Flags = append(col.Flags, format.FlagCount{Flag: flag, Meaning: meanings[flag], Pairs: flags[flag]})
	}
	if sent := col.Answered - col.Recalled; sent > 0 {
		col.Thousand = col.Cost * 1000 / translator.USD(sent)
	}
	col.Scores = []format.Score{}
	if err := c.score(ctx, &col, answers); err != nil {
		return err
	}
	for i, answer := range answers {
		c.page.Rows[i].Answers = append(c.page.Rows[i].Answers, *answer)
	}
	c.page.Engines = append(c.page.Engines, col)
	return nil
}

// conclude writes the page and says what it came to.
func (c *comparison) conclude() error {
	c.page.Meanings = quality.Meanings()
	if err := writePage(c.flags.page, c.page); err != nil {
		return err
	}
	if c.app.json {
		if err := writeJSON(c.app.out, c.page); err != nil {
			return err
		}
	} else if err := c.table(); err != nil {
		return err
	}
	failed := false
	for _, e := range c.page.Engines {
		if e.Failed == "" {
			continue
		}
		failed = true
		fmt.Fprintf(c.app.err, "%s: %s\n", e.Name, printable(e.Failed))
		if e.Remedy != "" {
			fmt.Fprintf(c.app.err, "  %s\n", printable(e.Remedy))
		}
	}
	if failed {
		return &outcomeError{code: exitPartial, said: true, err: errors.New("some backends lack translations")}
	}
	return nil
}

// table says it on the terminal.
func (c *comparison) table() error {
	w := tabwriter.NewWriter(c.app.out, 0, 0, 2, ' ', 0)
	head := append([]string{"backend", "translated", "seconds", "cost", "flagged"}, c.scoreNames()...)
	fmt.Fprintln(w, strings.Join(head, "\t"))
	for _, e := range c.page.Engines {
		flagged := 0
		for _, r := range c.page.Rows {
			if translator.Faults(r.Answers[slices.IndexFunc(c.page.Engines, func(x format.Compared) bool { return x.Name == e.Name })].Flags) > 0 {
				flagged++
			}
		}
		fmt.Fprintf(w, "%s\t%d of %d\t%.2f\t%s\t%d", e.Name, e.Answered, len(c.page.Rows), e.Seconds, e.Cost, flagged)
		for _, s := range c.scoreNames() {
			fmt.Fprintf(w, "\t%s", e.ScoreOf(s))
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if c.app.quiet {
		return nil
	}
	_, err := fmt.Fprintf(c.app.out, "written to %s\n", printable(c.flags.page))
	return err
}

// writePage writes the page whole or not at all.
func writePage(path string, page format.Comparison) (err error) {
	dir, err := format.OpenDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	f, err := dir.Create(filepath.Base(path))
	if err != nil {
		return err
	}
	if err := format.WriteComparison(f, page); err != nil {
		return errors.Join(err, f.Abort())
	}
	return errors.Join(f.Commit(), dir.Sync())
}

// A stopwatch times the requests of one backend and adds up its bills.
type stopwatch struct {
	mu    sync.Mutex
	took  []time.Duration
	size  int64
	spent translator.USD
}

func (s *stopwatch) around(b translator.Backend) translator.Backend { return &timed{b, s} }

func (s *stopwatch) billed(_ translator.Line, bill translator.Bill) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size, s.spent = s.size+int64(bill.Size), s.spent+bill.Cost
}

// tell writes what was measured into a column.
func (s *stopwatch) tell(col *format.Compared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	col.Requests, col.Size, col.Cost = len(s.took), s.size, s.spent
	if len(s.took) == 0 {
		return
	}
	slices.Sort(s.took)
	for _, d := range s.took {
		col.Seconds += d.Seconds()
	}
	col.Median = s.took[len(s.took)/2].Seconds()
}

// timed is a Backend whose requests are timed.
type timed struct {
	translator.Backend
	watch *stopwatch
}

func (t *timed) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	begun := time.Now()
	resp, err := t.Backend.Translate(ctx, req)
	t.watch.mu.Lock()
	defer t.watch.mu.Unlock()
	t.watch.took = append(t.watch.took, time.Since(begun))
	return resp, err
}

// Close closes the Backend that is timed, if it can be closed.
func (t *timed) Close() error { return translator.Close(t.Backend) }

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// score gives a backend its figures over the sentences that have a reference
// and an answer, and each of those its own.
func (c *comparison) score(ctx context.Context, col *format.Compared, answers []*format.ComparedAnswer) error {
	var hyps, refs []string
	var places []int
	for i, a := range answers {
		if c.references[i] != "" && a.Error == "" {
			hyps, refs, places = append(hyps, a.Text), append(refs, c.references[i]), append(places, i)
		}
	}
	if len(hyps) == 0 {
		return nil
	}
	s, err := score.New(&score.Options{Metrics: comparedMetrics})
	if err != nil {
		return err
	}
	corpus, err := s.Corpus(ctx, hyps, refs)
	if err != nil {
		return err
	}
	for _, f := range corpus {
		col.Scores = append(col.Scores, format.Score{Name: string(f.Metric), Value: f.Value, Signature: f.Signature})
	}
	return s.Sentences(ctx, hyps, [][]string{refs}, func(line int, scores []score.Score) error {
		value := scores[0].Value
		answers[places[line]].Score = &value
		return nil
	})
}

// comparedMetrics are what compare shows; the first one beside each sentence.
var comparedMetrics = []score.Metric{score.ChrF, score.BLEU}

func (c *comparison) scoreNames() []string {
	if c.page.References == 0 {
		return nil
	}
	names := make([]string, len(comparedMetrics))
	for i, m := range comparedMetrics {
		names[i] = string(m)
	}
	return names
}
