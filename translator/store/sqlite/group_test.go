package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
)

var direction = translator.Direction{From: translator.Arabic, To: translator.English}

// occupy holds the turn until release is called, so that a test can let
// operations gather.
func occupy(s *Store) (release func()) {
	s.group.turn <- struct{}{}
	return func() { <-s.group.turn }
}

// waitFor waits until n operations are in the queue.
func waitFor(t *testing.T, s *Store, n int) {
	t.Helper()
	for range 2000 {
		s.group.mu.Lock()
		there := len(s.group.queue)
		s.group.mu.Unlock()
		if there == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("there are never %d operations in the queue", n)
}

// gather starts operations one after the other while the turn is taken, and
// returns their errors once all have ended.
func gather(t *testing.T, s *Store, operations ...func() error) []error {
	t.Helper()
	release := occupy(s)
	errs := make([]error, len(operations))
	var group sync.WaitGroup
	for i, operation := range operations {
		group.Go(func() { errs[i] = operation() })
		waitFor(t, s, i+1)
	}
	release()
	group.Wait()
	return errs
}

// TestGroupIsolates lets operations that fail share a transaction with ones
// that do not: each gets its own answer, and only the good ones leave a trace.
func TestGroupIsolates(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	ctx := t.Context()
	limits := []translator.Limit{{Name: "run", Window: translator.Window{Run: "r"}, Size: 10}}
	reserve := func(size int) func() error {
		return func() error {
			_, err := s.Reserve(ctx, translator.Line{Run: "r", Signature: "engine:1", Direction: direction, Size: size, Time: time.Now()}, limits)
			return err
		}
	}
	a, b := entry("أ", "a"), entry("ب", "b")
	errs := gather(t, s,
		func() error { return s.Save(ctx, []translator.Entry{a}) },
		reserve(7),
		reserve(4), // 11 in all
		func() error { return s.Settle(ctx, 99, translator.Bill{}) },
		func() error { return s.Save(ctx, []translator.Entry{b}) },
		reserve(3),
	)
	for i, kind := range []error{nil, nil, translator.OverBudget, translator.Invalid, nil, nil} {
		if !errors.Is(errs[i], kind) {
			t.Errorf("operation %d: %v, want %v", i, errs[i], kind)
		}
	}
	if found, err := s.Lookup(ctx, keys([]translator.Entry{a, b})); err != nil || len(found) != 2 {
		t.Errorf("the store has %v, %v", found, err)
	}
	if spent, err := s.Spending(ctx, translator.Window{}); err != nil || spent.Requests != 2 || spent.Size != 10 {
		t.Errorf("the ledger says %+v, %v", spent, err)
	}
}

// TestGroupOrder sees that operations run as they came, across transactions.
func TestGroupOrder(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	var order []int
	var operations []func() error
	for i := range 3*groupSize + 1 {
		operations = append(operations, func() error {
			return s.write(t.Context(), "note", func(context.Context, *sql.Tx, *nameIDs) error {
				order = append(order, i)
				return nil
			})
		})
	}
	if err := errors.Join(gather(t, s, operations...)...); err != nil {
		t.Error(err)
	}
	if len(order) != len(operations) || !slices.IsSorted(order) {
		t.Errorf("they ran in the order %v", order)
	}
}

// TestGroupCancelled cancels one operation in the queue, which must not run,
// and one that has begun, which must end as if nothing were.
func TestGroupCancelled(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	ctx, cancel := context.WithCancel(t.Context())
	e := entry("نص", "text")
	errs := gather(t, s,
		func() error {
			return s.write(ctx, "begin", func(context.Context, *sql.Tx, *nameIDs) error { cancel(); return nil })
		},
		func() error { return s.Save(t.Context(), []translator.Entry{e}) },
	)
	if err := errors.Join(errs...); err != nil {
		t.Errorf("what had begun ended with %v", err)
	}
	release := occupy(s)
	gone := make(chan error)
	ctx, cancel = context.WithCancel(t.Context())
	go func() { gone <- s.Save(ctx, []translator.Entry{entry("آخر", "other")}) }()
	waitFor(t, s, 1)
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("an operation that left the queue ended with %v", err)
	}
	release()
	found, err := s.Lookup(t.Context(), keys([]translator.Entry{e, entry("آخر", "other")}))
	if err != nil || len(found) != 1 || found[e.Key] == nil {
		t.Errorf("the store has %v, %v", found, err)
	}
}

// TestGroupWaitsForAnother cancels the one who waits for another process's
// transaction on behalf of all. The others wait on.
func TestGroupWaitsForAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	s, other := mustOpen(t, path, nil), mustOpen(t, path, nil)
	tx, err := other.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan error)
	go func() { first <- s.Save(ctx, []translator.Entry{entry("أ", "a")}) }()
	for len(s.group.turn) == 0 {
		time.Sleep(time.Millisecond)
	}
	go func() { second <- s.Save(t.Context(), []translator.Entry{entry("ب", "b")}) }()
	waitFor(t, s, 2)
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who was cancelled got %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Errorf("the other one got %v", err)
	}
	if found, err := s.Lookup(t.Context(), keys([]translator.Entry{entry("أ", "a"), entry("ب", "b")})); err != nil || len(found) != 1 {
		t.Errorf("the store has %v, %v", found, err)
	}
}

