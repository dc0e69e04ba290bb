package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/format"
	"dragoman/translator/pipeline"
	"dragoman/translator/queue"
)

func (a *app) exportStoriesCommand() *cobra.Command {
	var batch string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write what became of submitted stories: pairs, pages, texts and a report",
		Long: `Writes the stories of one direction from the store, in the order in which they were
submitted: the same files as translate writes for them, byte for byte but for the time at
which a sentence was translated. Of a story that was corrected it writes the latest version.
It only reads the store, also while workers are at it.

Stories that no worker is done with, or that are on hold, stand in the report and in no other file.
Cancelled ones are left out. The report and the pair files are always those of this export: where
no story is done they say so and hold no pair. Only pages of stories of earlier ones stay.

` + exitHelp(),
		Example: `  dragoman export
  dragoman export --batch 2026-11-28-0210 --out morning
  dragoman export --from en --to ar --format jsonl --json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withExisting(cmd, func(ctx context.Context, cfg *config.Config, db database) error {
				return a.exportStories(ctx, cfg, db, batch)
			})
		},
	}
	cmd.Flags().StringVar(&batch, "batch", "", "only the stories of this batch (default: all that were ever submitted)")
	addSettings(cmd, "from", "to", "store", "out", "format")
	return cmd
}

// A delivery writes the stories that a selection picks.
type delivery struct {
	cfg      *config.Config
	db       database
	stories  translator.Stories
	pick     translator.Selection
	ids      []translator.VersionID // the version of each story to write, where the story's first one stood
	latest   map[uint64]latest      // by the hash of the story's ID: a million stories fit in little memory
	seed     maphash.Seed
	undone   undone
	began    time.Time // of the batch that is exported alone
	remarked string    // about the money, in lines
	started  time.Time // the first was submitted
	finished time.Time // the last change
}

// latest is the version of a story that was submitted last, of those that are
// not cancelled.
type latest struct {
	place   int // in delivery.ids
	digest  [16]byte
	open    bool // no worker is done with it
	earlier bool // it was in an earlier batch than the one that is exported
}

func (a *app) exportStories(ctx context.Context, cfg *config.Config, db database, batch string) error {
	dir, err := translator.ParseDirection(cfg.From, cfg.To)
	if err != nil {
		return err
	}
	stories, err := storiesOf(db)
	if err != nil {
		return err
	}
	d := &delivery{
		cfg: cfg, db: db, stories: stories, pick: translator.Selection{Batch: batch, Direction: dir},
		latest: map[uint64]latest{}, seed: maphash.MakeSeed(),
	}
	if err := errors.Join(d.readBegan(ctx), d.survey(ctx)); err != nil {
		return err
	}
	report, err := writeOutputs(cfg, dir, true, func(out *format.Outputs) (format.Report, error) { return d.write(ctx, out) })
	if err != nil {
		return err
	}
	const minute = "2006-01-02 15:04"
	took := fmt.Sprintf("submitted %s, worked at until %s", report.Started.Local().Format(minute), report.Finished.Local().Format(minute))
	if o := report.Open; o.Requests > 0 {
		took = fmt.Sprintf("%s not settled, on its way or lost, at most %s (see dragoman ledger)\n%s", count(o.Requests, "request"), o.USD, took)
	}
	return a.conclude(conclusion{report, cfg.Out, d.remarked + took, &d.undone}, nil)
}

// survey finds which version of each story is to be written. In a batch that
// was submitted to twice a story may have several.
func (d *delivery) survey(ctx context.Context) error {
	brief := d.pick
	brief.Brief = true
	for v, err := range d.stories.Versions(ctx, brief) {
		if err != nil {
			return err
		}
		d.note(v)
		if d.started.IsZero() || v.Submitted.Before(d.started) {
			d.started = v.Submitted
		}
		if v.Changed.After(d.finished) {
			d.finished = v.Changed
		}
	}
	if d.started.IsZero() {
		return d.nothing(ctx)
	}
	return nil
}

// note gives a version its place: that of its story where one was met, which it
// supersedes. A cancelled one supersedes none.
func (d *delivery) note(v translator.Version) {
	if v.State == translator.StateCancelled {
		return
	}
	key := d.key(v.Story)
	now, met := d.latest[key]
	if !met {
		now.place = len(d.ids)
		d.ids = append(d.ids, v.ID)
	}
	d.ids[now.place], now.digest = v.ID, v.Digest
	now.open, now.earlier = v.State.Open() || v.State == translator.StateOnHold, v.Submitted.Before(d.began)
	d.latest[key] = now
}

func (d *delivery) key(story string) uint64 { return maphash.String(d.seed, story) }

// nothing says why there is nothing to export: a success that writes no file
// would hide a mistyped name.
func (d *delivery) nothing(ctx context.Context) error {
	if err := knownBatch(ctx, d.stories, d.pick.Batch); err != nil {
		return err
	}
	there, err := d.directions(ctx)
	if err != nil {
		return err
	}
	none := translator.NewError("export", translator.Invalid, fmt.Errorf("no story from %s to %s was submitted", d.pick.Direction.From, d.pick.Direction.To))
	switch {
	case there == "":
		none.Hint = nothingYet
	case d.pick.Batch != "":
		none.Err = fmt.Errorf("no story of batch %q goes from %s to %s", d.pick.Batch, d.pick.Direction.From, d.pick.Direction.To)
		none.Hint = "name the direction of the batch: " + there
	default:
		none.Hint = "name the direction that there is: " + there
	}
	return none
}

// directions names those in which stories were submitted, to the batch or at all.
func (d *delivery) directions(ctx context.Context) (string, error) {
	tallies, err := d.stories.Tally(ctx, translator.Selection{Batch: d.pick.Batch})
	var names []string
	for _, t := range tallies {
		names = append(names, fmt.Sprintf("--from %s --to %s", t.Direction.From, t.Direction.To))
	}
	return strings.Join(slices.Compact(names), ", or "), err
}

// write writes the stories, one in memory at a time, and returns the report.
func (d *delivery) write(ctx context.Context, out *format.Outputs) (format.Report, error) {
	counter := pipeline.NewCounter(d.pick.Direction, nil)
	err := d.each(ctx, func(s translator.Story) error { return errors.Join(counter.Add(s), out.Add(s)) })
	if err != nil {
		return format.Report{}, errors.Join(err, counter.Close())
	}
	totals, err := counter.Totals()
	if err := errors.Join(err, counter.Close()); err != nil {
		return format.Report{}, err
	}
	return d.report(ctx, totals)
}

// loadedAtOnce bounds the versions in memory, each with an article and a story.
const loadedAtOnce = 100

// each gives the versions that the survey chose to do, whatever was submitted
// since, and as they are by now. One that was cancelled since is left out.
func (d *delivery) each(ctx context.Context, do func(translator.Story) error) error {
	for ids := range slices.Chunk(d.ids, loadedAtOnce) {
		versions, err := d.stories.Load(ctx, ids)
		if err != nil {
			return err
		}
		if gone := len(ids) - len(versions); gone > 0 { // no version ever goes
			err := translator.NewError("export", translator.Invalid, fmt.Errorf("%s gone from the store since the export began", count(gone, "story")))
			err.Hint = "export again; if that fails too, the store is damaged: put a backup of it in its place"
			return err
		}
		for _, v := range versions {
			if v.State == translator.StateCancelled {
				continue
			}
			if v.Changed.After(d.finished) {
				d.finished = v.Changed
			}
			story := storyOf(v)
			if story.Status == translator.Held {
				d.undone.add(v.State, story)
			}
			if err := do(story); err != nil {
				return err
			}
		}
	}
	return nil
}

// report sums up what the exported stories came to.
func (d *delivery) report(ctx context.Context, totals pipeline.Totals) (format.Report, error) {
	r := newReport(d.cfg, newRunID("export"), d.started, d.finished, totals)
	r.Batch = d.pick.Batch
	spent, err := d.spent(ctx, anyVersion)
	if err != nil {
		return format.Report{}, err
	}
	r.Backends = d.backendsOf(spent)
	chargeTotals(&r.Totals, billed(spent.Total))
	r.Open = format.OpenLines{Requests: spent.Total.Open, Chars: spent.Total.OpenSize, USD: spent.Total.OpenCost}
	d.remarked, err = d.remarks(ctx, spent, r.Totals)
	return r, err
}

// unit returns what a backend counts, in the plural, as far as it can be known
// without opening it.
func (o order) unit(name string) string {
	describe := drivers[name].describe
	if describe == nil {
		return unitOf(translator.Traits{})
	}
	traits, err := describe(o)
	if err != nil {
		return "units"
	}
	return unitOf(traits)
}

// storyOf returns a version as a story: translated, or with the reason why not.
func storyOf(v translator.Version) translator.Story {
	var damage error
	switch v.State {
	case translator.StateDone, translator.StatePartial, translator.StateFailed:
		if v.Result != nil {
			s, err := queue.DecodeStory(v.Result)
			if err == nil {
				return s
			}
			damage = err
		}
	}
	s := translator.Story{Article: translator.Article{ID: queue.Called(v.Story), Path: v.Path}}
	if v.Article != nil {
		article, unread, err := queue.DecodeArticle(v.Article)
		if err == nil && unread == nil {
			s.Article = article
		}
		damage = cmp.Or(damage, err)
	}
	s.Status, s.Err = translator.Held, whyNot(v)
	if !v.State.Open() && v.State != translator.StateOnHold {
		s.Status = translator.Failed
	}
	if damage != nil {
		s.Status, s.Err = translator.Failed, damage
	}
	return s
}

// whyNot says why a version has no translation, and what a person can do.
func whyNot(v translator.Version) error {
	reason := v.Reason
	switch v.State {
	case translator.Waiting:
		reason = translator.Reason{Kind: translator.Interrupted, Text: "no worker is done with it yet", Hint: "wait for the workers, or start one with dragoman work, and export again"}
	case translator.StateHeld:
		reason.Text = cmp.Or(reason.Text, "a worker goes on with it later")
		reason.Hint = cmp.Or(reason.Hint, "a worker goes on with it later by itself; export again then")
	case translator.StateOnHold:
		reason.Text = cmp.Or(reason.Text, "a person put it on hold")
		reason.Hint = cmp.Or(reason.Hint, fmt.Sprintf("let it go on with dragoman release %d", v.ID))
	default:
		reason.Text = cmp.Or(reason.Text, "it has no translation, and no reason is known")
		reason.Hint = cmp.Or(reason.Hint, fmt.Sprintf("have it tried again with dragoman retry %d", v.ID))
	}
	return reason.Err()
}
