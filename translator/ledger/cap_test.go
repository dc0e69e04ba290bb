package ledger_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/ledger"
	"dragoman/translator/store/ram"
	"dragoman/translator/store/sqlite"
)

// A capRun is one random run against random caps.
type capRun struct {
	random      *rand.Rand
	book        ledgerJournal
	budget      ledger.Budget
	services    []*service
	connections int // of each service
	exceeded    atomic.Int64
	met, passed atomic.Bool // a cap
}

type ledgerJournal interface {
	translator.Ledger
	translator.Journal
}

func newCapRun(random *rand.Rand, book ledgerJournal) *capRun {
	r := &capRun{random: random, book: book, connections: 1 + random.IntN(32)}
	factor := 1.0
	if random.IntN(3) == 0 {
		factor = 0.3 + 1.7*random.Float64()
	}
	for i := range 1 + random.IntN(2) {
		least := 0.2 + random.Float64()
		s := &service{says: factor != 1 || random.IntN(2) == 0, factor: factor, random: rand.New(rand.NewPCG(random.Uint64(), 1)), traits: translator.Traits{
			Name: fmt.Sprint("service ", i), Signature: translator.Signature(fmt.Sprint(i)), Size: func(s string) int { return len(s) },
			MaxTexts: 1 + random.IntN(12), MaxSize: 400, Connections: r.connections,
			Price: translator.Price(50 * random.Float64()), Overhead: random.IntN(3) * random.IntN(100),
			Yield: translator.Yield{Least: least, Most: least + random.Float64()},
		}}
		if random.IntN(2) == 0 {
			s.traits.TargetPrice = translator.Price(60 * random.Float64())
		}
		r.services = append(r.services, s)
	}
	r.budget = r.anyBudget()
	return r
}

// anyBudget draws caps of which the run is likely to meet one.
func (r *capRun) anyBudget() (b ledger.Budget) {
	most := func() translator.USD { return translator.USD(1 + r.random.IntN(300_000)) }
	if r.random.IntN(2) == 0 {
		b.RunSize = 1 + r.random.Int64N(6000)
	}
	for _, cost := range []*translator.USD{&b.RunCost, &b.DayCost, &b.MonthCost} {
		if r.random.IntN(2) == 0 {
			*cost = most()
		}
	}
	return b
}

// run sends a night's texts through clients, meters and services, beginning
// shortly before the end of a day, or of a month.
func (r *capRun) run(t *testing.T) {
	time.Sleep(time.Until(time.Date(2000, 1, 1+30*r.random.IntN(2), 23, 59, 30+r.random.IntN(29), 0, time.UTC)))
	var links []backend.Link
	for _, s := range r.services {
		s.before = func() { r.check(t) }
		m := ledger.Meter(r.book, s, &ledger.Options{Run: "night", Budget: r.budget, Zone: time.UTC,
			Exceeded: func(translator.Line, translator.Bill) { r.exceeded.Add(1) }})
		client := backend.New(m, nil)
		defer closeMeter(t, m)
		defer client.Close()
		links = append(links, backend.Link{Name: s.traits.Name, Func: client.Translate})
	}
	chain := backend.Fallback(links...)
	var group sync.WaitGroup
	for range 1 + r.random.IntN(8) {
		req := r.anyRequest()
		group.Go(func() {
			results, err := chain(t.Context(), req)
			if err != nil {
				t.Error(err)
			}
			for _, result := range results {
				r.met.Store(r.met.Load() || errors.Is(result.Err, translator.OverBudget))
			}
		})
		time.Sleep(time.Duration(r.random.IntN(8000)) * time.Millisecond)
	}
	group.Wait()
}

func (r *capRun) anyRequest() translator.Request {
	req := request()
	for range 1 + r.random.IntN(40) {
		req.Texts = append(req.Texts, strings.Repeat("x", 1+r.random.IntN(60)))
		req.Contexts = append(req.Contexts, translator.Context{Story: fmt.Sprint(r.random.IntN(9))})
	}
	return req
}

// honest tells whether the services charge no more than their Traits say.
func (r *capRun) honest() bool { return r.services[0].factor <= 1 }

// check sees that no cap is passed while requests are out, open lines and all.
func (r *capRun) check(t *testing.T) {
	for _, limit := range ledger.Limits(r.budget, "night", time.Now(), time.UTC) {
		spent, err := r.book.Spending(t.Context(), limit.Window)
		if err != nil || r.honest() && (limit.Size > 0 && spent.Size > limit.Size || limit.Cost > 0 && spent.Cost > limit.Cost) {
			t.Errorf("%s is %d or %v, and the ledger says %+v, %v", limit.Name, limit.Size, limit.Cost, spent, err)
		}
	}
}

