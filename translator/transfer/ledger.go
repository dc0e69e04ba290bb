package transfer

import (
	"context"

	"dragoman/translator"
)

// linesTold is how many lines lie between two words on the progress.
const linesTold = 200

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
		if c.counts.Seen%linesTold == 0 {
			c.tell()
		}
	}
	return c.counts, nil
}

type bookCopying struct {
	*copying
	to Book
	// runs holds for each run that was met what of it the ledger had before,
	// but for the lines that were met.
	runs map[string]map[digest][]there
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
	return c.to.Settle(ctx, line.id, p.Bill)
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
