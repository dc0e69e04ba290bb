package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"dragoman/translator"
)

// walBytes returns a store's file and its log as a killed process leaves them:
// what was saved is in the log.
func walBytes(t *testing.T, saved []translator.Entry) (file, log []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole.db")
	s := mustOpen(t, path, nil)
	for i := 0; i < len(saved); i += 10 {
		if err := s.Save(t.Context(), saved[i:i+10]); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	log, logErr := os.ReadFile(path + "-wal")
	if err := errors.Join(err, logErr); err != nil {
		t.Fatal(err)
	}
	return file, log
}

// TestDamagedLog is C7 for the write-ahead log: it is cut off, or one of its bits
// is flipped, and the store has what was saved up to some transaction, and
// nothing wrong. SQLite ends the log where its checksums end.
func TestDamagedLog(t *testing.T) {
	t.Parallel()
	saved := entries(150) // 15 transactions: fewer than are folded into the file
	file, log := walBytes(t, saved)
	random := rand.New(rand.NewPCG(7, 11))
	var reported atomic.Int64
	lengths := map[int]int{}
	for i := range 300 {
		damaged := append([]byte{}, log...)
		if i%2 == 0 {
			damaged = damaged[:random.IntN(len(damaged))]
		} else {
			damaged[random.IntN(len(damaged))] ^= 1 << random.IntN(8)
		}
		path := filepath.Join(t.TempDir(), fmt.Sprint(i, ".db"))
		if err := errors.Join(os.WriteFile(path, file, 0o600), os.WriteFile(path+"-wal", damaged, 0o600)); err != nil {
			t.Fatal(err)
		}
		if how := readDamaged(t, path, saved, &reported); how == "refused" || how == "error" {
			t.Errorf("%d: %s: the file itself is whole", i, how)
		}
		lengths[prefix(t, path, saved)]++
	}
	if reported.Load() != 0 {
		t.Errorf("%d rows are wrong by their own checksum: the log's should have ended before them", reported.Load())
	}
	if len(lengths) < 5 {
		t.Errorf("the damage done here no longer reaches what it should: %v", lengths)
	}
}

// prefix wants a store to have the first of some entries, by tens, and no
// others, and returns how many tens.
func prefix(t *testing.T, path string, saved []translator.Entry) int {
	t.Helper()
	s := mustOpen(t, path, nil)
	checkIntegrity(t, s)
	found, err := s.Lookup(t.Context(), keys(saved))
	if err != nil {
		t.Fatal(err)
	}
	if len(found)%10 != 0 {
		t.Errorf("%s: %d entries, a transaction has ten", path, len(found))
	}
	for _, e := range saved[:len(found)] {
		if len(found[e.Key]) != 1 {
			t.Errorf("%s: %d entries are there, and not the first ones", path, len(found))
			break
		}
	}
	if err := s.Save(t.Context(), saved[:1]); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	return len(found) / 10
}
