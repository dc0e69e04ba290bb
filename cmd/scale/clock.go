package main

import (
	"container/heap"
	"time"
)

// A clock is virtual time: it runs events in the order of their moments, and
// those of one moment in the order in which they were set.
type clock struct {
	now    time.Duration
	events events
	set    int
}

type event struct {
	at    time.Duration
	order int
	do    func()
}

// after runs do when d has passed.
func (c *clock) after(d time.Duration, do func()) {
	c.set++
	heap.Push(&c.events, event{c.now + max(d, 0), c.set, do})
}

// run runs events until there are none.
func (c *clock) run() {
	for len(c.events) > 0 {
		e := heap.Pop(&c.events).(event)
		c.now = e.at
		e.do()
	}
}

type events []event

func (e events) Len() int      { return len(e) }
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].order < e[j].order
}
func (e *events) Push(x any) { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	(*e)[last] = event{} // lets go of what it would do
	*e = (*e)[:last]
	return x
}

// A station does so many things at once and lets others wait, first come first
// served: a database, or the cores of a machine.
type station struct {
	clock   *clock
	servers int
	busy    int
	waiting []task
	used    time.Duration // by all servers together
}

type task struct {
	takes time.Duration
	then  func()
}

// do takes a server for a time and calls then.
func (s *station) do(takes time.Duration, then func()) {
	if s.busy == s.servers {
		s.waiting = append(s.waiting, task{takes, then})
		return
	}
	s.busy++
	s.used += takes
	s.clock.after(takes, func() {
		s.busy--
		if len(s.waiting) > 0 {
			next := s.waiting[0]
			s.waiting[0] = task{}
			s.waiting = s.waiting[1:]
			s.do(next.takes, next.then)
		}
		then()
	})
}
