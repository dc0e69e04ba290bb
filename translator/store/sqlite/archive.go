package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"dragoman/translator"
)

// page is how many rows Entries reads at a time. Between pages it holds no
// transaction: one that stays open keeps the write-ahead log from being folded
// into the file for as long.
const page = 1000

// errStopped says that the reader of a sequence has had enough.
var errStopped = errors.New("stopped")

// Entries yields everything in the order of direction, key and signature. What
// is saved meanwhile may be among it or not.
func (s *Store) Entries(ctx context.Context) iter.Seq2[translator.Entry, error] {
	return func(yield func(translator.Entry, error) bool) {
		directions, err := s.directions(ctx)
		if err != nil {
			yield(translator.Entry{}, s.fail(ctx, "read", err))
			return
		}
		for _, id := range directions {
			if err := s.yieldDirection(ctx, id, yield); err != nil {
				if err != errStopped {
					yield(translator.Entry{}, s.fail(ctx, "read", err))
				}
				return
			}
		}
	}
}

// directions returns the ids of all directions in the order of their tags.
func (s *Store) directions(ctx context.Context) ([]int64, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT id FROM directions ORDER BY source, target")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// entriesQuery reads one page, after a key and signature id.
const entriesQuery = "SELECT " + rowColumns + ` FROM memory m
	WHERE (m.key, m.signature_id) > (?, ?) AND m.direction_id = ? ORDER BY m.key, m.signature_id LIMIT ?`

// yieldDirection yields a direction's entries, page by page. Rows of one key
// are held together until the next key is seen: the index has them in the
// order of signature ids, not of signatures.
func (s *Store) yieldDirection(ctx context.Context, direction int64, yield func(translator.Entry, error) bool) error {
	after, signature := []byte{}, int64(0)
	var same []translator.Entry
	for {
		rows, err := readRows(s.readers.QueryContext(ctx, entriesQuery, after, signature, direction, page))
		if err != nil {
			return err
		}
		entries, err := s.resolve(ctx, rows)
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
			return invalid(s.path, remedies[sqlite3.SQLITE_CORRUPT].hint, errors.New("the index of memory is out of order"))
		}
		after, signature = last.entry.Key[:], last.signature
	}
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

// Search finds entries by words, the best by BM25 first and then by key.
func (s *Store) Search(ctx context.Context, query string, limit int) ([]translator.Entry, error) {
	match := matchExpression(query)
	if match == "" || limit <= 0 {
		return nil, nil
	}
	if err := s.index(ctx); err != nil {
		return nil, err
	}
	const find = "SELECT " + rowColumns + ` FROM memory_words w
		JOIN memory m ON m.id = w.rowid JOIN signatures s ON s.id = m.signature_id
		WHERE memory_words MATCH ? ORDER BY w.rank, m.key, s.text LIMIT ?`
	rows, err := readRows(s.readers.QueryContext(ctx, find, match, limit))
	if err != nil {
		return nil, s.fail(ctx, "search", err)
	}
	entries, err := s.resolve(ctx, rows)
	return entries, s.fail(ctx, "search", err)
}

// indexBatch is how many rows are indexed in one transaction: a tenth of a
// second, in which no other process can save.
const indexBatch = 2000

// index adds the words of all rows saved or changed since the last search.
func (s *Store) index(ctx context.Context) error {
	for more := true; more; {
		err := s.write(ctx, "index", func(ctx context.Context, tx *sql.Tx, _ *nameIDs) (err error) {
			more, err = indexSome(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// indexSome indexes up to indexBatch rows and tells whether there may be more.
func indexSome(ctx context.Context, tx *sql.Tx) (more bool, err error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT id, source, target FROM (
			SELECT id FROM changed UNION ALL SELECT id FROM memory WHERE id > (SELECT upto FROM indexed)
		) JOIN memory USING (id) ORDER BY id LIMIT ?`, indexBatch)
	if err != nil {
		return false, err
	}
	batch, err := readTexts(rows)
	if err != nil || len(batch) == 0 {
		return false, err
	}
	for _, r := range batch {
		if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO memory_words (rowid, source, target) VALUES (?, ?, ?)",
			r.id, searchText(r.source), searchText(r.target)); err != nil {
			return false, err
		}
	}
	last := batch[len(batch)-1].id
	if _, err := tx.ExecContext(ctx, "DELETE FROM changed WHERE id <= ?", last); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, "UPDATE indexed SET upto = max(upto, ?)", last)
	return len(batch) == indexBatch, err
}

// A textRow is what of a row can be searched.
type textRow struct {
	id             int64
	source, target string
}

func readTexts(rows *sql.Rows) ([]textRow, error) {
	defer rows.Close()
	var batch []textRow
	for rows.Next() {
		var r textRow
		if err := rows.Scan(&r.id, &r.source, &r.target); err != nil {
			return nil, err
		}
		batch = append(batch, r)
	}
	return batch, rows.Err()
}

func searchText(text string) string { return strings.Join(translator.SearchWords(text), " ") }

// matchExpression writes a query in FTS5's language: all words in the source, or
// all in the target. A word holds letters, marks and digits only, so that in
// its quotes it can mean nothing else to FTS5.
func matchExpression(query string) string {
	found := translator.SearchWords(query)
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) == 0 {
		return ""
	}
	all := `("` + strings.Join(found, `" AND "`) + `")`
	return "source : " + all + " OR target : " + all
}

// Stats counts entries by direction, kind and signature.
func (s *Store) Stats(ctx context.Context) ([]translator.Stat, error) {
	const query = `SELECT d.source, d.target, m.kind, s.text, count(*), min(m.time), max(m.time)
		FROM memory m JOIN signatures s ON s.id = m.signature_id JOIN directions d ON d.id = m.direction_id
		GROUP BY m.direction_id, m.kind, m.signature_id`
	rows, err := s.readers.QueryContext(ctx, query)
	if err != nil {
		return nil, s.fail(ctx, "count", err)
	}
	defer rows.Close()
	var stats []translator.Stat
	for rows.Next() {
		var stat translator.Stat
		var oldest, newest int64
		if err := rows.Scan(&stat.Direction.From, &stat.Direction.To, &stat.Kind, &stat.Signature,
			&stat.Entries, &oldest, &newest); err != nil {
			return nil, s.fail(ctx, "count", err)
		}
		stat.Oldest, stat.Newest = time.Unix(oldest, 0).UTC(), time.Unix(newest, 0).UTC()
		stats = append(stats, stat)
	}
	slices.SortFunc(stats, translator.Stat.Compare)
	return stats, s.fail(ctx, "count", rows.Err())
}
