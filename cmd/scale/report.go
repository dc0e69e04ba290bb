package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// report writes what a scenario needs.
func report(w io.Writer, s Scenario, o options) {
	n := need(s.Load, s.Service, s.House.Database)
	writeNeed(w, s, n)
	fmt.Fprintf(w, "\nBy division, with %s of %d cores, %s and %s:\n\n", processes(s.House.Processes), s.House.CPUs, s.House.Database.Name, s.Service.Name)
	writeWalls(w, s)
	fmt.Fprintf(w, "\nThe same on other services:\n\n")
	writeServices(w, s)
	part := slice(s.Load, o.most)
	fmt.Fprintf(w, "\nSimulated, %s\n\n", arrival(s.Load, part))
	writeRuns(w, s, part, o)
	if s.Load.Window > 0 {
		part.Window = 0
		fmt.Fprintf(w, "\nSimulated, %s\n\n", arrival(Load{Stories: s.Load.Stories}, part))
		writeRuns(w, s, part, o)
	}
}

func processes(n int) string {
	if n == 1 {
		return "1 process"
	}
	return whole(n) + " processes"
}

// writeNeed writes what the load comes to.
func writeNeed(w io.Writer, s Scenario, n Need) {
	l := s.Load
	var t table
	t.row("stories, in "+long(l.Hours), quantity(float64(l.Stories)))
	t.row("jobs", quantity(n.Jobs))
	t.row("sentences", quantity(n.Sentences))
	t.row("of those new", quantity(n.New))
	t.row("characters sent", quantity(n.Chars))
	t.row("requests, if all are full", quantity(n.Requests))
	t.row("dollars", quantity(n.USD))
	t.row("dollars a year", quantity(n.USD*l.Repeats))
	t.row("disk: memory", size(n.Memory))
	t.row("disk: stories and their results", size(n.Stories))
	t.row("memory after a year: sentences", quantity(l.rows()))
	t.row("memory after a year: its index", size(l.rows()*keyDisk))
	t.row("worker processes, at least", whole(least(s)))
	t.row("database: transactions a second", quantity((2*n.Jobs+3*n.Requests)/l.Hours.Seconds()))
	t.row("database: rows written a second", quantity((n.New+3*n.Jobs+2*n.Requests)/l.Hours.Seconds()))
	t.row("database: keys looked up a second", quantity(n.Sentences/l.Hours.Seconds()))
	t.write(w)
}

// writeWalls writes how much of everything is used, and at what multiple of the
// load it would be used up.
func writeWalls(w io.Writer, s Scenario) {
	var t table
	t.row("", "needs", "of", "used", "full at")
	all := walls(s.Load, s.Service, s.House)
	for _, wall := range all {
		t.row(wall.Name, wall.Need, wall.Has, share(wall.Used), "× "+quantity(1/wall.Used))
	}
	t.write(w)
	first := slices.MaxFunc(all, func(a, b Wall) int { return cmp.Compare(a.Used, b.Used) })
	fmt.Fprintf(w, "\nThe first wall is %q, at %s times this load.\n", first.Name, quantity(1/first.Used))
}

// writeServices writes what the same load takes elsewhere.
func writeServices(w io.Writer, s Scenario) {
	var t table
	t.row("", "at least", "because of", "dollars")
	for _, other := range services {
		least, wall := bound(s.Load, other, s.House)
		t.row(other.Name, long(least), wall, quantity(need(s.Load, other, s.House.Database).USD))
	}
	t.write(w)
}

// slice returns the part of a load that is simulated: at most so many jobs, in
// as much less time. What it costs the database is of the whole load.
func slice(l Load, most int) Load {
	jobs := (l.Stories + l.Shard - 1) / l.Shard
	if jobs <= most {
		return l
	}
	part := l
	part.Stories = most * l.Shard
	factor := float64(l.Stories) / float64(part.Stories)
	part.Window = time.Duration(float64(l.Window) / factor)
	part.Hours = time.Duration(float64(l.Hours) / factor)
	part.Repeats *= factor
	return part
}

// arrival says how stories come.
func arrival(l, part Load) string {
	how := "all there at the beginning:"
	if l.Window > 0 {
		how = fmt.Sprintf("arriving in bursts of %s within %s:", quantity(l.Burst), long(l.Window))
	}
	if part.Stories < l.Stories {
		how = fmt.Sprintf("one in %s of the load, %s", quantity(float64(l.Stories)/float64(part.Stories)), how)
	}
	return how
}

// writeRuns simulates a load with several numbers of processes and jobs.
func writeRuns(w io.Writer, s Scenario, l Load, o options) {
	var t table
	header := []string{"processes × jobs", "done after", "requests", "texts each", "refused", "connections", "CPU", "database", "backlog"}
	if l.Window > 0 {
		header = append(header, "wait: median", "95 %", "most")
	}
	t.row(header...)
	factor := float64(s.Load.Stories) / float64(l.Stories)
	for _, run := range s.Runs {
		h := s.House
		h.Processes, h.Jobs = run[0], run[1]
		r := simulate(l, s.Service, h, o.seed)
		cells := []string{
			fmt.Sprintf("%d × %d", run[0], run[1]), long(time.Duration(float64(r.Done) * factor)), quantity(float64(r.Requests) * factor),
			quantity(float64(r.Texts) / float64(max(1, r.Requests))), share(float64(r.Refused) / float64(max(1, r.Requests+r.Refused))),
			share(r.Connections), share(r.CPU), share(r.Database), whole(r.Backlog),
		}
		if l.Window > 0 {
			cells = append(cells, long(r.wait(0.5)), long(r.wait(0.95)), long(r.wait(1)))
		}
		t.row(cells...)
	}
	t.write(w)
}
