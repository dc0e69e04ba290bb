package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/ledger"
)

// ledgerDays is how many days back the ledger is shown, today included.
const ledgerDays = 31

func (a *app) ledgerCommand() *cobra.Command {
	var by, since, run string
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Say what was sent and paid for, by day, backend, story or direction",
		Long: fmt.Sprintf(`Sums up the requests of the last %d days, or of one run, and compares what Dragoman
counted with what the services say that they billed. It only reads, also while a run is at work.
Sizes are in the units of each backend: characters for most, tokens for language models.`, ledgerDays),
		Example: `  dragoman ledger
  dragoman ledger --by backend --since 2026-11-01
  dragoman ledger --by story --run run-20261128T210000Z-5f3a9c01 --json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := newLedgerView(by, since, run, time.Now())
			if err != nil {
				return err
			}
			return a.ledger(cmd, v)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&by, "by", string(ledger.ByDay), "what to sum up by: "+byNames(", "))
	flags.StringVar(&since, "since", "", fmt.Sprintf("first day, as 2026-11-01 (default: the last %d days, or all of --run)", ledgerDays))
	flags.StringVar(&run, "run", "", "one run, as its report names it")
	addSettings(cmd, "store")
	return cmd
}

func byNames(between string) string {
	var names []string
	for _, by := range ledger.Bys() {
		names = append(names, string(by))
	}
	return strings.Join(names, between)
}

// A ledgerView is what is shown of a ledger, and how.
type ledgerView struct {
	by     ledger.By
	window translator.Window
}

// newLedgerView reads the flags. Days begin at this machine's midnight, as
// those of a budget.
func newLedgerView(by, since, run string, now time.Time) (ledgerView, error) {
	v := ledgerView{by: ledger.By(by), window: translator.Window{Run: run}}
	if !slices.Contains(ledger.Bys(), v.by) {
		return v, usageError{fmt.Errorf("--by is %s, not %q", byNames(", "), by)}
	}
	switch {
	case since != "":
		day, err := time.ParseInLocation(time.DateOnly, since, now.Location())
		if err != nil {
			return v, usageError{fmt.Errorf("--since is a day, as 2026-11-01, not %q", since)}
		}
		v.window.Since = day
	case run == "":
		year, month, day := now.Date()
		v.window.Since = time.Date(year, month, day-ledgerDays+1, 0, 0, 0, 0, now.Location())
	}
	return v, nil
}

// ledger shows the ledger of the configured store, which it does not make.
func (a *app) ledger(cmd *cobra.Command, v ledgerView) error {
	return a.withExisting(cmd, func(ctx context.Context, _ *config.Config, db database) error { return a.showLedger(ctx, db, v) })
}

func (a *app) showLedger(ctx context.Context, db translator.Journal, v ledgerView) error {
	summary, err := ledger.Summarize(db.Lines(ctx, v.window), v.by, time.Local)
	if err != nil {
		return err
	}
	if a.json {
		return writeJSON(a.out, v.json(summary))
	}
	if len(summary.Rows) == 0 {
		if !a.quiet {
			fmt.Fprintf(a.err, "the ledger has no request %s\n", v.words())
		}
		return nil
	}
	return v.write(a.out, summary, a.quiet)
}

// words says which requests are shown.
func (v ledgerView) words() string {
	var words []string
	if v.window.Run != "" {
		words = append(words, "of "+cell(v.window.Run))
	}
	if !v.window.Since.IsZero() {
		words = append(words, "since "+v.window.Since.Format(time.DateOnly))
	}
	return strings.Join(words, " ")
}

// write writes the table, and around it, unless it is to be quiet, what it is
// about and how it compares with what the services say.
func (v ledgerView) write(w io.Writer, s ledger.Summary, quiet bool) error {
	if !quiet {
		fmt.Fprintf(w, "requests %s, by %s; sizes in each backend's own units\n\n", v.words(), v.by)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	const numbers = "requests\tunbilled\topen\ttexts\tcounted\tbilled\tsaid\tdifference\tcost\topen cost"
	switch v.by {
	case ledger.ByStory: // last, where no name moves the numbers, whichever way it is written
		fmt.Fprintf(t, "%s\tstory\n", numbers)
	case ledger.ByBackend:
		fmt.Fprintf(t, "backend\t%s\tsignature\n", numbers)
	default:
		fmt.Fprintf(t, "%s\t%s\n", v.by, numbers)
	}
	for _, r := range append(s.Rows, s.Total) {
		v.writeRow(t, r)
	}
	err := t.Flush()
	if quiet || err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n"+v.notes(s))
	return err
}

func (v ledgerView) writeRow(w io.Writer, r ledger.Row) {
	difference := "-"
	if percent, ok := r.Difference(); ok {
		difference = fmt.Sprintf("%+.2f%%", percent)
	}
	numbers := fmt.Sprintf("%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s", r.Requests, r.Unbilled, r.Open, r.Texts,
		r.Counted, r.Billed, r.Said, difference, r.Cost, r.OpenCost)
	switch v.by {
	case ledger.ByStory:
		fmt.Fprintf(w, "%s\t%s\n", numbers, cell(r.Name))
	case ledger.ByBackend:
		fmt.Fprintf(w, "%s\t%s\t%s\n", cell(r.Name), numbers, cell(string(r.Signature)))
	default:
		fmt.Fprintf(w, "%s\t%s\n", cell(r.Name), numbers)
	}
}

// notes say how to read the sizes, and compare for each backend what was
// counted with what was said, and what is open.
func (v ledgerView) notes(s ledger.Summary) string {
	w := &strings.Builder{}
	if len(s.Backends) > 1 && v.by != ledger.ByBackend {
		fmt.Fprintln(w, "The sizes of several backends stand in one column, and may be of different units: --by backend tells them apart.")
	}
	for _, r := range s.Backends {
		fmt.Fprintf(w, "%s: %s\n", cell(r.Name), strings.Join(reconcile(r), "; "))
	}
	return w.String()
}

// reconcile says in words what a backend's requests came to.
func reconcile(r ledger.Row) []string {
	var said []string
	percent, says := r.Difference()
	switch {
	case r.Counted == 0:
		said = append(said, "nothing was billed")
	case !says && r.Cost == 0:
		said = append(said, fmt.Sprintf("Dragoman counted %d units, at no cost", r.Counted))
	case !says:
		said = append(said, fmt.Sprintf("Dragoman counted %d units and takes them as billed, %s; the service's answers do not say: compare with its console",
			r.Counted, r.Cost))
	case r.SaidOf == r.Counted:
		said = append(said, fmt.Sprintf("Dragoman counted %d units and the service says that it billed %d, a difference of %+.2f%%, %s",
			r.Counted, r.Said, percent, r.Cost))
	default:
		said = append(said, fmt.Sprintf("Dragoman counted %d units; for %d of them the service says that it billed %d, a difference of %+.2f%%, and the rest is taken as counted; %s in all",
			r.Counted, r.SaidOf, r.Said, percent, r.Cost))
	}
	if r.Open == 0 {
		return append(said, "nothing is open")
	}
	return append(said, fmt.Sprintf("%s open, at most %d units and %s: on the way if a run is at work, or else perhaps paid for and lost",
		areOpen(r.Open), r.OpenSize, r.OpenCost))
}

func areOpen(n int) string {
	if n == 1 {
		return "1 request is"
	}
	return fmt.Sprintf("%d requests are", n)
}

// cell shows a foreign name on one line of a table.
func cell(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(printable(s))
}
