package backend

import (
	"math"
	"time"
)

// refused learns from a refusal: what was accepted in the minute before, and
// how long before the first of that was. Nothing is sent before open.
func (l *learnt) refused(accepted load, since time.Duration, open time.Time) {
	if accepted.requests < 1 {
		return // it was another's doing
	}
	if l.phase != unknown && l.between.requests < 1 {
		l.vain++ // it says no more than the last one
		return
	}
	if l.phase != unknown {
		l.bad = l.rate()
	}
	switch l.phase {
	case unknown:
		// Between a window, which bears so much a minute, and a bucket, which
		// bears it in the time that it took.
		faster := math.Sqrt(time.Minute.Seconds() / max(since.Seconds(), 1))
		l.phase, l.minute, l.step = seeking, accepted.times(faster), 2
		l.mean = accepted.size / accepted.requests
	case seeking:
		l.seek(accepted)
	case settled:
		nearly := l.minute.times(0.9)
		soon := !l.counts && l.between.requests < answersPerLoss/4 && nearly.least(accepted) == nearly
		l.lower(accepted)
		switch {
		case soon:
			// Again, and yet so much was accepted: it was saved up, in a bucket.
			l.minute = l.minute.times(1 - l.cut).most(l.least)
			l.cut = min(2*l.cut, 0.5)
		case !l.counts:
			l.minute = l.minute.most(l.good)
		}
		l.good, l.step = load{}, firstStep
	}
	l.last, l.between = accepted, load{}
	l.clock = clock{open, open}
	l.begin(open)
}

// seek settles, or goes one step back.
func (l *learnt) seek(accepted load) {
	few, more := l.last.times(chance), l.last.times(alike)
	if accepted.requests >= tellsFrom && (l.between.requests >= few.requests && accepted.requests <= more.requests || l.between.size >= few.size && accepted.size <= more.size) {
		l.minute = l.last
		l.lower(accepted)
		// A window's count is the limit, also where it is a little more than before.
		if l.binds != sizeBinds {
			l.minute.requests = accepted.requests
		}
		if l.binds != requestsBind {
			l.minute.size = accepted.size
		}
		l.bad, l.counts = l.minute, true
		l.settle()
		return
	}
	l.minute = l.minute.times(1 / l.step).most(accepted)
	if l.step = math.Sqrt(l.step); l.step < fineStep {
		l.settle()
	}
}

func (l *learnt) settle() {
	l.phase, l.step, l.cut, l.least, l.lost = settled, firstStep, firstCut, l.minute.times(lowest), 0
}

// lower brings the minute down to what was accepted, in what seems to be the
// limit. One that bore clearly more before, when requests were of another size,
// does not bind.
func (l *learnt) lower(accepted load) {
	const less, other = 0.85, 1.25
	larger := accepted.size / accepted.requests * l.minute.requests / l.minute.size // by how much requests are, than usual
	fewer := larger > other && accepted.requests < less*l.minute.requests
	smaller := larger < 1/other && accepted.size < less*l.minute.size
	low := l.minute.least(accepted)
	switch {
	case fewer:
		l.binds = l.binds.with(sizeBinds)
	case smaller:
		l.binds = l.binds.with(requestsBind)
	}
	if l.binds == sizeBinds || l.binds == allBind && fewer {
		low.requests = l.minute.requests
	}
	if l.binds == requestsBind || l.binds == allBind && smaller {
		low.size = l.minute.size
	}
	l.minute = low.most(l.least)
}

// succeeded counts an answer, and goes a step up when the present pace has
// stood the trial. It tells whether it did.
func (l *learnt) succeeded(now time.Time, s *shipment) bool {
	if l.phase == unknown {
		return false
	}
	l.vain, l.between = 0, l.between.plus(s.load)
	if s.at.Before(l.since) {
		return false
	}
	l.answered = l.answered.plus(s.load)
	tried := s.at.Sub(l.since) // what was sent then is answered, or nearly so
	if tried < l.trial() || l.answered.requests < l.enough() {
		return false
	}
	rate := l.rate().times(used * tried.Minutes())
	if l.answered.requests < rate.requests && l.answered.size < rate.size {
		l.begin(now) // it was not the pace that held requests back
		return false
	}
	if l.phase == seeking {
		l.minute = l.minute.times(l.step)
	} else {
		l.good, l.minute = l.minute, l.minute.times(1+l.step)
		l.step = min(2*l.step, 1)
		l.lost, l.cut = 0, firstCut
		l.least = l.least.most(l.minute.times(lowest))
	}
	l.begin(now)
	return true
}

// trial is how long the present pace must be kept before it is raised, and
// enough how many answers there must be. While the next one is still well below
// what was refused last, that costs little.
func (l *learnt) trial() time.Duration {
	switch {
	case l.phase == seeking:
		return seekFor
	case l.safe():
		return settledFor / 4
	}
	return settledFor
}

func (l *learnt) enough() float64 {
	switch {
	case l.phase == seeking:
		return 2
	case l.safe():
		return answersPerLoss / 10
	}
	return float64(answersPerLoss * min(max(l.lost, 1), lossesMost))
}

func (l *learnt) safe() bool {
	next, bad := l.rate().times(1+l.step), l.bad.times(below)
	return next.requests < bad.requests && next.size < bad.size
}

func (l *learnt) begin(at time.Time) { l.since, l.answered = at, load{} }
