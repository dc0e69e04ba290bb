package sqlite

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

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
