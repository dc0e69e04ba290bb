package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"dragoman/translator"
)

// An undone is what an export has of stories that no worker is done with. Its
// report knows them as held only, whatever they wait for.
type undone struct {
	stories map[translator.State]int
	lots    []lot // up to shownNeeds
}

// A lot is the stories in one state for one reason. One stands for all.
type lot struct {
	state                translator.State
	path, reason, remedy string
	alike                string // the reason, but for how much was spent by then
	stories              int
}

// undoneWords says what a state means, in the order of telling.
var undoneWords = []struct {
	state translator.State
	words string
}{{translator.Waiting, "waiting or in work"}, {translator.StateHeld, "held"}, {translator.StateOnHold, "on hold"}}

// add counts a story in a state, with the reason why it is not done.
func (u *undone) add(state translator.State, story translator.Story) {
	if u.stories == nil {
		u.stories = map[translator.State]int{}
	}
	u.stories[state]++
	reason := story.Err.Error()
	alike := withoutDigits(reason)
	same := slices.IndexFunc(u.lots, func(l lot) bool { return l.state == state && l.alike == alike })
	switch {
	case same >= 0:
		u.lots[same].stories++
	case len(u.lots) < shownNeeds:
		u.lots = append(u.lots, lot{state, story.Article.Path, reason, translator.HintOf(story.Err), alike, 1})
	}
}

// tell counts the stories by state, and names one for each reason.
func (u *undone) tell(w io.Writer) {
	var parts []string
	all, left := 0, 0
	for _, of := range undoneWords {
		if n := u.stories[of.state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, of.words))
			all, left = all+n, left+n
		}
	}
	if all == 0 {
		return
	}
	fmt.Fprintf(w, "not done yet: %s: %s\n", count(all, "story"), strings.Join(parts, ", "))
	for _, l := range u.lots {
		left -= l.stories
		more := ""
		if l.stories > 1 {
			more = fmt.Sprintf(" and %d more", l.stories-1)
		}
		fmt.Fprintf(w, "%s %s%s: %s\n  %s\n", l.state, printable(l.path), more, printable(l.reason), printable(l.remedy))
	}
	if left > 0 {
		fmt.Fprintf(w, "… and %d more for other reasons: see report.html\n", left)
	}
}
