package sqlite

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
)

// openSchema1 makes a store as the first release made it, by running the first
// migration alone, with an entry and a settled and an open line in it.
func openSchema1(t *testing.T) (path string, saved translator.Entry) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "old.db")
	ctx := context.Background()
	if err := prepareFile(path, false); err != nil {
		t.Fatal(err)
	}
	db, err := openWriter(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := newProvider(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	saved = entry("وصل الوفد مساء السبت.", "The delegation arrived on Saturday evening.")
	saved.Origin.Time = time.Unix(1_700_000_000, 0).UTC()
	for _, statement := range []struct {
		query string
		args  []any
	}{
		{"INSERT INTO signatures VALUES (1, 'engine:1')", nil},
		{"INSERT INTO directions VALUES (1, 'ar', 'en')", nil},
		{"INSERT INTO runs VALUES (1, 'night')", nil},
		{`INSERT INTO memory (key, signature_id, direction_id, kind, time, checksum, source, target)
			VALUES (?, 1, 1, 'machine', ?, ?, ?, ?)`,
			[]any{saved.Key[:], saved.Origin.Time.Unix(), checksum1(&saved), saved.Source, saved.Target}},
		{"INSERT INTO lines VALUES (1, 1, 'google', 1, 1, 3, 100, 2000, 1700000000000000, 90, 1800, 1700000001000000)", nil},
		{"INSERT INTO lines VALUES (2, 1, 'google', 1, 1, 1, 50, 1000, 1700000002000000, NULL, NULL, NULL)", nil},
		{"INSERT INTO totals VALUES (1888888, 1, 2, 140, 2800, 1, 50, 1000)", nil},
	} {
		if _, err := db.Exec(statement.query, statement.args...); err != nil {
			t.Fatal(statement.query, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path, saved
}

// checksum1 is the checksum of the first release, over the bytes written out.
func checksum1(e *translator.Entry) int64 {
	b := append([]byte{}, e.Key[:]...)
	number := func(n uint64) {
		for range 8 {
			b = append(b, byte(n))
			n >>= 8
		}
	}
	for _, text := range []string{string(e.Direction.From), string(e.Direction.To), string(e.Origin.Kind), string(e.Origin.Signature), e.Source, e.Target} {
		number(uint64(len(text)))
		b = append(b, text...)
	}
	number(uint64(e.Origin.Time.Unix()))
	return int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// TestMigrateFromSchema1 opens a store of the first release: what it remembers
// is still valid, what it spent still counts, and it takes what is new.
func TestMigrateFromSchema1(t *testing.T) {
	t.Parallel()
	path, old := openSchema1(t)
	s := mustOpen(t, path, &Options{Damaged: func(k translator.Key) { t.Errorf("%v counts as damaged", k) }})
	ctx := t.Context()
	if found, err := s.Lookup(ctx, []translator.Key{old.Key}); err != nil || !reflect.DeepEqual(found[old.Key], []translator.Entry{old}) {
		t.Errorf("Lookup: %v, %v; want %v", found, err, old)
	}
	spent, err := s.Spending(ctx, translator.Window{Run: "night"})
	if want := (translator.Spending{Requests: 2, Size: 140, Cost: 2800, Open: 1, OpenSize: 50, OpenCost: 1000}); err != nil || spent != want {
		t.Errorf("Spending: %+v, %v; want %+v", spent, err, want)
	}
	old.Flags = []string{"numbers"}
	if err := s.Save(ctx, []translator.Entry{old}); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Lookup(ctx, []translator.Key{old.Key}); err != nil || !reflect.DeepEqual(found[old.Key], []translator.Entry{old}) {
		t.Errorf("with a flag: %v, %v; want %v", found, err, old)
	}
	if err := s.Settle(ctx, 2, translator.Bill{Size: 51, Cost: 1020, Said: true, Time: time.Unix(1_700_000_003, 0)}); err != nil {
		t.Fatal(err)
	}
	var postings []translator.Posting
	for p, err := range s.Lines(ctx, translator.Window{Run: "night"}) {
		if err != nil {
			t.Fatal(err)
		}
		postings = append(postings, p)
	}
	if len(postings) != 2 || postings[0].Bill.Said || postings[0].Bill.Size != 90 || postings[0].Line.Shares != nil ||
		!postings[1].Bill.Said || postings[1].Bill.Cost != 1020 {
		t.Errorf("Lines: %+v", postings)
	}
	checkIntegrity(t, s)
}

// openSchema2 makes a store as the second release made it: that of the first
// one, with flags, and stories that have a share of a line.
func openSchema2(t *testing.T) (path string, saved translator.Entry) {
	t.Helper()
	path, _ = openSchema1(t)
	db, err := openWriter(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := newProvider(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	saved = entry("غادر الوفد صباح الأحد.", "The delegation left on Sunday morning.")
	saved.Origin.Time, saved.Flags = time.Unix(1_700_000_000, 0).UTC(), []string{"length", "numbers"}
	_, err = db.Exec(`
		INSERT INTO memory (key, signature_id, direction_id, kind, time, checksum, source, target, flags)
			VALUES (?, 1, 1, 'machine', ?, ?, ?, ?, 'length numbers');
		INSERT INTO stories VALUES (1, 'other'), (2, 'story 1');
		INSERT INTO shares VALUES (2, 0, 2, 1, 50)`,
		saved.Key[:], saved.Origin.Time.Unix(), int64(saved.Checksum()), saved.Source, saved.Target)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return path, saved
}

// TestMigrateFromSchema2 opens a store of the second release, which keeps all
// that it has, and takes submitted stories, also those that it knows from the ledger.
func TestMigrateFromSchema2(t *testing.T) {
	t.Parallel()
	path, old := openSchema2(t)
	s := mustOpen(t, path, &Options{Damaged: func(k translator.Key) { t.Errorf("%v counts as damaged", k) }})
	ctx := t.Context()
	if found, err := s.Lookup(ctx, []translator.Key{old.Key}); err != nil || !reflect.DeepEqual(found[old.Key], []translator.Entry{old}) {
		t.Errorf("Lookup: %v, %v; want %v", found, err, old)
	}
	if n := count(t, s); n != 2 {
		t.Errorf("%d entries, want 2", n)
	}
	if got, err := s.Submit(ctx, "night", []translator.Version{story(1), story(2)}, nil); err != nil || len(got) != 2 {
		t.Errorf("Submit: %v, %v", got, err)
	}
	for v, err := range s.Versions(ctx, translator.Selection{Story: "story 1"}) {
		if err != nil || v.Story != "story 1" || v.State != translator.Waiting {
			t.Errorf("%+v, %v", v, err)
		}
	}
	for p, err := range s.Lines(ctx, translator.Window{}) {
		want := []translator.Share{{Story: "story 1", Texts: 1, Size: 50}}
		if err != nil || p.ID == 2 && !reflect.DeepEqual(p.Line.Shares, want) {
			t.Errorf("%+v, %v", p, err)
		}
	}
	checkIntegrity(t, s)
}

// TestMigrateWaits sees that an older schema is brought up to date only when no
// run is at work on it, and that a reader that is stopped leaves it as it was.
func TestMigrateWaits(t *testing.T) {
	t.Parallel()
	path, old := openSchema1(t)
	holder := &Store{path: path}
	unlock, err := holder.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = Open(ctx, path, &Options{Waiting: func(string) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("while a run is at work: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, path, nil)
	if found, err := s.Lookup(t.Context(), []translator.Key{old.Key}); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}

// TestAsIs opens an old store without touching its schema, which it cannot.
func TestAsIs(t *testing.T) {
	t.Parallel()
	path, _ := openSchema1(t)
	asIs := &Options{Existing: true, AsIs: true}
	for range 2 {
		s, err := Open(t.Context(), path, asIs)
		if err == nil {
			s.Close()
		}
		if !errors.Is(err, translator.Invalid) || !strings.Contains(fmt.Sprint(err), "older dragoman") || translator.HintOf(err) == "" {
			t.Fatalf("an old store: %v", err)
		}
	}
	s, err := Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	again, err := Open(t.Context(), path, asIs)
	if err != nil {
		t.Fatalf("a store of today: %v", err)
	}
	defer again.Close()
	one, err1 := s.Identity(t.Context())
	two, err2 := again.Identity(t.Context())
	if err := errors.Join(err1, err2); err != nil || one != two {
		t.Errorf("one store is %s and %s, %v", one, two, err)
	}
}