// verify compares the ledger with the services' own books and with the caps,
// when all is over.
func (r *capRun) verify(t *testing.T) {
	var lines []translator.Posting
	above := int64(0)
	for p, err := range r.book.Lines(t.Context(), translator.Window{}) {
		if err != nil || p.Open {
			t.Fatalf("%+v, %v", p, err)
		}
		if lines = append(lines, p); p.Bill.Size > p.Line.Size || p.Bill.Cost > p.Line.Cost {
			above++
		}
	}
	summary := summarize(t, ledger.ByDay, time.UTC, lines...)
	size, cost := 0, translator.USD(0)
	for _, s := range r.services {
		size, cost = size+s.size, cost+s.cost
	}
	if int64(size) > summary.Total.Billed || cost > summary.Total.Cost || above != r.exceeded.Load() {
		t.Errorf("the services charged %d and %v, above the estimate %d times; the ledger says %+v and Exceeded was told %d times",
			size, cost, above, summary.Total, r.exceeded.Load())
	}
	r.verifyCaps(t, summary, lines)
}

// verifyCaps sees that no cap is passed, or by no more than was in flight where
// the services are not honest.
func (r *capRun) verifyCaps(t *testing.T, summary ledger.Summary, lines []translator.Posting) {
	inFlightSize, inFlightCost := r.inFlight(lines)
	verify := func(name string, spent, limit, inFlight int64) {
		if limit > 0 && spent > limit {
			r.passed.Store(true)
		}
		if r.honest() {
			inFlight = 0
		}
		if limit > 0 && spent > limit+inFlight {
			t.Errorf("the cap of %s is %d, %d are spent and %d were in flight", name, limit, spent, inFlight)
		}
	}
	verify("the run's size", summary.Total.Billed, r.budget.RunSize, inFlightSize)
	verify("the run", int64(summary.Total.Cost), int64(r.budget.RunCost), inFlightCost)
	months := map[string]translator.USD{}
	for _, day := range summary.Rows {
		verify(day.Name, int64(day.Cost), int64(r.budget.DayCost), inFlightCost)
		months[day.Name[:len("2000-01")]] += day.Cost
	}
	for month, cost := range months {
		verify(month, int64(cost), int64(r.budget.MonthCost), inFlightCost)
	}
}

// inFlight is the most that can have been reserved at once: the largest lines,
// one for each connection.
func (r *capRun) inFlight(lines []translator.Posting) (size, cost int64) {
	n := min(len(lines), r.connections*len(r.services))
	slices.SortFunc(lines, func(a, b translator.Posting) int { return cmp.Compare(b.Line.Size, a.Line.Size) })
	for _, p := range lines[:n] {
		size += int64(p.Line.Size)
	}
	slices.SortFunc(lines, func(a, b translator.Posting) int { return cmp.Compare(b.Line.Cost, a.Line.Cost) })
	for _, p := range lines[:n] {
		cost += int64(p.Line.Cost)
	}
	return size, cost
}

// TestCaps is 1,000 random runs, each a whole chain of clients and meters
// before services that fail, bill both sides, say what they billed or do not,
// and charge less than could be expected or up to twice as much. At no time is
// a cap passed where the services keep to their Traits; where they do not, it
// is passed by no more than was reserved in flight, which I7 allows.
func TestCaps(t *testing.T) {
	t.Parallel()
	met, passed := 0, 0
	for seed := range uint64(1000) {
		synctest.Test(t, func(t *testing.T) {
			book := ram.New()
			r := newCapRun(rand.New(rand.NewPCG(seed, 12)), book)
			r.whole(t, seed)
			met, passed = met+count(&r.met), passed+count(&r.passed)
		})
	}
	t.Logf("%d of 1,000 runs met a cap; dishonest services made %d of them pass it", met, passed)
	if met < 300 || passed < 30 {
		t.Errorf("only %d runs met a cap, and %d passed it: the test no longer reaches what it should", met, passed)
	}
}

// TestCapsOnDisk is 40 of those runs on SQLite.
func TestCapsOnDisk(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		path := filepath.Join(t.TempDir(), "d.db")
		synctest.Test(t, func(t *testing.T) {
			book, err := sqlite.Open(t.Context(), path, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := book.Close(); err != nil {
					t.Error(err)
				}
			}()
			newCapRun(rand.New(rand.NewPCG(seed, 13)), book).whole(t, seed)
		})
	}
}

func (r *capRun) whole(t *testing.T, seed uint64) {
	r.run(t)
	r.verify(t)
	if t.Failed() {
		t.Fatalf("that was run %d: %+v, honest %v", seed, r.budget, r.honest())
	}
}

func count(b *atomic.Bool) int {
	if b.Load() {
		return 1
	}
	return 0
}
