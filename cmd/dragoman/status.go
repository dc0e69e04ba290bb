package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
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
				if !a.json {
					_, err = io.WriteString(a.out, a.here(s.text()))
					return err
				}
				for i := range s.Needs {
					s.Needs[i].Remedy = a.here(s.Needs[i].Remedy)
				}
				return writeJSON(a.out, s)
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
	// Earlier counts versions of stories that are still to be worked though a
	// later one is there; States does not. Of a batch it is 0: States has all.
	Earlier int `json:"earlier_versions_open"`
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
	Stories  int             `json:"stories"`  // versions that workers ended, and nobody cancelled since; of the batch
	Backends []recentBackend `json:"backends"` // of the whole store: a request may serve several batches
}

type recentBackend struct {
	Name     string         `json:"name"`
	Texts    int            `json:"texts"`
	Requests int            `json:"requests"` // that were billed, as all above and below up to Cost
	Size     int64          `json:"size"`
	Unit     string         `json:"unit"` // of Size
	Cost     translator.USD `json:"cost_usd"`
	Unbilled int            `json:"requests_unbilled"` // that failed, or found nothing
	Open     int            `json:"requests_open"`     // on their way, or lost
	OpenCost translator.USD `json:"open_usd"`          // of those, at most
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
	return s, errors.Join(s.findEarlier(ctx, d.stories, tallies), s.findNeeds(ctx, d.stories, tallies), s.findRecent(ctx, d, batch, now), s.findBudgets(ctx, d, now))
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

// findEarlier counts versions that nobody waits for any more.
func (s *overview) findEarlier(ctx context.Context, stories translator.Stories, newest []translator.VersionTally) error {
	if s.Batch != "" {
		return nil
	}
	all, err := stories.Tally(ctx, translator.Selection{All: true, States: []translator.State{translator.Waiting, translator.StateHeld}})
	for _, t := range all {
		s.Earlier += t.Versions
	}
	for _, t := range newest {
		if t.State.Open() {
			s.Earlier -= t.Versions
		}
	}
	s.Earlier = max(s.Earlier, 0) // some may have been submitted between
	return err
}

// findRecent counts what was finished and sent a short while ago.
func (s *overview) findRecent(ctx context.Context, d *desk, batch string, now time.Time) error {
	s.Recent.Minutes = recently.Minutes()
	since := translator.Selection{Batch: batch, Since: now.Add(-recently), All: true}
	since.States = []translator.State{translator.StateDone, translator.StatePartial}
	done, err := d.stories.Tally(ctx, since)
	if err != nil {
		return err
	}
	for _, t := range done {
		s.Recent.Stories += t.Versions
	}
	since.States, since.Brief = []translator.State{translator.StateFailed}, true
	for v, err := range d.stories.Versions(ctx, since) {
		if err != nil {
			return err
		}
		if !queue.NamesUnread(v.Story) {
			s.Recent.Stories++
		}
	}
	summary, err := ledger.Summarize(d.db.Lines(ctx, translator.Window{Since: now.Add(-recently)}), ledger.ByBackend, time.Local)
	if err != nil {
		return err
	}
	s.Recent.Backends = recentBackends(summary.Backends, order{cfg: d.cfg})
	return nil
}

func recentBackends(rows []ledger.Row, units order) []recentBackend {
	list := []recentBackend{}
	for _, r := range rows {
		list = append(list, recentBackend{r.Name, r.Texts, r.Requests - r.Open - r.Unbilled, r.Billed, units.unit(r.Name), r.Cost, r.Unbilled, r.Open, r.OpenCost})
	}
	return list
}

// findBudgets says how far the limits that all workers share are used up.
func (s *overview) findBudgets(ctx context.Context, d *desk, now time.Time) error {
	budgets, err := d.budgets(ctx, now)
	for _, b := range budgets {
		s.Budget = append(s.Budget, spentLimit{b.Limit, b.Spent, b.Most})
	}
	return err
}
