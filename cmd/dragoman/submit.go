package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/queue"
)

const (
	// longestBatch is in bytes. A name is for people, and stands in a line.
	longestBatch = 100
	// largestShard bounds the stories that one worker does before it writes one of them.
	largestShard = 1000
	// listedUnread bounds the files that submit --json names.
	listedUnread = 1000
)

func (a *app) submitCommand() *cobra.Command {
	opts := queue.SubmitOptions{}
	cmd := &cobra.Command{
		Use:   "submit PATH...",
		Short: "Put stories in for workers to translate",
		Long: `Reads files, folders (with all below them), patterns, and - for standard input, as translate does, and puts
their stories into the store, where dragoman work finds them. It ends when they are in, and waits for no translation.

A story that is in the store already, unchanged, joins the batch and is not worked again; one that changed
is another version of the story. So a submission that was interrupted can be made again. A higher --priority
raises that of a story that is waiting or held and that no worker is at.

` + exitHelp(),
		Example: `  dragoman submit --batch night-1128 night/
  dragoman submit --priority 1 flash.txt
  dragoman submit --store postgres://desk@db.example/news --shard 50 corpus.jsonl.gz`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkSubmit(cmd, opts); err != nil {
				return err
			}
			if slices.Contains(args, "") {
				return usageError{errors.New("a PATH is empty: name files, folders or patterns, or - for standard input")}
			}
			return a.withDesk(cmd, openStore, func(ctx context.Context, d *desk) error {
				return a.submit(ctx, d, args, opts, given(cmd, "from", "to"))
			})
		},
	}
	cmd.Flags().StringVar(&opts.Batch, "batch", "", "name under which they are put in, and may be exported (default: day and time, as 2026-11-28-0210)")
	cmd.Flags().IntVar(&opts.Priority, "priority", 0, "1 goes first, 4 last (default: each story's urgency, or 3)")
	cmd.Flags().IntVar(&opts.Shard, "shard", 1, "stories that a worker takes at a time; more than 1 for a corpus nobody waits for")
	addSettings(cmd, "from", "to", "store", "encoding")
	return cmd
}

// checkSubmit refuses what cannot be meant.
func checkSubmit(cmd *cobra.Command, opts queue.SubmitOptions) error {
	switch set := cmd.Flags().Changed; {
	case set("priority") && (opts.Priority < 1 || opts.Priority > 4):
		return usageError{fmt.Errorf("--priority is from 1, which goes first, to 4, not %d", opts.Priority)}
	case opts.Shard < 1 || opts.Shard > largestShard:
		return usageError{fmt.Errorf("--shard is from 1 to %d stories, not %d", largestShard, opts.Shard)}
	case set("batch"):
		return checkBatchName(opts.Batch)
	}
	return nil
}

// checkBatchName refuses a name that cannot be read and typed again.
func checkBatchName(name string) error {
	hidden := func(r rune) bool { return !unicode.IsPrint(r) }
	if name == "" || len(name) > longestBatch || strings.TrimSpace(name) != name || strings.ContainsFunc(name, hidden) || !utf8.ValidString(name) {
		return usageError{fmt.Errorf("--batch is a name of up to %d bytes that can be seen, without space around it, not %q", longestBatch, name)}
	}
	return nil
}

// A submission is the output of submit --json.
type submission struct {
	Batch   string `json:"batch"`
	Stories int    `json:"stories"`
	New     int    `json:"new"`
	// Corrections counts those of New that are another version of a story that was there.
	Corrections int                      `json:"corrections"`
	Corrected   []correction             `json:"corrected"` // the first of them
	Failed      int                      `json:"failed"`    // could not be read
	Known       int                      `json:"known"`     // were in the store already
	Raised      int                      `json:"raised"`    // of those, the ones that have a higher priority now
	States      map[translator.State]int `json:"known_states"`
	Unread      []unread                 `json:"unread"` // what could not be read, also if that was known
	// LeftOut counts those that are not in the list.
	LeftOut int `json:"unread_left_out"`
}

// A correction takes the place of a story of the same name.
type correction struct {
	Story string `json:"story"`
	Path  string `json:"path"`
	Was   string `json:"was"` // the path of the version before
}

// unread is a file, or a line of one, that could not be read.
type unread struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

// submit puts the stories at paths in and tells what that came to, also of the
// part that came before an error. Direction is the flags that gave it.
func (a *app) submit(ctx context.Context, d *desk, paths []string, opts queue.SubmitOptions, direction string) error {
	job, err := newJob(d.cfg, paths, a.in, ctx.Done())
	if err != nil {
		return err
	}
	if opts.Batch == "" {
		if opts.Batch, err = freshBatch(ctx, d.stories, time.Now()); err != nil {
			return err
		}
	}
	s := submission{Batch: opts.Batch, Unread: []unread{}}
	sum, err := d.queue.Submit(ctx, job.dir, s.watch(d.log, job.articles(ctx)), opts)
	s.add(sum)
	if err != nil {
		if s.Stories > 0 {
			fmt.Fprintf(a.err, "%s put into batch %s before this; submit the same again to go on\n", count(s.Stories, "story"), opts.Batch)
		}
		return err
	}
	return a.tellSubmission(s, d.cfg, direction)
}

