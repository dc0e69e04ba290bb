package postgres

import (
	"context"
	"errors"
	"iter"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

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
			if page, err = s.readLines(ctx, &r); err != nil {
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
	since, until int64  // microseconds
	next, last   int64  // ids
	run          []byte // nil for all
}

const (
	findQuarters = `SELECT min(quarter), max(quarter) FROM totals WHERE run_id = (SELECT id FROM runs WHERE name = $1)`
	// Sorted by time on purpose: by id, every line before the window would be read.
	findLines = `SELECT min(id), max(id) FROM (SELECT id FROM lines WHERE time >= $1 AND time < $2 ORDER BY time) of_it`
)

// rangeOf finds a window's lines: those of a run lie between the first and the
// last of its quarters. A window without lines is an empty range.
func (s *Store) rangeOf(ctx context.Context, w translator.Window) (r lineRange, err error) {
	r = lineRange{since: math.MinInt64, until: math.MaxInt64, next: 1, run: windowOf(w).run}
	if !w.Since.IsZero() {
		r.since = w.Since.UnixMicro()
	}
	if r.run != nil {
		first, last, err := s.ends(ctx, findQuarters, r.run)
		if err != nil || first == nil {
			return r, err
		}
		r.since, r.until = max(r.since, *first*quarter), (*last+1)*quarter
	}
	first, last, err := s.ends(ctx, findLines, r.since, r.until)
	if err == nil && first != nil {
		r.next, r.last = *first, *last
	}
	return r, err
}

// ends returns the smallest and the largest of something, nil where there is none.
func (s *Store) ends(ctx context.Context, query string, args ...any) (first, last *int64, err error) {
	err = s.retry(ctx, "read", false, func(ctx context.Context, _ bool) error {
		return s.pool.QueryRow(ctx, query, args...).Scan(&first, &last)
	})
	return first, last, err
}

// linesQuery reads one page. Names have foreign keys: none can be missing.
const linesQuery = `SELECT l.id, r.name, l.backend, s.text, d.source, d.target, l.texts, l.size, l.cost, l.time,
		l.billed_size, l.billed_cost, l.billed_time, l.said
	FROM lines l JOIN runs r ON r.id = l.run_id JOIN signatures s ON s.id = l.signature_id JOIN directions d ON d.id = l.direction_id
	WHERE l.id BETWEEN $1 AND $2 AND l.time >= $3 AND l.time < $4 AND ($5::bytea IS NULL OR r.name = $5)
	ORDER BY l.id LIMIT $6`

// readLines reads the next lines of a range, with their shares, and moves it on.
func (s *Store) readLines(ctx context.Context, r *lineRange) ([]translator.Posting, error) {
	var page []translator.Posting
	err := s.retry(ctx, "read", false, func(ctx context.Context, _ bool) error {
		rows, err := s.pool.Query(ctx, linesQuery, r.next, r.last, r.since, r.until, r.run, journalPage)
		if err != nil {
			return err
		}
		if page, err = pgx.CollectRows(rows, scanPosting); err != nil || len(page) == 0 {
			return err
		}
		return s.readShares(ctx, page)
	})
	if err != nil || len(page) == 0 {
		r.next = r.last + 1
		return nil, err
	}
	r.next = int64(page[len(page)-1].ID) + 1
	return page, nil
}

func scanPosting(row pgx.CollectableRow) (translator.Posting, error) {
	var p translator.Posting
	var run, backend, signature, from, to []byte
	var written int64
	var size, cost, settled *int64
	l := &p.Line
	if err := row.Scan(&p.ID, &run, &backend, &signature, &from, &to, &l.Texts, &l.Size, &l.Cost,
		&written, &size, &cost, &settled, &p.Bill.Said); err != nil {
		return p, err
	}
	l.Run, l.Backend, l.Signature = string(run), string(backend), translator.Signature(signature)
	l.Direction = translator.Direction{From: translator.Lang(from), To: translator.Lang(to)}
	l.Time = time.UnixMicro(written).UTC()
	if p.Open = settled == nil; !p.Open {
		p.Bill.Size, p.Bill.Cost, p.Bill.Time = int(*size), translator.USD(*cost), time.UnixMicro(*settled).UTC()
	}
	return p, nil
}

// pageSharesQuery reads what stories have of some lines. A story that is
// missing is an error, not a share less.
const pageSharesQuery = `SELECT h.line_id, s.name, h.version, h.texts, h.size FROM shares h LEFT JOIN stories s ON s.id = h.story_id
	WHERE h.line_id = ANY ($1) ORDER BY h.line_id, h.place`

var errNoStory = errors.New("a line of the ledger names a story that is not there")

// readShares puts into the lines of a page what each story has of them.
func (s *Store) readShares(ctx context.Context, page []translator.Posting) error {
	ids := make([]int64, len(page))
	for i := range page {
		ids[i] = int64(page[i].ID)
	}
	rows, err := s.pool.Query(ctx, pageSharesQuery, ids)
	if err != nil {
		return err
	}
	defer rows.Close()
	i := 0
	for rows.Next() {
		var line translator.LineID
		var story *[]byte
		var version []byte
		var share translator.Share
		if err := rows.Scan(&line, &story, &version, &share.Texts, &share.Size); err != nil {
			return err
		}
		if story == nil {
			return invalid(s.place, remedies["XX"].hint, errNoStory)
		}
		share.Story = string(*story)
		copy(share.Version[:], version)
		for page[i].ID < line {
			i++
		}
		page[i].Line.Shares = append(page[i].Line.Shares, share)
	}
	return rows.Err()
}
