package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"testing"

	"dragoman/translator"
)

// storeBytes returns a closed store's file with n entries in it.
func storeBytes(t *testing.T, n int) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole.db")
	s, err := Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Save(t.Context(), entries(n)), s.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDamage flips a bit of a store, or cuts it off, and sees that it is refused
// or answers with what was saved or with nothing, never with a wrong text.
func TestDamage(t *testing.T) {
	t.Parallel()
	const saved = 200
	whole := storeBytes(t, saved)
	random := rand.New(rand.NewPCG(3, 5))
	var reported atomic.Int64
	outcomes := map[string]int{}
	for i := range 300 {
		damaged := append([]byte{}, whole...)
		if i%3 == 0 {
			damaged = damaged[:random.IntN(len(damaged))]
		} else {
			damaged[random.IntN(len(damaged))] ^= 1 << random.IntN(8)
		}
		path := filepath.Join(t.TempDir(), fmt.Sprint(i, ".db"))
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		outcomes[readDamaged(t, path, entries(saved), &reported)]++
	}
	t.Logf("outcomes: %v, rows reported: %d", outcomes, reported.Load())
	if reported.Load() == 0 || outcomes["refused"] == 0 || outcomes["whole"] == 0 {
		t.Error("the damage done here no longer reaches what it should")
	}
}

// readDamaged reads a damaged store in every way and returns how that went.
func readDamaged(t *testing.T, path string, want []translator.Entry, reported *atomic.Int64) string {
	s, err := Open(t.Context(), path, &Options{Damaged: func(translator.Key) { reported.Add(1) }})
	if err != nil {
		return "refused"
	}
	defer s.Close()
	right := map[translator.Key]translator.Entry{}
	for _, e := range want {
		e.Origin.Time = e.Origin.Time.UTC()
		right[e.Key] = e
	}
	found, lookupErr := s.Lookup(t.Context(), keys(want))
	got := 0
	for key, es := range found {
		for _, e := range es {
			got++
			if !reflect.DeepEqual(e, right[key]) {
				t.Errorf("%s: wrong entry from Lookup: %v", path, e)
			}
		}
	}
	for e, err := range s.Entries(t.Context()) {
		if err == nil && !reflect.DeepEqual(e, right[e.Key]) {
			t.Errorf("%s: wrong entry from Entries: %v", path, e)
		}
	}
	hits, _ := s.Search(t.Context(), "eastern quay", 1000)
	for _, e := range hits {
		if !reflect.DeepEqual(e, right[e.Key]) {
			t.Errorf("%s: wrong entry from Search: %v", path, e)
		}
	}
	switch {
	case lookupErr != nil:
		return "error"
	case got < len(want):
		return "partly"
	}
	return "whole"
}

// TestDamagedRow sees that each column is covered, and that a save heals the row.
func TestDamagedRow(t *testing.T) {
	t.Parallel()
	for _, damage := range []string{
		"UPDATE memory SET target = 'texu'", "UPDATE memory SET source = 'نض'", "UPDATE memory SET time = time + 1",
		"UPDATE memory SET kind = 'human'", "UPDATE memory SET checksum = checksum + 1",
		"UPDATE memory SET flags = ''", "UPDATE memory SET flags = 'numbers'", "UPDATE memory SET flags = 'length  numbers'",
		"UPDATE memory SET source = target, target = source",
		"UPDATE signatures SET text = 'engine:2'", "UPDATE directions SET target = 'fr'",
	} {
		var reported []translator.Key
		s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"),
			&Options{Damaged: func(k translator.Key) { reported = append(reported, k) }})
		e := entry("نص", "text")
		e.Flags = []string{"length", "numbers"}
		saveOne(t, s, e)
		if _, err := s.writer.Exec(damage); err != nil {
			t.Fatal(err)
		}
		s.names = names{} // a new process has read nothing yet
		s.ids.Clear()
		if found, err := s.Lookup(t.Context(), []translator.Key{e.Key}); err != nil || len(found) != 0 {
			t.Errorf("after %q: %v, %v", damage, found, err)
		}
		if len(reported) != 1 || reported[0] != e.Key {
			t.Errorf("after %q these were reported: %v", damage, reported)
		}
		saveOne(t, s, e)
	}
}

// TestDamagedFlag gives a flag to a row that has none.
func TestDamagedFlag(t *testing.T) {
	t.Parallel()
	var reported int
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), &Options{Damaged: func(translator.Key) { reported++ }})
	e := entry("نص", "text")
	saveOne(t, s, e)
	if _, err := s.writer.Exec("UPDATE memory SET flags = 'numbers'"); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Lookup(t.Context(), []translator.Key{e.Key}); err != nil || len(found) != 0 || reported != 1 {
		t.Errorf("%v, %v; %d rows were reported", found, err, reported)
	}
	saveOne(t, s, e)
}

// saveOne saves an entry and sees that it is then found.
func saveOne(t *testing.T, s *Store, e translator.Entry) {
	t.Helper()
	if err := s.Save(t.Context(), []translator.Entry{e}); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Lookup(t.Context(), []translator.Key{e.Key}); err != nil || len(found[e.Key]) != 1 {
		t.Fatalf("%v, %v; want one entry", found, err)
	}
}

// TestDiskFull lets the store grow to many sizes and no further.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	all := entries(2000)
	for i := range 50 {
		s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
		var pages int
		if err := s.writer.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
			t.Fatal(err)
		}
		limitPages(t, s, pages+i)
		saved, err := fillUp(t, s, all)
		if !errors.Is(err, translator.Unavailable) || translator.HintOf(err) == "" {
			t.Fatalf("%d pages: %v, want Unavailable with a hint", i, err)
		}
		if n := count(t, s); n != saved {
			t.Errorf("%d pages: %d entries are there, want the %d saved", i, n, saved)
		}
		limitPages(t, s, 1<<30)
		if err := s.Save(ctx, all[saved:saved+10]); err != nil {
			t.Errorf("%d pages: after room was made: %v", i, err)
		}
		checkIntegrity(t, s)
	}
}

// fillUp saves ten by ten until an error, and returns how many are saved.
func fillUp(t *testing.T, s *Store, all []translator.Entry) (saved int, err error) {
	for saved+10 < len(all) {
		if err := s.Save(t.Context(), all[saved:saved+10]); err != nil {
			return saved, err
		}
		saved += 10
	}
	return saved, nil
}

func limitPages(t *testing.T, s *Store, pages int) {
	t.Helper()
	if _, err := s.writer.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
}

func checkIntegrity(t *testing.T, s *Store) {
	t.Helper()
	var answer string
	if err := s.readers.QueryRow("PRAGMA integrity_check").Scan(&answer); err != nil || answer != "ok" {
		t.Errorf("integrity: %q, %v", answer, err)
	}
}
