package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
)

// newStory returns the only version of a story.
func newStory(name string) translator.Version {
	return translator.Version{Direction: translator.Direction{From: "ar", To: "en"}, Story: name, Article: []byte(name), Submitted: time.Now()}
}

func mustSubmit(t *testing.T, s *Store, versions ...translator.Version) []translator.Version {
	t.Helper()
	got, err := s.Submit(t.Context(), "night", versions, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func toDone(id translator.VersionID) []translator.Change {
	return []translator.Change{{ID: id, From: []translator.State{translator.Waiting}, To: translator.StateDone, Time: time.Now()}}
}

// TestFrozenInTransaction freezes whoever submits or changes between its last
// statement and its commit. Another gets what it holds all the same, and once
// it wakes it does its own work again.
func TestFrozenInTransaction(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	frozen, other := mustOpen(t, url, nil), mustOpen(t, url, nil)
	v := newStory("a")
	a := mustSubmit(t, frozen, v, newStory("b"))[0].ID
	correction := v
	correction.Digest[0] = 1
	mustSubmit(t, frozen, correction)
	for _, tt := range []struct {
		name   string
		freeze func(also func() error) error
	}{
		{"Submit", func(also func() error) error { // which makes a the newest again, and adds c
			_, err := frozen.Submit(t.Context(), "again", []translator.Version{v, newStory("c")},
				func(context.Context, pgx.Tx, []translator.Version) error { return also() })
			return err
		}},
		{"Change", func(also func() error) error {
			_, err := frozen.Change(t.Context(), toDone(a), func(context.Context, pgx.Tx, []translator.VersionID) error { return also() })
			return err
		}},
	} {
		asleep, awake, woken := make(chan struct{}), make(chan struct{}), make(chan error)
		times := 0
		go func() {
			woken <- tt.freeze(func() error {
				if times++; times == 1 {
					close(asleep)
					<-awake
				}
				return nil
			})
		}()
		<-asleep
		changed, err := other.Change(t.Context(), []translator.Change{{ID: a, From: []translator.State{translator.Waiting},
			To: translator.Waiting, Reason: translator.Reason{Text: "seen"}, Time: time.Now()}}, nil)
		if err != nil || len(changed) != 1 {
			t.Errorf("beside a frozen %s: changed %v, %v", tt.name, changed, err)
		}
		close(awake)
		if err := <-woken; err != nil || times != 2 {
			t.Errorf("%s woke: %v; its function was called %d times, want 2", tt.name, err, times)
		}
	}
}

// TestJoiningHoldsUpNobody has a known version join a batch: whoever changes it
// does not wait for that.
func TestJoiningHoldsUpNobody(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, postgrestest.Database(t), nil)
	known := newStory("a")
	a := mustSubmit(t, s, known)[0].ID
	_, err := s.Submit(t.Context(), "again", []translator.Version{known, newStory("b")}, func(ctx context.Context, tx pgx.Tx, _ []translator.Version) error {
		_, err := s.Change(ctx, toDone(a), nil) // of another connection
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStatementTimeout: a limit that the user's own role has ends a statement
// that waits for another's lock, and nothing else: it is tried again.
func TestStatementTimeout(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	s, holder := mustOpen(t, url, nil), mustOpen(t, url, nil)
	if err := s.Close(); err != nil { // the tables are there
		t.Fatal(err)
	}
	s = mustOpen(t, url+"?statement_timeout=1000", nil)
	tx, err := holder.Pool().Begin(t.Context())
	if err == nil {
		_, err = tx.Exec(t.Context(), "LOCK TABLE lines IN ACCESS EXCLUSIVE MODE")
	}
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(2500*time.Millisecond, func() { _ = tx.Rollback(context.Background()) }) // its session ends at the latest with the test
	line := translator.Line{Run: "r", Texts: 1, Size: 1, Cost: 1, Time: time.Now()}
	if _, err := s.Reserve(t.Context(), line, nil); err != nil {
		t.Error(err)
	}
}

// TestWaitingGivesTheConnectionBack has the only connection wait for a row
// that is locked for long: others get it in between.
func TestWaitingGivesTheConnectionBack(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	s, holder := mustOpen(t, url+"?pool_max_conns=1", nil), mustOpen(t, url, nil)
	a := mustSubmit(t, s, newStory("a"))[0].ID
	locked := make(chan error)
	_, err := holder.Change(t.Context(), toDone(a), func(ctx context.Context, tx pgx.Tx, _ []translator.VersionID) error {
		go func() {
			_, err := s.Change(t.Context(), []translator.Change{{ID: a, From: []translator.State{translator.StateDone}, To: translator.StateCancelled}}, nil)
			locked <- err
		}()
		for waits := false; !waits; {
			if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')").Scan(&waits); err != nil {
				return err
			}
		}
		// The only connection is taken until then.
		got := make(chan error)
		go func() { got <- s.Save(t.Context(), []translator.Entry{entry("جملة", "sentence")}) }()
		for {
			select {
			case err := <-got:
				return err
			case <-time.After(100 * time.Millisecond):
				if _, err := tx.Exec(ctx, "SELECT"); err != nil { // this one is not silent
					return err
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-locked; err != nil {
		t.Error("the one that waited:", err)
	}
}
