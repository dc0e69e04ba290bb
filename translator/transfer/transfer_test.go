package transfer_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/ram"
	"dragoman/translator/store/sqlite"
	"dragoman/translator/transfer"
)

var (
	arEn = translator.Direction{From: translator.Arabic, To: translator.English}
	enAr = translator.Direction{From: translator.English, To: translator.Arabic}
	noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
)

const engine translator.Signature = "engine:1"

func open(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// all gathers a sequence.
func all[T any](t *testing.T, seq func(func(T, error) bool)) []T {
	t.Helper()
	var found []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, v)
	}
	return found
}

func entry(dir translator.Direction, signature translator.Signature, source, target string) translator.Entry {
	return translator.Entry{
		Key: translator.KeyOf(dir, source), Direction: dir, Source: source, Target: target,
		Origin: translator.Origin{Kind: translator.Machine, Signature: signature, Time: noon},
	}
}

func save(t *testing.T, s translator.Store, entries ...translator.Entry) {
	t.Helper()
	if err := s.Save(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

func wantCounts(t *testing.T, got, want transfer.Counts, err error) {
	t.Helper()
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	from, to := ram.New(), ram.New()
	var entries []translator.Entry
	for i := range 2500 {
		entries = append(entries, entry(arEn, engine, fmt.Sprintf("الخبر %d", i), fmt.Sprintf("Item %d", i)))
	}
	flagged := entry(enAr, translator.HumanSignature, "Two\xff", "اثنان")
	flagged.Origin.Kind, flagged.Flags, flagged.Origin.Time = translator.Human, []string{"length", "numbers"}, time.Time{}
	save(t, from, append(entries, flagged, entry(arEn, "engine:2", "الخبر 7", "Story 7"))...)

	older, newer, again := entry(arEn, engine, "الخبر 1", "old"), entry(arEn, engine, "الخبر 2", "new"), entry(arEn, engine, "الخبر 3", "asked before")
	older.Origin.Time, newer.Origin.Time = noon.Add(-time.Second), noon.Add(time.Second)
	own := entry(arEn, engine, "خبر آخر", "own")
	save(t, to, older, newer, again, own)

	got, err := transfer.Memory(t.Context(), from, to, nil)
	wantCounts(t, got, transfer.Counts{Seen: 2502, Added: 2499, Changed: 2, Newer: 1}, err)
	save(t, from, newer, own)
	if a, b := all(t, from.Entries(t.Context())), all(t, to.Entries(t.Context())); !reflect.DeepEqual(a, b) {
		t.Errorf("%d entries were copied to %d, and they differ", len(a), len(b))
	}
	got, err = transfer.Memory(t.Context(), from, to, nil)
	wantCounts(t, got, transfer.Counts{Seen: 2503}, err)
}

// lines returns what a journal holds, without the numbers of the lines.
func lines(t *testing.T, j translator.Journal) []translator.Posting {
	t.Helper()
	found := all(t, j.Lines(t.Context(), translator.Window{}))
	for i := range found {
		found[i].ID = 0
	}
	return found
}

// A book writes lines at random.
type book struct {
	t      *testing.T
	ledger translator.Ledger
	random *rand.Rand
	open   []translator.LineID
}

func (b *book) write(n int) {
	b.t.Helper()
	for range n {
		l := translator.Line{Run: fmt.Sprint("run ", b.random.IntN(3)), Backend: "google", Signature: engine, Direction: arEn,
			Texts: 1, Size: b.random.IntN(3), Cost: 5, Time: noon.Add(time.Duration(b.random.IntN(3)) * time.Microsecond)}
		if b.random.IntN(9) == 0 {
			l.Run = ""
		}
		for i := range b.random.IntN(3) {
			l.Shares = append(l.Shares, translator.Share{Story: fmt.Sprint("story\xff ", b.random.IntN(2)), Version: [16]byte{byte(b.random.IntN(2))}, Texts: i, Size: 1})
		}
		id, err := b.ledger.Reserve(b.t.Context(), l, nil)
		if err != nil {
			b.t.Fatal(err)
		}
		b.open = append(b.open, id)
		if b.random.IntN(3) > 0 {
			b.settle()
		}
	}
}

// settle closes any open line.
func (b *book) settle() {
	b.t.Helper()
	i := b.random.IntN(len(b.open))
	bill := translator.Bill{Size: 3, Cost: 4, Said: b.random.IntN(2) == 0, Time: noon.Add(time.Second)}
	if b.random.IntN(5) == 0 {
		bill = translator.Bill{Time: noon.Add(time.Second)}
	}
	if err := b.ledger.Settle(b.t.Context(), b.open[i], bill); err != nil {
		b.t.Fatal(err)
	}
	b.open = append(b.open[:i], b.open[i+1:]...)
}

// A breaking ledger fails after some writes, as a kill would.
type breaking struct {
	transfer.Book
	left atomic.Int64
}

var errBroken = errors.New("broken")

func (b *breaking) Reserve(ctx context.Context, l translator.Line, limits []translator.Limit) (translator.LineID, error) {
	if b.left.Add(-1) < 0 {
		return 0, errBroken
	}
	return b.Book.Reserve(ctx, l, limits)
}

func (b *breaking) Settle(ctx context.Context, id translator.LineID, bill translator.Bill) error {
	if b.left.Add(-1) < 0 {
		return errBroken
	}
	return b.Book.Settle(ctx, id, bill)
}

// TestLedger copies a ledger of many equal lines, again and again while it
// grows, stopped at any point.
func TestLedger(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		from, to := ram.New(), ram.New()
		b := &book{t: t, ledger: from, random: rand.New(rand.NewPCG(seed, 1))}
		for range 4 {
			b.write(40)
			for range b.random.IntN(len(b.open)) {
				b.settle()
			}
			torn := &breaking{Book: to}
			torn.left.Store(b.random.Int64N(90))
			if _, err := transfer.Ledger(t.Context(), from, torn, nil); err != nil && !errors.Is(err, errBroken) {
				t.Fatal(err)
			}
		}
		got, err := transfer.Ledger(t.Context(), from, to, nil)
		if err != nil || got.Seen != 160 || got.Open != len(b.open) {
			t.Errorf("%+v, %v", got, err)
		}
		if a, c := lines(t, from), lines(t, to); !reflect.DeepEqual(a, c) {
			t.Errorf("seed %d: %d lines were copied to %d, and they differ:\n%v\n%v", seed, len(a), len(c), a, c)
		}
		got, err = transfer.Ledger(t.Context(), from, to, nil)
		wantCounts(t, got, transfer.Counts{Seen: 160, Open: len(b.open)}, err)
	}
}

var _ translator.Shelf[*sql.Tx] = (*sqlite.Store)(nil)
