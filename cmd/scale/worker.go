package main

import (
	"math"
	"time"
)

// What the Client of package backend does, in short. It packs texts of all jobs
// of a process into requests, sends one when it is full or its first text has
// lingered, and paces itself by what it was told of the service's limits. What
// the Client learns from refusals this does not: it waits, and tries again.
const (
	linger     = 50 * time.Millisecond // alone; ten times as long while others are on their way
	lingerMost = 10
	paced      = 0.98 // of a limit is used
	firstPause = time.Second
	lastPause  = time.Minute
)

// A worker is one process.
type worker struct {
	m       *simulation
	s       Service
	cpu     station
	jobs    int
	waiting []piece // first come first served
	texts   int     // in waiting
	flying  int
	next    time.Duration // when the pace lets the next request go
	opens   time.Duration // when the pause after a refusal is over
	refused int           // in a row
	wakes   time.Duration // when dispatch is called again; 0 is never
}

// A piece is the texts of a job, or of a part of it.
type piece struct {
	job   *job
	texts int
	since time.Duration
}

func newWorker(m *simulation, s Service) *worker {
	return &worker{m: m, s: s, cpu: station{clock: &m.clock, servers: m.house.CPUs}}
}

// start works a job: it is fetched, its sentences are cut and looked up, and
// what memory lacks waits for a request.
func (w *worker) start(j *job) {
	w.jobs++
	n := time.Duration(j.sentences)
	for range j.sentences {
		if w.m.random.Float64() >= w.m.load.Remembered {
			j.left++
		}
	}
	w.m.run.Sentences += j.sentences
	w.m.run.New += j.left
	d := w.m.store
	w.m.database.do(d.Job/2+n*d.Lookup, func() {
		w.cpu.do(n*sentenceCPU, func() {
			if j.left == 0 {
				w.finish(j)
				return
			}
			w.waiting = append(w.waiting, piece{j, j.left, w.m.now})
			w.texts += j.left
			w.dispatch()
		})
	})
}

// finish writes a job's results and its end.
func (w *worker) finish(j *job) {
	w.m.database.do(w.m.store.Job/2, func() {
		w.jobs--
		w.m.ended(w, j)
	})
}

// dispatch sends all that may go now, and wakes again for what may go later.
func (w *worker) dispatch() {
	for w.texts > 0 && w.flying < w.s.Connections && w.m.service.free() {
		if at := w.ready(); at > w.m.now {
			w.wake(at)
			return
		}
		w.send(w.take())
	}
}

// ready returns when the next request may go.
func (w *worker) ready() time.Duration {
	at := max(w.next, w.opens)
	if w.texts < w.s.fit(w.m.load.Chars) {
		patience := time.Duration(linger)
		if w.flying > 0 {
			patience *= lingerMost
		}
		at = max(at, w.waiting[0].since+patience)
	}
	return at
}

// wake calls dispatch at a moment, once for the earliest that was asked for.
func (w *worker) wake(at time.Duration) {
	if w.wakes > w.m.now && w.wakes <= at {
		return
	}
	w.wakes = at
	w.m.clock.after(at-w.m.now, func() {
		if w.wakes == at {
			w.wakes = 0
		}
		w.dispatch()
	})
}

// take removes the texts of the next request.
func (w *worker) take() []piece {
	room := w.s.fit(w.m.load.Chars)
	var taken []piece
	for room > 0 && len(w.waiting) > 0 {
		p := &w.waiting[0]
		n := min(room, p.texts)
		taken = append(taken, piece{p.job, n, p.since})
		room -= n
		if p.texts -= n; p.texts == 0 {
			w.waiting = w.waiting[1:]
		}
	}
	w.texts -= count(taken)
	return taken
}

func count(pieces []piece) int {
	n := 0
	for _, p := range pieces {
		n += p.texts
	}
	return n
}

// send writes the request's line, asks the service, and saves what it says. Its
// connection is free again when that is on the disk.
func (w *worker) send(pieces []piece) {
	w.flying++
	texts := count(pieces)
	w.pace(texts * w.m.load.Chars)
	w.m.run.Flying = max(w.m.run.Flying, w.m.service.take())
	d := w.m.store
	w.m.database.do(d.Line/2, func() {
		w.m.service.ask(texts, func(answered bool) {
			if !answered {
				w.landed()
				w.again(pieces)
				return
			}
			w.refused = 0
			w.m.database.do(d.Line/2+time.Duration(texts)*d.Save, func() {
				w.landed()
				w.answered(pieces)
			})
		})
	})
}

// landed gives the connection back.
func (w *worker) landed() {
	w.flying--
	w.m.service.give()
}

// answered takes answers to their jobs.
func (w *worker) answered(pieces []piece) {
	for _, p := range pieces {
		if p.job.left -= p.texts; p.job.left == 0 {
			w.finish(p.job)
		}
	}
	w.dispatch()
}

// again puts texts back that were refused, and pauses.
func (w *worker) again(pieces []piece) {
	w.waiting = append(pieces, w.waiting...)
	w.texts += count(pieces)
	pause := min(lastPause, firstPause<<min(w.refused, 10))
	w.refused++
	w.opens = max(w.opens, w.m.now+pause/2+time.Duration(w.m.random.Int64N(int64(pause/2))))
	w.dispatch()
}

// pace says when the request after one of a size may go, where the process was
// given its share of the service's limits.
func (w *worker) pace(chars int) {
	if !w.m.house.Share {
		return
	}
	var minutes float64
	if w.s.Chars > 0 {
		minutes = float64(chars) / float64(w.s.Chars)
	}
	if w.s.Requests > 0 {
		minutes = max(minutes, 1/float64(w.s.Requests))
	}
	share := minutes * float64(w.m.house.Processes) / paced
	w.next = max(w.next, w.m.now) + time.Duration(math.Round(share*float64(time.Minute)))
}
