package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/queue"
)

const (
	// recently is how far back status looks for what was done.
	recently = 10 * time.Minute
	// statusNeeds bounds the stories that status names.
	statusNeeds = 20
)

func (a *app) statusCommand() *cobra.Command {
	var batch string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what is waiting, in work, done and failed, how fast it goes and what it costs",
		Long: `Looks into the store, also while workers are at it: how many stories are in which state and how long the
oldest has waited, what was done and spent in the last ten minutes, how far the budgets are used up, and which
stories failed or are held, with the reason and what to do.`,
		Example: `  dragoman status
  dragoman status --batch 2026-11-28 --json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDesk(cmd, openExisting, func(ctx context.Context, d *desk) error {
				s, err := d.overview(ctx, batch, time.Now())
				if err != nil {
					return err
				}
				if a.json {
					return writeJSON(a.out, s)
				}
				return s.write(a.out)
			})
		},
	}
	cmd.Flags().StringVar(&batch, "batch", "", "only what was submitted under this name")
	addSettings(cmd, "store")
	return cmd
}

// An overview is the output of status --json.
type overview struct {
	Time   time.Time     `json:"time"`
	Batch  string        `json:"batch,omitempty"`
	States []statusState `json:"states"`
	Jobs   jobCounts     `json:"jobs"`
	Oldest float64       `json:"oldest_waiting_seconds"`
	Recent recent        `json:"recent"`
	Budget []spentLimit  `json:"budgets"`
	Needs  []statusNeed  `json:"need_human"`
	// NeedsLeftOut counts the stories that are not named.
	NeedsLeftOut int `json:"need_human_left_out"`
}

// jobCounts counts jobs. How many stories wait or are held, States says: a job
// may be of several, or of one that a person took out of it.
type jobCounts struct {
	Running int `json:"running"`
}

// A statusState counts the stories of one direction in one state.
type statusState struct {
	Direction string           `json:"direction"`
	State     translator.State `json:"state"`
	Stories   int              `json:"stories"`
	Oldest    time.Time        `json:"oldest"`
}

// recent is what was done in the last minutes.
type recent struct {
	Minutes  float64         `json:"minutes"`
	Stories  int             `json:"stories"`
	Backends []recentBackend `json:"backends"`
}

type recentBackend struct {
	Name     string         `json:"name"`
	Texts    int            `json:"texts"`
	Requests int            `json:"requests"`
	Size     int64          `json:"size"`
	Unit     string         `json:"unit"` // of Size
	Cost     translator.USD `json:"cost_usd"`
}

type spentLimit struct {
	Name  string         `json:"name"`
	Spent translator.USD `json:"spent_usd"`
	Limit translator.USD `json:"limit_usd"`
}

// A statusNeed is a story, and stands for all that are held for the same reason.
type statusNeed struct {
	ID      translator.VersionID `json:"id"`
	Stories int                  `json:"stories"`
	Story   string               `json:"story"`
	Path    string               `json:"path"`
	State   translator.State     `json:"state"`
	Reason  string               `json:"reason"`
	Remedy  string               `json:"remedy"`
	Changed time.Time            `json:"changed"`
}

// overview looks at the desk's store.
func (d *desk) overview(ctx context.Context, batch string, now time.Time) (*overview, error) {
	s := &overview{Time: now.UTC(), Batch: batch, States: []statusState{}, Needs: []statusNeed{}, Budget: []spentLimit{}}
	if err := knownBatch(ctx, d.stories, batch); err != nil {
		return nil, err
	}
	tallies, err := d.stories.Tally(ctx, translator.Selection{Batch: batch})
	if err != nil {
		return nil, err
	}
	for _, t := range tallies {
		s.States = append(s.States, statusState{t.Direction.String(), t.State, t.Versions, t.Oldest})
	}
	c, err := d.queue.Counts(ctx)
	if err != nil {
		return nil, err
	}
	s.Jobs = jobCounts{c.Running}
	if oldest := oldestWaiting(tallies); !oldest.IsZero() {
		s.Oldest = max(now.Sub(oldest).Seconds(), 0)
	}
	return s, errors.Join(s.findNeeds(ctx, d.stories, tallies), s.findRecent(ctx, d, batch, now), s.findBudgets(ctx, d, now))
}

// oldestWaiting returns since when the first of the stories that nobody has
// finished waits, or the zero time.
func oldestWaiting(tallies []translator.VersionTally) time.Time {
	var oldest time.Time
	for _, t := range tallies {
		if t.State == translator.Waiting && (oldest.IsZero() || t.Oldest.Before(oldest)) {
			oldest = t.Oldest
		}
	}
	return oldest
}

// needHuman is the states of stories that a person should look at, those that
// nobody goes on with by himself first.
var needHuman = []translator.State{translator.StateFailed, translator.StatePartial, translator.StateOnHold, translator.StateHeld}

// findNeeds names some of them.
func (s *overview) findNeeds(ctx context.Context, stories translator.Stories, tallies []translator.VersionTally) error {
	for _, t := range tallies {
		if slices.Contains(needHuman, t.State) {
			s.NeedsLeftOut += t.Versions
		}
	}
	for _, state := range needHuman {
		for v, err := range stories.Versions(ctx, translator.Selection{Batch: s.Batch, States: []translator.State{state}, Brief: true}) {
			if err != nil {
				return err
			}
			if s.need(v) {
				s.NeedsLeftOut--
			}
		}
	}
	return nil
}

// need adds a story to those that are named, or to one that is held for the same
// reason, and reports whether there was room for it.
func (s *overview) need(v translator.Version) bool {
	why := whyNot(v)
	n := statusNeed{v.ID, 1, queue.Called(v.Story), v.Path, v.State, why.Error(), translator.HintOf(why), v.Changed}
	if v.State == translator.StateHeld {
		same := slices.IndexFunc(s.Needs, func(o statusNeed) bool {
			return o.State == v.State && withoutDigits(o.Reason) == withoutDigits(n.Reason)
		})
		if same >= 0 {
			s.Needs[same].Stories++
			return true
		}
	}
	if len(s.Needs) == statusNeeds {
		return false
	}
	s.Needs = append(s.Needs, n)
	return true
}

// withoutDigits makes reasons alike that differ in how much was spent by then.
func withoutDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, text)
}

// findRecent counts what was finished and sent a short while ago. What was sent
// is of all batches: a request may serve several.
func (s *overview) findRecent(ctx context.Context, d *desk, batch string, now time.Time) error {
	s.Recent.Minutes = recently.Minutes()
	s.Recent.Backends = []recentBackend{}
	done, err := d.stories.Tally(ctx, translator.Selection{Batch: batch, Since: now.Add(-recently),
		States: []translator.State{translator.StateDone, translator.StatePartial, translator.StateFailed}})
	if err != nil {
		return err
	}
	for _, t := range done {
		s.Recent.Stories += t.Versions
	}
	summary, err := ledger.Summarize(d.db.Lines(ctx, translator.Window{Since: now.Add(-recently)}), ledger.ByBackend, time.Local)
	if err != nil {
		return err
	}
	units := order{cfg: d.cfg}
	for _, r := range summary.Backends {
		s.Recent.Backends = append(s.Recent.Backends, recentBackend{r.Name, r.Texts, r.Requests, r.Billed, units.unit(r.Name), r.Cost})
	}
	return nil
}

// findBudgets says how far the limits that all workers share are used up.
func (s *overview) findBudgets(ctx context.Context, d *desk, now time.Time) error {
	budgets, err := d.budgets(ctx, now)
	for _, b := range budgets {
		s.Budget = append(s.Budget, spentLimit{b.Limit, b.Spent, b.Most})
	}
	return err
}

// write writes an overview for people.
func (s *overview) write(w io.Writer) error {
	var b strings.Builder
	if len(s.States) == 0 {
		fmt.Fprintln(&b, "nothing was submitted yet: see dragoman submit --help")
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, st := range s.States {
		fmt.Fprintf(t, "%s\t%s\t%s\n", st.Direction, st.State, count(st.Stories, "story"))
	}
	t.Flush() // into memory
	fmt.Fprintf(&b, "in work: %s\n", count(s.Jobs.Running, "job"))
	if s.Oldest > 0 {
		fmt.Fprintf(&b, "the oldest has waited %s\n", time.Duration(s.Oldest*float64(time.Second)).Round(time.Second))
	}
	fmt.Fprintf(&b, "in the last %g minutes: %s finished", s.Recent.Minutes, count(s.Recent.Stories, "story"))
	for _, r := range s.Recent.Backends {
		fmt.Fprintf(&b, "; %s: %s in %s, %d %s billed, %s", printable(r.Name), count(r.Texts, "sentence"), count(r.Requests, "request"), r.Size, r.Unit, r.Cost)
	}
	b.WriteByte('\n')
	for _, l := range s.Budget {
		fmt.Fprintf(&b, "%s: %s of %s\n", l.Name, l.Spent, l.Limit)
	}
	for _, n := range s.Needs {
		fmt.Fprintf(&b, "%s %d %s", n.State, n.ID, printable(cmp.Or(n.Path, n.Story)))
		if n.Stories > 1 {
			fmt.Fprintf(&b, " and %d more", n.Stories-1)
		}
		fmt.Fprintf(&b, ": %s\n", printable(n.Reason))
		if n.Remedy != "" {
			fmt.Fprintf(&b, "  %s\n", printable(n.Remedy))
		}
	}
	if s.NeedsLeftOut > 0 {
		fmt.Fprintf(&b, "… and %d more: see dragoman status --json, or dragoman export\n", s.NeedsLeftOut)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
