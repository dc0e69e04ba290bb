package ram

import (
	"context"
	"fmt"

	"dragoman/translator"
)

type line struct {
	translator.Line
	billed *translator.Bill // nil while the line is open
}

func (l line) in(w translator.Window) bool {
	return (w.Run == "" || l.Run == w.Run) && !l.Time.Before(w.Since)
}

// Reserve checks the limits and writes a line.
func (s *Store) Reserve(ctx context.Context, asked translator.Line, limits []translator.Limit) (translator.LineID, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, limit := range limits {
		if err := limit.Check(s.spending(limit.Window), asked); err != nil {
			return 0, err
		}
	}
	asked.Shares = cloneSome(asked.Shares)
	s.lines = append(s.lines, line{Line: asked})
	return translator.LineID(len(s.lines)), nil
}

// Settle closes a line. One that does not exist or is closed is an Invalid error.
func (s *Store) Settle(ctx context.Context, id translator.LineID, billed translator.Bill) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if id < 1 || int(id) > len(s.lines) || s.lines[id-1].billed != nil {
		return translator.NewError("store ram:", translator.Invalid, fmt.Errorf("settle: the ledger has no open line %d", id))
	}
	s.lines[id-1].billed = &billed
	return nil
}

// Spending sums the lines of a window.
func (s *Store) Spending(ctx context.Context, w translator.Window) (translator.Spending, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.spending(w), ctx.Err()
}

func (s *Store) spending(w translator.Window) translator.Spending {
	var sum translator.Spending
	for _, l := range s.lines {
		if !l.in(w) {
			continue
		}
		sum.Requests++
		if l.billed != nil {
			sum.Size += int64(l.billed.Size)
			sum.Cost += l.billed.Cost
			continue
		}
		sum.Size += int64(l.Size)
		sum.Cost += l.Cost
		sum.Open++
		sum.OpenSize += int64(l.Size)
		sum.OpenCost += l.Cost
	}
	return sum
}
