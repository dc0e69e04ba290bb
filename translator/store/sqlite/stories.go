package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"dragoman/translator"
)

// Versions reads the ids of all that is picked at once, 8 bytes each, and the
// versions in chunks. Between chunks it holds no transaction, as Entries. One
// that is in another state by then than the selection wants is left out.
func (s *Store) Versions(ctx context.Context, selection translator.Selection) iter.Seq2[translator.Version, error] {
	return func(yield func(translator.Version, error) bool) {
		ids, err := s.pick(ctx, selection)
		if err != nil {
			yield(translator.Version{}, s.fail(ctx, "list", err))
			return
		}
		for chunk := range slices.Chunk(ids, versionsChunk) {
			if err := s.yieldVersions(ctx, selection, chunk, yield); err != nil {
				if err != errStopped {
					yield(translator.Version{}, s.fail(ctx, "list", err))
				}
				return
			}
		}
	}
}

func (s *Store) yieldVersions(ctx context.Context, selection translator.Selection, ids []translator.VersionID, yield func(translator.Version, error) bool) error {
	found, err := s.readVersions(ctx, ids, selection.Brief)
	if err != nil {
		return err
	}
	for _, id := range ids {
		r, ok := found[id]
		if !ok { // no version ever goes
			return invalid(s.path, remedies[sqlite3.SQLITE_CORRUPT].hint, fmt.Errorf("version %d is gone", id))
		}
		if !r.damaged() && !selection.Wants(r.version.State) {
			continue
		}
		if !yield(s.show(&r), nil) {
			return errStopped
		}
	}
	return nil
}

func (s *Store) pick(ctx context.Context, selection translator.Selection) ([]translator.VersionID, error) {
	picked := pickedBy(selection)
	rows, err := s.readers.QueryContext(ctx, "SELECT v.id"+picked.from+" ORDER BY "+picked.order, picked.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []translator.VersionID
	for rows.Next() {
		var id translator.VersionID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// A picked is what of a query a selection decides: the versions as v.
type picked struct {
	from, order string
	args        []any
}

const (
	ofDirection = " AND v.direction_id = (SELECT id FROM directions WHERE source = ? AND target = ?)"
	ofStory     = " AND v.story_id = (SELECT id FROM stories WHERE name = ?)"
	ofBatch     = ` FROM submissions b JOIN versions v ON v.id = b.version_id
		WHERE b.batch_id = (SELECT id FROM batches WHERE name = ?)`
	// The order in which stories came first is that of their first versions' ids.
	// Left to itself, SQLite would look for each among all of its state.
	ofStories = ` FROM (SELECT min(v.id) AS first, coalesce(max(v.latest) FILTER (WHERE v.state <> 'cancelled'), max(v.latest)) AS latest
		FROM versions v WHERE true%s GROUP BY v.story_id, v.direction_id) n JOIN versions v INDEXED BY versions_latest ON v.latest = n.latest WHERE true`
	ofSuch = " AND (v.story_id, v.direction_id) IN (SELECT v.story_id, v.direction_id FROM versions v WHERE true%s)"
)

func pickedBy(selection translator.Selection) picked {
	var narrow string
	var args []any
	if selection.Direction != (translator.Direction{}) {
		narrow += ofDirection
		args = append(args, string(selection.Direction.From), string(selection.Direction.To))
	}
	if selection.Story != "" {
		narrow += ofStory
		args = append(args, selection.Story)
	}
	such, suchArgs := suchAs(selection)
	switch {
	case selection.Batch != "":
		return picked{ofBatch + narrow + such, "b.id", slices.Concat([]any{selection.Batch}, args, suchArgs)}
	case selection.All:
		return picked{" FROM versions v WHERE true" + narrow + such, "v.id", append(args, suchArgs...)}
	}
	if len(selection.States) > 0 { // of a few stories, as a rule: all others need not be looked at
		narrow += fmt.Sprintf(ofSuch, such)
		args = append(args, suchArgs...)
	}
	return picked{fmt.Sprintf(ofStories, narrow) + such, "n.first", append(args, suchArgs...)}
}

// suchAs returns the condition that a version is in one of a selection's
// states, since its time.
func suchAs(selection translator.Selection) (condition string, args []any) {
	if len(selection.States) > 0 {
		condition = " AND v.state IN (?" + strings.Repeat(",?", len(selection.States)-1) + ")"
		for _, state := range selection.States {
			args = append(args, string(state))
		}
	}
	if !selection.Since.IsZero() {
		condition += " AND v.changed >= ?"
		args = append(args, selection.Since.UnixMicro())
	}
	return condition, args
}

// Tally counts versions. It reads no checksums: a damaged one counts in the
// state that the file says.
func (s *Store) Tally(ctx context.Context, selection translator.Selection) ([]translator.VersionTally, error) {
	picked := pickedBy(selection)
	counted := `SELECT d.source, d.target, c.state, c.versions, c.oldest FROM (
		SELECT v.direction_id, v.state, count(*) AS versions, min(v.submitted) AS oldest` + picked.from + `
		GROUP BY v.direction_id, v.state) c JOIN directions d ON d.id = c.direction_id`
	tallies, err := readTallies(s.readers.QueryContext(ctx, counted, picked.args...))
	slices.SortFunc(tallies, translator.VersionTally.Compare)
	return tallies, s.fail(ctx, "count", err)
}

func readTallies(rows *sql.Rows, err error) ([]translator.VersionTally, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tallies []translator.VersionTally
	for rows.Next() {
		var tally translator.VersionTally
		var oldest int64
		if err := rows.Scan(&tally.Direction.From, &tally.Direction.To, &tally.State, &tally.Versions, &oldest); err != nil {
			return nil, err
		}
		tally.Oldest = time.UnixMicro(oldest).UTC()
		tallies = append(tallies, tally)
	}
	return tallies, rows.Err()
}

// Batches returns all batches.
func (s *Store) Batches(ctx context.Context) ([]translator.Batch, error) {
	const query = `SELECT b.name, b.submitted, (SELECT count(*) FROM submissions WHERE batch_id = b.id)
		FROM batches b ORDER BY b.id DESC`
	batches, err := readBatches(s.readers.QueryContext(ctx, query))
	return batches, s.fail(ctx, "list", err)
}

func readBatches(rows *sql.Rows, err error) ([]translator.Batch, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var batches []translator.Batch
	for rows.Next() {
		var b translator.Batch
		var submitted int64
		if err := rows.Scan(&b.Name, &submitted, &b.Versions); err != nil {
			return nil, err
		}
		b.Submitted = time.UnixMicro(submitted).UTC()
		batches = append(batches, b)
	}
	return batches, rows.Err()
}
