package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/format"
	"dragoman/translator/memory"
)

func (a *app) memoryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "memory",
		Short: "Import, export, search and count what is remembered",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.importCommand(), a.exportCommand(), a.searchCommand(), a.statsCommand())
	return cmd
}

// importKinds are the origins that a person may give to what is imported.
var importKinds = map[string]translator.OriginKind{"human": translator.Human, "seed": translator.Seed, "aligned": translator.Aligned}

func (a *app) importCommand() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Remember translations from TMX, TSV or JSON lines files",
		Long: `Remembers every pair of the files in the direction of --from and --to, so that no
backend is asked for it. --as human marks what a person approved, which comes before
everything else; --as seed (the default) what existed before, which comes before machines.`,
		Example: `  dragoman memory import archive.tmx
  dragoman memory import --as human corrections.tsv`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			kind, ok := importKinds[as]
			if !ok {
				return usageError{fmt.Errorf("--as is human, seed or aligned, not %q", as)}
			}
			return a.withStore(cmd, func(ctx context.Context, cfg *config.Config, db database) (err error) {
				unlock, err := lockStore(ctx, db, func(s string) { fmt.Fprintln(a.err, s) })
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, unlock()) }()
				return a.importFiles(ctx, cfg, db, args, kind)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "seed", "human, seed or aligned")
	addSettings(cmd, "from", "to", "store")
	return cmd
}

// An importResult is one file in memory import --json.
type importResult struct {
	File     string `json:"file"`
	Saved    int    `json:"saved"`
	Empty    int    `json:"empty"`     // pairs with an empty side
	Foreign  int    `json:"foreign"`   // pairs of another direction
	StandIns int    `json:"stand_ins"` // pseudo translations, which are not remembered as any other
	Failed   int    `json:"failed"`    // pairs that could not be read
}

// importFiles imports each file; what is wrong with one pair or file does not
// keep the others out.
func (a *app) importFiles(ctx context.Context, cfg *config.Config, db database, files []string, kind translator.OriginKind) error {
	dir, err := translator.ParseDirection(cfg.From, cfg.To)
	if err != nil {
		return err
	}
	var failed int
	for _, file := range files {
		counts, err := a.importFile(ctx, db, dir, file, kind)
		if err != nil {
			if codeOf(err) != exitUsage {
				return err
			}
			failed++
			report(err, a.err)
		}
		failed += counts.Failed
		if a.json {
			err = writeJSON(a.out, importResult{file, counts.Saved, counts.Empty, counts.Foreign, counts.StandIns, counts.Failed})
		} else {
			_, err = fmt.Fprintf(a.out, "%s: %d remembered; %d of another direction, %d with an empty side, %d stand-ins, %d unreadable\n",
				printable(file), counts.Saved, counts.Foreign, counts.Empty, counts.StandIns, counts.Failed)
		}
		if err != nil {
			return err
		}
	}
	if failed > 0 {
		return &outcomeError{code: exitPartial, err: fmt.Errorf("%s could not be read: see above", count(failed, "pair or file"))}
	}
	return nil
}

