package web

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"
)

// A Pulse is a loop that must not stand still, such as the one that renews
// leases. Before its first beat nothing is expected of it. It is safe for
// concurrent use.
type Pulse struct {
	name   string
	within time.Duration
	start  time.Time
	last   atomic.Int64 // since start, by the clock that no one sets; 0 is never
}

// NewPulse returns a Pulse that, after a beat, must beat again within a time.
func NewPulse(name string, within time.Duration) *Pulse {
	return &Pulse{name: name, within: within, start: time.Now()}
}

// Beat says that the loop has gone round.
func (p *Pulse) Beat() { p.last.Store(max(1, int64(time.Since(p.start)))) }

// since returns how long ago the last beat was.
func (p *Pulse) since() time.Duration {
	last := p.last.Load()
	if last == 0 {
		return 0
	}
	return time.Since(p.start) - time.Duration(last)
}

// A health is the answer of /healthz and /readyz.
type health struct {
	OK     bool    `json:"ok"`
	Checks []state `json:"checks"`
}

// A state is what is said of one check: its name and, in words that give
// nothing away, what is wrong.
type state struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
}

// healthOf is well if all states are.
func healthOf(states []state) health {
	h := health{OK: true, Checks: states}
	for _, s := range states {
		h.OK = h.OK && s.OK
	}
	return h
}

func (h health) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !h.OK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(h) // fails only where nobody reads any more
}

// healthz says whether the process works: whether all its loops go round. It
// asks nothing outside of the process: a database that is away is no reason to
// start the process anew.
func (s *Site) healthz(w http.ResponseWriter, _ *http.Request) {
	states := make([]state, len(s.opts.Pulses))
	for i, p := range s.opts.Pulses {
		states[i] = state{Name: p.name, OK: true}
		if ago := p.since(); ago > p.within {
			states[i].OK, states[i].Problem = false, "no sign of life for "+clock(ago)
		}
	}
	healthOf(states).write(w)
}
