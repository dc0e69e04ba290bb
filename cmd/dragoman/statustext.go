package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// text says an overview for people.
func (s *overview) text() string {
	var b strings.Builder
	if len(s.States) == 0 {
		fmt.Fprintln(&b, "nothing was submitted yet: see dragoman submit --help")
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, st := range s.States {
		fmt.Fprintf(t, "%s\t%s\t%s\n", st.Direction, st.State, count(st.Stories, "story"))
	}
	t.Flush() // into memory
	if s.Earlier > 0 {
		fmt.Fprintf(&b, "and earlier versions of corrected stories, waiting or held: %d\n", s.Earlier)
	}
	fmt.Fprintf(&b, "in work: %s\n", count(s.Jobs.Running, "job"))
	if s.Oldest > 0 {
		fmt.Fprintf(&b, "the oldest has waited %s\n", time.Duration(s.Oldest*float64(time.Second)).Round(time.Second))
	}
	s.writeRecent(&b)
	for _, l := range s.Budget {
		fmt.Fprintf(&b, "%s: %s of %s\n", l.Name, l.Spent, l.Limit)
	}
	if len(s.Budget) == 0 {
		b.WriteString("these settings have no limit for a day or a month\n")
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
	return b.String()
}

// writeRecent tells requests that were billed from those that were not, or may yet be.
func (s *overview) writeRecent(b *strings.Builder) {
	fmt.Fprintf(b, "in the last %g minutes: %s finished", s.Recent.Minutes, count(s.Recent.Stories, "story"))
	if s.Batch != "" && len(s.Recent.Backends) > 0 {
		b.WriteString("; of all batches")
	}
	for _, r := range s.Recent.Backends {
		fmt.Fprintf(b, "; %s: %s in %s, %d %s billed, %s", printable(r.Name), count(r.Texts, "sentence"), count(r.Requests, "request"), r.Size, r.Unit, r.Cost)
		if r.Unbilled > 0 {
			fmt.Fprintf(b, "; %s not billed", count(r.Unbilled, "request"))
		}
		if r.Open > 0 {
			fmt.Fprintf(b, "; %s on the way or lost, at most %s", count(r.Open, "request"), r.OpenCost)
		}
	}
	b.WriteByte('\n')
}
