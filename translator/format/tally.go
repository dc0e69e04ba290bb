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
	maxRules = 1000 // boilerplate rules, and flags
	maxPairs = 1000 // pairs in which something may be wrong
)

// A tally counts the stories that pass through Outputs.
type tally struct {
	totals Totals
	drops  map[string]int
	needs  map[translator.Status][]Need
	more   int // needs beyond maxNeeds
	rows   []StoryRow
	flags  map[string]int
	pairs  []FlaggedPair
}

func newTally() *tally {
	return &tally{drops: map[string]int{}, flags: map[string]int{}, needs: map[translator.Status][]Need{}}
}

func (t *tally) add(s translator.Story, row StoryRow) {
	t.totals.Stories.Add(s.Status)
	t.totals.Sentences += row.Sentences
	t.totals.Untranslated += row.Untranslated
	t.totals.StandIns += standIns(s)
	t.totals.Flagged += row.Flagged
	for _, sentence := range s.Sentences {
		if sentence.Err == nil {
			t.flagged(sentence.Pair, row.Page)
		}
	}
	for _, b := range s.Article.Blocks {
		if b.Kind == translator.Boilerplate {
			count(t.drops, b.Rule)
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

// flagged counts a pair's flags, and lists it if one of them is a fault.
func (t *tally) flagged(p translator.Pair, page string) {
	for _, flag := range p.Flags {
		count(t.flags, flag)
	}
	if translator.Faults(p.Flags) == 0 || len(t.pairs) == maxPairs {
		return
	}
	if page != "" {
		page += "#" + rowID(p)
	}
	short := func(x translator.Text) translator.Text {
		return translator.Text{Lang: x.Lang, Text: shorten(oneLine(x.Text), 300)}
	}
	t.pairs = append(t.pairs, FlaggedPair{p.ID, page, p.Origin.Signature, p.Flags, short(p.Source), short(p.Target)})
}

// count counts a rule or flag. They are short lists of ours, but come in as data.
func count(counts map[string]int, name string) {
	if _, known := counts[name]; !known && len(counts) >= maxRules {
		name = "other rules"
	}
	counts[name]++
}

// fill sets what Outputs knows of a report.
func (t *tally) fill(r *Report) {
	r.Totals.Stories, r.Totals.Sentences = t.totals.Stories, t.totals.Sentences
	r.Totals.Untranslated, r.Totals.StandIns, r.Totals.Flagged = t.totals.Untranslated, t.totals.StandIns, t.totals.Flagged
	r.Drops = []Drop{}
	for rule, n := range t.drops {
		r.Drops = append(r.Drops, Drop{rule, n})
	}
	slices.SortFunc(r.Drops, func(a, b Drop) int {
		return cmp.Or(cmp.Compare(b.Blocks, a.Blocks), cmp.Compare(a.Rule, b.Rule))
	})
	r.Flags = []FlagCount{}
	for flag, n := range t.flags {
		r.Flags = append(r.Flags, FlagCount{flag, r.Meanings[flag], n})
	}
	slices.SortFunc(r.Flags, func(a, b FlagCount) int {
		return cmp.Or(cmp.Compare(b.Pairs, a.Pairs), cmp.Compare(a.Flag, b.Flag))
	})
	r.Flagged, r.FlaggedLeftOut = append([]FlaggedPair{}, t.pairs...), t.totals.Flagged-len(t.pairs)
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
