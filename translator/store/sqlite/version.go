package sqlite

import (
	"database/sql"
	"fmt"
	"time"

	"dragoman/translator"
)

// A versionRow is a row of versions, with article and result where they were read.
type versionRow struct {
	version    translator.Version
	articleSum int64
	checksum   int64
	latest     int64
	resultSum  sql.NullInt64
	stateSum   int64
	damage     damage
}

// damage says what of a version is no longer as it was written.
type damage struct{ submitted, state bool }

// briefColumns and fullColumns are what scanVersion reads, from versionTables
// and fullTables.
const (
	briefColumns = `v.id, coalesce(d.source, ''), coalesce(d.target, ''), coalesce(s.name, ''), v.digest, v.path, v.priority, v.submitted, v.article_sum, v.checksum,
		v.state, v.kind, v.reason, v.hint, v.changed, v.latest, v.result_sum, v.state_sum`
	versionTables = ` FROM versions v LEFT JOIN directions d ON d.id = v.direction_id LEFT JOIN stories s ON s.id = v.story_id`
	fullColumns   = briefColumns + `, a.content, r.content`
	fullTables    = versionTables + ` LEFT JOIN articles a ON a.version_id = v.id LEFT JOIN results r ON r.version_id = v.id`
)

// scanVersion reads a row and finds its damage. A column of the wrong type,
// which only damage can make, is no error of the query.
func scanVersion(scan func(...any) error, brief bool) (versionRow, error) {
	var r versionRow
	var digest []byte
	var kind string
	var submitted, changed int64
	var article, result sql.Null[[]byte]
	v := &r.version
	dest := []any{&v.ID, &v.Direction.From, &v.Direction.To, &v.Story, &digest, &v.Path, &v.Priority, &submitted, &r.articleSum, &r.checksum,
		&v.State, &kind, &v.Reason.Text, &v.Reason.Hint, &changed, &r.latest, &r.resultSum, &r.stateSum}
	if !brief {
		dest = append(dest, &article, &result)
	}
	if err := scan(dest...); err != nil {
		if v.ID == 0 { // the first column: there is no row, or none that can be named
			return r, err
		}
		r.damage = damage{submitted: true, state: true}
		return r, nil
	}
	copy(v.Digest[:], digest)
	v.Reason.Kind = translator.KindNamed(kind)
	v.Submitted, v.Changed = time.UnixMicro(submitted).UTC(), time.UnixMicro(changed).UTC()
	r.damage.submitted = len(digest) != len(v.Digest) || submittedSum(&r) != r.checksum
	r.damage.state = stateSum(&r) != r.stateSum
	if !brief {
		v.Article, v.Result = content(article), content(result)
		r.damage.submitted = r.damage.submitted || !article.Valid || contentSum(v.Article) != r.articleSum
		r.damage.state = r.damage.state || result.Valid != r.resultSum.Valid || result.Valid && contentSum(v.Result) != r.resultSum.Int64
	}
	return r, nil
}

// content returns what a column holds, nil only for NULL.
func content(column sql.Null[[]byte]) []byte {
	if column.Valid && column.V == nil {
		return []byte{}
	}
	return column.V
}

func (r *versionRow) damaged() bool { return r.damage != damage{} }

func contentSum(content []byte) int64 {
	var sum translator.Checksum
	sum.Bytes(content)
	return int64(sum)
}

// submittedSum covers what Submit wrote of a version and nothing changes.
func submittedSum(r *versionRow) int64 {
	var sum translator.Checksum
	v := &r.version
	sum.Text(string(v.Direction.From))
	sum.Text(string(v.Direction.To))
	sum.Text(v.Story)
	sum.Bytes(v.Digest[:])
	sum.Text(v.Path)
	sum.Number(int64(v.Priority))
	sum.Number(v.Submitted.UnixMicro())
	sum.Number(r.articleSum)
	return int64(sum)
}

// stateSum covers what became of a version. Its id is in it, so that what
// became of another is not taken for it.
func stateSum(r *versionRow) int64 {
	var sum translator.Checksum
	v := &r.version
	sum.Number(int64(v.ID))
	sum.Text(string(v.State))
	sum.Text(v.Reason.KindWords())
	sum.Text(v.Reason.Text)
	sum.Text(v.Reason.Hint)
	sum.Number(v.Changed.UnixMicro())
	sum.Number(r.latest)
	if r.resultSum.Valid {
		sum.Number(r.resultSum.Int64)
	}
	return int64(sum)
}

// show returns a version as callers see it. A damaged one is a failed one: its
// text may be another than was paid for. One that a person then cancelled is
// done with, though what was submitted is damaged for good.
func (s *Store) show(r *versionRow) translator.Version {
	v := r.version
	if !r.damaged() {
		return v
	}
	if s.broken != nil {
		s.broken(v.ID)
	}
	v.Article, v.Result = nil, nil
	if !r.damage.state && v.State == translator.StateCancelled {
		return v
	}
	hint := fmt.Sprintf("dragoman retry %d", v.ID)
	if r.damage.submitted {
		hint = fmt.Sprintf("submit the story again, and then dragoman cancel %d if it is still there", v.ID)
	}
	err := invalid(s.path, hint, fmt.Errorf("version %d of story %q is damaged in the file", v.ID, v.Story))
	v.State = translator.StateFailed
	v.Reason = translator.Reason{Kind: translator.Invalid, Text: err.Error(), Hint: hint}
	return v
}

// notNil returns content that is not NULL in a column.
func notNil(content []byte) []byte {
	if content == nil {
		return []byte{}
	}
	return content
}
