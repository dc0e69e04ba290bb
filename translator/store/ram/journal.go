package ram

import (
	"context"
	"iter"
	"slices"

	"dragoman/translator"
)

// Lines yields the lines of a window that are there when it is begun, in the
// order in which they were written.
func (s *Store) Lines(ctx context.Context, w translator.Window) iter.Seq2[translator.Posting, error] {
	return func(yield func(translator.Posting, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(translator.Posting{}, err)
			return
		}
		for _, p := range s.postings(w) {
			if err := ctx.Err(); err != nil {
				yield(translator.Posting{}, err)
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (s *Store) postings(w translator.Window) []translator.Posting {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []translator.Posting
	for i, l := range s.lines {
		if !l.in(w) {
			continue
		}
		p := translator.Posting{ID: translator.LineID(i + 1), Line: l.Line, Open: l.billed == nil}
		if !p.Open {
			p.Bill = *l.billed
		}
		p.Line.Shares = slices.Clone(l.Shares)
		found = append(found, p)
	}
	return found
}
