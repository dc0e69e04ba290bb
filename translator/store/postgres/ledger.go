package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
)

const quarter = int64(15 * time.Minute / time.Microsecond)

// spentOf sums up a window, given as the row w: its run_id, NULL for all runs;
// the microsecond since which and the one until which its lines are summed up
// one by one; and its first whole quarter, from which on totals are.
const spentOf = `
	SELECT coalesce(sum(requests), 0)::bigint AS requests, coalesce(sum(size), 0)::bigint AS size, coalesce(sum(cost), 0)::bigint AS cost,
		coalesce(sum(open), 0)::bigint AS open, coalesce(sum(open_size), 0)::bigint AS open_size, coalesce(sum(open_cost), 0)::bigint AS open_cost
	FROM (
		SELECT requests, size, cost, open, open_size, open_cost FROM totals WHERE w.run_id IS NULL AND quarter >= w.whole
		UNION ALL
		SELECT requests, size, cost, open, open_size, open_cost FROM totals WHERE run_id = w.run_id AND quarter >= w.whole
		UNION ALL
		SELECT 1, coalesce(billed_size, size), coalesce(billed_cost, cost),
			CASE WHEN billed_time IS NULL THEN 1 ELSE 0 END,
			CASE WHEN billed_time IS NULL THEN size ELSE 0 END, CASE WHEN billed_time IS NULL THEN cost ELSE 0 END
		FROM lines WHERE time >= w.since AND time < w.until AND (w.run_id IS NULL OR run_id = w.run_id)
	) all_of_it`

// runOf is the id of the run that a window names, 0 for one that has no lines.
const runOf = `CASE WHEN name IS NOT NULL THEN coalesce((SELECT id FROM runs WHERE runs.name = w.name), 0) END`

const spendingQuery = `SELECT s.* FROM (
		SELECT ` + runOf + ` AS run_id, since, until, whole FROM (SELECT $1::bytea AS name, $2::bigint AS since, $3::bigint AS until, $4::bigint AS whole) w
	) w CROSS JOIN LATERAL (` + spentOf + `) s`

// addTotals adds to the sums of quarters the rows that follow it.
const addTotals = `INSERT INTO totals AS t (quarter, run_id, requests, size, cost, open, open_size, open_cost) %s
	ON CONFLICT (quarter, run_id) DO UPDATE SET
		requests = t.requests + excluded.requests, size = t.size + excluded.size, cost = t.cost + excluded.cost,
		open = t.open + excluded.open, open_size = t.open_size + excluded.open_size, open_cost = t.open_cost + excluded.open_cost`

// reserveQuery writes a line unless it is there already or would pass a limit,
// and returns its id, or NULL, and what is spent of each limit.
var reserveQuery = `
	WITH old AS (SELECT id FROM lines WHERE token = $1),
	spent AS (
		SELECT w.place, w.most_size, w.most_cost, s.* FROM (
			SELECT ` + runOf + ` AS run_id, since, until, whole, most_size, most_cost, place
			FROM unnest($11::bytea[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[])
				WITH ORDINALITY AS w (name, since, until, whole, most_size, most_cost, place)
		) w CROSS JOIN LATERAL (` + spentOf + `) s
	),
	made AS (
		INSERT INTO lines (token, run_id, signature_id, direction_id, backend, texts, size, cost, time)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
		WHERE NOT EXISTS (SELECT FROM old) AND NOT EXISTS (SELECT FROM spent
			WHERE most_size > 0 AND size + $7 > most_size OR most_cost > 0 AND cost + $8 > most_cost)
		ON CONFLICT (token) DO NOTHING
		RETURNING id, run_id, size, cost
	),
	counted AS (` + fmt.Sprintf(addTotals, `SELECT $10, run_id, 1, size, cost, 1, size, cost FROM made`) + `)
	SELECT coalesce((SELECT id FROM made), (SELECT id FROM old)), requests, size, cost, open, open_size, open_cost
	FROM (SELECT) one LEFT JOIN spent ON true ORDER BY place`

