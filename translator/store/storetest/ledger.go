package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
)

func line(run string, size int, at time.Time) translator.Line {
	return translator.Line{Run: run, Backend: "google", Signature: google, Direction: arabicEnglish,
		Texts: 1, Size: size, Cost: translator.Price(20).Of(size), Time: at}
}

func reserve(t *testing.T, l translator.Ledger, line translator.Line, limits ...translator.Limit) translator.LineID {
	t.Helper()
	id, err := l.Reserve(t.Context(), line, limits)
	if err != nil {
		t.Fatalf("Reserve: %v", err)
	}
	return id
}

func settle(t *testing.T, l translator.Ledger, id translator.LineID, size int) {
	t.Helper()
	bill := translator.Bill{Size: size, Cost: translator.Price(20).Of(size), Time: noon}
	if err := l.Settle(t.Context(), id, bill); err != nil {
		t.Fatalf("Settle: %v", err)
	}
}

func wantSpending(t *testing.T, l translator.Ledger, w translator.Window, want translator.Spending) {
	t.Helper()
	got, err := l.Spending(t.Context(), w)
	if err != nil || got != want {
		t.Errorf("Spending(%+v) = %+v, %v\nwant %+v", w, got, err, want)
	}
}

// open returns the spending of open lines.
func openSpending(requests int, size int64) translator.Spending {
	cost := translator.USD(20 * size)
	return translator.Spending{Requests: requests, Size: size, Cost: cost, Open: requests, OpenSize: size, OpenCost: cost}
}

func ledgerWindows(t *testing.T, h Harness) {
	wantSpending(t, h.Store, translator.Window{}, translator.Spending{})
	wantSpending(t, h.Store, translator.Window{Run: "none", Since: noon}, translator.Spending{})
	reserve(t, h.Store, line("a", 1, noon.Add(-time.Microsecond)))
	reserve(t, h.Store, line("a", 10, noon))
	reserve(t, h.Store, line("b", 100, noon.Add(7*time.Minute)))
	reserve(t, h.Store, line("b", 1000, noon.Add(time.Hour)))
	reserve(t, h.Store, line("b", 10_000, time.Date(1965, 1, 1, 0, 1, 0, 0, time.UTC)))
	reserve(t, h.Store, line("c", 100_000, time.Date(1965, 1, 1, 0, 16, 0, 0, time.UTC)))
	elsewhere := noon.In(time.FixedZone("there", 5*3600+30*60))
	for _, tt := range []struct {
		window translator.Window
		want   translator.Spending
	}{
		{translator.Window{}, openSpending(6, 111_111)},
		{translator.Window{Since: noon}, openSpending(3, 1110)},
		{translator.Window{Since: elsewhere}, openSpending(3, 1110)},
		{translator.Window{Since: noon.Add(time.Microsecond)}, openSpending(2, 1100)},
		{translator.Window{Since: noon.Add(7 * time.Minute)}, openSpending(2, 1100)},
		{translator.Window{Since: noon.Add(8 * time.Minute)}, openSpending(1, 1000)},
		{translator.Window{Since: noon.Add(2 * time.Hour)}, translator.Spending{}},
		{translator.Window{Since: time.Date(1965, 1, 1, 0, 2, 0, 0, time.UTC)}, openSpending(5, 101_111)},
		{translator.Window{Run: "a"}, openSpending(2, 11)},
		{translator.Window{Run: "a", Since: noon}, openSpending(1, 10)},
		{translator.Window{Run: "b", Since: noon.Add(time.Minute)}, openSpending(2, 1100)},
		{translator.Window{Run: "none"}, translator.Spending{}},
	} {
		wantSpending(t, h.Store, tt.window, tt.want)
	}
}

// ledgerAnyWindow compares random windows with a plain sum over random lines.
func ledgerAnyWindow(t *testing.T, h Harness) {
	random := rand.New(rand.NewPCG(1, 2))
	type settled struct {
		line   translator.Line
		billed int // -1 while open
	}
	var lines []settled
	at := func() time.Time { return noon.Add(time.Duration(random.IntN(7200)) * time.Second) }
	for range 120 {
		l := settled{line: line(fmt.Sprint("run ", random.IntN(3)), random.IntN(500), at()), billed: -1}
		id := reserve(t, h.Store, l.line)
		if random.IntN(3) > 0 {
			l.billed = random.IntN(500)
			settle(t, h.Store, id, l.billed)
		}
		lines = append(lines, l)
	}
	for range 60 {
		w := translator.Window{Since: at()}
		if random.IntN(2) == 0 {
			w.Run = fmt.Sprint("run ", random.IntN(3))
		}
		var want translator.Spending
		for _, l := range lines {
			if w.Run != "" && w.Run != l.line.Run || l.line.Time.Before(w.Since) {
				continue
			}
			want.Requests++
			if l.billed < 0 {
				want.Open, want.OpenSize, want.OpenCost = want.Open+1, want.OpenSize+int64(l.line.Size), want.OpenCost+l.line.Cost
				l.billed = l.line.Size
			}
			want.Size, want.Cost = want.Size+int64(l.billed), want.Cost+translator.Price(20).Of(l.billed)
		}
		wantSpending(t, h.Store, w, want)
	}
}

