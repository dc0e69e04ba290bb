package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
)

// page is how many rows Entries reads at a time. Between pages it holds no
// transaction and no connection.
const page = 1000

// errStopped says that the reader of a sequence has had enough.
var errStopped = errors.New("stopped")

// Entries yields everything in the order of direction, key and signature. What
// is saved meanwhile may be among it or not.
func (s *Store) Entries(ctx context.Context) iter.Seq2[translator.Entry, error] {
	return func(yield func(translator.Entry, error) bool) {
		directions, err := s.directions(ctx)
		for _, id := range directions {
			if err = s.yieldDirection(ctx, id, yield); err != nil {
				break
			}
		}
		if err != nil && err != errStopped {
			yield(translator.Entry{}, s.fail(ctx, "read", err))
		}
	}
}

// directions returns the ids of all directions in the order of their tags.
func (s *Store) directions(ctx context.Context) ([]int32, error) {
	var ids []int32
	err := s.retry(ctx, "read", false, func(ctx context.Context, _ bool) error {
		return s.pool.QueryRow(ctx, "SELECT array_agg(id ORDER BY source, target) FROM directions").Scan(&ids)
	})
	return ids, err
}

// entriesQuery reads one page, after a key and signature id.
const entriesQuery = "SELECT " + rowColumns + ` FROM memory m
	WHERE (m.key, m.signature_id) > ($1, $2) AND m.direction_id = $3 ORDER BY m.key, m.signature_id LIMIT $4`

// yieldDirection yields a direction's entries, page by page. Rows of one key
// are held together until the next key is seen: the index has them in the
// order of signature ids, not of signatures.
func (s *Store) yieldDirection(ctx context.Context, direction int32, yield func(translator.Entry, error) bool) error {
	after, signature := []byte{}, int32(0)
	var same []translator.Entry
	for {
		rows, entries, err := s.readPage(ctx, after, signature, direction)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if len(same) > 0 && same[0].Key != e.Key {
				if err := yieldSorted(same, yield); err != nil {
					return err
				}
				same = same[:0]
			}
			same = append(same, e)
		}
		if len(rows) < page {
			return yieldSorted(same, yield)
		}
		last := &rows[len(rows)-1]
		if cmp.Or(bytes.Compare(last.entry.Key[:], after), cmp.Compare(last.signature, signature)) <= 0 {
			return invalid(s.place, remedies["XX"].hint, errors.New("the index of memory is out of order"))
		}
		after, signature = last.entry.Key[:], last.signature
	}
}

// readPage reads a page's rows, and what is whole of them.
func (s *Store) readPage(ctx context.Context, after []byte, signature, direction int32) (rows []row, entries []translator.Entry, err error) {
	err = s.retry(ctx, "read", false, func(ctx context.Context, _ bool) error {
		if rows, err = s.rows(ctx, page, entriesQuery, after, signature, direction, page); err != nil {
			return err
		}
		entries, err = s.resolve(ctx, rows)
		return err
	})
	return rows, entries, err
}

func yieldSorted(entries []translator.Entry, yield func(translator.Entry, error) bool) error {
	slices.SortFunc(entries, translator.Entry.Compare)
	for _, e := range entries {
		if !yield(e, nil) {
			return errStopped
		}
	}
	return nil
}

// Stats counts entries by direction, kind and signature.
func (s *Store) Stats(ctx context.Context) ([]translator.Stat, error) {
	const query = `SELECT d.source, d.target, m.kind, s.text, m.entries, m.oldest, m.newest
		FROM (SELECT direction_id, kind, signature_id, count(*) entries, min(time) oldest, max(time) newest
			FROM memory GROUP BY 1, 2, 3) m JOIN signatures s ON s.id = m.signature_id JOIN directions d ON d.id = m.direction_id`
	stats, err := whole(ctx, s, query, nil, func(row pgx.CollectableRow) (translator.Stat, error) {
		var from, to, signature []byte
		var stat translator.Stat
		var oldest, newest int64
		err := row.Scan(&from, &to, &stat.Kind, &signature, &stat.Entries, &oldest, &newest)
		stat.Direction = translator.Direction{From: translator.Lang(from), To: translator.Lang(to)}
		stat.Signature = translator.Signature(signature)
		stat.Oldest, stat.Newest = time.Unix(oldest, 0).UTC(), time.Unix(newest, 0).UTC()
		return stat, err
	})
	slices.SortFunc(stats, translator.Stat.Compare)
	return stats, s.fail(ctx, "count", err)
}

// whole runs a query that may be about all of a table, and returns its rows.
func whole[T any](ctx context.Context, s *Store, query string, args []any, scan pgx.RowToFunc[T]) (all []T, err error) {
	err = s.patiently(ctx, mayPass, func() error {
		batch := &pgx.Batch{}
		batch.Queue("SELECT set_config('enable_seqscan', 'on', true)")
		batch.Queue(query, args...).Query(func(rows pgx.Rows) (err error) {
			all, err = pgx.CollectRows(rows, scan)
			return err
		})
		return s.pool.SendBatch(ctx, batch).Close()
	})
	return all, err
}
