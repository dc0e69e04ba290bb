package transfer

import (
	"context"
	"errors"
	"sync"

	"dragoman/translator"
)

// linesBatch is how many lines are written before they are settled, several at
// a time, so that they share what a commit costs; it is told after each.
const (
	linesBatch = 200
	settlers   = 8
)

// A Book is a ledger that can be read.
type Book interface {
	translator.Ledger
	translator.Journal
}

// Ledger copies the lines of a journal into a ledger, in their order and with
// their times, without regard to any limit. A line that is open stays open,
// and is settled by a later copy if it has been by then. Lines are told apart by all
// that they say, and equal ones counted, so that none is written twice.
func Ledger(ctx context.Context, from translator.Journal, to Book, opts *Options) (Counts, error) {
	c := &bookCopying{copying: newCopying(opts), to: to, runs: map[string]map[digest][]there{}}
	for p, err := range from.Lines(ctx, translator.Window{}) {
		if err == nil {
			err = c.post(ctx, p)
		}
		if err != nil {
			return c.counts, err
		}
		if c.counts.Seen%linesBatch > 0 {
			continue
		}
		if err := c.settle(ctx); err != nil {
			return c.counts, err
		}
		c.tell()
	}
	err := c.settle(ctx)
	return c.counts, err
}

type bookCopying struct {
	*copying
	to Book
	// runs holds for each run that was met what of it the ledger had before,
	// but for the lines that were met.
	runs map[string]map[digest][]there
	due  []settlement
}

// A settlement is a line that is open in the one ledger and closed in the other.
type settlement struct {
	id   translator.LineID
	bill translator.Bill
}

// A there is a line that the ledger has.
type there struct {
	id   translator.LineID
	open bool
}

// post sees that the ledger has a line as it is in the journal.
func (c *bookCopying) post(ctx context.Context, p translator.Posting) error {
	line, known, err := c.find(ctx, p.Line)
	if err != nil {
		return err
	}
	if !known {
		if line.id, err = c.to.Reserve(ctx, p.Line, nil); err != nil {
			return err
		}
		line.open = true
		c.counts.Added++
	}
	c.counts.Seen++
	if p.Open {
		c.counts.Open++
	}
	if p.Open || !line.open {
		return nil
	}
	if known {
		c.counts.Changed++
	}
	c.due = append(c.due, settlement{line.id, p.Bill})
	return nil
}

// settle closes the lines that are due.
func (c *bookCopying) settle(ctx context.Context) error {
	due := make(chan settlement, len(c.due))
	for _, s := range c.due {
		due <- s
	}
	close(due)
	c.due = c.due[:0]
	var group sync.WaitGroup
	var errs [settlers]error
	for i := range errs {
		group.Go(func() {
			for s := range due {
				if errs[i] = c.to.Settle(ctx, s.id, s.bill); errs[i] != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return errors.Join(errs[:]...)
}

// find takes a line from those that the ledger has of its run.
func (c *bookCopying) find(ctx context.Context, l translator.Line) (line there, known bool, err error) {
	lines, met := c.runs[l.Run]
	if !met {
		if lines, err = c.read(ctx, l.Run); err != nil {
			return line, false, err
		}
		c.runs[l.Run] = lines
	}
	key := digestOfLine(l)
	same := lines[key]
	if len(same) == 0 {
		return line, false, nil
	}
	if lines[key] = same[1:]; len(same) == 1 {
		delete(lines, key)
	}
	return same[0], true, nil
}

// read reads what the ledger has of a run.
func (c *bookCopying) read(ctx context.Context, run string) (map[digest][]there, error) {
	lines := map[digest][]there{}
	for p, err := range c.to.Lines(ctx, translator.Window{Run: run}) {
		if err != nil {
			return nil, err
		}
		if p.Line.Run == run { // without a name the window is that of all runs
			key := digestOfLine(p.Line)
			lines[key] = append(lines[key], there{p.ID, p.Open})
		}
	}
	return lines, nil
}
