package postgres

import (
	"context"
	"hash/fnv"
	"slices"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
)

// indexBatch is how many rows are indexed in one transaction.
const indexBatch = 5000

// Search finds entries by words, those with the fewest words beside them
// first, and then by key. Words are kept as 64-bit numbers: a word may be
// longer than an index's rows may be, and hold what a text type refuses.
func (s *Store) Search(ctx context.Context, query string, limit int) ([]translator.Entry, error) {
	words := wordsOf(query)
	if len(words) == 0 || limit <= 0 {
		return nil, ctx.Err()
	}
	if err := s.index(ctx); err != nil {
		return nil, s.fail(ctx, "index", err)
	}
	const find = "SELECT " + rowColumns + ` FROM memory_words w
		JOIN memory m USING (key, signature_id, change) JOIN signatures s ON s.id = m.signature_id
		WHERE w.source @> $1 OR w.target @> $1
		ORDER BY least(CASE WHEN w.source @> $1 THEN cardinality(w.source) END,
			CASE WHEN w.target @> $1 THEN cardinality(w.target) END), m.key, s.text
		LIMIT $2`
	entries, err := s.entries(ctx, find, words, limit)
	return entries, s.fail(ctx, "search", err)
}

// index adds the words of all rows saved since the last search. Numbers of
// changes are given out in order but committed in any: whoever saves holds a
// shared lock meanwhile, so that when index has had the lock for a moment, all
// numbers given out before are there for good or never will be.
func (s *Store) index(ctx context.Context) error {
	var upto, last int64
	batch := &pgx.Batch{}
	batch.Queue("SELECT pg_advisory_xact_lock($1)", int64(indexLock))
	batch.Queue("SELECT coalesce(max(change), 0), (SELECT upto FROM indexed) FROM memory").
		QueryRow(func(row pgx.Row) error { return row.Scan(&last, &upto) })
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for upto < last {
		rows, err := s.textRows(ctx, upto, last)
		if err != nil {
			return err
		}
		if len(rows) < indexBatch {
			upto = last
		} else {
			upto = rows[len(rows)-1].change
		}
		if err := s.writeWords(ctx, rows, upto); err != nil {
			return err
		}
	}
	return nil
}

// A textRow is what of a row can be searched.
type textRow struct {
	key            []byte
	signature      int32
	change         int64
	source, target []byte
}

func (s *Store) textRows(ctx context.Context, after, last int64) ([]textRow, error) {
	rows, err := s.pool.Query(ctx, `SELECT key, signature_id, change, source, target FROM memory
		WHERE change > $1 AND change <= $2 ORDER BY change LIMIT $3`, after, last, indexBatch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r textRow, err error) {
		err = row.Scan(&r.key, &r.signature, &r.change, &r.source, &r.target)
		return r, err
	})
}

// writeWords writes the words of rows. Two searches may do so for the same ones.
func (s *Store) writeWords(ctx context.Context, rows []textRow, upto int64) error {
	const write = `INSERT INTO memory_words AS w (key, signature_id, change, source, target) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key, signature_id) DO UPDATE SET change = excluded.change, source = excluded.source, target = excluded.target
		WHERE w.change < excluded.change`
	batch := &pgx.Batch{}
	batch.Queue("SELECT FROM indexed FOR UPDATE") // one search at a time
	for i := range rows {
		r := &rows[i]
		batch.Queue(write, r.key, r.signature, r.change, wordsOf(string(r.source)), wordsOf(string(r.target)))
	}
	batch.Queue("UPDATE indexed SET upto = greatest(upto, $1)", upto)
	return s.pool.SendBatch(ctx, batch).Close()
}

// wordsOf returns the words of a text as numbers, each once, in order.
func wordsOf(text string) []int64 {
	words := []int64{}
	for _, w := range translator.SearchWords(text) {
		h := fnv.New64a()
		h.Write([]byte(w))
		words = append(words, int64(h.Sum64()))
	}
	slices.Sort(words)
	return slices.Compact(words)
}
