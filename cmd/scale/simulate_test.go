package main

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// quick is a load and a house that a test changes, of figures that stay as they are.
func quick() (Load, Service, House) {
	l := Load{Stories: 2000, Sentences: 25, Chars: 139, Hours: time.Hour, Burst: 5, Shard: 1, Repeats: 1}
	fast := Database{Name: "fast", Job: 300 * time.Microsecond, Line: 700 * time.Microsecond, Save: 10 * time.Microsecond, Lookup: 7 * time.Microsecond, Cold: 75 * time.Microsecond, Memory: 500}
	return l, services[0], House{Processes: 1, Jobs: 256, CPUs: 2, Database: fast, RAM: 16 * gigabyte, Disk: terabyte, Share: true}
}

// draw makes up a scenario: small, and with everything that there is in it.
func draw(t *rapid.T) (Load, Service, House) {
	l, _, h := quick()
	l.Stories = rapid.IntRange(1, 300).Draw(t, "stories")
	l.Sentences = rapid.IntRange(1, 40).Draw(t, "sentences")
	l.Chars = rapid.IntRange(1, 400).Draw(t, "chars")
	l.Remembered = rapid.Float64Range(0, 0.99).Draw(t, "remembered")
	l.Window = time.Duration(rapid.IntRange(0, 1000).Draw(t, "window")) * time.Second
	l.Burst = rapid.Float64Range(1, 20).Draw(t, "burst")
	l.Shard = rapid.IntRange(1, 10).Draw(t, "shard")
	s := rapid.SampledFrom(services).Draw(t, "service")
	if rapid.Bool().Draw(t, "limited") {
		s.Chars = max(s.fit(l.Chars)*l.Chars, rapid.IntRange(1000, 100_000).Draw(t, "chars a minute"))
		s.Requests = rapid.IntRange(1, 60).Draw(t, "requests a minute")
	}
	s.Connections = rapid.IntRange(1, 8).Draw(t, "connections")
	h.Processes = rapid.IntRange(1, 4).Draw(t, "processes")
	h.Jobs = rapid.IntRange(1, 50).Draw(t, "jobs")
	h.Share = rapid.Bool().Draw(t, "share")
	return l, s, h
}

// TestNothingIsLost is of random scenarios: every job ends, every new text is
// answered once, and no bound is passed at any moment.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, s, h := draw(t)
		r := simulate(l, s, h, rapid.Uint64().Draw(t, "seed"))
		if want := (l.Stories + l.Shard - 1) / l.Shard; r.Jobs != want || len(r.Waits) != want {
			t.Fatalf("%d jobs ended, %d waits; want %d", r.Jobs, len(r.Waits), want)
		}
		if r.Texts != r.New || r.Chars != r.New*l.Chars {
			t.Fatalf("%d texts of %d characters answered, %d were new", r.Texts, r.Chars, r.New)
		}
		if r.Flying > s.connections(h) {
			t.Fatalf("%d requests at once over %d connections", r.Flying, s.connections(h))
		}
		if s.Chars > 0 && r.MinuteChars > s.Chars || s.Requests > 0 && r.MinuteRequests > s.Requests {
			t.Fatalf("%d characters and %d requests in a minute", r.MinuteChars, r.MinuteRequests)
		}
		for name, used := range map[string]float64{"connections": r.Connections, "CPU": r.CPU, "database": r.Database} {
			if used < 0 || used > 1.000001 {
				t.Fatalf("%s are used to %v", name, used)
			}
		}
		if r.Waits[0] <= 0 || r.wait(1) > r.Done {
			t.Fatalf("waits of %v to %v in a run of %v", r.Waits[0], r.wait(1), r.Done)
		}
	})
}

func TestSeed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, s, h := draw(t)
		seed := rapid.Uint64().Draw(t, "seed")
		if a, b := simulate(l, s, h, seed), simulate(l, s, h, seed); !reflect.DeepEqual(a, b) {
			t.Fatalf("one seed, two runs:\n%+v\n%+v", a, b)
		}
	})
	l, s, h := quick()
	if reflect.DeepEqual(simulate(l, s, h, 1), simulate(l, s, h, 2)) {
		t.Error("two seeds gave the same run")
	}
}

// TestMoreWorkersAreNotSlower allows for chance: other processes draw other latencies.
func TestMoreWorkersAreNotSlower(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		l, s, h := quick()
		s.Chars = 0
		var last time.Duration
		for _, h.Processes = range []int{1, 2, 4, 8} {
			done := simulate(l, s, h, seed).Done
			if last > 0 && float64(done) > 1.05*float64(last) {
				t.Errorf("seed %d: %d processes took %v, half as many %v", seed, h.Processes, done, last)
			}
			if h.Processes == 2 && float64(done) > 0.65*float64(last) {
				t.Errorf("seed %d: two processes took %v, one %v", seed, done, last)
			}
			last = done
		}
	}
}

