package backend

import (
	"math"
	"time"
)

// What is learnt of a service's pace, from nothing but what it accepts and
// refuses.
//
// Services limit a minute in different ways, and do not tell which. One counts
// requests or size in a window, fixed or sliding: it takes the whole of a
// minute at once, and what it took in the minute before a refusal is the limit
// itself. Another fills a bucket by the second: it refuses whatever is faster,
// and then that count says little. The first refusal does not tell them apart,
// the second does (seeking): if the service accepted a good deal in between, and
// the minute before it holds as much as that before the first, there is a
// window, and the pace is settled. If not, the pace itself is searched for, up
// and down by steps that become smaller.
//
// A settled pace stays a little below what the service bears, and is tried
// upwards in steps that grow, each after so many answers that the refusal that
// ends them is one of hundreds.
type learnt struct {
	phase  phase
	binds  binding
	minute load    // what the service is thought to bear in a minute
	clock  clock   // of rate
	last   load    // what was accepted in the minute before the last refusal
	mean   float64 // size of the last requests, on average
	step   float64
	least  load // no refusal brings minute below it
	good   load // what minute was before the last step up, while nothing is refused at that
	bad    load // the pace that was refused last
	counts bool // the service counts in a window, so that what it accepted is the limit

	since    time.Time // when the present step began
	answered load      // since then
	vain     int       // refusals in a row since the last that said anything
	between  load      // accepted since the last refusal
	lost     int       // requests refused since the step before
}

type phase uint8

const (
	unknown phase = iota // never refused
	seeking
	settled
)

const (
	// below is how much of what the service bears a settled pace is.
	below = 0.985
	// alike is how far apart two counts of the same window may be, and chance
	// how much of the first must have been accepted between them.
	alike, chance = 1.1, 0.4
	roomForSize   = 1.1
	// tellsFrom is how many requests a count must be to say anything.
	tellsFrom = 5
	// seekFor is how long a step upwards is tried that is sought in a hurry,
	// and settledFor one of a pace that is known, in which answersPerLoss
	// requests must be answered for each that the last refusal cost.
	seekFor, settledFor = 5 * time.Second, time.Minute
	answersPerLoss      = 100
	// firstStep is how far a settled pace is first raised; the next step is
	// twice as far. fineStep is where seeking ends.
	firstStep, fineStep = 0.01, 1.03
	// used is how much of the pace must have been used for its answers to say
	// anything about it.
	used = 0.8
	// lowest is how much of what was once found the pace falls to: a service
	// that refuses all the same does not refuse because of the pace.
	lowest = 0.25
	// lossesMost bounds what one refusal of many requests costs in time.
	lossesMost = 20
)

// rate is the pace that is kept. While it is not known whether requests or size
// are limited, size has some room, so that requests go out evenly although
// their sizes differ.
func (l *learnt) rate() load {
	rate := l.minute
	if l.phase == settled {
		rate = rate.times(below)
	}
	if l.binds == eitherBinds {
		rate.size *= roomForSize
	}
	return rate
}

// limits returns which limits are kept. As long as it is not known which of
// them the service has, both are, but if requests have become larger or smaller
// than those it was learnt from, the one that allows more: the next refusal
// tells which it was.
func (l *learnt) limits() binding {
	const similar = 1.5
	usual := l.minute.size / l.minute.requests
	if l.binds == eitherBinds && l.mean < usual*similar && l.mean > usual/similar {
		return allBind
	}
	return l.binds
}

// full returns what no minute may hold more of. While the pace is sought there
// is no such bound, but a service that has refused in vain for seconds counts
// in a window, and asking it before the window has moved on is for nothing.
func (l *learnt) full() load {
	switch {
	case l.phase == settled:
		return l.minute
	case l.vain >= 2:
		return l.last
	}
	return load{}
}

// spend notes a request that goes out.
func (l *learnt) spend(now time.Time, sent load) {
	const weight = 1.0 / 16
	l.clock.spend(now, sent, l.rate())
	l.mean += weight * (sent.size - l.mean)
}

// explains tells whether a refusal is no wonder, after so much in a minute.
func (l *learnt) explains(accepted load) bool {
	low := func(a, b float64) bool { return a < b*0.85 }
	return l.phase == settled && !(low(accepted.requests, l.minute.requests) && low(accepted.size, l.minute.size))
}

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
		l.lower(accepted)
		if !l.counts {
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
	l.phase, l.step, l.least, l.lost = settled, firstStep, l.minute.times(lowest), 0
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
		l.lost = 0
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
