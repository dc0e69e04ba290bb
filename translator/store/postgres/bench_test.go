package postgres

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
)

// benchRows is how many rows memory has in benchmarks, unless DRAGOMAN_BENCH_ROWS says.
const benchRows = 1_000_000

// filled returns a store, on a server as one at work is, with many entries.
func filled(b *testing.B) (s *Store, rows int) {
	b.Helper()
	rows = benchRows
	if n, err := strconv.Atoi(os.Getenv("DRAGOMAN_BENCH_ROWS")); err == nil {
		rows = n
	}
	return fill(b, durable(b), rows), rows
}

func durable(b *testing.B) *postgrestest.Server {
	b.Helper()
	return postgrestest.Start(b, &postgrestest.Options{Durable: true, Settings: []string{"shared_buffers=1GB", "max_wal_size=4GB", "maintenance_work_mem=1GB"}})
}

// fill makes a store with many entries, faster than Save would.
func fill(b *testing.B, server *postgrestest.Server, rows int) *Store {
	b.Helper()
	s := mustOpen(b, server.Database(b), nil)
	if err := s.Save(b.Context(), []translator.Entry{numberedEntry(0)}); err != nil { // the names
		b.Fatal(err)
	}
	mustExec(b, s, "TRUNCATE memory")
	mustExec(b, s, "ALTER TABLE memory DROP CONSTRAINT memory_pkey")
	columns := []string{"key", "signature_id", "direction_id", "kind", "time", "checksum", "source", "target", "flags"}
	next := 0
	if _, err := s.Pool().CopyFrom(b.Context(), pgx.Identifier{"memory"}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		if next == rows {
			return nil, nil
		}
		e := numberedEntry(next)
		next++
		return []any{e.Key[:], s.names.id(signatureName(e.Origin.Signature)), s.names.id(directionName(e.Direction)),
			string(e.Origin.Kind), e.Origin.Time.Unix(), int64(e.Checksum()), []byte(e.Source), []byte(e.Target), []byte{}}, nil
	})); err != nil {
		b.Fatal(err)
	}
	mustExec(b, s, "ALTER TABLE memory ADD PRIMARY KEY (key, signature_id)")
	mustExec(b, s, "VACUUM ANALYZE memory")
	return s
}

func mustExec(b *testing.B, s *Store, statement string) {
	b.Helper()
	if _, err := s.Pool().Exec(b.Context(), statement); err != nil {
		b.Fatal(statement, err)
	}
}

// numberedEntry returns an entry of the length of a news sentence.
func numberedEntry(i int) translator.Entry {
	e := entry(fmt.Sprintf("قال المتحدث إن الوفد رقم %d وصل مساء السبت إلى المدينة لإجراء محادثات تستمر يومين", i),
		fmt.Sprintf("The spokesman said delegation number %d arrived in the city on Saturday evening for two days of talks.", i))
	return e
}

func someKeys(rows int) []translator.Key {
	keys := make([]translator.Key, 1000)
	for i := range keys {
		keys[i] = numberedEntry(rand.IntN(rows)).Key
	}
	return keys
}

// BenchmarkLookup asks for 1,000 of a million remembered sentences, in any
// order, of the store and of the driver alone.
func BenchmarkLookup(b *testing.B) {
	s, rows := filled(b)
	asked := make([][]translator.Key, 100)
	for i := range asked {
		asked[i] = someKeys(rows)
	}
	turn := 0
	next := func() []translator.Key {
		turn++
		return asked[turn%len(asked)]
	}
	for range asked { // all pages are read once
		if _, err := bareLookup(b, s, next()); err != nil {
			b.Fatal(err)
		}
	}
	for range 2 { // one after the other, for a machine that is not always as fast
		b.Run("store", func(b *testing.B) {
			for b.Loop() {
				if found, err := s.Lookup(b.Context(), next()); err != nil || len(found) < 990 {
					b.Fatal(len(found), err)
				}
			}
		})
		b.Run("bare", func(b *testing.B) {
			for b.Loop() {
				if n, err := bareLookup(b, s, next()); err != nil || n < 990 {
					b.Fatal(n, err)
				}
			}
		})
	}
}

