package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/article"
	"dragoman/translator/format"
	"dragoman/translator/ledger"
	"dragoman/translator/pipeline"
)

func (a *app) translateCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "translate [PATH...]",
		Short: "Translate stories and write aligned pairs",
		Long: `Translates files, folders (with all below them), patterns, and - for standard input.
Each distinct sentence that is not remembered is sent once; every answer is
remembered before the next request goes out, so that a run that was stopped, by a
budget, an interruption or a crash, goes on where it was when it is run again.

Stories are .txt, .jsonl and .html files, each also with .gz.

` + exitHelp(),
		Example: `  dragoman translate --config samples/dragoman.yaml samples/ar
  dragoman translate --backend google --budget-usd 5 --out morning night/
  dragoman translate --from en --to ar --format jsonl,tmx - < story.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.settings(cmd)
			if err != nil {
				return err
			}
			if dry {
				return a.estimate(cmd.Context(), cfg, args)
			}
			return a.translate(cmd.Context(), cfg, args)
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say what would be sent and what it would cost: see dragoman estimate")
	addSettings(cmd, "from", "to", "store", "out", "format", "backend", "encoding", "concurrency", "budget")
	return cmd
}

// A job is what is to be translated: the stories at some paths, in a direction.
type job struct {
	dir   translator.Direction
	paths []string
	opts  *article.Options
}

// newJob checks what is asked for. Reading standard input ends when stop is closed.
func newJob(cfg *config.Config, paths []string, stdin io.Reader, stop <-chan struct{}) (*job, error) {
	dir, err := translator.ParseDirection(cfg.From, cfg.To)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, usageError{errors.New("name the stories: files, folders, patterns, or - for standard input")}
	}
	for _, path := range paths {
		if sameFolder(path, cfg.Out) {
			return nil, usageError{fmt.Errorf("%s is read from and written to: choose another folder to write to, with --out or out in the configuration", path)}
		}
	}
	if slices.Contains(paths, "-") {
		stdin = newStoppable(stdin, stop)
	}
	return &job{dir: dir, paths: paths, opts: &article.Options{
		Lang: dir.From, Encoding: cfg.Encoding, Disable: cfg.DisableRules, Stdin: stdin,
		Skip: cfg.Out, MaxFile: cfg.Limits.FileBytes, MaxStory: int(cfg.Limits.StoryBytes),
	}}, nil
}

func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

func (j *job) articles(ctx context.Context) translator.Articles {
	return article.Read(ctx, j.paths, j.opts)
}

// newRunID names a run in the ledger and the report.
func newRunID(command string) string {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return fmt.Sprintf("%s-%s-%s", command, time.Now().UTC().Format("20060102T150405Z"), hex.EncodeToString(b[:]))
}

// A translation is one run of translate.
type translation struct {
	app   *app
	cfg   *config.Config
	job   *job
	id    string
	log   *zap.Logger
	shown *progress
	db    database
	order order
	chain *chain
	open  translator.Spending // of earlier runs: sent and never settled
	stop  <-chan struct{}
}

// translate runs the main job. Resources are given back in the reverse order
// of their taking, whatever happens.
func (a *app) translate(ctx context.Context, cfg *config.Config, paths []string) (err error) {
	t := &translation{app: a, cfg: cfg, id: newRunID("run")}
	ctx, stop, release := interruptions(ctx, 0)
	defer release()
	t.stop = stop
	if t.job, err = newJob(cfg, paths, a.in, stop); err != nil {
		return err
	}
	if err := cfg.Require(); err != nil {
		return usageError{err}
	}
	t.shown = newProgress(a.err, isTerminal(a.err), a.quiet)
	defer t.shown.close()
	if t.log, err = a.logger(cfg, t.shown.log(a.err)); err != nil {
		return err
	}
	if t.db, err = openStore(ctx, cfg.Store, t.log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(t.db)) }()
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return t.withChain(ctx)
}

// lock waits for the store until the first interruption.
func (t *translation) lock(ctx context.Context) (unlock func() error, err error) {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-t.stop:
			cancel()
		case <-waiting.Done():
		}
	}()
	return lockStore(waiting, t.db, func(s string) { fmt.Fprintln(t.app.err, s) })
}

// withChain runs the job with the drivers open.
func (t *translation) withChain(ctx context.Context) (err error) {
	o, err := newOrder(t.cfg, t.job.dir, t.log)
	if err != nil {
		return err
	}
	t.order = o
	t.chain, err = newChain(ctx, o, t.db, o.meter(t.id, t.shown.billed))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.chain.close()) }()
	if t.open, err = t.db.Spending(ctx, translator.Window{}); err != nil {
		return err
	}
	if t.open.Open > 0 {
		t.log.Warn(openRequests(t.db),
			zap.Int("requests", t.open.Open), zap.Int64("units", t.open.OpenSize), zap.Stringer("cost", t.open.OpenCost))
	}
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-t.stop:
			t.chain.stop()
			if !t.app.quiet {
				fmt.Fprintln(t.shown.log(t.app.err), "stopping: requests on their way are finished first; interrupt again to end at once")
			}
		case <-over:
		}
	}()
	return t.run(ctx)
}

// openRequests says what requests without an answer may be. On a store that
// one process works at a time they are nobody's any more.
func openRequests(db database) string {
	if _, alone := db.(interface {
		Lock(context.Context, func(string)) (func() error, error)
	}); alone {
		return "requests of an earlier run were sent and never answered; they may have been paid for: see dragoman ledger"
	}
	return "requests have no answer yet: of other processes, where they may be on their way, or of ones that ended and may have paid for them: see dragoman ledger"
}

// run translates and writes.
func (t *translation) run(ctx context.Context) error {
	started := time.Now().UTC()
	count, counted := context.WithCancel(ctx)
	defer counted()
	if t.shown.bars != nil {
		go t.count(count)
	}
	var stopped error
	// A mistyped path must not cost what the folder holds.
	report, err := writeOutputs(t.cfg, t.job.dir, false, func(out *format.Outputs) (format.Report, error) {
		totals, err := pipeline.Run(ctx, t.job.dir, t.job.articles(ctx), t.chain.translate, func(s translator.Story) error {
			t.shown.story(s)
			t.tell(s)
			return out.Add(s)
		}, &pipeline.Options{Size: t.chain.engines[0].traits.SizeOf, Stop: t.stop, Check: t.order.checker.Flags, Read: t.shown.read, Pages: t.pages()})
		if err != nil {
			return format.Report{}, err
		}
		stopped = t.stopped(totals)
		if err := t.chain.close(); err != nil { // the ledger is complete from here on
			return format.Report{}, err
		}
		return t.report(ctx, started, totals, stopped)
	})
	t.shown.close()
	if err != nil {
		return err
	}
	return t.app.conclude(conclusion{report: report, out: t.cfg.Out, took: fmt.Sprintf("%.1f s", report.Totals.Seconds)}, stopped)
}

// pages is how many pages must be in work to keep all connections busy: a
// page holds more sentences than most requests can.
func (t *translation) pages() int {
	return 2 * max(connections(t.cfg, t.chain.engines[0].traits), 4)
}

// count reads the stories a second time beside the run, so that the bar can
// tell how much is left. Standard input cannot be read twice.
func (t *translation) count(ctx context.Context) {
	if slices.Contains(t.job.paths, "-") {
		return
	}
	if n, err := pipeline.Count(ctx, t.job.dir, t.job.articles(ctx)); err == nil {
		t.shown.total.Store(int64(n))
	}
}

// tellDropped logs what of an article is not translated, and by which rules.
func tellDropped(log *zap.Logger, a translator.Article) {
	rules := map[string]int{}
	for _, b := range a.Blocks {
		if b.Kind == translator.Boilerplate {
			rules[b.Rule]++
		}
	}
	if len(rules) > 0 {
		log.Info("boilerplate dropped", zap.String("story", a.Path), zap.Any("rules", rules))
	}
}

// tell logs what a person may want to know of a story now.
func (t *translation) tell(s translator.Story) {
	tellDropped(t.log, s.Article)
	if s.Status == translator.Failed || s.Status == translator.Partial {
		where, err := s.Article.Path, s.Err
		for _, sentence := range s.Sentences {
			if err == nil && sentence.Err != nil {
				where, err = sentence.Pair.ID, sentence.Err
			}
		}
		t.log.Debug("story needs a human", zap.String("story", s.Article.Path), zap.String("status", string(s.Status)),
			zap.String("at", where), zap.Error(err), zap.String("remedy", translator.HintOf(err)))
	}
}

// report gathers what the run came to.
func (t *translation) report(ctx context.Context, started time.Time, totals pipeline.Totals, stopped error) (format.Report, error) {
	r := newReport(t.cfg, t.id, started, time.Now().UTC(), totals)
	r.Open = format.OpenLines{Requests: t.open.Open, Chars: t.open.OpenSize, USD: t.open.OpenCost}
	spent, err := ledger.Summarize(t.db.Lines(ctx, translator.Window{Run: t.id}), ledger.ByBackend, time.UTC)
	if err != nil {
		return format.Report{}, err
	}
	for _, e := range t.chain.engines {
		b := format.Backend{Name: e.name, Signature: e.traits.Signature, Unit: unitOf(e.traits)}
		for _, row := range spent.Backends {
			if row.Name == e.traits.Name {
				charge(&b, row)
			}
		}
		r.Backends = append(r.Backends, b)
	}
	chargeTotals(&r.Totals, spent.Total)
	if stopped != nil {
		r.Stopped, r.GoOn = stopped.Error(), goOn(stopped)
	}
	r.Budgets, err = t.budgets(ctx)
	return r, err
}

// stopped returns why the run ended before its work did, or nil.
func (t *translation) stopped(totals pipeline.Totals) error {
	// A backend that was given up stopped nothing if the others answered all.
	if reason := t.chain.reason(); reason != nil && translator.KindOf(reason) != translator.Interrupted && totals.Stories.Held > 0 {
		return reason
	}
	select {
	case <-t.stop:
		if totals.Cut || totals.Stories.Held > 0 {
			return translator.Interrupted
		}
	default:
	}
	return nil // also when the interruption came after all was done
}

// goOn says how to go on after a run that was stopped.
func goOn(reason error) string {
	if hint := translator.HintOf(reason); hint != "" {
		return hint
	}
	switch translator.KindOf(reason) {
	case translator.OverBudget:
		return "raise the budget, or wait for the next day or month where it is one of those, and run the same command again: it goes on where it stopped"
	case translator.Exhausted:
		return "run the same command again when the service's quota is renewed: it goes on where it stopped"
	}
	return "run the same command again: it goes on where it stopped, and nothing is paid for twice; stories that were not read yet are not in this report"
}

// budgets returns the state of every limit that is set.
func (t *translation) budgets(ctx context.Context) ([]format.BudgetLine, error) {
	var lines []format.BudgetLine
	for _, l := range ledger.Limits(budgetOf(t.cfg), t.id, time.Now(), time.Local) {
		spent, err := t.db.Spending(ctx, l.Window)
		if err != nil {
			return nil, err
		}
		lines = append(lines, format.BudgetLine{Name: l.Name, LimitChars: l.Size, SpentChars: spent.Size, LimitUSD: l.Cost, SpentUSD: spent.Cost})
	}
	return lines, nil
}