// freshBatch returns a name that a desk can say and sort: the day and the
// minute on its own clock. Another submission within the minute is another
// batch; two that begin at the same moment may share one, which loses nothing.
func freshBatch(ctx context.Context, stories translator.Stories, now time.Time) (string, error) {
	batches, err := stories.Batches(ctx)
	if err != nil {
		return "", err
	}
	taken := func(name string) bool {
		return slices.ContainsFunc(batches, func(b translator.Batch) bool { return b.Name == name })
	}
	minute := now.Format("2006-01-02-1504")
	name := minute
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("%s-%d", minute, n)
	}
	return name, nil
}

// watch passes stories on, logs what of them is not translated and notes what
// could not be read.
func (s *submission) watch(log *zap.Logger, in translator.Articles) translator.Articles {
	return func(yield func(translator.Article, error) bool) {
		for article, err := range in {
			if item, ok := errors.AsType[*translator.ItemError](err); ok {
				s.note(item)
			}
			tellDropped(log, article)
			if !yield(article, err) {
				return
			}
		}
	}
}

func (s *submission) note(item *translator.ItemError) {
	if len(s.Unread) == listedUnread {
		s.LeftOut++
		return
	}
	s.Unread = append(s.Unread, unread{item.Path, item.Err.Error(), translator.HintOf(item)})
}

func (s *submission) add(sum queue.Submitted) {
	s.Stories, s.New, s.Failed, s.States, s.Raised = sum.All(), sum.New, sum.Failed, sum.Known, sum.Raised
	for _, n := range sum.Known {
		s.Known += n
	}
	s.Corrections, s.Corrected = sum.Corrections, []correction{}
	for _, c := range sum.Corrected {
		s.Corrected = append(s.Corrected, correction{c.Story, c.Path, c.Was})
	}
}

// tellSubmission writes what was put in to standard output, and what could not
// be read to standard error.
func (a *app) tellSubmission(s submission, cfg *config.Config, direction string) error {
	var err error
	switch {
	case a.json:
		err = writeJSON(a.out, s)
	case !a.quiet:
		_, err = io.WriteString(a.out, s.text(cfg, a.given, direction))
	}
	if err != nil {
		return err
	}
	if len(s.Unread) == 0 {
		return nil
	}
	if !a.json {
		s.tellUnread(a.err)
	}
	return &outcomeError{code: exitPartial, said: true, err: errors.New("some stories could not be read")}
}

func (s submission) tellUnread(w io.Writer) {
	for _, u := range s.Unread[:min(len(s.Unread), shownNeeds)] {
		fmt.Fprintf(w, "failed %s: %s\n  %s\n", printable(u.Path), printable(u.Reason), printable(u.Remedy))
	}
	if more := len(s.Unread) + s.LeftOut - shownNeeds; more > 0 {
		fmt.Fprintf(w, "… and %d more: see dragoman export\n", more)
	}
}

// text says it for people.
func (s submission) text(cfg *config.Config, given, direction string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s from %s to %s in batch %s: %d new", count(s.Stories-s.Failed, "story"), cfg.From, cfg.To, s.Batch, s.New)
	switch {
	case s.Corrections == 1:
		b.WriteString(", of which 1 is a correction")
	case s.Corrections > 1:
		fmt.Fprintf(&b, ", of which %d are corrections", s.Corrections)
	}
	fmt.Fprintf(&b, ", %d known already", s.Known)
	if s.Failed > 0 {
		fmt.Fprintf(&b, ", and %s that could not be read", count(s.Failed, "path"))
	}
	b.WriteByte('\n')
	s.tellCorrected(&b)
	if s.Known > 0 {
		fmt.Fprintf(&b, "of those known: %s\n", s.states())
	}
	if s.Raised > 0 {
		fmt.Fprintf(&b, "raised to the priority asked for: %s\n", count(s.Raised, "story"))
	}
	if s.New > 0 {
		b.WriteString(s.next(given, direction))
	}
	return b.String()
}

// tellCorrected names corrections, so that two stories of one name are seen.
func (s submission) tellCorrected(b *strings.Builder) {
	for _, c := range s.Corrected {
		fmt.Fprintf(b, "%s is corrected by %s", printable(c.Story), printable(c.Path))
		if c.Was != c.Path {
			fmt.Fprintf(b, ", and was %s: if that is another story, give them names that differ", printable(c.Was))
		}
		b.WriteByte('\n')
	}
	if more := s.Corrections - len(s.Corrected); more > 0 {
		fmt.Fprintf(b, "… and %d more are corrected\n", more)
	}
}

// next says how to go on, in commands that are given what this one was.
func (s submission) next(given, direction string) string {
	return fmt.Sprintf("next: a worker takes them up: dragoman serve or work that runs on this store, or else dragoman work --drain%[1]s\n"+
		"then: dragoman status%[1]s, dragoman export%[1]s%[2]s --batch %[3]s\n", given, direction, quoted(s.Batch))
}

// states counts those known in the order of what is left to do.
func (s submission) states() string {
	var parts []string
	for _, state := range []translator.State{
		translator.Waiting, translator.StateHeld, translator.StateOnHold, translator.StateFailed,
		translator.StatePartial, translator.StateCancelled, translator.StateDone,
	} {
		if n := s.States[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}
