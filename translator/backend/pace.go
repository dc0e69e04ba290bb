package backend

import "time"

// A load is how much goes out: requests, and their size in units of Traits.Size.
type load struct{ requests, size float64 }

func (l load) plus(more load) load { return load{l.requests + more.requests, l.size + more.size} }

func (l load) times(f float64) load { return load{l.requests * f, l.size * f} }

// least returns the lesser of each, and most the greater.
func (l load) least(m load) load { return load{min(l.requests, m.requests), min(l.size, m.size)} }
func (l load) most(m load) load  { return load{max(l.requests, m.requests), max(l.size, m.size)} }

// A shipment is a request that went out.
type shipment struct {
	at      time.Time
	load    load
	refused bool // by a rate limit: the service does not count it
}

// A pacer spreads requests evenly, each in its share of a minute, and sends
// in no minute, wherever it begins, more than a minute bears. It allows no
// bursts: services measure their minute in ways that they do not tell.
type pacer struct {
	set    load // what a minute bears by the settings; 0 is no bound
	clock  clock
	log    []*shipment // of the last two minutes, at most logMost
	learnt learnt
	round  round
}

// A round is the requests that were refused while they were on their way
// together.
type round struct {
	first  *shipment
	count  int
	before learnt // what was known before it
}

// logMost bounds the log. A service that bears so much in a minute does not refuse.
const logMost = 1 << 15

// ready returns when a request of a size may go out.
func (p *pacer) ready(now time.Time, size int) time.Time {
	next := load{1, float64(size)}
	at := p.clock.ready(p.set, allBind)
	at = later(at, p.room(now, next, p.set, allBind))
	if l := &p.learnt; l.phase != unknown {
		at = later(at, l.clock.ready(l.rate(), l.limits()))
		at = later(at, p.room(now, next, l.full(), l.limits()))
	}
	return at
}

// room returns when a minute that ends then has room for one more request: at
// once, or when enough of the earlier ones are a minute old.
func (p *pacer) room(now time.Time, next, most load, binds binding) time.Time {
	if most == (load{}) {
		return time.Time{}
	}
	i, begin := len(p.log), now.Add(-time.Minute)
	for i > 0 && p.log[i-1].at.After(begin) {
		i--
		if !p.log[i].refused {
			next = next.plus(p.log[i].load)
		}
	}
	var at time.Time
	for ; i < len(p.log) && binds.over(next, most); i++ {
		if s := p.log[i]; !s.refused {
			next = next.plus(s.load.times(-1))
			at = s.at.Add(time.Minute)
		}
	}
	return at
}

// spend uses up the share of a request of a size that goes out now.
func (p *pacer) spend(now time.Time, size int) *shipment {
	s := &shipment{at: now, load: load{1, float64(size)}}
	p.clock.spend(now, s.load, p.set)
	if p.learnt.phase != unknown {
		p.learnt.spend(now, s.load)
	}
	p.log = append(p.log, s)
	for len(p.log) > logMost || now.Sub(p.log[0].at) > 2*time.Minute {
		p.log[0] = nil
		p.log = p.log[1:]
	}
	return s
}

// accepted returns what of the minute before a shipment the service did not
// refuse, and how long before it the first of that was sent.
func (p *pacer) accepted(s *shipment) (sum load, since time.Duration) {
	for i := len(p.log) - 1; i >= 0; i-- {
		before := s.at.Sub(p.log[i].at)
		if before >= time.Minute {
			break
		}
		if before >= 0 && !p.log[i].refused && p.log[i] != s {
			sum, since = sum.plus(p.log[i].load), before
		}
	}
	return sum, since
}

// refused learns from the refusal of a shipment; nothing is sent before open.
// It is told whether the shipment was on its way together with the last that
// was refused: then what was learnt from that one is learnt anew, since it
// counted this one among the accepted. It tells whether the pace explains it.
func (p *pacer) refused(s *shipment, together bool, open time.Time) (explained bool) {
	s.refused = true
	if !together || p.round.first == nil {
		p.round = round{first: s, before: p.learnt}
	}
	p.round.count++
	p.learnt = p.round.before
	accepted, since := p.accepted(p.round.first)
	explained = p.learnt.explains(accepted)
	p.learnt.refused(accepted, since, open)
	if p.round.before.phase == settled {
		p.learnt.lost = p.round.before.lost + p.round.count
	}
	return explained
}

// A clock says when the shares of what was sent are used up.
type clock struct{ requests, size time.Time }

// lateness is how far behind its time a request is sent that still counts as
// in time, so that timers that ring late do not slow a pace down.
const lateness = 10 * time.Millisecond

func (c *clock) spend(now time.Time, sent, rate load) {
	c.requests = share(now, c.requests, sent.requests, rate.requests)
	c.size = share(now, c.size, sent.size, rate.size)
}

// share returns when the share of what is sent now is used up, at a rate per
// minute. Nothing is owed of the time when the other of two limits counted.
func share(now, next time.Time, sent, rate float64) time.Time {
	if rate <= 0 {
		return next
	}
	if now.Sub(next) > lateness || next.After(now) {
		next = now
	}
	return next.Add(time.Duration(sent / rate * float64(time.Minute)))
}

// ready returns when the next request may go out. A rate of 0 is no bound.
func (c *clock) ready(rate load, binds binding) time.Time {
	switch {
	case binds == requestsBind || rate.size <= 0 && rate.requests > 0:
		return c.requests
	case binds == sizeBinds || rate.requests <= 0 && rate.size > 0:
		return c.size
	case binds == eitherBinds && c.size.Before(c.requests):
		return c.size
	case binds == eitherBinds:
		return c.requests
	}
	return later(c.requests, c.size)
}

// A binding says which of two limits counts.
type binding uint8

const (
	eitherBinds binding = iota // it is not known which: what one of them allows may go
	requestsBind
	sizeBinds
	allBind
)

// over tells whether a load is above what a minute bears. A bound of 0 is none.
func (b binding) over(l, most load) bool {
	const rounding = 1e-6
	requests := most.requests > 0 && l.requests > most.requests+rounding
	size := most.size > 0 && l.size > most.size+rounding
	switch b {
	case requestsBind:
		return requests
	case sizeBinds:
		return size
	case eitherBinds:
		return requests && size
	}
	return requests || size
}

// with returns the binding when it is found that another limit counts as well.
func (b binding) with(other binding) binding {
	if b == eitherBinds || b == other {
		return other
	}
	return allBind
}
