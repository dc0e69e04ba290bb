package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/storetest"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	storetest.RunRegister(t, func(t *testing.T) storetest.RegisterHarness[*sql.Tx] {
		path := filepath.Join(t.TempDir(), "dragoman.db")
		s := mustOpen(t, path, nil)
		if _, err := s.DB().Exec("CREATE TABLE notes (note TEXT)"); err != nil {
			t.Fatal(err)
		}
		return registerHarness(path, s)
	})
}

// registerHarness keeps notes in a table of the same file.
func registerHarness(path string, s *Store) storetest.RegisterHarness[*sql.Tx] {
	return storetest.RegisterHarness[*sql.Tx]{
		Register: s, Stories: s,
		Note: func(ctx context.Context, tx *sql.Tx, note string) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO notes VALUES (?)", note)
			return err
		},
		Notes: func(t *testing.T) []string {
			rows, err := s.DB().QueryContext(t.Context(), "SELECT note FROM notes")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var notes []string
			for rows.Next() {
				var note string
				if err := rows.Scan(&note); err != nil {
					t.Fatal(err)
				}
				notes = append(notes, note)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			return notes
		},
		Reopen: func(t *testing.T) storetest.RegisterHarness[*sql.Tx] {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return registerHarness(path, mustOpen(t, path, nil))
		},
	}
}

// story returns a version of a story of its own, with an article of some 10 kB.
func story(i int) translator.Version {
	article := fmt.Sprintf("story %d\n", i) + strings.Repeat(fmt.Sprintf("جملة من الخبر رقم %d وفيها كلمات أخرى كثيرة\n", i), 130)
	return translator.Version{
		Direction: direction, Story: fmt.Sprint("story ", i), Digest: [16]byte{byte(i >> 8), byte(i)}, Path: fmt.Sprintf("wire/%d.txt", i),
		Priority: 1 + i%4, Article: []byte(article), Submitted: time.Date(2026, 11, 28, 2, 0, i%60, 0, time.UTC),
	}
}

func stories(n int) []translator.Version {
	made := make([]translator.Version, n)
	for i := range made {
		made[i] = story(i)
	}
	return made
}

// TestRegisterRunsTwice lets a submission and a change share a transaction with
// one that fails, so that both run again: they answer as if they had run once.
func TestRegisterRunsTwice(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	submit1(t, s)
	retry := translator.Change{ID: 1, From: []translator.State{translator.StatePartial}, To: translator.Waiting}
	var submitted []translator.Version
	var changed []translator.VersionID
	calls := 0
	errs := gather(t, s,
		func() (err error) {
			submitted, err = s.Submit(t.Context(), "night", stories(3), func(_ context.Context, _ *sql.Tx, added []translator.Version) error {
				if calls++; len(added) != 2 {
					t.Errorf("%d are new, want 2", len(added))
				}
				return nil
			})
			return err
		},
		func() (err error) {
			changed, err = s.Change(t.Context(), []translator.Change{retry}, nil)
			return err
		},
		func() error { return s.Settle(t.Context(), 99, translator.Bill{}) },
	)
	if errs[0] != nil || errs[1] != nil || errs[2] == nil || calls != 2 {
		t.Errorf("%v after %d calls", errs, calls)
	}
	if len(submitted) != 3 || len(changed) != 1 {
		t.Errorf("submitted %d, changed %v; want 3 and 1", len(submitted), changed)
	}
}
