package postgres

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
)

// Versions reads the ids of all that is picked at once, 8 bytes each, and the
// versions in chunks. Between chunks it holds no transaction, as Entries. One
// that is in another state by then than the selection wants is left out.
func (s *Store) Versions(ctx context.Context, selection translator.Selection) iter.Seq2[translator.Version, error] {
	return func(yield func(translator.Version, error) bool) {
		ids, err := s.pick(ctx, selection)
		for chunk := range slices.Chunk(ids, versionsChunk) {
			var found map[translator.VersionID]translator.Version
			if found, err = s.readVersions(ctx, "list", chunk, selection.Brief); err != nil {
				break
			}
			for _, id := range chunk {
				v, ok := found[id]
				if ok && selection.Wants(v.State) && !yield(v, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(translator.Version{}, s.fail(ctx, "list", err))
		}
	}
}

func (s *Store) pick(ctx context.Context, selection translator.Selection) ([]translator.VersionID, error) {
	p := pickedBy(selection)
	return whole(ctx, s, "SELECT v.id"+p.from+" ORDER BY "+p.order, p.args, pgx.RowTo[translator.VersionID])
}

// A picked is what of a query a selection decides: the versions as v.
type picked struct {
	from, order string
	args        []any
}

// arg adds an argument and returns its place.
func (p *picked) arg(a any) string {
	p.args = append(p.args, a)
	return fmt.Sprintf("$%d", len(p.args))
}

func pickedBy(selection translator.Selection) *picked {
	p := &picked{}
	var narrow strings.Builder
	if d := selection.Direction; d != (translator.Direction{}) {
		fmt.Fprintf(&narrow, " AND v.direction_id = (SELECT id FROM directions WHERE source = %s AND target = %s)",
			p.arg([]byte(d.From)), p.arg([]byte(d.To)))
	}
	if selection.Story != "" {
		fmt.Fprintf(&narrow, " AND v.story_id = (SELECT id FROM stories WHERE sha256(name) = sha256(%s))", p.arg([]byte(selection.Story)))
	}
	such := p.such(selection)
	switch {
	case selection.Batch != "":
		p.from = ` FROM submissions b JOIN versions v ON v.id = b.version_id
			WHERE b.batch_id = (SELECT id FROM batches WHERE sha256(name) = sha256(` + p.arg([]byte(selection.Batch)) + `))` + narrow.String()
		p.order = "b.id"
	case selection.All:
		p.from, p.order = " FROM versions v WHERE true"+narrow.String(), "v.id"
	default:
		if len(selection.States) > 0 { // of a few stories, as a rule: all others need not be looked at
			narrow.WriteString(" AND (v.direction_id, v.story_id) IN (SELECT v.direction_id, v.story_id FROM versions v WHERE true" + such + ")")
		}
		// The order in which stories came first is that of their first versions' ids.
		p.from = ` FROM (SELECT min(v.id) AS first, coalesce(max(v.latest) FILTER (WHERE v.state <> 'cancelled'), max(v.latest)) AS latest
			FROM versions v WHERE true` + narrow.String() + ` GROUP BY v.direction_id, v.story_id) n JOIN versions v ON v.latest = n.latest WHERE true`
		p.order = "n.first"
	}
	p.from += such
	return p
}

// such returns the condition that a version is in one of a selection's states,
// since its time.
func (p *picked) such(selection translator.Selection) (condition string) {
	if len(selection.States) > 0 {
		states := make([]string, len(selection.States))
		for i, state := range selection.States {
			states[i] = string(state)
		}
		condition = " AND v.state = ANY (" + p.arg(states) + ")"
	}
	if !selection.Since.IsZero() {
		condition += " AND v.changed >= " + p.arg(selection.Since.UnixMicro())
	}
	return condition
}

// Tally counts versions.
func (s *Store) Tally(ctx context.Context, selection translator.Selection) ([]translator.VersionTally, error) {
	p := pickedBy(selection)
	tallies, err := whole(ctx, s, `SELECT d.source, d.target, c.state, c.versions, c.oldest FROM (
		SELECT v.direction_id, v.state, count(*) AS versions, min(v.submitted) AS oldest`+p.from+`
		GROUP BY v.direction_id, v.state) c JOIN directions d ON d.id = c.direction_id`, p.args, func(row pgx.CollectableRow) (translator.VersionTally, error) {
		var from, to []byte
		var t translator.VersionTally
		var oldest int64
		err := row.Scan(&from, &to, &t.State, &t.Versions, &oldest)
		t.Direction, t.Oldest = translator.Direction{From: translator.Lang(from), To: translator.Lang(to)}, time.UnixMicro(oldest).UTC()
		return t, err
	})
	slices.SortFunc(tallies, translator.VersionTally.Compare)
	return tallies, s.fail(ctx, "count", err)
}

// Batches returns all batches.
func (s *Store) Batches(ctx context.Context) ([]translator.Batch, error) {
	batches, err := whole(ctx, s, `SELECT b.name, b.submitted, (SELECT count(*) FROM submissions WHERE batch_id = b.id)
		FROM batches b ORDER BY b.id DESC`, nil, func(row pgx.CollectableRow) (translator.Batch, error) {
		var name []byte
		var b translator.Batch
		var submitted int64
		err := row.Scan(&name, &submitted, &b.Versions)
		b.Name, b.Submitted = string(name), time.UnixMicro(submitted).UTC()
		return b, err
	})
	return batches, s.fail(ctx, "list", err)
}
