package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dragoman/translator"
)

// A submission is one Submit within its transaction.
type submission struct {
	store  *Store
	tx     *sql.Tx
	names  *nameIDs
	batch  int64
	latest int64 // the next one
}

func (b *submission) begin(ctx context.Context, batch string, first translator.Version) error {
	if _, err := b.stmt(ctx, b.store.register.batch).ExecContext(ctx, batch, first.Submitted.UnixMicro()); err != nil {
		return err
	}
	if err := b.stmt(ctx, b.store.register.joined).QueryRowContext(ctx, batch).Scan(&b.batch); err != nil {
		return err
	}
	return b.tx.QueryRowContext(ctx, nextLatest).Scan(&b.latest)
}

func (b *submission) stmt(ctx context.Context, s *sql.Stmt) *sql.Stmt {
	return b.tx.StmtContext(ctx, s)
}

// submit writes a version unless it is there, and has it join the batch.
func (b *submission) submit(ctx context.Context, given *translator.Version) (v translator.Version, isNew bool, err error) {
	direction, err := b.names.direction(given.Direction)
	if err != nil {
		return v, false, err
	}
	r, err := scanVersion(b.stmt(ctx, b.store.register.find).QueryRowContext(ctx, direction, given.Digest[:], given.Story).Scan, false)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		r, isNew, err = b.rowOf(given), true, nil
		err = b.add(ctx, direction, &r)
	case err == nil && r.damaged():
		id := r.version.ID
		r, isNew = b.rowOf(given), true
		r.version.ID = id
		err = b.heal(ctx, &r)
	case err == nil:
		err = b.renew(ctx, &r)
	}
	if err != nil {
		return v, false, err
	}
	_, err = b.stmt(ctx, b.store.register.join).ExecContext(ctx, b.batch, int64(r.version.ID))
	r.version.Article, r.version.Result = nil, nil
	return r.version, isNew, err
}

// rowOf returns the row of a new version, without its id.
func (b *submission) rowOf(given *translator.Version) versionRow {
	r := versionRow{version: *given, articleSum: contentSum(given.Article), latest: b.latest}
	b.latest++
	v := &r.version
	v.Submitted = toMicrosecond(given.Submitted)
	v.State, v.Reason, v.Result, v.Changed, v.Earlier = translator.Waiting, translator.Reason{}, nil, v.Submitted, 0
	r.checksum = submittedSum(&r)
	return r
}

// toMicrosecond returns a time as it will be read.
func toMicrosecond(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// add writes a new version and gives it its id.
func (b *submission) add(ctx context.Context, direction int64, r *versionRow) error {
	v, register := &r.version, &b.store.register
	if err := b.stmt(ctx, register.earlier).QueryRowContext(ctx, v.Story, direction).Scan(&v.Earlier); err != nil {
		return err
	}
	if _, err := b.stmt(ctx, register.story).ExecContext(ctx, v.Story); err != nil {
		return err
	}
	err := b.stmt(ctx, register.version).QueryRowContext(ctx, direction, v.Digest[:], v.Path, v.Priority,
		v.Submitted.UnixMicro(), r.articleSum, r.checksum, r.latest, v.Story).Scan(&v.ID)
	if err != nil {
		return err
	}
	return b.writeArticle(ctx, r)
}

// heal writes a damaged version again. What names it stays: that it was found by.
func (b *submission) heal(ctx context.Context, r *versionRow) error {
	v, register := &r.version, &b.store.register
	_, err1 := b.stmt(ctx, register.heal).ExecContext(ctx, v.Path, v.Priority, v.Submitted.UnixMicro(), r.articleSum, r.checksum, int64(v.ID))
	_, err2 := b.stmt(ctx, register.noResult).ExecContext(ctx, int64(v.ID))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	return b.writeArticle(ctx, r)
}

func (b *submission) writeArticle(ctx context.Context, r *versionRow) error {
	article := notNil(r.version.Article)
	if _, err := b.stmt(ctx, b.store.register.article).ExecContext(ctx, int64(r.version.ID), article); err != nil {
		return err
	}
	return b.store.writeState(ctx, b.tx, r)
}

// renew makes a known version the newest of its story, if it is not: a night
// that is submitted twice writes nothing the second time.
func (b *submission) renew(ctx context.Context, r *versionRow) error {
	var newest int64
	err := b.stmt(ctx, b.store.register.newest).QueryRowContext(ctx, int64(r.version.ID)).Scan(&newest)
	if err != nil || newest == r.latest {
		return err
	}
	r.latest = b.latest
	b.latest++
	return b.store.writeState(ctx, b.tx, r)
}
