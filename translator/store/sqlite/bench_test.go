package sqlite

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
)

// BenchmarkLookup asks for 1,000 remembered sentences of 100,000 at a time: in
// the order in which they were saved, as a rerun does, and in any order.
func BenchmarkLookup(b *testing.B) {
	s := mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
	all := entries(100_000)
	for batch := range slices.Chunk(all, 5000) {
		if err := s.Save(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	asked := keys(all)
	b.Run("rerun", func(b *testing.B) { benchmarkLookup(b, s, asked) })
	rand.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
	b.Run("random", func(b *testing.B) { benchmarkLookup(b, s, asked) })
}

func benchmarkLookup(b *testing.B, s *Store, asked []translator.Key) {
	b.ReportAllocs()
	hits := 0
	for b.Loop() {
		from := hits % len(asked)
		found, err := s.Lookup(b.Context(), asked[from:from+1000])
		if err != nil || len(found) != 1000 {
			b.Fatal(len(found), err)
		}
		hits += len(found)
	}
	b.ReportMetric(float64(hits)/b.Elapsed().Seconds(), "hits/s")
}

// BenchmarkSave saves new sentences, in batches as of an import and of a request.
func BenchmarkSave(b *testing.B) {
	for _, size := range []int{1000, 60} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
			rows := 0
			for b.Loop() {
				batch := entries(size)
				for i := range batch {
					batch[i].Key = translator.KeyOf(batch[i].Direction, fmt.Sprint(rows+i))
				}
				if err := s.Save(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
				rows += size
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkSubmit submits 500 stories of 10 kB, new ones and known ones.
func BenchmarkSubmit(b *testing.B) {
	for _, what := range []string{"new", "known"} {
		b.Run(what, func(b *testing.B) {
			s := mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
			night := stories(500)
			submitted := 0
			for b.Loop() {
				for i := range night {
					if what == "new" {
						night[i].Story = fmt.Sprintf("wire/2026-11-28/%d.txt", submitted+i)
					}
				}
				if _, err := s.Submit(b.Context(), "night", night, nil); err != nil {
					b.Fatal(err)
				}
				submitted += len(night)
			}
			b.ReportMetric(float64(submitted)/b.Elapsed().Seconds(), "stories/s")
		})
	}
}

// BenchmarkChange ends a version's work with a result of 20 kB, by some workers
// a processor, whose changes share commits.
func BenchmarkChange(b *testing.B) {
	result := []byte(strings.Repeat("A sentence. ", 20_000/12))
	for _, workers := range []int{1, 4, 8} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			s := mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
			if _, err := s.Submit(b.Context(), "night", stories(500), nil); err != nil {
				b.Fatal(err)
			}
			var next atomic.Int64
			b.SetParallelism(workers)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					id := translator.VersionID(next.Add(1)%500 + 1)
					c := translator.Change{ID: id, From: []translator.State{translator.Waiting, translator.StateDone}, To: translator.StateDone, Result: result}
					if got, err := s.Change(b.Context(), []translator.Change{c}, nil); err != nil || len(got) != 1 {
						b.Error(got, err)
					}
				}
			})
		})
	}
}