func (a *app) importFile(ctx context.Context, db database, dir translator.Direction, path string, kind translator.OriginKind) (memory.Counts, error) {
	how, err := format.ByExtension(path)
	if err != nil {
		return memory.Counts{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return memory.Counts{}, translator.NewError("import", translator.Invalid, err)
	}
	defer f.Close()
	return memory.Import(ctx, db, how.Read(path, f, dir, nil), kind, &memory.Options{
		Direction: &dir,
		Failed:    func(err error) { report(err, a.err) },
	})
}

func (a *app) exportCommand() *cobra.Command {
	var as, file string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write what is remembered in the direction of --from and --to",
		Example: `  dragoman memory export > memory.tmx
  dragoman memory export --format jsonl --file memory.jsonl`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			how, err := format.ByName(as)
			if err != nil || how.Read == nil {
				return usageError{fmt.Errorf("memory is exported as tmx, tsv or jsonl, not as %q", as)}
			}
			return a.withStore(cmd, func(ctx context.Context, cfg *config.Config, db database) error {
				dir, err := translator.ParseDirection(cfg.From, cfg.To)
				if err != nil {
					return err
				}
				n := 0
				err = a.toFile(file, func(w io.Writer) (err error) {
					n, err = export(ctx, db, dir, how, w)
					return err
				})
				if err == nil && file != "" && !a.quiet {
					fmt.Fprintf(a.err, "%s of %s written to %s\n", count(n, "pair"), dir, printable(file))
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&as, "format", "tmx", "tmx, tsv or jsonl")
	cmd.Flags().StringVar(&file, "file", "", "file to write (default standard output)")
	addSettings(cmd, "from", "to", "store")
	return cmd
}

// export writes what is remembered and returns how many pairs that is.
func export(ctx context.Context, db database, dir translator.Direction, how format.Format, w io.Writer) (n int, err error) {
	out := how.Write(dir, []io.Writer{w})
	for pair, err := range memory.Export(ctx, db, &dir) {
		if err != nil {
			return n, err
		}
		if err := out.WritePair(pair); err != nil {
			return n, err
		}
		n++
	}
	return n, out.Close()
}

func (a *app) searchCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "search WORDS...",
		Short: "Find remembered sentences that hold all the words, in either language",
		Long: `Finds sentences by whole words, in any order, in the source or the translation.
Vowel marks, hamza forms, case and kinds of digits make no difference.`,
		Example: `  dragoman memory search القاهرة
  dragoman memory search --limit 5 central bank`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd, func(ctx context.Context, _ *config.Config, db database) error {
				if limit <= 0 {
					return usageError{fmt.Errorf("--limit is %d: it must be 1 or more", limit)}
				}
				return a.search(ctx, db, args, limit)
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "how many to show at most")
	addSettings(cmd, "store")
	return cmd
}

// An entryJSON is one remembered translation in --json.
type entryJSON struct {
	Key    string            `json:"key"`
	Source translator.Text   `json:"source"`
	Target translator.Text   `json:"target"`
	Origin translator.Origin `json:"origin"`
}

func (a *app) search(ctx context.Context, db database, words []string, limit int) error {
	entries, err := db.Search(ctx, strings.Join(words, " "), limit)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if a.json {
			err = writeJSON(a.out, entryJSON{e.Key.String(), translator.Text{Lang: e.Direction.From, Text: e.Source},
				translator.Text{Lang: e.Direction.To, Text: e.Target}, e.Origin})
		} else {
			_, err = fmt.Fprintf(a.out, "%s\n%s\n  %s, %s, %s\n\n", e.Source, e.Target, e.Direction, e.Origin.Signature, e.Origin.Time.Format("2006-01-02"))
		}
		if err != nil {
			return err
		}
	}
	if len(entries) == 0 && !a.json && !a.quiet {
		fmt.Fprintln(a.err, "nothing remembered holds all these words")
	}
	return nil
}

// A statJSON is one row of memory stats --json.
type statJSON struct {
	Direction string                `json:"direction"`
	Kind      translator.OriginKind `json:"kind"`
	Signature translator.Signature  `json:"signature"`
	Entries   int                   `json:"entries"`
	Oldest    string                `json:"oldest"`
	Newest    string                `json:"newest"`
}

func (a *app) statsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "stats", Short: "Count what is remembered, by direction and origin", Args: arguments(cobra.NoArgs),
		Example: "  dragoman memory stats --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd, func(ctx context.Context, _ *config.Config, db database) error { return a.stats(ctx, db) })
		},
	}
	addSettings(cmd, "store")
	return cmd
}

func (a *app) stats(ctx context.Context, db database) error {
	stats, err := db.Stats(ctx)
	if err != nil {
		return err
	}
	rows := make([]statJSON, len(stats))
	for i, s := range stats {
		const day = "2006-01-02"
		rows[i] = statJSON{s.Direction.String(), s.Kind, s.Signature, s.Entries, s.Oldest.Format(day), s.Newest.Format(day)}
	}
	if a.json {
		return writeJSON(a.out, rows)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "direction\tkind\tentries\toldest\tnewest\tsignature")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", r.Direction, r.Kind, r.Entries, r.Oldest, r.Newest, r.Signature)
	}
	return w.Flush()
}

// toFile runs write on a file that appears whole or not at all, or, without a
// name, on standard output.
func (a *app) toFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return write(a.out)
	}
	if err := checkPlace("--file", name); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".dragoman-*.tmp")
	if err != nil {
		return usageError{err}
	}
	err = errors.Join(write(f), f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
