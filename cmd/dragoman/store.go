package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dragoman/translator/store/postgres"
	"dragoman/translator/store/sqlite"
	"dragoman/translator/transfer"
)

func (a *app) storeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Back up a store, or move it to another one",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.storeCopyCommand(), a.backupCommand())
	return cmd
}

func (a *app) storeCopyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy memory, ledger and stories into another store, of the same or another kind",
		Long: `Copies all that the store FROM holds into the store TO: what is remembered, what was
spent, and the submitted stories with what became of them. FROM is only read, and may be at work
meanwhile. What TO has already is not written twice, and what it has newer stays.

What comes into FROM during the copy may be missing in TO. So copy while FROM is at work, end
what works on it, and copy again, which takes only what is new; then let TO be worked on. What
is on its way in the ledger, and stories that are still open, are brought up to date by that.
A story that is over in TO stays as it is there. Stories get numbers of their own in TO: see its status.

A password belongs into PGPASSWORD or ~/.pgpass: others see the URL among this machine's processes.`,
		Example: `  dragoman store copy dragoman.db postgres://me@db.example/news
  dragoman store copy postgres://me@db.example/news dragoman.db`,
		Args: arguments(func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("name two stores, the one to copy from and the one to copy to; %s given", count(len(args), "name"))
			}
			return nil
		}),
		RunE: func(cmd *cobra.Command, args []string) error { return a.copyStore(cmd, args[0], args[1]) },
	}
}

// copyStore opens both stores, the one to be read first: a mistyped name makes
// no store of the other.
func (a *app) copyStore(cmd *cobra.Command, from, to string) (err error) {
	cfg, err := a.settings(cmd)
	if err != nil {
		return err
	}
	log, err := a.logger(cfg, a.err)
	if err != nil {
		return err
	}
	ctx, release := untilInterrupted(cmd.Context())
	defer release()
	source, err := openAsIs(ctx, from, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(source)) }()
	if strings.HasPrefix(to, "ram:") {
		return usageError{errors.New("a store in memory (ram:) ends with its process: nothing can be moved to it")}
	}
	target, err := openStore(ctx, to, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(target)) }()
	if err := refuseSame(ctx, source, target); err != nil {
		return err
	}
	d, err := newDesk(ctx, cfg, log, target)
	if err != nil {
		return err
	}
	unlock, err := lockStore(ctx, target, func(s string) { fmt.Fprintln(a.err, s) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return a.copyAll(ctx, source, d)
}

// A named store knows what no other store on its machine or server is called.
type named interface {
	Identity(context.Context) (string, error)
}

// refuseSame refuses a copy of a store onto itself, under whatever names.
func refuseSame(ctx context.Context, from, to database) error {
	var names [2]string
	for i, db := range [...]database{from, to} {
		n, ok := db.(named)
		if !ok {
			return fmt.Errorf("the store %T has no name", db)
		}
		var err error
		if names[i], err = n.Identity(ctx); err != nil {
			return err
		}
	}
	if names[0] == names[1] {
		return usageError{errors.New("FROM and TO are the same store")}
	}
	return nil
}

// A copyResult is the output of store copy --json.
type copyResult struct {
	Memory  transfer.Counts `json:"memory"`
	Ledger  transfer.Counts `json:"ledger"`
	Stories transfer.Counts `json:"stories"`
}

// copyAll copies memory first, so that what the stories of a store rest on is
// there before they are, and says what it came to, or how far it came.
func (a *app) copyAll(ctx context.Context, from database, d *desk) error {
	to := d.db
	var r copyResult
	var err error
	if r.Memory, err = transfer.Memory(ctx, from, to, a.telling("memory", "entries")); err != nil {
		return err
	}
	if r.Ledger, err = transfer.Ledger(ctx, from, to, a.telling("ledger", "requests")); err != nil {
		return err
	}
	if r.Stories, err = copyStories(ctx, from, d, a.telling("stories", "versions")); err != nil {
		return err
	}
	if a.json {
		return writeJSON(a.out, r)
	}
	_, err = fmt.Fprintf(a.out, "memory:  %s\nledger:  %s; %d of them open\nstories: %s; %d of them still to be worked on\n",
		inWords(r.Memory, "entry"), inWords(r.Ledger, "request"), r.Ledger.Open, inWords(r.Stories, "version"), r.Stories.Open)
	return err
}

// copyStories copies stories into a store of either kind, with jobs for those
// that are open.
func copyStories(ctx context.Context, from database, d *desk, opts *transfer.Options) (transfer.Counts, error) {
	source, err := storiesOf(from)
	if err != nil {
		return transfer.Counts{}, err
	}
	opts.Jobs = d.queue.Adopt
	switch to := d.db.(type) {
	case *sqlite.Store:
		return transfer.Stories(ctx, source, to, opts)
	case *postgres.Store:
		return transfer.Stories(ctx, source, to, opts)
	}
	return transfer.Counts{}, errPassing()
}

// copyTold is how often a long copy says how far it is.
const copyTold = 5 * time.Second

// telling returns how a copy of one kind of thing tells how far it is.
func (a *app) telling(part, things string) *transfer.Options {
	last := time.Now()
	return &transfer.Options{Progress: func(c transfer.Counts) {
		if a.quiet || time.Since(last) < copyTold {
			return
		}
		last = time.Now()
		fmt.Fprintf(a.err, "%s: %d %s seen, %d copied\n", part, c.Seen, things, c.Added+c.Changed)
	}}
}

func inWords(c transfer.Counts, thing string) string {
	words := fmt.Sprintf("%s, %d copied", count(c.Seen, thing), c.Added)
	for _, some := range []struct {
		n    int
		what string
	}{{c.Seen - c.Added - c.Changed - c.Newer - c.Damaged, "there already"}, {c.Changed, "brought up to date"}, {c.Newer, "newer there"}, {c.Damaged, "damaged and left out"},
		{c.Over, "open here and over there, where they stay as they are"}} {
		if some.n > 0 {
			words += fmt.Sprintf(", %d %s", some.n, some.what)
		}
	}
	return words
}
