package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
)

// TestBackup makes 20 backups of a store in which stories are submitted and
// ended, sentences saved and money spent. Each is a whole store of one moment.
func TestBackup(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	ctx, cancel := context.WithCancel(t.Context())
	var steps atomic.Int64
	written := make(chan error, 1)
	go func() { written <- keepWriting(ctx, s, &steps) }()
	before := -1
	for i := range 20 {
		for seen := steps.Load(); steps.Load() == seen && len(written) == 0; { // something is between two backups
			time.Sleep(time.Millisecond)
		}
		path := filepath.Join(t.TempDir(), fmt.Sprintf("backup '%d'.db", i))
		atLeast := int(steps.Load())
		if err := s.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		n := checkBackup(t, path)
		if atMost := int(steps.Load()) + 1; n < atLeast || n > atMost || n < before {
			t.Errorf("backup %d has %d steps, want %d to %d", i, n, atLeast, atMost)
		}
		before = n
	}
	cancel()
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// keepWriting works until ctx ends, in steps that each leave what checkBackup counts.
func keepWriting(ctx context.Context, s *Store, steps *atomic.Int64) error {
	for i := 0; ctx.Err() == nil; i++ {
		batch := []translator.Version{story(3 * i), story(3*i + 1), story(3*i + 2)}
		vs, err := s.Submit(context.Background(), fmt.Sprint("batch ", i), batch, noteID)
		if err != nil {
			return err
		}
		steps.Add(1)
		line := translator.Line{Run: "r", Signature: "engine:1", Direction: direction, Size: 1, Time: time.Now(), Shares: sharesOf(i, 2)}
		id, err1 := s.Reserve(context.Background(), line, nil)
		err2 := s.Save(context.Background(), []translator.Entry{entry(fmt.Sprint("نص ", i), "text")})
		err3 := s.Settle(context.Background(), id, translator.Bill{Size: 1, Time: time.Now()})
		_, err4 := s.Change(context.Background(), []translator.Change{ended(vs[0].ID), ended(vs[1].ID)}, nil)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return err
		}
	}
	return nil
}

// checkBackup opens a backup as a store, sees that nothing in it is half
// written, works on with it, and returns how many steps it has.
func checkBackup(t *testing.T, path string) int {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is %v, %v", info.Mode(), err)
	}
	s := mustOpen(t, path, &Options{Existing: true,
		Damaged:        func(k translator.Key) { t.Errorf("%v is damaged", k) },
		DamagedVersion: func(id translator.VersionID) { t.Errorf("version %d is damaged", id) }})
	checkIntegrity(t, s)
	batches, err := s.Batches(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var jobs, ended int
	if err := s.readers.QueryRow("SELECT count(*) FROM runs WHERE name LIKE 'job %'").Scan(&jobs); err != nil {
		t.Fatal(err)
	}
	checkShelfOf(t, s, 3*len(batches), &ended)
	spent, err := s.Spending(t.Context(), translator.Window{})
	steps := len(batches)
	if entries := count(t, s); err != nil || jobs != steps || ended > 2*steps || ended < 2*(steps-1) || ended%2 != 0 ||
		entries > steps || entries < steps-1 || spent.Requests < entries || spent.Requests > steps || spent.Open > 1 {
		t.Errorf("%d batches with %d jobs, %d stories ended, %d entries, %+v, %v", steps, jobs, ended, entries, spent, err)
	}
	for p, err := range s.Lines(t.Context(), translator.Window{}) {
		if err != nil || !reflect.DeepEqual(p.Line.Shares, sharesOf(int(p.ID)-1, 2)) {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if found, err := s.Search(t.Context(), "text", 1_000_000); err != nil || len(found) != count(t, s) {
		t.Errorf("a search finds %d, %v", len(found), err)
	}
	_, err = s.Submit(t.Context(), "after", []translator.Version{story(3 * steps)}, func(_ context.Context, _ *sql.Tx, added []translator.Version) error {
		if len(added) != 1 || int(added[0].ID) != 3*steps+1 {
			return fmt.Errorf("the next version is %+v", added)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return steps
}

// TestBackupRefuses: nothing that is there is written over, and nothing half
// written is left.
func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	endSome(t, s, 100)
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("a story"), 0o600); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		path string
		want error
	}{
		{t.Context(), there, translator.Invalid}, {t.Context(), dir, translator.Invalid},
		{t.Context(), filepath.Join(dir, "no", "b.db"), translator.Invalid}, {cancelled, filepath.Join(dir, "b.db"), context.Canceled},
	} {
		if err := s.Backup(tt.ctx, tt.path); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.path, err, tt.want)
		}
	}
	left, err := filepath.Glob(dir + "/*")
	if err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}
	near := filepath.Join(dir, "b.db.part")
	if err := os.Rename(there, near); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "b.db")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(near); err != nil || !strings.Contains(string(b), "a story") {
		t.Errorf("the file that was there is %q, %v", b, err)
	}
}
