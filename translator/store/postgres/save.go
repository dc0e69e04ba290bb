package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
)

// saveQuery writes rows given as one array a column.
const saveQuery = `
	INSERT INTO memory (key, signature_id, direction_id, kind, time, checksum, source, target, flags)
	SELECT * FROM unnest($1::bytea[], $2::integer[], $3::integer[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[])
	ON CONFLICT (key, signature_id) DO UPDATE SET
		change = excluded.change, direction_id = excluded.direction_id, kind = excluded.kind, time = excluded.time,
		checksum = excluded.checksum, source = excluded.source, target = excluded.target, flags = excluded.flags`

// lockIndex lets searches know that rows are being saved; see Store.index.
const lockIndex = "SELECT pg_advisory_xact_lock_shared($1)"

// Save records entries, all or none, in one round trip.
func (s *Store) Save(ctx context.Context, entries []translator.Entry) error {
	if len(entries) == 0 {
		return ctx.Err()
	}
	wanted := map[name]bool{}
	for i := range entries {
		wanted[signatureName(entries[i].Origin.Signature)] = true
		wanted[directionName(entries[i].Direction)] = true
	}
	return s.retry(ctx, "save", true, func(ctx context.Context, _ bool) error {
		if err := s.names.ensure(ctx, s.pool, keysOf(wanted)...); err != nil {
			return err
		}
		c, err := s.columns(entries)
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue(lockIndex, int64(indexLock))
		batch.Queue(saveQuery, c.keys, c.signatures, c.directions, c.kinds, c.times, c.checksums, c.sources, c.targets, c.flags)
		return s.pool.SendBatch(ctx, batch).Close()
	})
}

func keysOf(set map[name]bool) []name {
	names := make([]name, 0, len(set))
	for n := range set { // ensure puts them in order
		names = append(names, n)
	}
	return names
}

// columns are the rows of a save, turned on their side.
type columns struct {
	keys                   [][]byte
	signatures, directions []int32
	kinds                  []string
	times, checksums       []int64
	sources, targets       [][]byte
	flags                  [][]byte
}

// columns turns entries on their side, in the order of keys and signatures, so
// that two processes that save the same ones do not wait for each other. Of
// several under one key and signature it takes the last.
func (s *Store) columns(entries []translator.Entry) (*columns, error) {
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(entries[i].Compare(entries[j]), cmp.Compare(i, j)) })
	c := &columns{}
	for at, i := range order {
		e := &entries[i]
		if at+1 < len(order) && e.Compare(entries[order[at+1]]) == 0 {
			continue
		}
		flags, err := translator.JoinFlags(e.Flags)
		if err != nil {
			return nil, err
		}
		c.keys = append(c.keys, e.Key[:])
		c.signatures = append(c.signatures, s.names.id(signatureName(e.Origin.Signature)))
		c.directions = append(c.directions, s.names.id(directionName(e.Direction)))
		c.kinds = append(c.kinds, string(e.Origin.Kind))
		c.times, c.checksums = append(c.times, e.Origin.Time.Unix()), append(c.checksums, int64(e.Checksum()))
		c.sources, c.targets = append(c.sources, []byte(e.Source)), append(c.targets, []byte(e.Target))
		c.flags = append(c.flags, []byte(flags))
	}
	return c, nil
}
