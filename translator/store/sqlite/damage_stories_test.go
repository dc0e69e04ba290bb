package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
)

// ended returns the change that ends a version's work with a result of some 5 kB.
func ended(id translator.VersionID) translator.Change {
	return translator.Change{
		ID: id, From: []translator.State{translator.Waiting}, To: translator.StatePartial, Time: time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC),
		Reason: translator.Reason{Kind: translator.Missing, Text: "two sentences are missing", Hint: "try another engine"},
		Result: []byte(strings.Repeat(fmt.Sprintf("Sentence of version %d. ", id), 200)),
	}
}

// endSome submits n stories and ends the work of every second one.
func endSome(t *testing.T, s *Store, n int) []translator.Version {
	t.Helper()
	submitted, err := s.Submit(t.Context(), "night", stories(n), nil)
	if err != nil {
		t.Fatal(err)
	}
	var changes []translator.Change
	var ids []translator.VersionID
	for i, v := range submitted {
		ids = append(ids, v.ID)
		if i%2 == 0 {
			changes = append(changes, ended(v.ID))
		}
	}
	if _, err := s.Change(t.Context(), changes, nil); err != nil {
		t.Fatal(err)
	}
	versions, err := s.Load(t.Context(), ids)
	if err != nil || len(versions) != n {
		t.Fatal(len(versions), err)
	}
	return versions
}

// TestDamagedVersion sees that each column is covered, and that the remedy that
// the version then names is one.
func TestDamagedVersion(t *testing.T) {
	t.Parallel()
	const retry, again = "dragoman retry 1", "submit the story again"
	for _, tt := range []struct{ damage, hint string }{
		{"UPDATE results SET content = CAST('Sentence of versiom 1.' AS BLOB)", retry},
		{"DELETE FROM results", retry}, {"UPDATE versions SET result_sum = NULL", retry}, {"UPDATE versions SET result_sum = result_sum + 1", retry},
		{"UPDATE versions SET state = 'done'", retry}, {"UPDATE versions SET state = 'waiting'", retry}, {"UPDATE versions SET kind = ''", retry},
		{"UPDATE versions SET reason = 'x'", retry}, {"UPDATE versions SET hint = 'x'", retry}, {"UPDATE versions SET changed = changed + 1", retry},
		{"UPDATE versions SET latest = latest + 1", retry}, {"UPDATE versions SET state_sum = state_sum + 1", retry},
		{"UPDATE versions SET path = 'x'", again}, {"UPDATE versions SET priority = 5", again}, {"UPDATE versions SET submitted = 0", again},
		{"UPDATE versions SET article_sum = 0", again}, {"UPDATE versions SET checksum = 0", again},
		{"UPDATE articles SET content = x'00'", again}, {"DELETE FROM articles", again},
		{"UPDATE stories SET name = 'story 7'", again}, {"UPDATE directions SET target = 'fr'", again},
		{"UPDATE versions SET digest = x'00'", again}, {"UPDATE versions SET digest = zeroblob(16)", again},
		{"PRAGMA foreign_keys = 0; UPDATE versions SET story_id = 99", again}, {"PRAGMA foreign_keys = 0; UPDATE versions SET direction_id = 99", again},
	} {
		reported := 0
		s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), &Options{DamagedVersion: func(id translator.VersionID) {
			if reported++; id != 1 {
				t.Errorf("%q: version %d is reported", tt.damage, id)
			}
		}})
		submit1(t, s)
		if _, err := s.writer.Exec(tt.damage); err != nil {
			t.Fatal(err)
		}
		s.ids.Clear() // a new process has read nothing yet
		v := load1(t, s)
		if v.State != translator.StateFailed || v.Result != nil || v.Article != nil || !strings.Contains(v.Reason.Hint, tt.hint) ||
			v.Reason.Kind != translator.Invalid || !strings.Contains(v.Reason.Text, "version 1 of story") || reported != 1 {
			t.Errorf("%q: %+v, reported %d times", tt.damage, v, reported)
		}
		heal(t, s, tt.hint == retry)
	}
}

