package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"dragoman/translator"
)

// Reserve checks the limits and writes a line within one transaction, before
// whose end no other process can do the same.
func (s *Store) Reserve(ctx context.Context, line translator.Line, limits []translator.Limit) (translator.LineID, error) {
	// Before anything is paid for: a file that is gone keeps no answers.
	if err := s.inPlace(); err != nil {
		return 0, err
	}
	var id translator.LineID
	err := s.write(ctx, "reserve", func(ctx context.Context, tx *sql.Tx, ids *nameIDs) error {
		for _, limit := range limits {
			spent, err := spending(ctx, tx, limit.Window)
			if err != nil {
				return err
			}
			if err := limit.Check(spent, line); err != nil {
				return err
			}
		}
		var err error
		id, err = s.writeLine(ctx, tx, ids, line)
		return err
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

func (s *Store) writeLine(ctx context.Context, tx *sql.Tx, ids *nameIDs, line translator.Line) (translator.LineID, error) {
	run, err1 := ids.run(line.Run)
	signature, err2 := ids.signature(line.Signature)
	direction, err3 := ids.direction(line.Direction)
	if err := errors.Join(err1, err2, err3); err != nil {
		return 0, err
	}
	made, err := tx.StmtContext(ctx, s.prepared.line).ExecContext(ctx,
		run, line.Backend, signature, direction, line.Texts, line.Size, int64(line.Cost), line.Time.UnixMicro())
	if err != nil {
		return 0, err
	}
	id, err := made.LastInsertId()
	if err != nil {
		return 0, err
	}
	if err := s.writeShares(ctx, tx, translator.LineID(id), line.Shares); err != nil {
		return 0, err
	}
	return translator.LineID(id), s.addTotals(ctx, tx, line.Time.UnixMicro(), run, translator.Spending{
		Requests: 1, Size: int64(line.Size), Cost: line.Cost,
		Open: 1, OpenSize: int64(line.Size), OpenCost: line.Cost,
	})
}

// Settle closes a line. One that does not exist or is closed is an Invalid error.
func (s *Store) Settle(ctx context.Context, id translator.LineID, billed translator.Bill) error {
	return s.write(ctx, "settle", func(ctx context.Context, tx *sql.Tx, _ *nameIDs) error {
		var run, written, size, cost int64
		err := tx.StmtContext(ctx, s.prepared.settle).QueryRowContext(ctx,
			billed.Size, int64(billed.Cost), billed.Time.UnixMicro(), billed.Said, int64(id)).Scan(&run, &written, &size, &cost)
		if errors.Is(err, sql.ErrNoRows) {
			return invalid(s.path, "", fmt.Errorf("settle: the ledger has no open line %d", id))
		}
		if err != nil {
			return err
		}
		return s.addTotals(ctx, tx, written, run, translator.Spending{
			Size: int64(billed.Size) - size, Cost: billed.Cost - translator.USD(cost),
			Open: -1, OpenSize: -size, OpenCost: -translator.USD(cost),
		})
	})
}

// addTotals adds to the sums of the quarter in which a line was written.
func (s *Store) addTotals(ctx context.Context, tx *sql.Tx, written, run int64, add translator.Spending) error {
	_, err := tx.StmtContext(ctx, s.prepared.totals).ExecContext(ctx,
		quarterOf(written), run, add.Requests, add.Size, int64(add.Cost), add.Open, add.OpenSize, int64(add.OpenCost))
	return err
}

// Spending sums the lines of a window.
func (s *Store) Spending(ctx context.Context, w translator.Window) (translator.Spending, error) {
	tx, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		return translator.Spending{}, s.fail(ctx, "sum", err)
	}
	defer tx.Rollback()
	spent, err := spending(ctx, tx, w)
	return spent, s.fail(ctx, "sum", err)
}

const (
	quarter = int64(15 * time.Minute / time.Microsecond)

	sumTotals = `SELECT coalesce(sum(requests), 0), coalesce(sum(size), 0), coalesce(sum(cost), 0),
		coalesce(sum(open), 0), coalesce(sum(open_size), 0), coalesce(sum(open_cost), 0)
		FROM totals WHERE quarter >= ?1`
	sumLines = `SELECT count(*), coalesce(sum(coalesce(billed_size, size)), 0), coalesce(sum(coalesce(billed_cost, cost)), 0),
		count(*) - count(billed_time), coalesce(sum(iif(billed_time IS NULL, size, 0)), 0),
		coalesce(sum(iif(billed_time IS NULL, cost, 0)), 0)
		FROM lines WHERE time >= ?1 AND time < ?2`
	ofRun = ` AND run_id = (SELECT id FROM runs WHERE name = ?)`
)

// spending adds the sums of whole quarters to the lines of the quarter that
// the window begins in, if it begins within one.
func spending(ctx context.Context, tx *sql.Tx, w translator.Window) (translator.Spending, error) {
	if w.Since.IsZero() {
		return sum(ctx, tx, sumTotals, w.Run, int64(math.MinInt64))
	}
	since := w.Since.UnixMicro()
	first := quarterOf(since)
	if first*quarter == since {
		return sum(ctx, tx, sumTotals, w.Run, first)
	}
	begun, err := sum(ctx, tx, sumLines, w.Run, since, (first+1)*quarter)
	if err != nil {
		return translator.Spending{}, err
	}
	whole, err := sum(ctx, tx, sumTotals, w.Run, first+1)
	return translator.Spending{
		Requests: begun.Requests + whole.Requests, Size: begun.Size + whole.Size, Cost: begun.Cost + whole.Cost,
		Open: begun.Open + whole.Open, OpenSize: begun.OpenSize + whole.OpenSize, OpenCost: begun.OpenCost + whole.OpenCost,
	}, err
}

// sum runs one of the queries above, for one run if it is named.
func sum(ctx context.Context, tx *sql.Tx, query, run string, args ...any) (translator.Spending, error) {
	if run != "" {
		query += ofRun
		args = append(args, run)
	}
	var s translator.Spending
	err := tx.QueryRowContext(ctx, query, args...).Scan(&s.Requests, &s.Size, &s.Cost, &s.Open, &s.OpenSize, &s.OpenCost)
	return s, err
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
