package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"dragoman/translator"
)

// BenchmarkSaveLarge adds 1,000 sentences to a million, with the store and with
// the driver alone, to a table that has memory's columns and key and no more.
// Either waits for the disk once.
func BenchmarkSaveLarge(b *testing.B) {
	s := mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
	fillMemory(b, s, 1_000_000)
	bare := newBare(b, s)
	next := 0
	batch := func() []translator.Entry {
		entries := make([]translator.Entry, 1000)
		for i := range entries {
			entries[i] = entry(fmt.Sprintf("قال مسؤول في المطار الخبر رقم %d إن الرحلة وصلت صباح اليوم إلى المدرج الشرقي", next),
				"An airport official said that the flight had reached the eastern runway this morning, after the storm.")
			next++
		}
		return entries
	}
	for range 3 {
		for _, way := range []struct {
			name string
			save func([]translator.Entry) error
		}{
			{"store", func(entries []translator.Entry) error { return s.Save(b.Context(), entries) }},
			{"bare", bare},
		} {
			b.Run(way.name, func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					entries := batch()
					b.StartTimer()
					if err := way.save(entries); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// newBare makes a table with what memory holds, and returns how it is added to.
func newBare(b *testing.B, s *Store) func([]translator.Entry) error {
	b.Helper()
	for _, statement := range []string{
		`CREATE TABLE bare (id INTEGER PRIMARY KEY, key BLOB NOT NULL, signature_id INTEGER NOT NULL, direction_id INTEGER NOT NULL, kind TEXT NOT NULL,
			time INTEGER NOT NULL, checksum INTEGER NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, flags TEXT NOT NULL, UNIQUE (key, signature_id)) STRICT`,
		`INSERT INTO bare SELECT id, key, signature_id, direction_id, kind, time, checksum, source, target, flags FROM memory ORDER BY key`,
	} {
		if _, err := s.writer.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	insert, err := s.writer.PrepareContext(b.Context(), `INSERT INTO bare (key, signature_id, direction_id, kind, time, checksum, source, target, flags)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { insert.Close() })
	return func(entries []translator.Entry) error {
		tx, err := s.writer.BeginTx(b.Context(), nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		add := tx.Stmt(insert)
		for i := range entries {
			e := &entries[i]
			if _, err := add.Exec(e.Key[:], 1, 1, string(e.Origin.Kind), e.Origin.Time.Unix(), 1, e.Source, e.Target, ""); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
}
