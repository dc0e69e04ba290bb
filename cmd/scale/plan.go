package main

import (
	"math"
	"time"
)

// A Load is the work of one night or day.
type Load struct {
	Stories    int
	Sentences  int           // of a story, on the average
	Chars      int           // of a sentence
	Remembered float64       // share of sentences that memory has
	Window     time.Duration // in which the stories arrive; 0 is all at the beginning
	Hours      time.Duration // in which all must be done, from the first story on
	Burst      float64       // stories that arrive together, on the average
	Shard      int           // stories a job
	Repeats    float64       // how often a year it comes: 365 for each night, 1 for once
}

// A House is what works it.
type House struct {
	Processes int
	Jobs      int // at once in each process
	CPUs      int // of each process
	Database  Database
	RAM, Disk float64 // bytes, of the database's machine
	Share     bool    // whether each process is given its share of the service's limits
}

// A Need is what a Load comes to.
type Need struct {
	Jobs, Sentences, New, Chars, Requests float64
	USD                                   float64
	Memory, Stories, Lines                float64 // bytes more on disk
}

// need adds up what a load takes of a service. A request is as full as it can
// be; where stories trickle in it is not, which the simulation shows.
func need(l Load, s Service, d Database) Need {
	n := Need{Jobs: math.Ceil(float64(l.Stories) / float64(l.Shard)), Sentences: float64(l.Stories) * float64(l.Sentences)}
	n.New = n.Sentences * (1 - l.Remembered)
	n.Chars = n.New * float64(l.Chars)
	n.Requests = math.Ceil(n.New / float64(s.fit(l.Chars)))
	n.USD = n.Chars / 1e6 * s.USD
	length := float64(l.Chars) / 139
	n.Memory = n.New * d.Memory * length
	n.Stories = float64(l.Stories)*storyDisk + n.Sentences*sentenceDisk*length
	n.Lines = n.Requests * lineDisk
	return n
}

// fit returns how many texts of a length a request takes.
func (s Service) fit(chars int) int {
	return max(1, min(s.Texts, s.Size/chars))
}

// full returns how long a full request takes on the average.
func (s Service) full(chars int) time.Duration {
	return s.Latency + time.Duration(s.fit(chars)*chars)*s.PerChar
}

// connections returns how many requests are on their way at once, at most.
func (s Service) connections(h House) int {
	if s.Engine {
		return s.Connections
	}
	return s.Connections * h.Processes
}

// A Wall is something that there is only so much of.
type Wall struct {
	Name string
	Need string
	Has  string
	Used float64 // share of it that the load needs; above 1 the load is too large
}

// walls returns how much of everything a load uses in the time that it has.
func walls(l Load, s Service, h House) []Wall {
	n, hours := need(l, s, h.Database), l.Hours.Seconds()
	var all []Wall
	add := func(name string, need, has float64, unit string) {
		if has > 0 {
			all = append(all, Wall{name, quantity(need) + unit, quantity(has) + unit, need / has})
		}
	}
	add(s.Name+": characters", n.Chars/hours*60, float64(s.Chars), " a minute")
	add(s.Name+": requests", n.Requests/hours*60, float64(s.Requests), " a minute")
	add(s.Name+": latency × connections", n.Requests*s.full(l.Chars).Seconds()/hours, float64(s.connections(h)), " at once")
	add("workers: CPU", n.Sentences*sentenceCPU.Seconds()/hours, float64(h.CPUs*h.Processes), " cores")
	add("database: time", busy(n, h.after(l)).Seconds()/hours, 1, " of one writer")
	return append(all, diskWall(l, n, h))
}

// after returns the database as it is when the load has come for a year: slower
// once RAM does not hold the index of its memory.
func (h House) after(l Load) Database {
	d := h.Database
	if l.rows()*keyDisk > h.RAM {
		d.Lookup += d.Cold
		d.Save += d.Cold
	}
	return d
}

// rows returns how many sentences memory has after a year.
func (l Load) rows() float64 {
	return l.Repeats * float64(l.Stories) * float64(l.Sentences) * (1 - l.Remembered)
}

// busy returns how long a load keeps the database from anything else.
func busy(n Need, d Database) time.Duration {
	return time.Duration(n.Jobs*float64(d.Job) + n.Requests*float64(d.Line) + n.New*float64(d.Save) + n.Sentences*float64(d.Lookup))
}

// diskName is of the one wall that no night is longer for.
const diskName = "disk: after a year"

// diskWall is the database after a year in which nothing was deleted.
func diskWall(l Load, n Need, h House) Wall {
	year := l.Repeats * (n.Memory + n.Stories + n.Lines)
	return Wall{diskName, size(year), size(h.Disk), year / h.Disk}
}

// least returns how many processes a scenario needs by division: for the
// latency of its requests and for its CPU.
func least(s Scenario) int {
	n, hours := need(s.Load, s.Service, s.House.Database), s.Load.Hours.Seconds()
	processes := n.Sentences * sentenceCPU.Seconds() / hours / float64(s.House.CPUs)
	if !s.Service.Engine {
		processes = max(processes, n.Requests*s.Service.full(s.Load.Chars).Seconds()/hours/float64(s.Service.Connections))
	}
	return max(1, int(math.Ceil(processes)))
}

// bound returns the least time that a load can take, whatever arrives when, and what sets it.
func bound(l Load, s Service, h House) (time.Duration, string) {
	var most Wall
	for _, w := range walls(l, s, h) {
		if w.Used > most.Used && w.Name != diskName {
			most = w
		}
	}
	return time.Duration(most.Used * float64(l.Hours)), most.Name
}
