package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
)

// versionsChunk is how many versions are read at a time, each with an article
// and a result of some 10 kB.
const versionsChunk = 200

const (
	briefColumns = `v.id, d.source, d.target, s.name, v.digest, v.path, v.priority, v.state, v.kind, v.reason, v.hint, v.submitted, v.changed`
	versionNames = ` FROM versions v JOIN directions d ON d.id = v.direction_id JOIN stories s ON s.id = v.story_id WHERE v.id = ANY ($1)`
	briefQuery   = `SELECT ` + briefColumns + versionNames
	fullQuery    = `SELECT ` + briefColumns + `, v.article, v.result` + versionNames
)

// Load returns versions with their articles and results.
func (s *Store) Load(ctx context.Context, ids []translator.VersionID) ([]translator.Version, error) {
	var all []translator.Version
	for chunk := range slices.Chunk(ids, versionsChunk) {
		found, err := s.readVersions(ctx, "load", chunk, false)
		if err != nil {
			return nil, err
		}
		for _, id := range chunk {
			if v, ok := found[id]; ok {
				all = append(all, v)
			}
		}
	}
	return all, ctx.Err()
}

// readVersions reads versions by their ids; those that do not exist are missing.
func (s *Store) readVersions(ctx context.Context, doing string, ids []translator.VersionID, brief bool) (map[translator.VersionID]translator.Version, error) {
	query, scan := fullQuery, scanFull
	if brief {
		query, scan = briefQuery, scanBrief
	}
	found := make(map[translator.VersionID]translator.Version, len(ids))
	err := s.retry(ctx, doing, false, func(ctx context.Context, _ bool) error {
		rows, err := s.pool.Query(ctx, query, ids)
		if err != nil {
			return err
		}
		versions, err := pgx.CollectRows(rows, scan)
		for _, v := range versions {
			found[v.ID] = v
		}
		return err
	})
	return found, err
}

func scanBrief(row pgx.CollectableRow) (translator.Version, error) {
	var v translator.Version
	return v, scanVersion(row, &v)
}

func scanFull(row pgx.CollectableRow) (translator.Version, error) {
	var v translator.Version
	return v, scanVersion(row, &v, &v.Article, &v.Result)
}

// scanVersion reads briefColumns and what follows them.
func scanVersion(row pgx.CollectableRow, v *translator.Version, more ...any) error {
	var from, to, story, digest, path, text, hint []byte
	var kind string
	var submitted, changed int64
	if err := row.Scan(append([]any{&v.ID, &from, &to, &story, &digest, &path, &v.Priority, &v.State, &kind, &text, &hint,
		&submitted, &changed}, more...)...); err != nil {
		return err
	}
	v.Direction = translator.Direction{From: translator.Lang(from), To: translator.Lang(to)}
	v.Story, v.Path = string(story), string(path)
	copy(v.Digest[:], digest)
	v.Reason = translator.Reason{Kind: translator.KindNamed(kind), Text: string(text), Hint: string(hint)}
	v.Submitted, v.Changed = time.UnixMicro(submitted).UTC(), time.UnixMicro(changed).UTC()
	return nil
}

const (
	// In the order of ids, so that two who change the same versions do not wait
	// for each other. A plain FOR UPDATE would wait for whoever has them join a batch.
	lockVersions = `SELECT FROM versions WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE`
	changeQuery  = `UPDATE versions SET state = $3, kind = $4, reason = $5, hint = $6, changed = $7, result = coalesce($8, result)
		WHERE id = $1 AND state = ANY ($2) RETURNING id`
)

// Change makes changes in one transaction and one round trip, besides its
// beginning and its end. Should the connection be lost while it is committed,
// its error says that it may have been: one who calls it again finds out.
func (s *Store) Change(ctx context.Context, changes []translator.Change, also func(context.Context, pgx.Tx, []translator.VersionID) error) ([]translator.VersionID, error) {
	var changed []translator.VersionID
	err := s.transact(ctx, "change", len(changes), false, func(ctx context.Context, tx pgx.Tx) error {
		changed = nil
		b := &pgx.Batch{}
		b.Queue(lockVersions, idsOf(changes))
		for i := range changes {
			b.Queue(changeQuery, changeArgs(&changes[i])...).Query(func(rows pgx.Rows) error {
				ids, err := pgx.CollectRows(rows, pgx.RowTo[translator.VersionID])
				changed = append(changed, ids...)
				return err
			})
		}
		if err := tx.SendBatch(ctx, b).Close(); err != nil || also == nil {
			return err
		}
		return also(ctx, tx, changed)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

func idsOf(changes []translator.Change) []translator.VersionID {
	ids := make([]translator.VersionID, len(changes))
	for i := range changes {
		ids[i] = changes[i].ID
	}
	return ids
}

func changeArgs(c *translator.Change) []any {
	from := make([]string, len(c.From))
	for i, state := range c.From {
		from[i] = string(state)
	}
	return []any{c.ID, from, string(c.To), c.Reason.KindWords(), []byte(c.Reason.Text), []byte(c.Reason.Hint), c.Time.UnixMicro(), c.Result}
}
