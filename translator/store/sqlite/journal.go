package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"math"
	"time"

	"dragoman/translator"
)

// journalPage is how many lines Lines reads at a time, with a few dozen shares
// each. Between pages it holds no transaction, as Entries.
const journalPage = 250

// Lines yields the lines of a window that are there when it is begun, in the
// order in which they were written.
func (s *Store) Lines(ctx context.Context, w translator.Window) iter.Seq2[translator.Posting, error] {
	return func(yield func(translator.Posting, error) bool) {
		r, err := s.rangeOf(ctx, w)
		for err == nil && r.next <= r.last {
			var page []translator.Posting
			if page, err = s.readPage(ctx, &r); err != nil {
				break
			}
			for _, p := range page {
				if !yield(p, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(translator.Posting{}, s.fail(ctx, "read", err))
		}
	}
}

// A lineRange is the lines of a window that are still to be read.
type lineRange struct {
	since, until int64 // microseconds
	next, last   int64 // ids
	run          string
}

const (
	findQuarters = `SELECT min(quarter), max(quarter) FROM totals WHERE run_id = (SELECT id FROM runs WHERE name = ?)`
	// Without the index named, SQLite takes the ids in order from the first
	// night on, reading every line before the window.
	findLines = `SELECT min(id), max(id) FROM lines INDEXED BY lines_time WHERE time >= ? AND time < ?`
)

// rangeOf finds a window's lines: those of a run lie between the first and the
// last of its quarters. A window without lines is an empty range.
func (s *Store) rangeOf(ctx context.Context, w translator.Window) (lineRange, error) {
	r := lineRange{since: math.MinInt64, until: math.MaxInt64, next: 1, run: w.Run}
	if !w.Since.IsZero() {
		r.since = w.Since.UnixMicro()
	}
	var first, last sql.NullInt64
	if w.Run != "" {
		err := s.readers.QueryRowContext(ctx, findQuarters, w.Run).Scan(&first, &last)
		if err != nil || !first.Valid {
			return r, err
		}
		r.since, r.until = max(r.since, first.Int64*quarter), (last.Int64+1)*quarter
	}
	err := s.readers.QueryRowContext(ctx, findLines, r.since, r.until).Scan(&first, &last)
	if err == nil && first.Valid {
		r.next, r.last = first.Int64, last.Int64
	}
	return r, err
}

// linesQuery reads one page. A name that is missing is NULL, which is no text
// and so an error: money must not vanish with it.
const linesQuery = `SELECT l.id, r.name, l.backend, s.text, d.source, d.target, l.texts, l.size, l.cost, l.time,
		l.billed_size, l.billed_cost, l.billed_time, l.said
	FROM lines l LEFT JOIN runs r ON r.id = l.run_id LEFT JOIN signatures s ON s.id = l.signature_id
		LEFT JOIN directions d ON d.id = l.direction_id
	WHERE l.id BETWEEN ? AND ? AND l.time >= ? AND l.time < ? AND (?5 = '' OR r.name = ?5)
	ORDER BY l.id LIMIT ?`

// readPage reads the next lines of a range, with their shares, and moves it on.
func (s *Store) readPage(ctx context.Context, r *lineRange) ([]translator.Posting, error) {
	page, err := readPostings(s.readers.QueryContext(ctx, linesQuery, r.next, r.last, r.since, r.until, r.run, journalPage))
	if err != nil || len(page) == 0 {
		r.next = r.last + 1
		return nil, err
	}
	r.next = int64(page[len(page)-1].ID) + 1
	return page, s.readShares(ctx, page)
}

func readPostings(rows *sql.Rows, err error) ([]translator.Posting, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []translator.Posting
	for rows.Next() {
		p, err := scanPosting(rows)
		if err != nil {
			return nil, err
		}
		page = append(page, p)
	}
	return page, rows.Err()
}

func scanPosting(rows *sql.Rows) (translator.Posting, error) {
	var p translator.Posting
	var written int64
	var size, cost, settled sql.NullInt64
	l := &p.Line
	err := rows.Scan(&p.ID, &l.Run, &l.Backend, &l.Signature, &l.Direction.From, &l.Direction.To, &l.Texts, &l.Size, &l.Cost,
		&written, &size, &cost, &settled, &p.Bill.Said)
	l.Time = time.UnixMicro(written).UTC()
	if p.Open = !settled.Valid; !p.Open {
		p.Bill.Size, p.Bill.Cost, p.Bill.Time = int(size.Int64), translator.USD(cost.Int64), time.UnixMicro(settled.Int64).UTC()
	}
	return p, err
}

const sharesQuery = `SELECT h.line_id, s.name, h.version, h.texts, h.size FROM shares h LEFT JOIN stories s ON s.id = h.story_id
	WHERE h.line_id BETWEEN ? AND ? ORDER BY h.line_id, h.place`

// readShares puts into the lines of a page what each story has of them. The
// lines of other runs may lie between.
func (s *Store) readShares(ctx context.Context, page []translator.Posting) error {
	rows, err := s.readers.QueryContext(ctx, sharesQuery, int64(page[0].ID), int64(page[len(page)-1].ID))
	if err != nil {
		return err
	}
	defer rows.Close()
	i := 0
	for rows.Next() {
		var line translator.LineID
		var share translator.Share
		var version []byte
		if err := rows.Scan(&line, &share.Story, &version, &share.Texts, &share.Size); err != nil {
			return err
		}
		copy(share.Version[:], version)
		for i < len(page)-1 && page[i].ID < line {
			i++
		}
		if page[i].ID == line {
			page[i].Line.Shares = append(page[i].Line.Shares, share)
		}
	}
	return rows.Err()
}