// These write what stories have of the line that was just written, if it was.
const (
	storiesQuery = `INSERT INTO stories (name) SELECT DISTINCT n FROM unnest($2::bytea[]) n
		WHERE EXISTS (SELECT FROM lines WHERE token = $1) AND NOT EXISTS (SELECT FROM stories WHERE sha256(name) = sha256(n))
		ORDER BY n ON CONFLICT DO NOTHING`
	sharesQuery = `INSERT INTO shares (line_id, place, story_id, version, texts, size)
		SELECT l.id, x.place - 1, s.id, x.version, x.texts, x.size
		FROM lines l CROSS JOIN unnest($2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[]) WITH ORDINALITY AS x (story, version, texts, size, place)
			JOIN stories s ON sha256(s.name) = sha256(x.story)
		WHERE l.token = $1 ON CONFLICT DO NOTHING`
)

// lockBudget holds up whoever else reserves against limits until this
// transaction is over: what is spent must not change between sum and line.
const lockBudget = "SELECT pg_advisory_xact_lock($1)"

// Reserve checks the limits and writes a line in one transaction and one round
// trip. The line carries a token of this call, by which an attempt finds out
// that an earlier one, whose answer was lost, was carried out.
func (s *Store) Reserve(ctx context.Context, line translator.Line, limits []translator.Limit) (translator.LineID, error) {
	token := make([]byte, 16)
	rand.Read(token) // never fails
	var id translator.LineID
	err := s.retry(ctx, "reserve", true, func(ctx context.Context, _ bool) error {
		if err := s.names.ensure(ctx, s.pool, runName(line.Run), signatureName(line.Signature), directionName(line.Direction)); err != nil {
			return err
		}
		written, spent, err := s.reserve(ctx, token, line, limits)
		if err != nil {
			return err
		}
		if written != nil {
			id = translator.LineID(*written)
			return nil
		}
		for i, limit := range limits {
			if err := limit.Check(spent[i], line); err != nil {
				return err
			}
		}
		return errUnsure
	})
	return id, err
}

// errUnsure says that the line was written by an earlier attempt of the same
// call while this one was under way; the next finds it.
var errUnsure = fmt.Errorf("%w while a line was written", errLost)

func (s *Store) reserve(ctx context.Context, token []byte, line translator.Line, limits []translator.Limit) (*int64, []translator.Spending, error) {
	var id *int64
	var spent []translator.Spending
	batch := &pgx.Batch{}
	if len(limits) > 0 {
		batch.Queue(lockBudget, int64(budgetLock))
	}
	batch.Queue(reserveQuery, s.reserveArgs(token, line, limits)...).Query(func(rows pgx.Rows) (err error) {
		id, spent, err = readReserved(rows)
		return err
	})
	if len(line.Shares) > 0 {
		stories, versions, texts, sizes := shareColumns(line.Shares)
		batch.Queue(storiesQuery, token, stories)
		batch.Queue(sharesQuery, token, stories, versions, texts, sizes)
	}
	err := s.pool.SendBatch(ctx, batch).Close()
	return id, spent, err
}

func (s *Store) reserveArgs(token []byte, line translator.Line, limits []translator.Limit) []any {
	var runs [][]byte
	var since, until, whole, sizes, costs []int64
	for _, l := range limits {
		w := windowOf(l.Window)
		runs, since, until, whole = append(runs, w.run), append(since, w.since), append(until, w.until), append(whole, w.whole)
		sizes, costs = append(sizes, l.Size), append(costs, int64(l.Cost))
	}
	written := line.Time.UnixMicro()
	return []any{
		token, s.names.id(runName(line.Run)), s.names.id(signatureName(line.Signature)), s.names.id(directionName(line.Direction)),
		[]byte(line.Backend), int64(line.Texts), int64(line.Size), int64(line.Cost), written, quarterOf(written),
		runs, since, until, whole, sizes, costs,
	}
}

