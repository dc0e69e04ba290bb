package translator

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func TestValidPrices(t *testing.T) {
	t.Parallel()
	for p, want := range map[Price]bool{0: true, 0.05: true, 80: true, -1: false, Price(math.NaN()): false, Price(math.Inf(1)): false, Price(math.Inf(-1)): false} {
		if p.Valid() != want {
			t.Errorf("%v: %v, want %v", float64(p), p.Valid(), want)
		}
	}
}

// open is a Backend that holds nothing, held one that fails to give back what it holds.
type (
	open struct{ Backend }
	held struct{ open }
)

var errHeld = errors.New("held")

func (held) Close() error { return errHeld }

func TestClose(t *testing.T) {
	t.Parallel()
	if err := Close(open{}); err != nil {
		t.Errorf("nothing to close: %v", err)
	}
	if err := Close(held{}); !errors.Is(err, errHeld) {
		t.Errorf("%v, want the Backend's own error", err)
	}
}

func TestCostOfBothSides(t *testing.T) {
	t.Parallel()
	chars := Traits{Price: 20}
	if least, most := chars.Cost(3, 1000); least != 20_000 || most != least {
		t.Errorf("1,000 characters at $20 a million: %s to %s", least, most)
	}
	tokens := Traits{Price: 2, TargetPrice: 8, Yield: Yield{0.5, 2}, Overhead: 100}
	// (1,000 + 2*100) * 2 + 8 * 600 and 8 * 2,400
	if least, most := tokens.Cost(2, 1000); least != 2400+4800 || most != 2400+19200 {
		t.Errorf("2 requests of 1,000 tokens: %s to %s", least, most)
	}
	if least, most := (Traits{}).Cost(5, 1e6); least != 0 || most != 0 {
		t.Errorf("a local engine costs %s to %s", least, most)
	}
}

// What Left allows can be reserved: the request that is shrunk to it is not
// refused again.
func TestLeftFitsIntoTheLimit(t *testing.T) {
	t.Parallel()
	b := Traits{Price: 2, TargetPrice: 8, Yield: Yield{0.5, 2}, Overhead: 100}
	limit := Limit{Cost: 30_000}
	spent := Spending{Cost: 10_000}
	_, asked := b.Cost(1, 5000)
	err := &BudgetError{Limit: limit, Spent: spent, Asked: Line{Size: 5100, Cost: asked}}
	n := err.Left(b)
	_, most := b.Cost(1, n)
	if n < 1000 || limit.Check(spent, Line{Size: n + b.Overhead, Cost: most}) != nil {
		t.Errorf("Left = %d units, which cost %s of %s", n, most, limit.Cost-spent.Cost)
	}
}

func TestPickKeepsContextsWithTheirTexts(t *testing.T) {
	t.Parallel()
	r := Request{
		Direction: Direction{Arabic, English}, Texts: []string{"a", "b", "c"},
		Contexts: []Context{{Story: "1"}, {Story: "2"}, {Story: "3"}},
	}
	got := r.Pick([]int{2, 0})
	if !slices.Equal(got.Texts, []string{"c", "a"}) || got.Contexts[0].Story != "3" || got.Contexts[1].Story != "1" || got.Direction != r.Direction {
		t.Errorf("%+v", got)
	}
	r.Contexts = nil
	if got := r.Pick([]int{1}); got.Contexts != nil || got.Texts[0] != "b" {
		t.Errorf("%+v", got)
	}
}
