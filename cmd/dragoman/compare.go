package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/format"
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
	if err := checkPage(f.page, paths); err != nil {
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
	file       *pageFile
}

func (c *comparison) run(ctx context.Context, job *job) (err error) {
	s := newSample(c.flags.sentences, c.flags.seed)
	if err := s.take(ctx, job); err != nil {
		return err
	}
	if c.sentences = s.sentences(); len(c.sentences) == 0 {
		if s.failed != nil {
			return s.failed
		}
		return translator.NewError("compare", translator.Invalid, errors.New("the stories hold no sentence"))
	}
	if err := c.refer(); err != nil {
		return err
	}
	if err := c.confirm(ctx); err != nil {
		return err
	}
	if c.file, err = newPageFile(c.flags.page); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.file.close()) }()
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
	if !slices.ContainsFunc(c.references, func(text string) bool { return text != "" }) {
		fmt.Fprintf(c.app.err, "%s has a translation of no sentence of the sample: there are no scores\n  see that it is of %s, and of these stories\n",
			printable(c.flags.ref), c.order.dir)
	}
	return nil
}

// confirm says what the sample may cost at most, and asks.
func (c *comparison) confirm(ctx context.Context) error {
	var total translator.USD
	var said strings.Builder
	for _, name := range c.order.cfg.Chain {
		driver, err := c.order.open(ctx, name)
		if err != nil { // its column will say so too; who is asked to pay should know before
			fmt.Fprintf(&said, "%s: cannot be asked: %s\n", name, printable(err.Error()))
			continue
		}
		t := driver.Traits()
		if err := translator.Close(driver); err != nil {
			return err
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