// readReserved reads what reserveQuery returns: one row at least.
func readReserved(rows pgx.Rows) (id *int64, spent []translator.Spending, err error) {
	for rows.Next() {
		var n [6]*int64
		if err := rows.Scan(&id, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]); err != nil {
			return nil, nil, err
		}
		if n[0] != nil {
			spent = append(spent, translator.Spending{Requests: int(*n[0]), Size: *n[1], Cost: translator.USD(*n[2]),
				Open: int(*n[3]), OpenSize: *n[4], OpenCost: translator.USD(*n[5])})
		}
	}
	return id, spent, rows.Err()
}

func shareColumns(shares []translator.Share) (stories, versions [][]byte, texts, sizes []int64) {
	for _, share := range shares {
		stories, versions = append(stories, []byte(share.Story)), append(versions, share.Version[:])
		texts, sizes = append(texts, int64(share.Texts)), append(sizes, int64(share.Size))
	}
	return stories, versions, texts, sizes
}

const (
	settleQuery = `
		WITH closed AS (
			UPDATE lines SET billed_size = $2, billed_cost = $3, billed_time = $4, said = $5 WHERE id = $1 AND billed_time IS NULL
			RETURNING run_id, time, size, cost
		),
		counted AS (` + `%s` + `)
		SELECT EXISTS (SELECT FROM closed)`
	settledTotals = `SELECT (time - (time %% %[1]d + %[1]d) %% %[1]d) / %[1]d, run_id, 0, $2 - size, $3 - cost, -1, -size, -cost FROM closed`
	settledQuery  = `SELECT EXISTS (SELECT FROM lines
		WHERE id = $1 AND billed_size = $2 AND billed_cost = $3 AND billed_time = $4 AND said = $5)`
)

var settleStatement = fmt.Sprintf(settleQuery, fmt.Sprintf(addTotals, fmt.Sprintf(settledTotals, quarter)))

// Settle closes a line. One that does not exist or is closed is an Invalid
// error, unless an earlier attempt of this call closed it.
func (s *Store) Settle(ctx context.Context, id translator.LineID, billed translator.Bill) error {
	args := []any{int64(id), int64(billed.Size), int64(billed.Cost), billed.Time.UnixMicro(), billed.Said}
	return s.retry(ctx, "settle", true, func(ctx context.Context, again bool) error {
		var now, before bool
		batch := &pgx.Batch{}
		batch.Queue(settleStatement, args...).QueryRow(func(row pgx.Row) error { return row.Scan(&now) })
		if again {
			batch.Queue(settledQuery, args...).QueryRow(func(row pgx.Row) error { return row.Scan(&before) })
		}
		if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		if !now && !before {
			return invalid(s.place, "", fmt.Errorf("settle: the ledger has no open line %d", id))
		}
		return nil
	})
}

// Spending sums the lines of a window.
func (s *Store) Spending(ctx context.Context, w translator.Window) (translator.Spending, error) {
	var spent translator.Spending
	in := windowOf(w)
	err := s.retry(ctx, "sum", false, func(ctx context.Context, _ bool) error {
		return s.pool.QueryRow(ctx, spendingQuery, in.run, in.since, in.until, in.whole).
			Scan(&spent.Requests, &spent.Size, &spent.Cost, &spent.Open, &spent.OpenSize, &spent.OpenCost)
	})
	return spent, err
}

// A window is a translator.Window as spentOf reads it.
type window struct {
	run                 []byte // nil for all
	since, until, whole int64
}

func windowOf(w translator.Window) window {
	in := window{since: math.MinInt64, until: math.MinInt64, whole: math.MinInt64}
	if w.Run != "" {
		in.run = []byte(w.Run)
	}
	if !w.Since.IsZero() {
		in.since = w.Since.UnixMicro()
		if in.whole = quarterOf(in.since); in.whole*quarter < in.since {
			in.whole++ // it begins within a quarter
		}
		in.until = in.whole * quarter
	}
	return in
}

// quarterOf returns the quarter of an hour that a time in microseconds lies in,
// also before 1970.
func quarterOf(micros int64) int64 {
	q := micros / quarter
	if micros%quarter < 0 {
		q--
	}
	return q
}
