package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dragoman/translator"
)

// BenchmarkLookupGrowth asks for 1,000 sentences of a million, and of ten
// million, in turn. It takes minutes and 6 GB of disk: DRAGOMAN_BENCH_GROWTH=1.
func BenchmarkLookupGrowth(b *testing.B) {
	if os.Getenv("DRAGOMAN_BENCH_GROWTH") == "" {
		b.Skip("set DRAGOMAN_BENCH_GROWTH to have ten million rows made")
	}
	sizes := [...]int{1_000_000, 10_000_000}
	var stores [2]*Store
	for i, rows := range sizes {
		stores[i] = mustOpen(b, filepath.Join(b.TempDir(), "d.db"), nil)
		fillMemory(b, stores[i], rows)
	}
	for range 3 {
		for i, s := range stores {
			b.Run(fmt.Sprint("rows=", sizes[i]), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					asked := make([]translator.Key, 1000)
					for k := range asked {
						asked[k] = numberedEntry(rand.IntN(sizes[i])).Key
					}
					b.StartTimer()
					if found, err := s.Lookup(b.Context(), asked); err != nil || len(found) < 990 {
						b.Fatal(len(found), err)
					}
				}
			})
		}
	}
}

// numberedEntry returns an entry of the length of a news sentence.
func numberedEntry(i int) translator.Entry {
	return entry(fmt.Sprintf("قال المتحدث إن الوفد رقم %d وصل مساء السبت إلى المدينة لإجراء محادثات تستمر يومين", i),
		fmt.Sprintf("The spokesman said delegation number %d arrived in the city on Saturday evening for two days of talks.", i))
}

// fillMemory writes entries in the order of their keys, which is faster than
// Save by an order of magnitude: the index then grows at its end. A thousand
// keys lie on as many pages in any order.
func fillMemory(b *testing.B, s *Store, rows int) {
	b.Helper()
	type numbered struct {
		key translator.Key
		i   int
	}
	order := make([]numbered, rows)
	for i := range order {
		order[i] = numbered{numberedEntry(i).Key, i}
	}
	slices.SortFunc(order, func(a, b numbered) int { return cmp.Or(bytes.Compare(a.key[:], b.key[:]), cmp.Compare(a.i, b.i)) })
	for batch := range slices.Chunk(order, 100_000) {
		if err := s.write(b.Context(), "fill", func(ctx context.Context, tx *sql.Tx, ids *nameIDs) error {
			insert := tx.StmtContext(ctx, s.prepared.entry)
			for _, n := range batch {
				e := numberedEntry(n.i)
				if err := saveEntry(ctx, insert, ids, &e); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}
