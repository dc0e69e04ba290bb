package postgres

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
)

// TestDamage changes each column of a row behind the store's back: the row is
// absent from then on, until the entry is saved again.
func TestDamage(t *testing.T) {
	t.Parallel()
	var told []translator.Key
	s := mustOpen(t, postgrestest.Database(t), &Options{Damaged: func(k translator.Key) { told = append(told, k) }})
	ctx := t.Context()
	whole, e := entry("خبر سليم", "whole"), entry("سقط 12 جريحا", "12 were injured")
	e.Flags = []string{"length"}
	other := entry("سقط 12 جريحا", "another engine's")
	other.Origin.Signature = "engine:2"
	other.Direction.To = "fr"
	for _, change := range []string{
		"source = source || '\\x00'", "target = set_byte(target, 0, get_byte(target, 0) # 1)", "kind = 'human'", "time = time + 1", "flags = ''",
		"checksum = checksum # 1", "signature_id = 99", "direction_id = 99",
		"signature_id = (SELECT id FROM signatures WHERE text = 'engine:2')", "direction_id = (SELECT id FROM directions WHERE target = 'fr')",
		"key = '\\x00112233445566778899aabbccddeeff'", "key = '\\x00'",
	} {
		if _, err := s.Pool().Exec(ctx, "TRUNCATE memory"); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(ctx, []translator.Entry{whole, other}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Pool().Exec(ctx, "TRUNCATE memory"); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(ctx, []translator.Entry{whole, e}); err != nil {
			t.Fatal(err)
		}
		if tag, err := s.Pool().Exec(ctx, "UPDATE memory SET "+change+" WHERE key = $1", e.Key[:]); err != nil || tag.RowsAffected() != 1 {
			t.Fatal(change, tag, err)
		}
		told = nil
		found, err := s.Lookup(ctx, []translator.Key{whole.Key, e.Key})
		if err != nil || len(found) != 1 || len(found[whole.Key]) != 1 {
			t.Errorf("%s: %v, %v", change, found, err)
		}
		if isKey := strings.HasPrefix(change, "key"); !isKey && !slices.Equal(told, []translator.Key{e.Key}) {
			t.Errorf("%s: told of %v", change, told)
		}
		seen := 0
		for _, err := range s.Entries(ctx) {
			if err != nil {
				t.Fatal(change, err)
			}
			seen++
		}
		if seen != 1 {
			t.Errorf("%s: %d entries are read", change, seen)
		}
		if err := s.Save(ctx, []translator.Entry{e}); err != nil {
			t.Fatal(err)
		}
		if found, err := s.Lookup(ctx, []translator.Key{e.Key}); err != nil || len(found) != 1 || found[e.Key][0].Target != e.Target {
			t.Errorf("%s: saved again: %v, %v", change, found, err)
		}
	}
}

// TestPlans sees that the statements that run for every page of sentences or
// every request go through an index, as they must in a store of millions.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, postgrestest.Database(t), nil)
	b := []byte("b")
	arrays := []any{[]int32{1}, [][]byte{b}, [][]byte{b}}
	for _, tt := range []struct {
		query string
		args  []any
		want  string
	}{
		{lookupQuery, []any{[][]byte{b, b}}, "Index Scan using memory_pkey"},
		{entriesQuery, []any{b, 1, 1, page}, "Index Scan using memory_pkey"},
		{spendingQuery, []any{nil, 0, 900_000_000, 1}, "Index Scan using totals_pkey"},
		{spendingQuery, []any{b, 0, 900_000_000, 1}, "Index Scan using totals_run"},
		{spendingQuery, []any{b, 0, 900_000_000, 1}, "Index Scan using lines_time"},
		{settleStatement, []any{1, 2, 3, 4, true}, "Index Scan using lines_pkey"},
		{findQuarters, []any{b}, "using totals_run"},
		{findLines, []any{0, 1}, "Index Scan using lines_time"},
		{linesQuery, []any{1, 9, 0, 1, b, journalPage}, "Index Scan using lines_pkey"},
		{pageSharesQuery, []any{[]int64{1, 2}}, "using shares_pkey"},
		{storiesQuery, []any{b, [][]byte{b}}, "using stories_name"},
		{sharesQuery, []any{b, [][]byte{b}, [][]byte{b}, []int64{1}, []int64{1}}, "Index Scan using stories_name"},
		{fullQuery, []any{[]int64{1, 2}}, "using versions_pkey"},
		{thereQuery, arrays, "using versions_story_id_direction_id_digest_key"},
		{renewQuery, arrays, "using versions_story_id_direction_id_digest_key"},
		{joinQuery, append(slices.Clone(arrays), b), "using batches_name"},
		{releaseQuery, []any{1, [][]byte{b}}, "using claims_pkey"},
	} {
		plan := planOf(t, s, tt.query, tt.args)
		scans := strings.Count(plan, "Seq Scan on ") - strings.Count(plan, "Seq Scan on runs") - strings.Count(plan, "Seq Scan on directions") - strings.Count(plan, "Seq Scan on signatures")
		if !strings.Contains(plan, tt.want) || scans > 0 {
			t.Errorf("%s\nplan %s\nwant %s", tt.query, plan, tt.want)
		}
	}
}

// planOf returns a query's plan as it would be in large tables.
func planOf(t *testing.T, s *Store, query string, args []any) string {
	t.Helper()
	tx, err := s.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), "SET LOCAL enable_bitmapscan = off"); err != nil {
		t.Fatal(err)
	}
	rows, err := tx.Query(t.Context(), "EXPLAIN (COSTS off) "+query, args...)
	if err != nil {
		t.Fatal(query, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(query, err)
	}
	return strings.Join(lines, "\n")
}

// TestSearchFollowsSaves: the words are brought up to date by the search itself,
// also for rows that changed after an earlier search, for more rows than one
// batch holds, and for those of a save that was under way.
func TestSearchFollowsSaves(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, postgrestest.Database(t), nil)
	count := func(word string, want int) {
		t.Helper()
		found, err := s.Search(t.Context(), word, 3*indexBatch)
		if err != nil || len(found) != want {
			t.Errorf("%s is in %d entries, want %d: %v", word, len(found), want, err)
		}
	}
	saveNumbered(t, s, indexBatch+1, "first")
	count("first", indexBatch+1)
	saveNumbered(t, s, 3, "second")
	count("second", 3)
	count("first", indexBatch-2)
	if _, err := s.Pool().Exec(t.Context(), "SELECT setval('memory_change_seq', $1)", int64(2*indexWindow+7)); err != nil { // many saves of the same rows
		t.Fatal(err)
	}
	saveNumbered(t, s, indexBatch+5, "third")
	count("third", indexBatch+5)
	count("second", 0)

	tx, err := s.Pool().Begin(t.Context()) // a save by hand, that is not over
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), lockIndex, int64(indexLock)); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT nextval(pg_get_serial_sequence('memory', 'change'))"); err != nil {
		t.Fatal(err)
	}
	searched := make(chan error)
	go func() {
		_, err := s.Search(t.Context(), "third", 1)
		searched <- err
	}()
	select {
	case <-searched:
		t.Error("a search did not wait for a save that may yet bring an older change")
	case <-time.After(100 * time.Millisecond):
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-searched; err != nil {
		t.Error(err)
	}
}

func saveNumbered(t testing.TB, s *Store, n int, target string) {
	t.Helper()
	var entries []translator.Entry
	for i := range n {
		entries = append(entries, entry("جملة رقم "+string(rune('ا'+i%28))+strings.Repeat("ب", i/28%50)+strings.Repeat("ت", i/1400), target))
	}
	if err := s.Save(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}
