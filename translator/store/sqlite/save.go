package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"dragoman/translator"
)

// statements are what every request writes, prepared on the writer.
type statements struct {
	entry           *sql.Stmt // an entry of memory
	line            *sql.Stmt // a line of the ledger
	stories, shares *sql.Stmt // a full chunk of what stories have of a line
	settle          *sql.Stmt // the end of a line
	totals          *sql.Stmt // what a line adds to the sums of its quarter
}

func prepareStatements(ctx context.Context, writer *sql.DB) (statements, error) {
	var errs []error
	prepare := func(query string) *sql.Stmt {
		stmt, err := writer.PrepareContext(ctx, query)
		errs = append(errs, err)
		return stmt
	}
	return statements{
		entry: prepare(`
			INSERT INTO memory (key, signature_id, direction_id, kind, time, checksum, source, target, flags)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (key, signature_id) DO UPDATE SET
				direction_id = excluded.direction_id, kind = excluded.kind, time = excluded.time,
				checksum = excluded.checksum, source = excluded.source, target = excluded.target, flags = excluded.flags`),
		line: prepare(`
			INSERT INTO lines (run_id, backend, signature_id, direction_id, texts, size, cost, time)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
		stories: prepare(addStories(shareChunk)), shares: prepare(addShares(shareChunk)),
		settle: prepare(`
			UPDATE lines SET billed_size = ?, billed_cost = ?, billed_time = ?, said = ? WHERE id = ? AND billed_time IS NULL
			RETURNING run_id, time, size, cost`),
		totals: prepare(`
			INSERT INTO totals (quarter, run_id, requests, size, cost, open, open_size, open_cost)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (quarter, run_id) DO UPDATE SET
				requests = requests + excluded.requests, size = size + excluded.size, cost = cost + excluded.cost,
				open = open + excluded.open, open_size = open_size + excluded.open_size, open_cost = open_cost + excluded.open_cost`),
	}, errors.Join(errs...)
}

// Save records entries in one transaction, which is on the disk when it returns.
func (s *Store) Save(ctx context.Context, entries []translator.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return s.write(ctx, "save", func(ctx context.Context, tx *sql.Tx, names *nameIDs) error {
		insert := tx.StmtContext(ctx, s.prepared.entry)
		for i := range entries {
			if err := saveEntry(ctx, insert, names, &entries[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func saveEntry(ctx context.Context, insert *sql.Stmt, names *nameIDs, e *translator.Entry) error {
	signature, err := names.signature(e.Origin.Signature)
	if err != nil {
		return err
	}
	direction, err := names.direction(e.Direction)
	if err != nil {
		return err
	}
	flags, err := translator.JoinFlags(e.Flags)
	if err != nil {
		return err
	}
	_, err = insert.ExecContext(ctx, e.Key[:], signature, direction, string(e.Origin.Kind),
		e.Origin.Time.Unix(), int64(e.Checksum()), e.Source, e.Target, flags)
	return err
}