// BenchmarkLookupGrowth asks for 1,000 sentences of a million, and of ten
// million, on one server in turn. It takes minutes, 10 GB of disk and 7 GB of
// memory: DRAGOMAN_BENCH_GROWTH=1.
func BenchmarkLookupGrowth(b *testing.B) {
	if os.Getenv("DRAGOMAN_BENCH_GROWTH") == "" {
		b.Skip("set DRAGOMAN_BENCH_GROWTH to have ten million rows made")
	}
	// A quarter of the memory, as is usual for a database; 4.5 GB are the larger table's.
	server := postgrestest.Start(b, &postgrestest.Options{Durable: true, Settings: []string{"shared_buffers=6GB", "max_wal_size=8GB", "maintenance_work_mem=1GB"}})
	sizes := [...]int{1_000_000, 10_000_000}
	var stores [2]*Store
	for i, rows := range sizes {
		stores[i] = fill(b, server, rows)
		mustExec(b, stores[i], "CREATE EXTENSION pg_prewarm")
		mustExec(b, stores[i], "SELECT pg_prewarm('memory'), pg_prewarm('memory_pkey')")
	}
	for range 3 {
		for i, s := range stores {
			b.Run(fmt.Sprint("rows=", sizes[i]), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					asked := someKeys(sizes[i])
					b.StartTimer()
					if found, err := s.Lookup(b.Context(), asked); err != nil || len(found) < 990 {
						b.Fatal(len(found), err)
					}
				}
			})
		}
	}
}

// bareLookup reads the same rows with pgx and nothing else.
func bareLookup(b *testing.B, s *Store, keys []translator.Key) (int, error) {
	asked := make([][]byte, len(keys))
	for i := range keys {
		asked[i] = keys[i][:]
	}
	rows, err := s.Pool().Query(b.Context(), lookupQuery, asked)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var key, source, target, flags []byte
		var kind string
		var signature, direction int32
		var written, sum int64
		if err := rows.Scan(&key, &signature, &direction, &kind, &written, &sum, &source, &target, &flags); err != nil {
			return 0, err
		}
		n++
	}
	return n, rows.Err()
}

// BenchmarkSave adds 1,000 sentences to a million, with the store and with the
// driver alone to a table that has their columns and their key and no more.
func BenchmarkSave(b *testing.B) {
	s, rows := filled(b)
	mustExec(b, s, "CREATE TABLE bare (LIKE memory INCLUDING DEFAULTS INCLUDING IDENTITY)")
	mustExec(b, s, "INSERT INTO bare SELECT * FROM memory")
	mustExec(b, s, "ALTER TABLE bare ADD PRIMARY KEY (key, signature_id)")
	mustExec(b, s, "VACUUM ANALYZE bare")
	mustExec(b, s, "CHECKPOINT")
	bare := strings.Replace(saveQuery, "INTO memory", "INTO bare", 1)
	next := rows
	batch := func() []translator.Entry {
		entries := make([]translator.Entry, 1000)
		for i := range entries {
			entries[i] = numberedEntry(next)
			next++
		}
		return entries
	}
	for range 2 {
		b.Run("store", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				entries := batch()
				b.StartTimer()
				if err := s.Save(b.Context(), entries); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("bare", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c, err := s.columns(batch())
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if _, err := s.Pool().Exec(b.Context(), bare, c.keys, c.signatures, c.directions, c.kinds, c.times, c.checksums, c.sources, c.targets, c.flags); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReserve reserves and settles against three limits, in a ledger that
// already has a million lines of 200 nights, on a server that waits for its disk.
func BenchmarkReserve(b *testing.B) {
	server := postgrestest.Start(b, &postgrestest.Options{Durable: true})
	s := mustOpen(b, server.Database(b), nil)
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
	mustExec(b, s, `INSERT INTO signatures (text) VALUES ('engine:1')`)
	mustExec(b, s, `INSERT INTO directions (source, target) VALUES ('ar', 'en')`)
	mustExec(b, s, fmt.Sprintf(`INSERT INTO runs (name) SELECT convert_to('night ' || i, 'UTF8') FROM generate_series(1, %d) i`, nights))
	mustExec(b, s, fmt.Sprintf(`INSERT INTO lines (token, run_id, signature_id, direction_id, backend, texts, size, cost, time, billed_size, billed_cost, billed_time)
		SELECT decode(md5(i::text), 'hex'), i / %[3]d + 1, 1, 1, 'google', 60, 9000, 180000,
			%[1]d - (i / %[3]d) * 86400000000 - (i %% %[3]d) * (21600000000 / %[3]d), 9000, 180000, %[1]d
		FROM generate_series(0, %[2]d::bigint * %[3]d - 1) i`, now.UnixMicro(), nights, lines))
	mustExec(b, s, `INSERT INTO totals SELECT time / 900000000, run_id, count(*), sum(size), sum(cost), 0, 0, 0 FROM lines GROUP BY 1, 2`)
	mustExec(b, s, `VACUUM ANALYZE lines, totals`)
}
