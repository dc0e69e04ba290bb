package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"dragoman/translator"
)

// lookupChunk is how many keys one statement asks for: more than a page of the
// pipeline has, and an answer of a few megabytes.
const lookupChunk = 10_000

// A row is one row of memory as it is stored.
type row struct {
	signature, direction int32
	entry                translator.Entry // without what the two ids above stand for
	checksum             int64
	damaged              bool // a column is not even of its form
}

// rowColumns are the columns that scanner reads.
const rowColumns = "m.key, m.signature_id, m.direction_id, m.kind, m.time, m.checksum, m.source, m.target, m.flags"

const lookupQuery = "SELECT " + rowColumns + " FROM memory m WHERE m.key = ANY ($1::bytea[])"

// Lookup returns every remembered translation of each key.
func (s *Store) Lookup(ctx context.Context, keys []translator.Key) (map[translator.Key][]translator.Entry, error) {
	// Sorted, neighbours in the index are read together, and none is asked twice.
	sorted := slices.SortedFunc(slices.Values(keys), translator.Key.Compare)
	sorted = slices.Compact(sorted)
	found := make(map[translator.Key][]translator.Entry, len(sorted))
	for chunk := range slices.Chunk(sorted, lookupChunk) {
		if err := s.lookup(ctx, chunk, found); err != nil {
			return nil, err
		}
	}
	for _, entries := range found {
		slices.SortFunc(entries, translator.Entry.Compare)
	}
	return found, ctx.Err()
}

func (s *Store) lookup(ctx context.Context, keys []translator.Key, found map[translator.Key][]translator.Entry) error {
	asked := make([][]byte, len(keys))
	for i := range keys {
		asked[i] = keys[i][:]
	}
	var entries []translator.Entry
	err := s.retry(ctx, "lookup", false, func(ctx context.Context, _ bool) (err error) {
		entries, err = s.entries(ctx, len(keys), lookupQuery, asked)
		return err
	})
	for _, e := range entries {
		found[e.Key] = append(found[e.Key], e)
	}
	return err
}

// entries runs a query for rowColumns and makes entries of its rows, leaving
// out the damaged ones. It has room for as many as are expected.
func (s *Store) entries(ctx context.Context, expected int, query string, args ...any) ([]translator.Entry, error) {
	rows, err := s.rows(ctx, expected, query, args...)
	if err != nil {
		return nil, err
	}
	return s.resolve(ctx, rows)
}

func (s *Store) rows(ctx context.Context, expected int, query string, args ...any) ([]row, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	read := make([]row, 0, expected)
	var scan scanner
	for rows.Next() {
		r, err := scan.row(rows)
		if err != nil {
			return nil, err
		}
		read = append(read, r)
	}
	return read, rows.Err()
}

// A scanner holds what one row after the other is scanned into.
type scanner struct {
	key, kind, source, target, flags pgtype.DriverBytes // until the next row is read

	into row
	time int64
	dest []any
}

func (s *scanner) row(rows pgx.Rows) (row, error) {
	if s.dest == nil {
		s.dest = []any{&s.key, &s.into.signature, &s.into.direction, &s.kind,
			&s.time, &s.into.checksum, &s.source, &s.target, &s.flags}
	}
	if err := rows.Scan(s.dest...); err != nil {
		return row{}, err
	}
	e := &s.into.entry
	s.into.damaged = len(s.key) != len(e.Key)
	copy(e.Key[:], s.key)
	e.Source, e.Target = string(s.source), string(s.target)
	e.Origin.Kind = translator.OriginKindOf(s.kind)
	e.Flags = translator.SplitFlags(s.flags)
	e.Origin.Time = time.Unix(s.time, 0).UTC()
	return s.into, nil
}

// resolve makes entries of rows, leaving out the damaged ones.
func (s *Store) resolve(ctx context.Context, rows []row) ([]translator.Entry, error) {
	entries := make([]translator.Entry, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		if !r.damaged {
			if err := s.names.fill(ctx, s.pool, r); err != nil {
				return nil, err
			}
		}
		if r.damaged || int64(r.entry.Checksum()) != r.checksum {
			if s.damaged != nil {
				s.damaged(r.entry.Key)
			}
			continue
		}
		entries = append(entries, r.entry)
	}
	return entries, nil
}
