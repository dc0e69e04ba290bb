package translator

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestDirection(t *testing.T) {
	t.Parallel()
	d, err := ParseDirection("AR", "en-gb")
	if err != nil || d.String() != "ar-en-GB" {
		t.Fatalf("ParseDirection(AR, en-gb) = %v, %v", d, err)
	}
	for _, c := range [][2]string{{"", "en"}, {"ar", "nolanguage1"}, {"en", "EN"}} {
		if _, err := ParseDirection(c[0], c[1]); !errors.Is(err, Invalid) {
			t.Errorf("ParseDirection(%q, %q): %v, want Invalid", c[0], c[1], err)
		}
	}
}

func TestLangDirAndBase(t *testing.T) {
	t.Parallel()
	for lang, want := range map[Lang]string{"ar": "rtl", "ar-EG": "rtl", "fa": "rtl", "ur": "rtl", "he": "rtl", "en": "ltr", "fr": "ltr", "ku": "ltr", "ku-Arab": "rtl"} {
		if got := lang.Dir(); got != want {
			t.Errorf("%s.Dir() = %s, want %s", lang, got, want)
		}
	}
	if got := Lang("en-GB").Base(); got != English {
		t.Errorf("en-GB.Base() = %s", got)
	}
}

func TestKeyOfSeparatesItsParts(t *testing.T) {
	t.Parallel()
	seen := map[Key]string{}
	for _, q := range []struct{ from, to, text string }{
		{"ar", "en", "abc"}, {"en", "ar", "abc"}, {"ar", "ena", "bc"}, {"are", "n", "abc"}, {"ar", "en", "abc "}, {"ar", "en", ""},
	} {
		k := KeyOf(Direction{Lang(q.from), Lang(q.to)}, q.text)
		if before, ok := seen[k]; ok {
			t.Errorf("%v and %s share the key %s", q, before, k)
		}
		seen[k] = fmt.Sprint(q)
	}
	// A key written today is found next year: the value is pinned.
	if got := KeyOf(Direction{Arabic, English}, "سلام").String(); got != "9b2ffdda1cc176723b09c84dc9e5fe59" {
		t.Errorf("KeyOf(ar-en, سلام) = %s", got)
	}
}

func TestKindsThroughWrapping(t *testing.T) {
	t.Parallel()
	cause := errors.New("socket closed")
	err := fmt.Errorf("story 3: %w", &ItemError{Path: "a.txt", Err: &Error{Op: "google", Kind: Throttled, After: time.Second, Hint: "wait", Err: cause}})
	if !errors.Is(err, Throttled) || !errors.Is(err, cause) || errors.Is(err, Denied) {
		t.Errorf("kinds do not show through: %v", err)
	}
	if KindOf(err) != Throttled || HintOf(err) != "wait" || !KindOf(err).Temporary() {
		t.Errorf("KindOf = %v, HintOf = %q", KindOf(err), HintOf(err))
	}
	if KindOf(errors.Join(&BudgetError{}, NewError("tmx", Missing, nil))) != OverBudget {
		t.Error("an error further back in the tree decides the kind")
	}
	if KindOf(&BudgetError{}) != OverBudget || KindOf(cause) != Other || KindOf(nil) != Other {
		t.Error("KindOf a budget error, a plain error or nil is wrong")
	}
	if got, want := err.Error(), "story 3: a.txt: google: rate limited: socket closed"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestHintOfLooksBelowAnErrorWithoutOne(t *testing.T) {
	t.Parallel()
	err := NewError("outer", Invalid, fmt.Errorf("x: %w", &Error{Op: "inner", Kind: Denied, Hint: "log in"}))
	if got := HintOf(err); got != "log in" {
		t.Errorf("HintOf = %q", got)
	}
	if got := HintOf(errors.New("plain")); got != "" {
		t.Errorf("HintOf a plain error = %q", got)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	line := Line{Size: 100, Cost: 2000}
	for _, c := range []struct {
		name  string
		limit Limit
		spent Spending
		over  bool
		left  int
	}{
		{"no cap", Limit{}, Spending{Size: 1 << 40, Cost: 1 << 40}, false, 0},
		{"to the last character", Limit{Size: 300}, Spending{Size: 200}, false, 0},
		{"one too many", Limit{Size: 299}, Spending{Size: 200}, true, 99},
		{"already over", Limit{Size: 100}, Spending{Size: 200}, true, 0},
		{"to the last cent", Limit{Cost: 5000}, Spending{Cost: 3000}, false, 0},
		{"money", Limit{Cost: 4000}, Spending{Cost: 3000}, true, 50},
	} {
		err := c.limit.Check(c.spent, line)
		if (err != nil) != c.over {
			t.Errorf("%s: %v", c.name, err)
		}
		if b, ok := errors.AsType[*BudgetError](err); ok && b.Left(Traits{Price: 20}) != c.left {
			t.Errorf("%s: Left = %d, want %d", c.name, b.Left(Traits{Price: 20}), c.left)
		}
	}
}

// TestReserved: what is open may come to nothing, and then the limit may allow the request.
func TestReserved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit Limit
		spent Spending
		want  bool
	}{
		{Limit{Cost: 4000}, Spending{Cost: 3000}, false},
		{Limit{Cost: 4000}, Spending{Cost: 3000, Open: 1, OpenCost: 999}, false},
		{Limit{Cost: 4000}, Spending{Cost: 3000, Open: 1, OpenCost: 1000}, true},
		{Limit{Size: 299}, Spending{Size: 200, Open: 2, OpenSize: 1}, true},
		{Limit{Size: 299, Cost: 4000}, Spending{Size: 200, Cost: 3000, Open: 2, OpenSize: 200}, false},
	} {
		refused := &BudgetError{Limit: c.limit, Spent: c.spent, Asked: Line{Size: 100, Cost: 2000}}
		if refused.Reserved() != c.want {
			t.Errorf("%+v: Reserved is %v", refused, !c.want)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for usd, want := range map[USD]string{0: "$0.00", 20: "$0.00002", 50_000: "$0.05", 1_500_000: "$1.50", 1_234_567: "$1.234567", -2_500_000: "-$2.50"} {
		if got := usd.String(); got != want {
			t.Errorf("USD(%d) = %s, want %s", int64(usd), got, want)
		}
	}
	if got := Price(20).Of(2500); got != 50_000 {
		t.Errorf("2,500 characters at $20 a million cost %s", got)
	}
	if got := Price(0.3).Of(1); got != 1 {
		t.Errorf("a fraction of a millionth costs %s, want it rounded up", got)
	}
	if b, err := json.Marshal(USD(1_250_000)); err != nil || string(b) != "1.25" {
		t.Errorf("JSON of $1.25 is %s, %v", b, err)
	}
	if Dollars(0.1)+Dollars(0.2) != Dollars(0.3) {
		t.Error("sums of dollars are not exact")
	}
}