// BenchmarkVersions lists and counts 100,000 versions, as a page that people look at does.
func BenchmarkVersions(b *testing.B) {
	s := mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
	many := stories(1000)
	for i := range 100 {
		for j := range many {
			many[j].Story, many[j].Article = fmt.Sprintf("wire/%d/%d.txt", i, j), many[j].Article[:100]
		}
		if _, err := s.Submit(b.Context(), fmt.Sprint("night ", i), many, nil); err != nil {
			b.Fatal(err)
		}
	}
	for name, selection := range map[string]translator.Selection{
		"all": {Brief: true}, "batch": {Batch: "night 50", Brief: true}, "story": {Story: "wire/50/500.txt", Brief: true},
		"failed": {States: []translator.State{translator.StateFailed}, Brief: true},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, err := range s.Versions(b.Context(), selection) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
	for _, batch := range []string{"", "night 50"} {
		b.Run("tally "+batch, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Tally(b.Context(), translator.Selection{Batch: batch}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReserve reserves and settles against three limits, in a ledger that
// already has a million lines of 200 nights.
func BenchmarkReserve(b *testing.B) {
	s := mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
	now := time.Now()
	fillLedger(b, s, now, 200, 5000)
	limits := []translator.Limit{
		{Name: "run", Window: translator.Window{Run: "now"}, Size: 1 << 50},
		{Name: "day", Window: translator.Window{Since: now.Truncate(24 * time.Hour)}, Cost: 1 << 50},
		{Name: "month", Window: translator.Window{Since: now.Truncate(24*time.Hour).AddDate(0, -1, 0)}, Cost: 1 << 50},
	}
	for _, shares := range []int{0, 1, 20, 500} {
		b.Run(fmt.Sprint("shares=", shares), func(b *testing.B) {
			stories := 0
			for b.Loop() {
				line := translator.Line{Run: "now", Size: 1000, Cost: 20_000, Time: now, Shares: sharesOf(stories, shares)}
				stories += shares
				id, err := s.Reserve(b.Context(), line, limits)
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Settle(b.Context(), id, translator.Bill{Size: 1000, Cost: 20_000, Time: now}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// sharesOf returns the shares of n stories, from a number on.
func sharesOf(first, n int) []translator.Share {
	shares := make([]translator.Share, n)
	for i := range shares {
		shares[i] = translator.Share{Story: fmt.Sprintf("wire/2026-11-28/story-%d.txt", first+i), Texts: 2, Size: 200}
	}
	return shares
}

// fillLedger writes nights of lines, six hours each, faster than Reserve would.
func fillLedger(b *testing.B, s *Store, now time.Time, nights, lines int) {
	b.Helper()
	exec := func(query string, args ...any) {
		if _, err := s.writer.Exec(query, args...); err != nil {
			b.Fatal(err)
		}
	}
	exec(`INSERT INTO signatures (id, text) VALUES (1, 'engine:1')`)
	exec(`INSERT INTO directions (id, source, target) VALUES (1, 'ar', 'en')`)
	exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO runs (id, name) SELECT i, 'night ' || i FROM n`, nights)
	exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 * ?3 - 1)
		INSERT INTO lines (run_id, backend, signature_id, direction_id, texts, size, cost, time, billed_size, billed_cost, billed_time)
		SELECT i / ?3 + 1, 'google', 1, 1, 60, 9000, 180000,
			?1 - (i / ?3) * 86400000000 - (i % ?3) * (21600000000 / ?3), 9000, 180000, ?1 FROM n`,
		now.UnixMicro(), nights, lines)
	exec(`INSERT INTO totals SELECT time / 900000000, run_id, count(*), sum(size), sum(cost), 0, 0, 0
		FROM lines GROUP BY 1, 2`)
}

// BenchmarkLookupLarge asks for 1,000 sentences anywhere in stores of as many
// million as DRAGOMAN_BENCH_MILLIONS names, as "1 10", in turn: with Lookup, and
// with a bare query that reads the same rows. It makes its stores first, 0.5 GB a million.
func BenchmarkLookupLarge(b *testing.B) {
	sizes := strings.Fields(os.Getenv("DRAGOMAN_BENCH_MILLIONS"))
	if len(sizes) == 0 {
		b.Skip("DRAGOMAN_BENCH_MILLIONS names how many million rows")
	}
	stores, rows := make([]*Store, len(sizes)), make([]int, len(sizes))
	for i, size := range sizes {
		millions, err := strconv.Atoi(size)
		if err != nil {
			b.Fatal(err)
		}
		rows[i] = millions * 1_000_000
		stores[i] = mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
		fillMemory(b, stores[i], rows[i])
	}
	for range 3 {
		for i, s := range stores {
			b.Run("lookup/"+sizes[i], func(b *testing.B) {
				benchmarkLarge(b, rows[i], func(keys []translator.Key) (int, error) {
					found, err := s.Lookup(b.Context(), keys)
					return len(found), err
				})
			})
			b.Run("bare/"+sizes[i], func(b *testing.B) {
				benchmarkLarge(b, rows[i], func(keys []translator.Key) (int, error) { return bareLookup(b, s, keys) })
			})
		}
	}
}

func benchmarkLarge(b *testing.B, rows int, lookup func([]translator.Key) (int, error)) {
	for b.Loop() {
		b.StopTimer()
		asked := make([]translator.Key, 1000)
		for i := range asked {
			asked[i] = translator.KeyOf(direction, largeSource(rand.IntN(rows)))
		}
		b.StartTimer()
		if n, err := lookup(asked); err != nil || n < 990 {
			b.Fatal(n, err)
		}
	}
}

func largeSource(i int) string {
	return fmt.Sprintf("قال مسؤول في الميناء الخبر رقم %d إن الشحنة وصلت صباح اليوم إلى الرصيف الشرقي", i)
}

// fillMemory saves entries in the order of their keys, in which the index grows
// at its end and not everywhere: ten million take minutes and not an hour. A
// thousand keys lie on as many pages either way.
func fillMemory(b *testing.B, s *Store, rows int) {
	b.Helper()
	order, keys := make([]int, rows), make([]translator.Key, rows)
	for i := range order {
		order[i], keys[i] = i, translator.KeyOf(direction, largeSource(i))
	}
	slices.SortFunc(order, func(i, j int) int { return keys[i].Compare(keys[j]) })
	for chunk := range slices.Chunk(order, 20_000) {
		batch := make([]translator.Entry, len(chunk))
		for i, n := range chunk {
			batch[i] = entry(largeSource(n), "A port official said that the shipment had reached the eastern quay this morning, after the storm.")
		}
		if err := s.Save(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// bareLookup reads the rows of 1,000 keys and does nothing with them.
func bareLookup(b *testing.B, s *Store, keys []translator.Key) (n int, err error) {
	args := make([]any, len(keys))
	for i := range keys {
		args[i] = keys[i][:]
	}
	rows, err := s.lookup.QueryContext(b.Context(), args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var key, kind, source, target, flags sql.RawBytes
	var signature, direction, time, checksum int64
	for rows.Next() {
		if err := rows.Scan(&key, &signature, &direction, &kind, &time, &checksum, &source, &target, &flags); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}
