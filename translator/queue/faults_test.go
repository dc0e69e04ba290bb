package queue

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
	"dragoman/translator/store/sqlite"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// One story that brings its worker down fails after some tries, and none of
// those that were with it.
func TestPanic(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s = open(t, s.location, &Options{trouble: time.Millisecond})
		s.submit(t, articles(4), SubmitOptions{Shard: 4})
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
			if a.ID == "s2" {
				panic("index out of range at \x00")
			}
			return storyOf(a, translator.Done, nil), nil
		}
		s.drain(t, c, WorkOptions{})
		if got := s.states(t); got[translator.StateDone] != 3 || got[translator.StateFailed] != 1 {
			t.Errorf("%v", got)
		}
		v := s.version(t, "s2")
		if !strings.Contains(v.Reason.Text, "index out of range") || v.Reason.Hint == "" || c.times("s2") != 1+maxDowns {
			t.Errorf("%+v after %d tries", v.Reason, c.times("s2"))
		}
		// The first time with the others, and then in a job of its own.
		if trace := s.jobs(t)[0].Errors[0].Trace; !strings.Contains(trace, "TestPanic") {
			t.Errorf("the job does not say where: %s", trace)
		}
	})
}

// A story that ends its workers' processes is not given to others for ever, and
// takes none of its shard with it.
func TestStoryThatKillsItsWorkers(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(3), SubmitOptions{Shard: 3})
		rescue := s.queue.(interface{ rescue(context.Context) }).rescue
		killed := func(where string) {
			for _, sql := range []string{
				"UPDATE river_job SET attempt = attempt + 1, state = 'running', attempted_at = '2026-01-01 00:00:00' WHERE " + where,
				"UPDATE river_job SET scheduled_at = '2026-01-01 00:00:00' WHERE state = 'available'",
			} {
				if err := s.exec().Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
				rescue(t.Context())
			}
		}
		killed("state = 'available'")
		c := newCrew()
		hold := make(chan struct{})
		c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
			<-hold
			return storyOf(a, translator.Done, nil), nil
		}
		end := s.begin(t, WorkOptions{Do: c.do, Patience: time.Millisecond})
		eventually(t, "each has a job of its own", func() bool { return len(c.worked()) == 3 })
		close(hold)
		end()
		s.want(t, translator.StateDone, 3)

		s.submit(t, list(article("poison", "نص قاتل.")), SubmitOptions{Batch: "poison"})
		for range maxSilent {
			if v := s.version(t, "poison"); v.State != translator.Waiting {
				t.Fatalf("it is %s", v.State)
			}
			killed("state = 'available'")
		}
		s.drain(t, c, WorkOptions{})
		v := s.version(t, "poison")
		if v.State != translator.StateFailed || !strings.Contains(v.Reason.Text, "went down 15 times") || v.Reason.Hint == "" || c.times("poison") > 0 {
			t.Errorf("%s because of %+v after %d tries", v.State, v.Reason, c.times("poison"))
		}
		did(t, true, s.queue.Retry, v.ID)
		s.drain(t, c, WorkOptions{})
		if v := s.version(t, "poison"); v.State != translator.StateDone {
			t.Errorf("retried, it is %s", v.State)
		}
	})
}

// rescue does what a worker process does when it begins.
func (q *Queue[Tx]) rescue(ctx context.Context) {
	(&work[Tx]{q: q, desk: newDesk(q.opts.Lease)}).beat(ctx)
}

// Only tries one after the other count: what came to its end in between was
// not brought down.
func TestDowns(t *testing.T) {
	t.Parallel()
	at := func(attempt int, text string) rivertype.AttemptError {
		return rivertype.AttemptError{Attempt: attempt, Error: text}
	}
	bug := (&breakdown{value: "x"}).Error()
	for _, tt := range []struct {
		attempt, want int
		errors        []rivertype.AttemptError
	}{
		{1, 0, nil},
		{3, 2, []rivertype.AttemptError{at(1, bug), at(2, silentText)}},
		{4, 0, []rivertype.AttemptError{at(1, bug), at(2, silentText)}},
		{5, 1, []rivertype.AttemptError{at(1, bug), at(2, silentText), at(4, bug)}},
		{4, 1, []rivertype.AttemptError{at(1, bug), at(2, "another"), at(3, bug)}},
	} {
		if got := downsOf(&rivertype.JobRow{Attempt: tt.attempt, Errors: tt.errors}); got != tt.want {
			t.Errorf("%+v: %d", tt, got)
		}
	}
}

// An error of the store in the middle of the work is no story's fault: it is
// tried again soon, and a person is shown it only when it stays.
func TestStoreErrorsAreTriedAgain(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s = open(t, s.location, &Options{trouble: 20 * time.Millisecond})
		s.submit(t, articles(2), SubmitOptions{})
		c := newCrew()
		var again []time.Duration
		c.act = func(_ context.Context, a translator.Article, nth int) (translator.Story, error) {
			if a.ID == "s0" && nth <= 3 {
				return translator.Story{}, errors.New("memory: disk full")
			}
			return storyOf(a, translator.Done, nil), nil
		}
		s.drain(t, c, WorkOptions{Observer: Observer{PutBack: func(_ Task, in time.Duration, why error) {
			again = append(again, in)
			if why == nil || why.Error() != "memory: disk full" {
				t.Errorf("put back because of %v", why)
			}
		}}})
		s.want(t, translator.StateDone, 2)
		if want := []time.Duration{20 * time.Millisecond, 40 * time.Millisecond, 80 * time.Millisecond}; !slices.Equal(again, want) {
			t.Errorf("tried again after %v, want %v", again, want)
		}
	})
}

