package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
)

// submitChunk is how many versions one statement writes, each with an article
// of some 10 kB.
const submitChunk = 1000

// Submit puts versions into a batch in one transaction, a thousand in one
// round trip. Submissions come one after the other: two of the same stories in
// another order would wait for each other.
func (s *Store) Submit(ctx context.Context, batch string, versions []translator.Version,
	also func(context.Context, pgx.Tx, []translator.Version) error) ([]translator.Version, error) {
	if batch == "" {
		return nil, invalid(s.place, "give the batch a name", errors.New("a batch has no name"))
	}
	if len(versions) == 0 {
		return nil, ctx.Err()
	}
	if err := s.ensureDirections(ctx, versions); err != nil {
		return nil, err
	}
	var all []translator.Version
	err := s.transact(ctx, "submit", len(versions), true, func(ctx context.Context, tx pgx.Tx) error {
		all = nil
		var added []translator.Version
		for chunk := range slices.Chunk(versions, submitChunk) {
			there, isNew, err := s.submit(ctx, tx, batch, versions[0], chunk)
			if err != nil {
				return err
			}
			for _, v := range there {
				if isNew[v.ID] {
					added = append(added, v)
					delete(isNew, v.ID) // should it be submitted twice
				}
			}
			all = append(all, there...)
		}
		if also == nil || len(added) == 0 {
			return nil
		}
		return also(ctx, tx, added)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// ensureDirections sees that directions have ids. It must not be done within a
// transaction: it takes another connection.
func (s *Store) ensureDirections(ctx context.Context, versions []translator.Version) error {
	var directions []name
	for i := range versions {
		directions = append(directions, directionName(versions[i].Direction))
	}
	return s.retry(ctx, "submit", true, func(ctx context.Context, _ bool) error {
		return s.names.ensure(ctx, s.pool, directions...)
	})
}

// given are the names of versions as rows x. Materialized, because a plan that
// begins with versions, in tables without statistics, compares each with each.
const given = `WITH x AS MATERIALIZED (
		SELECT x.direction_id, s.id AS story_id, x.digest, x.place
		FROM unnest($1::integer[], $2::bytea[], $3::bytea[]) WITH ORDINALITY AS x (direction_id, story, digest, place)
			JOIN stories s ON sha256(s.name) = sha256(x.story)
	) `

// found joins the versions v that are there.
const found = ` x JOIN versions v ON v.story_id = x.story_id AND v.direction_id = x.direction_id AND v.digest = x.digest `

const (
	lockSubmit      = `SELECT pg_advisory_xact_lock($1)`
	batchQuery      = `INSERT INTO batches (name, submitted) SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM batches WHERE sha256(name) = sha256($1))`
	newStoriesQuery = `INSERT INTO stories (name) SELECT DISTINCT n FROM unnest($1::bytea[]) n
		WHERE NOT EXISTS (SELECT FROM stories WHERE sha256(name) = sha256(n)) ORDER BY n ON CONFLICT DO NOTHING`
	addQuery = given + `INSERT INTO versions (direction_id, story_id, digest, path, priority, article, submitted, changed, state, kind, reason, hint)
		SELECT x.direction_id, x.story_id, x.digest, y.path, y.priority, y.article, y.submitted, y.submitted, 'waiting', '', '', ''
		FROM x JOIN unnest($4::bytea[], $5::integer[], $6::bytea[], $7::bigint[]) WITH ORDINALITY AS y (path, priority, article, submitted, place) USING (place)
		ORDER BY place ON CONFLICT DO NOTHING RETURNING id`
	joinQuery = given + `INSERT INTO submissions (batch_id, version_id)
		SELECT (SELECT id FROM batches WHERE sha256(name) = sha256($4)), v.id FROM ` + found + `
		GROUP BY v.id ORDER BY min(x.place) ON CONFLICT DO NOTHING`
	// Of each story, the version that comes last here is made the newest, unless
	// it is: a night that is submitted twice writes nothing the second time.
	renewQuery = given + `UPDATE versions v SET latest = nextval('submitted') FROM (
			SELECT DISTINCT ON (v.direction_id, v.story_id) v.id FROM ` + found + ` ORDER BY v.direction_id, v.story_id, x.place DESC
		) n WHERE v.id = n.id AND v.latest < (SELECT max(latest) FROM versions o WHERE o.direction_id = v.direction_id AND o.story_id = v.story_id)`
	// Without the sum the earlier one would be looked for from the end of the table.
	thereQuery = given + `SELECT ` + briefColumns + `, (SELECT coalesce(max(o.id + 0), 0) FROM versions o
			WHERE o.story_id = v.story_id AND o.direction_id = v.direction_id AND o.id < v.id)
		FROM ` + found + `
		JOIN directions d ON d.id = v.direction_id JOIN stories s ON s.id = v.story_id ORDER BY x.place`
)

// submit writes those of some versions that are new, and has all join the
// batch. It returns them as they are now, and which are new.
func (s *Store) submit(ctx context.Context, tx pgx.Tx, batch string, first translator.Version, versions []translator.Version) (
	there []translator.Version, isNew map[translator.VersionID]bool, err error) {
	c := s.submitColumns(versions)
	isNew = map[translator.VersionID]bool{}
	b := &pgx.Batch{}
	b.Queue(lockSubmit, int64(submitLock))
	b.Queue(batchQuery, []byte(batch), first.Submitted.UnixMicro())
	b.Queue(newStoriesQuery, c.stories)
	b.Queue(addQuery, c.directions, c.stories, c.digests, c.paths, c.priorities, c.articles, c.submitted).Query(func(rows pgx.Rows) error {
		ids, err := pgx.CollectRows(rows, pgx.RowTo[translator.VersionID])
		for _, id := range ids {
			isNew[id] = true
		}
		return err
	})
	b.Queue(joinQuery, c.directions, c.stories, c.digests, []byte(batch))
	b.Queue(renewQuery, c.directions, c.stories, c.digests)
	b.Queue(thereQuery, c.directions, c.stories, c.digests).Query(func(rows pgx.Rows) error {
		there, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (translator.Version, error) {
			var v translator.Version
			var earlier translator.VersionID
			err := scanVersion(row, &v, &earlier)
			if isNew[v.ID] {
				v.Earlier = earlier
			}
			return v, err
		})
		return err
	})
	return there, isNew, tx.SendBatch(ctx, b).Close()
}

// submitColumns are versions turned on their side.
type submitColumns struct {
	directions, priorities            []int32
	stories, digests, paths, articles [][]byte
	submitted                         []int64
}

func (s *Store) submitColumns(versions []translator.Version) submitColumns {
	var c submitColumns
	for i := range versions {
		v := &versions[i]
		c.directions = append(c.directions, s.names.id(directionName(v.Direction)))
		c.priorities = append(c.priorities, int32(v.Priority))
		c.stories, c.digests = append(c.stories, []byte(v.Story)), append(c.digests, v.Digest[:])
		c.paths, c.articles = append(c.paths, []byte(v.Path)), append(c.articles, notNil(v.Article))
		c.submitted = append(c.submitted, v.Submitted.UnixMicro())
	}
	return c
}

// notNil returns content that is not NULL in a column.
func notNil(content []byte) []byte {
	if content == nil {
		return []byte{}
	}
	return content
}