func ledgerSettle(t *testing.T, h Harness) {
	first := reserve(t, h.Store, line("r", 100, noon))
	second := reserve(t, h.Store, line("r", 50, noon))
	third := reserve(t, h.Store, line("r", 7, noon))
	wantSpending(t, h.Store, translator.Window{Run: "r"}, openSpending(3, 157))
	settle(t, h.Store, first, 90)
	if err := h.Store.Settle(t.Context(), second, translator.Bill{}); err != nil { // certainly not carried out
		t.Fatal(err)
	}
	want := translator.Spending{Requests: 3, Size: 97, Cost: 1940, Open: 1, OpenSize: 7, OpenCost: 140}
	wantSpending(t, h.Store, translator.Window{Run: "r"}, want)
	wantSpending(t, h.Store, translator.Window{Since: noon}, want)
	settle(t, h.Store, third, 8)
	wantSpending(t, h.Store, translator.Window{}, translator.Spending{Requests: 3, Size: 98, Cost: 1960})
}

func ledgerSettleOnce(t *testing.T, h Harness) {
	id := reserve(t, h.Store, line("r", 100, noon))
	settle(t, h.Store, id, 90)
	for _, bad := range []translator.LineID{id, id + 1, 0, -1} {
		if err := h.Store.Settle(t.Context(), bad, translator.Bill{Size: 5}); !errors.Is(err, translator.Invalid) {
			t.Errorf("Settle(%d) of no open line: %v, want Invalid", bad, err)
		}
	}
	wantSpending(t, h.Store, translator.Window{}, translator.Spending{Requests: 1, Size: 90, Cost: 1800})
}

func ledgerLimits(t *testing.T, h Harness) {
	day := translator.Window{Since: noon}
	size := translator.Limit{Name: "budget.run_chars", Window: translator.Window{Run: "r"}, Size: 100}
	cost := translator.Limit{Name: "budget.day_usd", Window: day, Cost: 3000}
	none := translator.Limit{Name: "none", Window: day}
	reserve(t, h.Store, line("r", 60, noon), size, cost, none)
	reserve(t, h.Store, line("r", 40, noon), size, cost, none) // to the very limit
	wantRefusal(t, h.Store, line("r", 1, noon), size, none, cost, size)
	id := reserve(t, h.Store, line("s", 50, noon), cost) // another run, the same day
	wantRefusal(t, h.Store, line("s", 1, noon), cost, none, cost)
	settle(t, h.Store, id, 10) // cheaper than feared
	reserve(t, h.Store, line("s", 40, noon), cost)
}

// wantRefusal sees that a line is refused by one limit of several.
func wantRefusal(t *testing.T, l translator.Ledger, line translator.Line, by translator.Limit, limits ...translator.Limit) {
	t.Helper()
	_, err := l.Reserve(t.Context(), line, limits)
	refusal, ok := errors.AsType[*translator.BudgetError](err)
	if !ok || !errors.Is(err, translator.OverBudget) || refusal.Limit != by || !same(refusal.Asked, line) {
		t.Errorf("Reserve: %v, want a refusal by %s", err, by.Name)
	}
}

func ledgerRefusal(t *testing.T, h Harness) {
	limits := []translator.Limit{{Name: "wide", Size: 1000}, {Name: "narrow", Size: 10}}
	if _, err := h.Store.Reserve(t.Context(), line("r", 11, noon), limits); !errors.Is(err, translator.OverBudget) {
		t.Fatalf("Reserve: %v", err)
	}
	wantSpending(t, h.Store, translator.Window{}, translator.Spending{})
	wantSpending(t, h.Store, translator.Window{Run: "r"}, translator.Spending{})
}

// ledgerConcurrent lets 16 goroutines run against one limit.
func ledgerConcurrent(t *testing.T, h Harness) {
	limits := []translator.Limit{{Name: "run", Window: translator.Window{Run: "r"}, Size: 1000}, {Name: "day", Window: translator.Window{Since: noon}, Cost: 20 * 1000}}
	var group sync.WaitGroup
	var mu sync.Mutex
	ids := map[translator.LineID]bool{}
	for range 16 {
		group.Go(func() {
			for {
				id, err := h.Store.Reserve(t.Context(), line("r", 30, noon), limits)
				if errors.Is(err, translator.OverBudget) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if ids[id] {
					t.Errorf("line %d was given twice", id)
				}
				ids[id] = true
				mu.Unlock()
			}
		})
	}
	group.Wait()
	wantSpending(t, h.Store, translator.Window{Run: "r"}, openSpending(33, 990))
	if len(ids) != 33 {
		t.Errorf("%d lines were given, want 33", len(ids))
	}
}

func ledgerSurvives(t *testing.T, h Harness) {
	if h.Reopen == nil {
		t.Skip("this store keeps nothing by design")
	}
	first := reserve(t, h.Store, line("r", 100, noon))
	second := reserve(t, h.Store, line("r", 50, noon))
	settle(t, h.Store, first, 100)
	s := h.Reopen(t)
	wantSpending(t, s, translator.Window{Run: "r"}, translator.Spending{Requests: 2, Size: 150, Cost: 3000, Open: 1, OpenSize: 50, OpenCost: 1000})
	settle(t, s, second, 50)
	if id := reserve(t, s, line("r", 1, noon)); id == first || id == second {
		t.Errorf("line %d is given again", id)
	}
}
