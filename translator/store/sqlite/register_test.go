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
