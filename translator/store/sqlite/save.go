package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"dragoman/translator"
)

// insertStatements write one entry: its row, and its words for searching.
type insertStatements struct{ row, words *sql.Stmt }

func prepareInsert(ctx context.Context, writer *sql.DB) (insertStatements, error) {
	row, err1 := writer.PrepareContext(ctx, `
		INSERT INTO memory (key, signature_id, direction_id, kind, time, checksum, source, target)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (key, signature_id) DO UPDATE SET
			direction_id = excluded.direction_id, kind = excluded.kind, time = excluded.time,
			checksum = excluded.checksum, source = excluded.source, target = excluded.target
		RETURNING id`)
	words, err2 := writer.PrepareContext(ctx,
		"INSERT OR REPLACE INTO memory_words (rowid, source, target) VALUES (?, ?, ?)")
	return insertStatements{row: row, words: words}, errors.Join(err1, err2)
}

// Save records entries in one transaction, which is on the disk when it returns.
// The words follow when all rows are written: each statement that writes a row
// would make FTS5 write out what it has gathered so far.
func (s *Store) Save(ctx context.Context, entries []translator.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return s.write(ctx, "save", func(tx *sql.Tx) error {
		rowIDs, err := s.saveRows(ctx, tx, entries)
		if err != nil {
			return err
		}
		insert := tx.StmtContext(ctx, s.insert.words)
		for i, e := range entries {
			source, target := strings.Join(translator.SearchWords(e.Source), " "), strings.Join(translator.SearchWords(e.Target), " ")
			if _, err := insert.ExecContext(ctx, rowIDs[i], source, target); err != nil {
				return err
			}
		}
		return nil
	})
}

// saveRows writes the entries' rows and returns their ids.
func (s *Store) saveRows(ctx context.Context, tx *sql.Tx, entries []translator.Entry) ([]int64, error) {
	names := newNameIDs(ctx, tx)
	insert := tx.StmtContext(ctx, s.insert.row)
	ids := make([]int64, len(entries))
	for i := range entries {
		e := &entries[i]
		signature, err := names.signature(e.Origin.Signature)
		if err != nil {
			return nil, err
		}
		direction, err := names.direction(e.Direction)
		if err != nil {
			return nil, err
		}
		if err := insert.QueryRowContext(ctx, e.Key[:], signature, direction, string(e.Origin.Kind),
			e.Origin.Time.Unix(), checksum(e), e.Source, e.Target).Scan(&ids[i]); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
