package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"dragoman/translator"
	"dragoman/translator/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		path := filepath.Join(t.TempDir(), "dragoman.db")
		s := mustOpen(t, path, nil)
		return storetest.Harness{Store: s, Reopen: func(t *testing.T) storetest.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return mustOpen(t, path, nil)
		}}
	})
}

// mustOpen opens a store that lives as long as the test.
func mustOpen(t testing.TB, path string, opts *Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// The words are brought up to date by the search itself: also for rows that
// changed after an earlier search, and for more rows than one batch holds.
func TestSearchFollowsSaves(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "words.db"), nil)
	ctx := t.Context()
	dir := translator.Direction{From: "ar", To: "en"}
	save := func(n int, target string) {
		t.Helper()
		var entries []translator.Entry
		for i := range n {
			source := fmt.Sprint("جملة رقم ", i)
			entries = append(entries, translator.Entry{Key: translator.KeyOf(dir, source), Direction: dir, Source: source, Target: target,
				Origin: translator.Origin{Kind: translator.Human, Signature: translator.HumanSignature}})
		}
		if err := s.Save(ctx, entries); err != nil {
			t.Fatal(err)
		}
	}
	count := func(word string, want int) {
		t.Helper()
		found, err := s.Search(ctx, word, 2*indexBatch)
		if err != nil || len(found) != want {
			t.Errorf("%s is in %d entries, want %d: %v", word, len(found), want, err)
		}
	}
	save(indexBatch+1, "first")
	count("first", indexBatch+1)
	save(3, "second")
	count("second", 3)
	count("first", indexBatch-2)
	save(indexBatch+5, "third")
	count("third", indexBatch+5)
	count("second", 0)
}
