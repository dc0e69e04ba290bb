package translator

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// What was written down reads like what happened, however it was wrapped.
func TestReasonOfKeepsWhatAnErrorSays(t *testing.T) {
	t.Parallel()
	refused := &Error{Op: "google", Kind: Denied, Hint: "log in", Err: errors.New("no permission")}
	for _, err := range []error{
		errors.New("plain"), Interrupted, refused,
		&Error{Op: "deepl", Kind: Throttled, After: time.Minute, MaybePaid: true},
		&BudgetError{Limit: Limit{Name: "budget.day_usd", Cost: Dollars(2)}, Spent: Spending{Cost: Dollars(1.99)}, Asked: Line{Cost: Dollars(0.02)}},
		fmt.Errorf("story 3: %w", &ItemError{Path: "a.txt", ID: "a", Err: refused}),
		errors.Join(errors.New("first"), refused, Missing),
		&Error{Op: "x", Kind: Other, Hint: "do this", Err: refused},
		&Error{Op: "a \xff b\x00", Kind: Invalid},
	} {
		got := ReasonOf(err).Err()
		if got.Error() != err.Error() || KindOf(got) != KindOf(err) || HintOf(got) != HintOf(err) {
			t.Errorf("%q (%v, %q) came back as %q (%v, %q)", err, KindOf(err), HintOf(err), got, KindOf(got), HintOf(got))
		}
		if kind := KindOf(err); kind != Other && !errors.Is(got, kind) {
			t.Errorf("%q is no %v any more", got, kind)
		}
		if again := ReasonOf(got); again != ReasonOf(err) {
			t.Errorf("written down twice: %+v, once: %+v", again, ReasonOf(err))
		}
	}
	if got := ReasonOf(errors.New("")).Err(); got == nil {
		t.Error("an error that says nothing became none")
	}
	if ReasonOf(nil) != (Reason{}) || (Reason{}).Err() != nil {
		t.Error("no error does not stay none")
	}
}
