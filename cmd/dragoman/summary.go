package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"dragoman/translator"
	"dragoman/translator/format"
)

// This file says on the terminal what a run came to.

// A conclusion is what a run, or what is exported, came to.
type conclusion struct {
	report format.Report
	out    string  // the folder
	took   string  // how long
	undone *undone // of an export; nil of a run
}

// conclude says what a run came to, and with which code it ends. reason is why it
// was stopped.
func (a *app) conclude(c conclusion, reason error) error {
	if err := a.summary(c); err != nil {
		return err
	}
	r := c.report
	switch kind := translator.KindOf(reason); {
	case kind == translator.Interrupted:
		return &outcomeError{code: exitInterrupted, said: true, err: reason}
	case r.Totals.Stories.Held > 0 && kind == translator.OverBudget:
		return &outcomeError{code: exitBudget, said: true, err: reason}
	case r.Totals.Stories.Held > 0 && kind == translator.Denied:
		return &outcomeError{code: exitDenied, said: true, err: reason}
	case r.Totals.Stories.All() != r.Totals.Stories.Done:
		return &outcomeError{code: exitPartial, said: true, err: errors.New("some stories are not done")}
	}
	return nil
}

// A result is the output of translate --json and export --json.
type result struct {
	Run   string `json:"run"`
	Batch string `json:"batch,omitempty"`
	format.Totals
	NotDone map[translator.State]int `json:"not_done,omitempty"` // stories of an export that no worker is done with
	Stopped string                   `json:"stopped"`
	GoOn    string                   `json:"go_on"`
	Out     string                   `json:"out"`
	Files   []string                 `json:"files"`
}

// summary writes the result to standard output, and what a person must know to
// standard error.
func (a *app) summary(c conclusion) error {
	r := c.report
	if a.json {
		var notDone map[translator.State]int
		if c.undone != nil {
			notDone = c.undone.stories
		}
		return writeJSON(a.out, result{r.Run, r.Batch, r.Totals, notDone, r.Stopped, r.GoOn, c.out, r.Files})
	}
	if r.Stopped != "" {
		fmt.Fprintf(a.err, "stopped: %s\n  %s\n", printable(r.Stopped), printable(r.GoOn))
	}
	var told strings.Builder
	tellNeeds(&told, r)
	if c.undone != nil {
		c.undone.tell(&told)
	} else {
		tellHeld(&told, r)
	}
	fmt.Fprint(a.err, a.here(told.String()))
	if a.quiet {
		return nil
	}
	_, err := io.WriteString(a.out, summaryText(c))
	return err
}

// shownNeeds bounds the stories that are named on the terminal.
const shownNeeds = 10

// tellNeeds names the stories that a person should look at.
func tellNeeds(w io.Writer, r format.Report) {
	shown := 0
	for _, n := range r.NeedHuman {
		if n.Status == translator.Held {
			continue
		}
		if shown++; shown > shownNeeds {
			continue
		}
		fmt.Fprintf(w, "%s %s: %s\n  %s\n", n.Status, printable(n.Path), printable(n.Reason), printable(n.Remedy))
	}
	if more := r.Totals.Stories.Failed + r.Totals.Stories.Partial - shownNeeds; more > 0 {
		fmt.Fprintf(w, "… and %d more: see report.html\n", more)
	}
}

// tellHeld counts the stories of a run that are held: what stopped the run is
// their reason, or else that of the first of them stands for all.
func tellHeld(w io.Writer, r format.Report) {
	if r.Totals.Stories.Held == 0 {
		return
	}
	fmt.Fprintf(w, "held for a later run: %s\n", count(r.Totals.Stories.Held, "story"))
	held := slices.IndexFunc(r.NeedHuman, func(n format.Need) bool { return n.Status == translator.Held })
	if r.Stopped == "" && held >= 0 {
		n := r.NeedHuman[held]
		fmt.Fprintf(w, "held %s: %s\n  %s\n", printable(n.Path), printable(n.Reason), printable(n.Remedy))
	}
}

// billedText says what was billed, each backend in its own unit.
func billedText(backends []format.Backend) string {
	var parts []string
	for _, b := range backends {
		if b.Size > 0 {
			parts = append(parts, fmt.Sprintf("%d %s by %s", b.Size, b.Unit, b.Name))
		}
	}
	switch len(parts) {
	case 0:
		return "nothing"
	case 1:
		text, _, _ := strings.Cut(parts[0], " by ")
		return text
	}
	return strings.Join(parts, ", ")
}

func summaryText(c conclusion) string {
	var b strings.Builder
	r, n, s := c.report, c.report.Totals, c.report.Totals.Stories
	held := "held"
	if c.undone != nil {
		held = "not done yet"
	}
	fmt.Fprintf(&b, "%s: %d done, %d partial, %d failed, %d %s\n", count(s.All(), "story"), s.Done, s.Partial, s.Failed, s.Held, held)
	fmt.Fprintf(&b, "%s, %d distinct: %d remembered, %d sent in %s\n", count(n.Sentences, "sentence"), n.Distinct, n.Recalled, n.Sent, count(n.Requests, "request"))
	switch {
	case n.Requests > 0:
		fmt.Fprintf(&b, "%s billed, %s\n", billedText(r.Backends), n.CostUSD)
	case r.Open.Requests > 0:
		b.WriteString("nothing was billed\n")
	default:
		b.WriteString("nothing was sent: nothing is to be paid\n")
	}
	if n.Flagged > 0 {
		fmt.Fprintf(&b, "%s flagged: something may be wrong, see report.html\n", count(n.Flagged, "sentence"))
	}
	if n.StandIns > 0 {
		fmt.Fprintf(&b, "%s of them are stand-ins and no translations\n", count(n.StandIns, "sentence"))
	}
	switch files := strings.Join(r.Files, " "); {
	case files == "":
		fmt.Fprintf(&b, "%s; there is nothing to write: nothing was written to %s, and what an earlier run wrote there stays\n", c.took, printable(c.out))
	case n.Sentences == n.Untranslated:
		fmt.Fprintf(&b, "%s; written to %s, with no pair in them: %s\n", c.took, printable(c.out), files)
	default:
		fmt.Fprintf(&b, "%s; written to %s: %s\n", c.took, printable(c.out), files)
	}
	return b.String()
}
