package format

import (
	"cmp"
	"slices"

	"dragoman/translator"
)

// How much of a run the report lists. Beyond it only counts are kept, so that
// memory does not grow with the number of stories.
const (
	maxNeeds = 500  // stories that need a human, for each status
	maxRows  = 1000 // stories in report.html
	maxRules = 1000 // boilerplate rules
)

// A tally counts the stories that pass through Outputs.
type tally struct {
	totals Totals
	drops  map[string]int
	needs  map[translator.Status][]Need
	more   int // needs beyond maxNeeds
	rows   []StoryRow
}

func newTally() *tally {
	return &tally{drops: map[string]int{}, needs: map[translator.Status][]Need{}}
}

func (t *tally) add(s translator.Story, row StoryRow) {
	t.totals.Stories.Add(s.Status)
	t.totals.Sentences += row.Sentences
	t.totals.Untranslated += row.Untranslated
	t.totals.StandIns += standIns(s)
	for _, b := range s.Article.Blocks {
		if b.Kind == translator.Boilerplate {
			t.drop(b.Rule)
		}
	}
	if len(t.rows) < maxRows {
		t.rows = append(t.rows, row)
	}
	if s.Status == translator.Done {
		return
	}
	if len(t.needs[s.Status]) == maxNeeds {
		t.more++
		return
	}
	t.needs[s.Status] = append(t.needs[s.Status], newNeed(s, row))
}

// standIns counts a story's sentences that have a stand-in for a translation.
func standIns(s translator.Story) int {
	n := 0
	for _, sentence := range s.Sentences {
		if sentence.Err == nil && sentence.Pair.Origin.Kind == translator.Pseudo {
			n++
		}
	}
	return n
}

// drop counts a dropped block. The rules are a short list of ours, but they
// come in as data.
func (t *tally) drop(rule string) {
	if _, known := t.drops[rule]; !known && len(t.drops) >= maxRules {
		rule = "other rules"
	}
	t.drops[rule]++
}

// fill sets what Outputs knows of a report.
func (t *tally) fill(r *Report) {
	r.Totals.Stories, r.Totals.Sentences = t.totals.Stories, t.totals.Sentences
	r.Totals.Untranslated, r.Totals.StandIns = t.totals.Untranslated, t.totals.StandIns
	r.Drops = []Drop{}
	for rule, n := range t.drops {
		r.Drops = append(r.Drops, Drop{rule, n})
	}
	slices.SortFunc(r.Drops, func(a, b Drop) int {
		return cmp.Or(cmp.Compare(b.Blocks, a.Blocks), cmp.Compare(a.Rule, b.Rule))
	})
	r.NeedHuman, r.NeedLeftOut = []Need{}, t.more
	for _, status := range []translator.Status{translator.Failed, translator.Partial, translator.Held} {
		r.NeedHuman = append(r.NeedHuman, t.needs[status]...)
	}
	if r.Backends == nil {
		r.Backends = []Backend{}
	}
	if r.Budgets == nil {
		r.Budgets = []BudgetLine{}
	}
}
