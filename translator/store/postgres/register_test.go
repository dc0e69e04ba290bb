package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"dragoman/translator/store/postgres/postgrestest"
	"dragoman/translator/store/storetest"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	storetest.RunRegister(t, func(t *testing.T) storetest.RegisterHarness[pgx.Tx] {
		url := postgrestest.Database(t)
		s := mustOpen(t, url, nil)
		if _, err := s.Pool().Exec(t.Context(), "CREATE TABLE notes (note text)"); err != nil {
			t.Fatal(err)
		}
		return registerHarness(url, s)
	})
}

// registerHarness keeps notes in a table of the same schema.
func registerHarness(url string, s *Store) storetest.RegisterHarness[pgx.Tx] {
	return storetest.RegisterHarness[pgx.Tx]{
		Register: s, Stories: s,
		Note: func(ctx context.Context, tx pgx.Tx, note string) error {
			_, err := tx.Exec(ctx, "INSERT INTO notes VALUES ($1)", note)
			return err
		},
		Notes: func(t *testing.T) []string {
			rows, err := s.Pool().Query(t.Context(), "SELECT note FROM notes")
			if err != nil {
				t.Fatal(err)
			}
			notes, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			return notes
		},
		Reopen: func(t *testing.T) storetest.RegisterHarness[pgx.Tx] {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return registerHarness(url, mustOpen(t, url, nil))
		},
	}
}