func submit1(t *testing.T, s *Store) {
	t.Helper()
	v := story(1)
	v.Priority = 2
	got, err := s.Submit(t.Context(), "night", []translator.Version{v}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Change(t.Context(), []translator.Change{ended(got[0].ID)}, nil); err != nil {
		t.Fatal(err)
	}
}

func load1(t *testing.T, s *Store) translator.Version {
	t.Helper()
	found, err := s.Load(t.Context(), []translator.VersionID{1})
	if err != nil || len(found) != 1 {
		t.Fatalf("Load: %v, %v", found, err)
	}
	return found[0]
}

// heal does what a damaged version says is to be done, and sees that the story
// then waits with its article and without a result.
func heal(t *testing.T, s *Store, retry bool) {
	t.Helper()
	if retry {
		got, err := s.Change(t.Context(), []translator.Change{{ID: 1, From: []translator.State{translator.StateFailed}, To: translator.Waiting}}, nil)
		if err != nil || len(got) != 1 {
			t.Errorf("retry: %v, %v", got, err)
		}
	} else {
		added := 0
		count := func(_ context.Context, _ *sql.Tx, vs []translator.Version) error { added = len(vs); return nil }
		if _, err := s.Submit(t.Context(), "night", []translator.Version{story(1)}, count); err != nil || added != 1 {
			t.Errorf("submitted again: %d new, %v", added, err)
		}
		if v := load1(t, s); v.State == translator.StateFailed { // its name is gone: it is another story now
			cancel := translator.Change{ID: 1, From: []translator.State{translator.StateFailed}, To: translator.StateCancelled}
			if got, err := s.Change(t.Context(), []translator.Change{cancel}, nil); err != nil || len(got) != 1 {
				t.Errorf("cancel: %v, %v", got, err)
			}
			if v := load1(t, s); v.State != translator.StateCancelled {
				t.Errorf("cancelled: %+v", v)
			}
		}
	}
	whole := 0
	for v, err := range s.Versions(t.Context(), translator.Selection{States: []translator.State{translator.Waiting}}) {
		if err != nil || v.Story != "story 1" || v.Result != nil || string(v.Article) != string(story(1).Article) {
			t.Errorf("after the remedy: %+v, %v", v, err)
		}
		whole++
	}
	if whole != 1 {
		t.Errorf("after the remedy %d versions of the story wait", whole)
	}
}

// TestDamageOfStories flips a bit of a store, or cuts it off, and sees that it
// is refused, or that each version is read as it was written or as a failed one.
func TestDamageOfStories(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "whole.db")
	s, err := Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	right := map[translator.VersionID]translator.Version{}
	for _, v := range endSome(t, s, 30) {
		right[v.ID] = v
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 8))
	outcomes := map[string]int{}
	for i := range 200 {
		damaged := append([]byte{}, whole...)
		if i%5 == 0 {
			damaged = damaged[:random.IntN(len(damaged))]
		} else {
			damaged[random.IntN(len(damaged))] ^= 1 << random.IntN(8)
		}
		path := filepath.Join(t.TempDir(), fmt.Sprint(i, ".db"))
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		outcomes[readDamagedStories(t, path, right)]++
	}
	t.Logf("outcomes: %v", outcomes)
	if outcomes["failed"] == 0 || outcomes["refused"] == 0 || outcomes["whole"] == 0 {
		t.Error("the damage done here no longer reaches what it should")
	}
}