// A job of which the store has nothing any more is cancelled, and says why.
func TestVanishedStory(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		if err := s.insert(t.Context(), jobArgs{Versions: []translator.VersionID{4711}}); err != nil {
			t.Fatal(err)
		}
		c := newCrew()
		s.drain(t, c, WorkOptions{})
		job := s.jobs(t)[0]
		if job.State != "cancelled" || len(job.Errors) != 1 || !strings.Contains(job.Errors[0].Error, "not in the store") || len(c.worked()) > 0 {
			t.Errorf("%s, %v, worked %v", job.State, job.Errors, c.worked())
		}
	})
}

// What a worker did stands or falls with its job: at every point where the
// transaction can break, both are there or neither, and the story is done in the end.
func TestResultAndJobAreOne(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	broken := &breaking[tx]{Shelf: store}
	s := wrap(t, riversqlite.New(store.DB()), broken, store, nil)
	s.submit(t, articles(1), SubmitOptions{})
	broken.check = func() {
		state, job := s.version(t, "s0").State, s.jobs(t)[0].State
		if (state == translator.StateDone) != (job == "completed") {
			t.Errorf("the story is %s, its job %s", state, job)
		}
	}
	broken.left = 3
	var troubles, ended int
	s.drain(t, newCrew(), WorkOptions{Observer: Observer{
		Trouble: func(error) { troubles++ },
		Ended:   func(Task, Ended, time.Duration) { ended++ }, // although its commit was not answered
	}})
	s.want(t, translator.StateDone, 1)
	if troubles != 3 || broken.checks != 4 || ended != 1 {
		t.Errorf("%d troubles, %d checks, told of %d ends", troubles, broken.checks, ended)
	}
}

// A breaking register fails some of its Changes: after what came with them was
// done, by turns within the transaction and after it.
type breaking[Tx any] struct {
	translator.Shelf[Tx]
	mu     sync.Mutex
	left   int
	checks int
	check  func()
}

var errBroken = errors.New("the connection is gone")

func (b *breaking[Tx]) Change(ctx context.Context, changes []translator.Change, also func(context.Context, Tx, []translator.VersionID) error) ([]translator.VersionID, error) {
	b.mu.Lock()
	b.left--
	left := b.left
	b.mu.Unlock()
	changed, err := b.Shelf.Change(ctx, changes, func(ctx context.Context, tx Tx, changed []translator.VersionID) error {
		if err := also(ctx, tx, changed); err != nil {
			return err
		}
		if left > 0 {
			return errBroken
		}
		return nil
	})
	b.checks++
	b.check()
	if err == nil && left == 0 { // it was committed, and the answer was lost
		return nil, errBroken
	}
	return changed, err
}

// A full disk stops the work and loses nothing: when there is room, it goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	store, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := wrap(t, riversqlite.New(store.DB()), store, store, &Options{Lease: time.Second, trouble: 10 * time.Millisecond})
	s.submit(t, articles(20), SubmitOptions{})
	limit := func(pages int) {
		if _, err := store.DB().ExecContext(t.Context(), fmt.Sprint("PRAGMA max_page_count = ", pages)); err != nil {
			t.Error(err)
		}
	}
	c := newCrew()
	full := make(chan struct{})
	c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
		if a.ID == "s0" {
			limit(1) // which is taken as what there is
		}
		story := storyOf(a, translator.Done, nil)
		story.Sentences[0].Pair.Target.Text = noise(30_000)
		return story, nil
	}
	var once sync.Once
	var first atomic.Value
	go func() {
		select {
		case <-full:
			limit(1 << 30)
		case <-t.Context().Done():
		}
	}()
	s.drain(t, c, WorkOptions{Workers: 4, Observer: Observer{Trouble: func(err error) {
		first.CompareAndSwap(nil, err.Error())
		once.Do(func() { time.AfterFunc(300*time.Millisecond, func() { close(full) }) })
	}}})
	s.want(t, translator.StateDone, 20)
	if text, _ := first.Load().(string); !strings.Contains(text, "full") {
		t.Errorf("the disk was never full: %q", text)
	}
}

// A database that is killed and comes back in the middle of the work costs time and nothing else.
func TestDatabaseRestarts(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, nil)
	s := open(t, server.Database(t), &Options{Lease: 3 * time.Second, trouble: 50 * time.Millisecond})
	s.submit(t, articles(60), SubmitOptions{})
	c := newCrew()
	var begun atomic.Int32
	c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
		if begun.Add(1) == 20 {
			server.Kill(t)
			server.Start(t)
		}
		time.Sleep(20 * time.Millisecond)
		return storyOf(a, translator.Done, nil), nil
	}
	s.drain(t, c, WorkOptions{Workers: 8})
	s.want(t, translator.StateDone, 60)
	for _, job := range s.jobs(t) {
		if job.State != "completed" {
			t.Errorf("job %d is %s", job.ID, job.State)
		}
	}
}

// noise is text that cannot be compressed.
func noise(n int) string {
	var seed [32]byte
	rng := rand.NewChaCha8(seed)
	b := make([]byte, n/2)
	_, _ = rng.Read(b) // never fails
	return hex.EncodeToString(b)
}

// A database that is away while a worker starts costs time, and not the worker.
func TestDatabaseAwayAtStart(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, nil)
	s := open(t, server.Database(t), &Options{Lease: 3 * time.Second, trouble: 50 * time.Millisecond})
	s.submit(t, articles(4), SubmitOptions{})
	server.Stop(t)
	var once sync.Once
	s.drain(t, newCrew(), WorkOptions{Observer: Observer{Trouble: func(err error) {
		if strings.Contains(err.Error(), "queue: work") { // the start, not a lease
			once.Do(func() { server.Start(t) })
		}
	}}})
	s.want(t, translator.StateDone, 4)
}
