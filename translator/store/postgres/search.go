package postgres

import (
	"context"
	"hash/fnv"
	"slices"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
)

const (
	// indexBatch is how many rows are indexed in one transaction.
	indexBatch = 2500
	// indexWindow is how many changes are read at a time: some 20 MB.
	indexWindow = 50_000
)

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
	entries, err := s.entries(ctx, min(limit, page), find, words, limit)
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
	batch.Queue("SELECT upto, last_value FROM indexed, memory_change_seq").
		QueryRow(func(row pgx.Row) error { return row.Scan(&upto, &last) })
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for ; upto < last; upto += indexWindow {
		if err := s.indexChanges(ctx, upto, min(upto+indexWindow, last)); err != nil {
			return err
		}
	}
	return nil
}

// indexChanges adds the words of the rows of some changes.
func (s *Store) indexChanges(ctx context.Context, after, upto int64) error {
	rows, err := s.textRows(ctx, after, upto)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(rows, indexBatch) {
		if err := s.writeWords(ctx, chunk); err != nil {
			return err
		}
	}
	_, err = s.pool.Exec(ctx, "UPDATE indexed SET upto = $1 WHERE upto < $1", upto)
	return err
}

// A textRow is what of a row can be searched.
type textRow struct {
	key            []byte
	signature      int32
	change         int64
	source, target []byte
}

func (s *Store) textRows(ctx context.Context, after, upto int64) ([]textRow, error) {
	rows, err := s.pool.Query(ctx, "SELECT key, signature_id, change, source, target FROM memory WHERE change > $1 AND change <= $2", after, upto)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r textRow, err error) {
		err = row.Scan(&r.key, &r.signature, &r.change, &r.source, &r.target)
		return r, err
	})
}

// writeWords writes the words of rows. Two searches may do so for the same
// ones, one after the other.
func (s *Store) writeWords(ctx context.Context, rows []textRow) error {
	const write = `INSERT INTO memory_words AS w (key, signature_id, change, source, target) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key, signature_id) DO UPDATE SET change = excluded.change, source = excluded.source, target = excluded.target
		WHERE w.change < excluded.change`
	batch := &pgx.Batch{}
	batch.Queue("SELECT FROM indexed FOR UPDATE")
	for i := range rows {
		r := &rows[i]
		batch.Queue(write, r.key, r.signature, r.change, wordsOf(string(r.source)), wordsOf(string(r.target)))
	}
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