// readDamagedStories reads a damaged store in every way and returns how that went.
func readDamagedStories(t *testing.T, path string, right map[translator.VersionID]translator.Version) string {
	reported := 0
	s, err := Open(t.Context(), path, &Options{DamagedVersion: func(translator.VersionID) { reported++ }})
	if err != nil {
		return "refused"
	}
	defer s.Close()
	var failed, seen int
	see := func(v translator.Version, brief bool) {
		seen++
		want := right[v.ID]
		if brief {
			want.Article, want.Result = nil, nil
		}
		if v.State == translator.StateFailed {
			failed++
		} else if !reflect.DeepEqual(v, want) {
			t.Errorf("%s: a wrong version: %.300q", path, fmt.Sprintf("%+v", v))
		}
	}
	var errs []error
	for _, selection := range []translator.Selection{{}, {Batch: "night"}, {Brief: true}} {
		for v, err := range s.Versions(t.Context(), selection) {
			if err == nil {
				see(v, selection.Brief)
			}
			errs = append(errs, err)
		}
	}
	for id := range right {
		found, err := s.Load(t.Context(), []translator.VersionID{id})
		for _, v := range found {
			see(v, false)
		}
		errs = append(errs, err)
	}
	if failed != reported {
		t.Errorf("%s: %d versions are failed, and %d were reported", path, failed, reported)
	}
	switch {
	case failed > 0:
		return "failed"
	case errors.Join(errs...) != nil:
		return "error"
	case seen < 4*len(right):
		return "partly"
	}
	return "whole"
}

// TestDiskFullForStories lets the store grow to many sizes and no further, and
// then makes room.
func TestDiskFullForStories(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for i := range 50 {
		s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
		endSome(t, s, 4) // two wait
		var pages int
		if err := s.writer.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
			t.Fatal(err)
		}
		limitPages(t, s, pages+i)
		full := func(err error) bool {
			return errors.Is(err, translator.Unavailable) && strings.Contains(translator.HintOf(err), "make room")
		}
		submitted := 4
		for ; submitted < 100; submitted++ {
			if _, err := s.Submit(ctx, "more", []translator.Version{story(submitted)}, noteID); err != nil {
				if !full(err) {
					t.Fatalf("%d pages: Submit: %v", i, err)
				}
				break
			}
		}
		_, err := s.Change(ctx, []translator.Change{ended(2), ended(4)}, fill)
		if !full(err) {
			t.Fatalf("%d pages: Change: %v", i, err)
		}
		checkShelf(t, s, submitted, 2)
		limitPages(t, s, 1<<30)
		if got, err := s.Change(ctx, []translator.Change{ended(2), ended(4)}, nil); err != nil || len(got) != 2 {
			t.Errorf("%d pages: after room was made: %v, %v", i, got, err)
		}
		if _, err := s.Submit(ctx, "more", stories(101)[submitted:], nil); err != nil {
			t.Errorf("%d pages: after room was made: %v", i, err)
		}
		checkShelf(t, s, 101, 4)
		checkIntegrity(t, s)
	}
}

// noteID writes something of its own in the transaction of a submission.
func noteID(ctx context.Context, tx *sql.Tx, added []translator.Version) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO runs (name) VALUES (?)", fmt.Sprint("job ", added[0].ID))
	return err
}

// fill writes more than there is room for.
func fill(ctx context.Context, tx *sql.Tx, _ []translator.VersionID) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO runs (name) VALUES (hex(zeroblob(1000000)))")
	return err
}

// checkShelf sees that n whole stories are there, each of those after the first
// four with what was written beside it, and that some have ended.
func checkShelf(t *testing.T, s *Store, n, ended int) {
	t.Helper()
	have := 0
	checkShelfOf(t, s, n, &have)
	if have != ended {
		t.Errorf("%d stories have a result, want %d", have, ended)
	}
}

// checkShelfOf sees the same, and counts those that have ended.
func checkShelfOf(t *testing.T, s *Store, n int, ended *int) {
	t.Helper()
	there := 0
	for v, err := range s.Versions(t.Context(), translator.Selection{}) {
		if err != nil || v.Story != fmt.Sprint("story ", there) || len(v.Article) != len(story(there).Article) {
			t.Errorf("version %d is %s with %d bytes, %v", there, v.Story, len(v.Article), err)
		}
		if (v.State == translator.StatePartial) != (v.Result != nil) || v.State == translator.StateFailed {
			t.Errorf("%s is %s with a result of %d bytes: %+v", v.Story, v.State, len(v.Result), v.Reason)
		}
		if v.Result != nil {
			*ended++
		}
		there++
	}
	if there != n {
		t.Errorf("%d stories, want %d", there, n)
	}
}
