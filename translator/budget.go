package translator

import "fmt"

// Check returns a *BudgetError if line on top of spent would pass the limit.
func (l Limit) Check(spent Spending, line Line) error {
	if l.Size > 0 && spent.Size+int64(line.Size) > l.Size || l.Cost > 0 && spent.Cost+line.Cost > l.Cost {
		return &BudgetError{Limit: l, Spent: spent, Asked: line}
	}
	return nil
}

// Left returns how many units of a backend's Size the limit still allows for
// the texts of one request.
func (e *BudgetError) Left(t Traits) int {
	left := int64(e.Asked.Size)
	if e.Limit.Size > 0 {
		left = min(left, e.Limit.Size-e.Spent.Size)
	}
	if price := float64(t.Price) + t.Yield.Most*float64(t.TargetPrice); e.Limit.Cost > 0 && price > 0 {
		left = min(left, int64(float64(e.Limit.Cost-e.Spent.Cost)/price))
	}
	return int(max(left-int64(t.Overhead), 0))
}

// Reserved tells whether the limit would allow the request if all that is open
// came to nothing: what others have only reserved may come back within moments.
func (e *BudgetError) Reserved() bool {
	settled := Spending{Size: e.Spent.Size - e.Spent.OpenSize, Cost: e.Spent.Cost - e.Spent.OpenCost}
	return e.Spent.Open > 0 && e.Limit.Check(settled, e.Asked) == nil
}

// Error says which limit, what is spent of it, and what was asked for.
func (e *BudgetError) Error() string {
	s := e.Spent
	if e.Limit.Size > 0 && s.Size+int64(e.Asked.Size) > e.Limit.Size {
		reserved := ""
		if s.OpenSize > 0 {
			reserved = fmt.Sprintf(", %d reserved for requests without an answer yet", s.OpenSize)
		}
		return fmt.Sprintf("%s is %d: %d are spent%s, and the next request may need %d",
			e.Limit.Name, e.Limit.Size, s.Size-s.OpenSize, reserved, e.Asked.Size)
	}
	reserved := ""
	if s.OpenCost > 0 {
		reserved = fmt.Sprintf(", %s reserved for requests without an answer yet", s.OpenCost)
	}
	return fmt.Sprintf("%s is %s: %s is spent%s, and the next request may cost %s",
		e.Limit.Name, e.Limit.Cost, s.Cost-s.OpenCost, reserved, e.Asked.Cost)
}

// Unwrap returns OverBudget.
func (e *BudgetError) Unwrap() error { return OverBudget }