// TestDivisionAgrees is of loads that one thing alone holds up: the simulation
// comes to what division says, within a few percent, and never below it by more
// than chance.
func TestDivisionAgrees(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(l *Load, s *Service, h *House){
		"google: latency × connections": func(l *Load, s *Service, _ *House) { s.Chars, s.Connections, l.Stories = 0, 2, 20_000 },
		"google: characters":            func(_ *Load, s *Service, h *House) { s.Chars, s.Size, h.Processes = 600_000, 5000, 3 },
		"google: requests":              func(_ *Load, s *Service, h *House) { s.Chars, s.Requests, h.Processes = 0, 30, 2 },
		"workers: CPU": func(l *Load, _ *Service, h *House) {
			l.Stories, l.Sentences, l.Remembered = 400, 4000, 0.999
			h.Database.Lookup, h.CPUs = 0, 1
		},
		"database: time": func(l *Load, _ *Service, h *House) {
			l.Remembered, h.Database.Job = 0.99, 50*time.Millisecond
		},
		"gpu: latency × connections": func(_ *Load, s *Service, h *House) { *s, h.Processes = services[4], 3 },
	} {
		l, s, h := quick()
		change(&l, &s, &h)
		least, wall := bound(l, s, h)
		r := simulate(l, s, h, 1)
		if wall != name {
			t.Errorf("%s: division says that %s holds it up", name, wall)
		}
		// The stories that were drawn have a few sentences more or less.
		drawn := float64(r.Sentences) / float64(l.Stories*l.Sentences)
		if name == "database: time" {
			drawn = 1 // it is their number that counts
		}
		if ratio := r.Done.Seconds() / least.Seconds() / drawn; ratio < 0.98 || ratio > 1.05 {
			t.Errorf("%s: simulated %v, divided %v, drawn %.3f: %.3f", name, r.Done, least, drawn, ratio)
		}
	}
}

// TestStationWaits compares waits at a station with what queueing theory has a
// formula for: Pollaczek and Khinchine's for one server and times that are all
// the same, and Erlang's for three and times by chance.
func TestStationWaits(t *testing.T) {
	t.Parallel()
	const takes, n = time.Second, 100_000
	same := func(*rand.Rand) time.Duration { return takes }
	chance := func(r *rand.Rand) time.Duration { return time.Duration(r.ExpFloat64() * float64(takes)) }
	for _, c := range []struct {
		name    string
		servers int
		load    float64
		takes   func(*rand.Rand) time.Duration
		want    float64 // seconds
	}{
		{"M/D/1", 1, 0.7, same, 0.7 / (2 * (1 - 0.7))},
		{"M/M/1", 1, 0.7, chance, 0.7 / (1 - 0.7)},
		{"M/M/3", 3, 0.8, chance, erlang(3, 2.4) / (3 - 2.4)},
	} {
		if got := meanWait(c.servers, c.load, n, c.takes); math.Abs(got/c.want-1) > 0.05 {
			t.Errorf("%s: waited %.3f s on the average, want %.3f", c.name, got, c.want)
		}
	}
}

// erlang is the share of customers who wait before c servers under a load.
func erlang(c int, load float64) float64 {
	sum, term := 0.0, 1.0
	for k := range c {
		sum += term
		term *= load / float64(k+1)
	}
	waiting := term * float64(c) / (float64(c) - load)
	return waiting / (sum + waiting)
}

// meanWait returns how long customers wait on the average, in seconds, that
// come at random to a station with servers that are busy for a share of the time.
func meanWait(servers int, load float64, n int, takes func(*rand.Rand) time.Duration) float64 {
	c := &clock{}
	s := &station{clock: c, servers: servers}
	random := rand.New(rand.NewPCG(7, 7))
	var at, waited time.Duration
	for range n {
		at += time.Duration(random.ExpFloat64() / load / float64(servers) * float64(time.Second))
		arrived, mine := at, takes(random)
		c.after(at, func() {
			s.do(mine, func() { waited += c.now - arrived - mine })
		})
	}
	c.run()
	return waited.Seconds() / float64(n)
}

// TestLimitsAreShared is of four processes that are told nothing of the limits,
// and are refused; told their shares, they hardly are.
func TestLimitsAreShared(t *testing.T) {
	t.Parallel()
	l, s, h := quick()
	s.Chars, s.Size, h.Processes = 600_000, 5000, 4
	told := simulate(l, s, h, 1)
	h.Share = false
	untold := simulate(l, s, h, 1)
	if told.Refused*100 > told.Requests || untold.Refused*5 < untold.Requests {
		t.Errorf("refused %d of %d when told their shares, %d of %d when not", told.Refused, told.Requests, untold.Refused, untold.Requests)
	}
}

// TestPartOfALoad compares a part that stands for a load with the whole.
func TestPartOfALoad(t *testing.T) {
	t.Parallel()
	l, s, h := quick()
	l.Stories = 20_000
	part := slice(l, 5000)
	whole, partly := simulate(l, s, h, 1), simulate(part, s, h, 1)
	if ratio := 4 * partly.Done.Seconds() / whole.Done.Seconds(); ratio < 0.97 || ratio > 1.03 {
		t.Errorf("a quarter took %v, all %v", partly.Done, whole.Done)
	}
	if l.rows() != part.rows() {
		t.Errorf("a part's memory has %v sentences after a year, the whole's %v", part.rows(), l.rows())
	}
}
