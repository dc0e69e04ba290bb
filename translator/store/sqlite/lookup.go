package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"dragoman/translator"
)

// lookupChunk is how many keys one statement asks for.
const lookupChunk = 1000

// A row is one row of memory as it is stored.
type row struct {
	signature, direction int64
	entry                translator.Entry // without what the two ids above stand for
	checksum             int64
	damaged              bool // a column does not even have its type
}

// rowColumns are the columns that scanRow reads.
const rowColumns = "m.key, m.signature_id, m.direction_id, m.kind, m.time, m.checksum, m.source, m.target, m.flags"

func lookupQuery(keys int) string {
	return "SELECT " + rowColumns + " FROM memory m WHERE m.key IN (?" + strings.Repeat(",?", keys-1) + ")"
}

// Lookup returns every remembered translation of each key.
func (s *Store) Lookup(ctx context.Context, keys []translator.Key) (map[translator.Key][]translator.Entry, error) {
	// Sorted, neighbours in the index are read together, and none is asked twice.
	sorted := slices.SortedFunc(slices.Values(keys), translator.Key.Compare)
	sorted = slices.Compact(sorted)
	found := make(map[translator.Key][]translator.Entry, len(sorted))
	for chunk := range slices.Chunk(sorted, lookupChunk) {
		rows, err := s.lookupRows(ctx, chunk)
		if err != nil {
			return nil, s.fail(ctx, "lookup", err)
		}
		entries, err := s.resolve(ctx, rows)
		if err != nil {
			return nil, s.fail(ctx, "lookup", err)
		}
		for _, e := range entries {
			found[e.Key] = append(found[e.Key], e)
		}
	}
	for _, entries := range found {
		slices.SortFunc(entries, translator.Entry.Compare)
	}
	return found, nil
}

func (s *Store) lookupRows(ctx context.Context, keys []translator.Key) ([]row, error) {
	args := make([]any, len(keys))
	for i := range keys {
		args[i] = keys[i][:]
	}
	if len(keys) == lookupChunk {
		return readRows(s.lookup.QueryContext(ctx, args...))
	}
	return readRows(s.readers.QueryContext(ctx, lookupQuery(len(keys)), args...))
}

// readRows reads all of a query's rows.
func readRows(rows *sql.Rows, err error) ([]row, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var read []row
	var scan scanner
	for rows.Next() {
		read = append(read, scan.row(rows))
	}
	return read, rows.Err()
}

// A scanner holds what one row after the other is scanned into.
type scanner struct {
	key   sql.RawBytes
	kind  sql.RawBytes
	flags sql.RawBytes
	dest  []any
	into  row
	time  int64
}

// row reads the current row. A column of the wrong type, which only damage can
// make, is no error of the query: it marks the row.
func (s *scanner) row(rows *sql.Rows) row {
	if s.dest == nil {
		e := &s.into.entry
		s.dest = []any{&s.key, &s.into.signature, &s.into.direction, &s.kind,
			&s.time, &s.into.checksum, &e.Source, &e.Target, &s.flags}
	}
	s.into.damaged = rows.Scan(s.dest...) != nil || len(s.key) != len(translator.Key{})
	copy(s.into.entry.Key[:], s.key)
	s.into.entry.Origin.Kind = translator.OriginKindOf(s.kind)
	s.into.entry.Flags = translator.SplitFlags(s.flags)
	s.into.entry.Origin.Time = time.Unix(s.time, 0).UTC()
	return s.into
}

// resolve makes entries of rows, leaving out the damaged ones.
func (s *Store) resolve(ctx context.Context, rows []row) ([]translator.Entry, error) {
	entries := make([]translator.Entry, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		if !r.damaged {
			if err := s.names.fill(ctx, s.readers, r); err != nil {
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
