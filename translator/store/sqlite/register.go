package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"dragoman/translator"
)

// registerStatements are what a submission or a job's end writes, prepared on the writer.
type registerStatements struct {
	find, read, brief, newest  *sql.Stmt
	story, version, heal       *sql.Stmt
	earlier                    *sql.Stmt
	article, result, noResult  *sql.Stmt
	state, join, batch, joined *sql.Stmt
}

const (
	findVersion = `SELECT ` + fullColumns + ` FROM stories s
		JOIN versions v ON v.story_id = s.id AND v.direction_id = ? AND v.digest = ?
		LEFT JOIN directions d ON d.id = v.direction_id
		LEFT JOIN articles a ON a.version_id = v.id LEFT JOIN results r ON r.version_id = v.id WHERE s.name = ?`
	readVersion  = `SELECT ` + fullColumns + fullTables + ` WHERE v.id = ?`
	briefVersion = `SELECT ` + briefColumns + versionTables + ` WHERE v.id = ?`
	// What a submission gives a version so that it is the newest: of all, and of its story.
	nextLatest   = `SELECT coalesce(max(latest), 0) + 1 FROM versions`
	newestOfName = `SELECT max(o.latest) FROM versions v
		JOIN versions o ON o.direction_id = v.direction_id AND o.story_id = v.story_id WHERE v.id = ?`
	// Without the sum it would be looked for from the end of the table.
	earlierOfName = `SELECT coalesce(max(id + 0), 0) FROM versions WHERE story_id = (SELECT id FROM stories WHERE name = ?) AND direction_id = ?`
)

func prepareRegister(ctx context.Context, writer *sql.DB) (registerStatements, error) {
	var errs []error
	prepare := func(query string) *sql.Stmt {
		stmt, err := writer.PrepareContext(ctx, query)
		errs = append(errs, err)
		return stmt
	}
	return registerStatements{
		find: prepare(findVersion), read: prepare(readVersion), brief: prepare(briefVersion), newest: prepare(newestOfName),
		earlier: prepare(earlierOfName),
		story:   prepare(addStories(1)),
		version: prepare(`
			INSERT INTO versions (direction_id, story_id, digest, path, priority, submitted, article_sum, checksum,
				state, kind, reason, hint, changed, latest, state_sum)
			SELECT ?, id, ?, ?, ?, ?, ?, ?, '', '', '', '', 0, ?, 0 FROM stories WHERE name = ? RETURNING id`),
		heal: prepare(`
			UPDATE versions SET path = ?, priority = ?, submitted = ?, article_sum = ?, checksum = ? WHERE id = ?`),
		article: prepare(`INSERT OR REPLACE INTO articles (version_id, content) VALUES (?, ?)`),
		result:  prepare(`INSERT OR REPLACE INTO results (version_id, content) VALUES (?, ?)`), noResult: prepare(`DELETE FROM results WHERE version_id = ?`),
		state: prepare(`
			UPDATE versions SET state = ?, kind = ?, reason = ?, hint = ?, changed = ?, latest = ?, result_sum = ?, state_sum = ?
			WHERE id = ?`),
		batch:  prepare(`INSERT INTO batches (name, submitted) VALUES (?, ?) ON CONFLICT DO NOTHING`),
		joined: prepare(`SELECT id FROM batches WHERE name = ?`),
		join:   prepare(`INSERT INTO submissions (batch_id, version_id) VALUES (?, ?) ON CONFLICT DO NOTHING`),
	}, errors.Join(errs...)
}

// Submit puts versions into a batch in one transaction. One that is damaged
// counts as new, and is written again with the id it has.
func (s *Store) Submit(ctx context.Context, batch string, versions []translator.Version,
	also func(context.Context, *sql.Tx, []translator.Version) error) ([]translator.Version, error) {
	if batch == "" {
		return nil, invalid(s.path, "give the batch a name", errors.New("a batch has no name"))
	}
	if len(versions) == 0 {
		return nil, nil
	}
	callers := context.WithoutCancel(ctx)
	var all []translator.Version
	err := s.write(ctx, "submit", func(ctx context.Context, tx *sql.Tx, ids *nameIDs) error {
		all = nil
		submission := submission{store: s, tx: tx, names: ids}
		if err := submission.begin(ctx, batch, versions[0]); err != nil {
			return err
		}
		var added []translator.Version
		for i := range versions {
			version, isNew, err := submission.submit(ctx, &versions[i])
			if err != nil {
				return err
			}
			all = append(all, version)
			if isNew {
				added = append(added, version)
			}
		}
		if also == nil || len(added) == 0 {
			return nil
		}
		return also(callers, tx, added)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