// TestGroupCommitFails makes a commit fail by a foreign key that is checked
// only then. Nobody's work but the guilty one's is lost, and no name stays
// in the cache that is not in the file.
func TestGroupCommitFails(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	e := entry("نص", "text")
	errs := gather(t, s,
		func() error { return s.Save(t.Context(), []translator.Entry{e}) },
		func() error {
			return s.write(t.Context(), "break", func(ctx context.Context, tx *sql.Tx, ids *nameIDs) error {
				_, err1 := ids.signature("never:1")
				_, err2 := tx.ExecContext(ctx, "PRAGMA defer_foreign_keys = 1")
				_, err3 := tx.ExecContext(ctx, `INSERT INTO memory (key, signature_id, direction_id, kind, time, checksum, source, target)
					VALUES (x'00', 77, 77, 'machine', 0, 0, '', '')`)
				return errors.Join(err1, err2, err3)
			})
		},
	)
	if errs[0] != nil || errs[1] == nil {
		t.Errorf("%v; want an error of the second alone", errs)
	}
	never := e
	never.Origin.Signature = "never:1"
	if err := s.Save(t.Context(), []translator.Entry{never}); err != nil {
		t.Error(err)
	}
	if found, err := s.Lookup(t.Context(), []translator.Key{e.Key}); err != nil || len(found[e.Key]) != 2 {
		t.Errorf("the store has %v, %v", found, err)
	}
}

// TestGroupPanics lets an operation panic while it is run by the caller of
// another: its own caller gets the panic, and everyone else what they wanted.
func TestGroupPanics(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	e, late := entry("نص", "text"), entry("آخر", "other")
	var got any
	errs := gather(t, s,
		func() error { return s.Save(t.Context(), []translator.Entry{e}) },
		func() error {
			defer func() { got = recover() }()
			return s.write(t.Context(), "break", func(ctx context.Context, tx *sql.Tx, ids *nameIDs) error {
				if _, err := ids.signature("never:1"); err != nil {
					return err
				}
				panic("a bug")
			})
		},
		func() error { return s.Save(t.Context(), []translator.Entry{late}) },
	)
	if err := errors.Join(errs...); err != nil || got != "a bug" {
		t.Errorf("%v; the caller got the panic %v", err, got)
	}
	if found, err := s.Lookup(t.Context(), keys([]translator.Entry{e, late})); err != nil || len(found) != 2 {
		t.Errorf("the store has %v, %v", found, err)
	}
	if _, kept := s.ids.Load(name{"SELECT id FROM signatures WHERE text = ?", "never:1", ""}); kept {
		t.Error("a name is kept that was taken back")
	}
}

// TestGroupStorm reserves, saves and settles from many goroutines, some of
// them cancelled, against a limit. Whatever was said to be done is there.
func TestGroupStorm(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	limits := []translator.Limit{{Name: "run", Window: translator.Window{Run: "r"}, Size: 150}}
	var mu sync.Mutex
	var saved []translator.Key
	reserved := 0
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for round := range 20 {
				ctx, cancel := context.WithCancel(t.Context())
				if round%5 == 4 {
					time.AfterFunc(time.Duration(worker)*50*time.Microsecond, cancel)
				}
				line := translator.Line{Run: "r", Signature: "engine:1", Direction: direction, Size: 1, Time: time.Now()}
				if id, err := s.Reserve(ctx, line, limits); err == nil {
					e := entry(fmt.Sprint(worker, "/", round), "text")
					saveErr := s.Save(ctx, []translator.Entry{e})
					settleErr := s.Settle(t.Context(), id, translator.Bill{Size: 1, Time: time.Now()})
					mu.Lock()
					reserved++
					if saveErr == nil {
						saved = append(saved, e.Key)
					}
					mu.Unlock()
					if settleErr != nil {
						t.Error(settleErr)
					}
				}
				cancel()
			}
		})
	}
	group.Wait()
	found, err := s.Lookup(t.Context(), saved)
	if err != nil || len(found) != len(saved) {
		t.Errorf("%d of %d saved entries are there, %v", len(found), len(saved), err)
	}
	if spent, err := s.Spending(t.Context(), translator.Window{}); err != nil || int(spent.Size) != reserved || spent.Open != 0 || reserved != 150 {
		t.Errorf("%d were reserved and the ledger says %+v, %v", reserved, spent, err)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestFolder sees that the log is folded into the file while the store works,
// and so stays short, and that Close leaves none.
func TestFolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	s, err := Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := size(t, path)
	for i := range 4 * foldEvery {
		if err := s.Save(t.Context(), []translator.Entry{entry(fmt.Sprint(i), "text")}); err != nil {
			t.Fatal(err)
		}
	}
	s.folder.runs.Wait()
	if after := size(t, path); after <= before {
		t.Errorf("the file had %d bytes and has %d after %d saves", before, after, 4*foldEvery)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(path + "-wal"); len(left) > 0 {
		t.Errorf("Close leaves %v", left)
	}
}
