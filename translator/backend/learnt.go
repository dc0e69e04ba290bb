package backend

import "time"

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
	step   float64 // how far it is raised next: by a factor, or, settled, by a share
	cut    float64 // how far it goes down when it is refused again soon
	least  load    // no refusal brings minute below it
	good   load    // what minute was before the last step up, while nothing is refused at that
	bad    load    // the pace that was refused last
	counts bool    // the service counts in a window, so that what it accepted is the limit

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
	// roomForSize is how much more size may go out than was found, while it is
	// not known which limit the service has.
	roomForSize = 1.1
	// Two counts tell that the service has a window if they are alike, if there
	// was a chance for them to differ, because so much of the first was accepted
	// between them, and if there is enough to count.
	alike, chance, tellsFrom = 1.1, 0.4, 5
	// seekFor is how long a pace is tried before it is raised in a hurry, and
	// settledFor before a settled one is; then answersPerLoss requests must be
	// answered for each that the last refusal cost, up to lossesMost.
	seekFor, settledFor        = 5 * time.Second, time.Minute
	answersPerLoss, lossesMost = 100, 20
	// firstStep is how far a settled pace is first raised; the next step is
	// twice as far. fineStep is where seeking ends.
	firstStep, fineStep = 0.01, 1.03
	// firstCut is how much lower a pace goes that is refused again soon; the
	// next time, twice as much.
	firstCut = 0.03
	// used is how much of the pace must have been used for its answers to say
	// anything about it.
	used = 0.8
	// lowest is how much of what was once found the pace falls to: a service
	// that refuses all the same does not refuse because of the pace.
	lowest = 0.25
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
