package sqlite

import (
	"cmp"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"dragoman/translator"
)

// BenchmarkTally asks what a register of 1,000,000 versions, or DRAGOMAN_BENCH_ROWS, holds: one
// in ten is a correction, one in 500 has failed, one in 100 waits.
func BenchmarkTally(b *testing.B) {
	rows, _ := strconv.Atoi(os.Getenv("DRAGOMAN_BENCH_ROWS"))
	s := mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
	fillVersions(b, s, cmp.Or(rows, 1_000_000))
	for _, bench := range []struct {
		name      string
		selection translator.Selection
	}{
		{"all", translator.Selection{}},
		{"failed", translator.Selection{States: []translator.State{translator.StateFailed}}},
		{"done lately", translator.Selection{States: []translator.State{translator.StateDone, translator.StatePartial}, Since: time.UnixMicro(990_000)}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if tally, err := s.Tally(b.Context(), bench.selection); err != nil || len(tally) == 0 {
					b.Fatal(tally, err)
				}
			}
		})
	}
	for _, bench := range []struct {
		name      string
		selection translator.Selection
	}{
		{"ids of failed", translator.Selection{States: []translator.State{translator.StateFailed}}},
		{"ids of all", translator.Selection{}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if ids, err := s.pick(b.Context(), bench.selection); err != nil || len(ids) == 0 {
					b.Fatal(ids, err)
				}
			}
		})
	}
}

// fillVersions makes many versions, faster than Submit would and without what belongs to them.
func fillVersions(b *testing.B, s *Store, rows int) {
	b.Helper()
	if _, err := s.Submit(b.Context(), "night", []translator.Version{story(1)}, nil); err != nil { // the direction
		b.Fatal(err)
	}
	for _, statement := range []string{
		`CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT i FROM n`,
		`INSERT INTO stories (name) SELECT 'wire/2026/story-' || i FROM n WHERE i % 10 > 0`,
		`INSERT INTO versions (direction_id, story_id, digest, path, priority, submitted, article_sum, checksum, state, kind, reason, hint, changed, latest, state_sum)
			SELECT 1, 2 + (i - 1) * 9 / 10, randomblob(16), 'wire/2026/03/story-' || i || '.txt', 3, i, random() % 1000000000, random() % 1000000000,
				CASE WHEN i % 500 = 3 THEN 'failed' WHEN i % 100 = 2 THEN 'waiting' ELSE 'done' END, '', '', '', i, 1 + i, random() % 1000000000 FROM n`,
	} {
		if _, err := s.writer.ExecContext(b.Context(), statement, rows); err != nil {
			b.Fatal(statement, err)
		}
	}
}
