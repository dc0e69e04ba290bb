package main

import (
	"math"
	"time"
)

// A desk is the service's side: it takes so many requests and characters in
// each minute by the clock, and refuses what is above.
type desk struct {
	m               *simulation
	s               Service
	minute          time.Duration
	requests, chars int // of the minute
	flying          int
	used            time.Duration // connections × time
}

func newDesk(m *simulation, s Service) *desk { return &desk{m: m, s: s} }

// free tells whether an engine that all processes share can take one more request.
func (d *desk) free() bool { return !d.s.Engine || d.flying < d.s.Connections }

// take and give count the connections in use.
func (d *desk) take() int {
	d.flying++
	return d.flying
}

func (d *desk) give() {
	d.flying--
	if d.s.Engine {
		for _, w := range d.m.workers {
			w.dispatch()
		}
	}
}

// ask answers a request in its time, or refuses it.
func (d *desk) ask(texts int, reply func(answered bool)) {
	chars := texts * d.m.load.Chars
	if !d.admit(chars) {
		d.m.run.Refused++
		d.m.clock.after(refusalTrip, func() { reply(false) })
		return
	}
	d.m.run.Requests++
	d.m.run.Texts += texts
	d.m.run.Chars += chars
	took := d.latency(chars)
	d.used += took
	d.m.clock.after(took, func() { reply(true) })
}

// admit counts a request against its minute.
func (d *desk) admit(chars int) bool {
	if minute := d.m.now / time.Minute; minute != d.minute {
		d.minute, d.requests, d.chars = minute, 0, 0
	}
	if d.s.Requests > 0 && d.requests+1 > d.s.Requests || d.s.Chars > 0 && d.chars+chars > d.s.Chars {
		return false
	}
	d.requests++
	d.chars += chars
	d.m.run.MinuteChars = max(d.m.run.MinuteChars, d.chars)
	d.m.run.MinuteRequests = max(d.m.run.MinuteRequests, d.requests)
	return true
}

// latency draws how long a request takes: log-normal around its average, in
// whole milliseconds, so that every machine's arithmetic comes to the same.
func (d *desk) latency(chars int) time.Duration {
	mean := float64(d.s.Latency + time.Duration(chars)*d.s.PerChar)
	factor := math.Exp(spread*d.m.random.NormFloat64() - spread*spread/2)
	return time.Duration(mean * factor).Round(time.Millisecond)
}
