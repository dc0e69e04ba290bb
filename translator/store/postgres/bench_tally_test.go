package postgres

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"dragoman/translator"
)

// BenchmarkTally asks what a register of 1,000,000 versions, or DRAGOMAN_BENCH_ROWS, holds: one
// in ten is a correction, one in 500 has failed, one in 100 waits.
func BenchmarkTally(b *testing.B) {
	rows, _ := strconv.Atoi(os.Getenv("DRAGOMAN_BENCH_ROWS"))
	s := mustOpen(b, durable(b).Database(b), nil)
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
	b.Run("ids of failed", func(b *testing.B) {
		for b.Loop() {
			if ids, err := s.pick(b.Context(), translator.Selection{States: []translator.State{translator.StateFailed}}); err != nil || len(ids) == 0 {
				b.Fatal(ids, err)
			}
		}
	})
	b.Run("ids of all", func(b *testing.B) {
		for b.Loop() {
			if ids, err := s.pick(b.Context(), translator.Selection{}); err != nil || len(ids) == 0 {
				b.Fatal(ids, err)
			}
		}
	})
}

// fillVersions makes many versions, faster than Submit would.
func fillVersions(b *testing.B, s *Store, rows int) {
	b.Helper()
	v := translator.Version{Direction: translator.Direction{From: "ar", To: "en"}, Story: "a", Article: []byte("a"), Submitted: time.Now()}
	if _, err := s.Submit(b.Context(), "night", []translator.Version{v}, nil); err != nil { // the direction
		b.Fatal(err)
	}
	mustExec(b, s, fmt.Sprintf(`INSERT INTO stories (name) SELECT convert_to('wire/2026/story-' || i, 'UTF8') FROM generate_series(1, %d) i WHERE i %% 10 > 0`, rows))
	mustExec(b, s, fmt.Sprintf(`INSERT INTO versions (direction_id, story_id, digest, path, priority, submitted, article, state, kind, reason, hint, changed)
		SELECT 1, 2 + (i - 1) * 9 / 10, decode(md5(i::text), 'hex'), convert_to('wire/2026/03/story-' || i || '.txt', 'UTF8'), 3, i, convert_to(repeat(md5(i::text), 8), 'UTF8'),
			CASE WHEN i %% 500 = 3 THEN 'failed' WHEN i %% 100 = 2 THEN 'waiting' ELSE 'done' END, '', '', '', i FROM generate_series(1, %d) i`, rows))
	mustExec(b, s, "VACUUM ANALYZE versions")
}
