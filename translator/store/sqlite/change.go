package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"dragoman/translator"
)

// versionsChunk is how many versions are read at a time, each with an article
// and a result of some 10 kB.
const versionsChunk = 100

// Load returns versions with their articles and results.
func (s *Store) Load(ctx context.Context, ids []translator.VersionID) ([]translator.Version, error) {
	var all []translator.Version
	for chunk := range slices.Chunk(ids, versionsChunk) {
		found, err := s.readVersions(ctx, chunk, false)
		if err != nil {
			return nil, s.fail(ctx, "load", err)
		}
		for _, id := range chunk {
			if v, ok := found[id]; ok {
				all = append(all, s.show(&v))
			}
		}
	}
	return all, nil
}

func versionsQuery(n int, brief bool) string {
	columns, tables := fullColumns, fullTables
	if brief {
		columns, tables = briefColumns, versionTables
	}
	return "SELECT " + columns + tables + " WHERE v.id IN (?" + strings.Repeat(",?", n-1) + ")"
}

// readVersions reads rows by their ids; those that do not exist are missing.
func (s *Store) readVersions(ctx context.Context, ids []translator.VersionID, brief bool) (map[translator.VersionID]versionRow, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = int64(id)
	}
	rows, err := s.readers.QueryContext(ctx, versionsQuery(len(ids), brief), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[translator.VersionID]versionRow, len(ids))
	for rows.Next() {
		r, err := scanVersion(rows.Scan, brief)
		if err != nil {
			return nil, err
		}
		found[r.version.ID] = r
	}
	return found, rows.Err()
}

// Change makes changes in one transaction. A damaged version may be changed as
// one that failed, and has no result from then on but the change's.
func (s *Store) Change(ctx context.Context, changes []translator.Change, also func(context.Context, *sql.Tx, []translator.VersionID) error) ([]translator.VersionID, error) {
	callers := context.WithoutCancel(ctx)
	var changed []translator.VersionID
	err := s.write(ctx, "change", func(ctx context.Context, tx *sql.Tx, _ *nameIDs) error {
		changed = nil
		for i := range changes {
			did, err := s.change(ctx, tx, &changes[i])
			if err != nil {
				return err
			}
			if did {
				changed = append(changed, changes[i].ID)
			}
		}
		if also == nil {
			return nil
		}
		return also(callers, tx, changed)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

func (s *Store) change(ctx context.Context, tx *sql.Tx, c *translator.Change) (did bool, err error) {
	r, err := s.toChange(ctx, tx, c)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	was := r.version.State
	if r.damaged() {
		was = translator.StateFailed
	}
	if !slices.Contains(c.From, was) {
		return false, nil
	}
	if err := s.changeResult(ctx, tx, &r, c.Result); err != nil {
		return false, err
	}
	r.version.State, r.version.Reason, r.version.Changed = c.To, c.Reason, toMicrosecond(c.Time)
	return true, s.writeState(ctx, tx, &r)
}

// toChange reads the row that a change is of. Article and result are read and
// looked at only where their damage matters: where it makes another state of
// the version's, or where the result is to stay.
func (s *Store) toChange(ctx context.Context, tx *sql.Tx, c *translator.Change) (versionRow, error) {
	r, err := scanVersion(tx.StmtContext(ctx, s.register.brief).QueryRowContext(ctx, int64(c.ID)).Scan, true)
	if err != nil || slices.Contains(c.From, r.version.State) && (c.Result != nil || !r.resultSum.Valid) {
		return r, err
	}
	return scanVersion(tx.StmtContext(ctx, s.register.read).QueryRowContext(ctx, int64(c.ID)).Scan, false)
}

// changeResult writes a new result, or takes away one that may be damaged.
func (s *Store) changeResult(ctx context.Context, tx *sql.Tx, r *versionRow, result []byte) error {
	id := int64(r.version.ID)
	if result != nil {
		r.resultSum = sql.NullInt64{Int64: contentSum(result), Valid: true}
		_, err := tx.StmtContext(ctx, s.register.result).ExecContext(ctx, id, notNil(result))
		return err
	}
	if !r.damaged() {
		return nil
	}
	r.resultSum = sql.NullInt64{}
	_, err := tx.StmtContext(ctx, s.register.noResult).ExecContext(ctx, id)
	return err
}

// writeState writes what became of a version.
func (s *Store) writeState(ctx context.Context, tx *sql.Tx, r *versionRow) error {
	v := &r.version
	_, err := tx.StmtContext(ctx, s.register.state).ExecContext(ctx, string(v.State), v.Reason.KindWords(), v.Reason.Text, v.Reason.Hint,
		v.Changed.UnixMicro(), r.latest, r.resultSum, stateSum(r), int64(v.ID))
	return err
}
