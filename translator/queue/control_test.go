package queue

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/sqlite"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// did fails unless a command found a version to act on, or found none.
func did(t testing.TB, want bool, command func(context.Context, translator.VersionID) (bool, error), id translator.VersionID) {
	t.Helper()
	if got, err := command(t.Context(), id); got != want || err != nil {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
}

// A held story is tried again by itself when it is time, and says until then why it waits.
func TestHeldStoriesGoOnByThemselves(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(3), SubmitOptions{})
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, nth int) (translator.Story, error) {
			switch {
			case a.ID == "s1" && nth < 3:
				return storyOf(a, translator.Held, &translator.Error{Op: "engine", Kind: translator.Throttled, After: 200 * time.Millisecond}), nil
			case a.ID == "s2":
				return storyOf(a, translator.Held, &translator.Error{Op: "engine", Kind: translator.Denied, Hint: "log in"}), nil
			}
			return storyOf(a, translator.Done, nil), nil
		}
		begun := time.Now()
		s.drain(t, c, WorkOptions{}) // and does not wait for s2
		if v := s.version(t, "s1"); v.State != translator.StateDone || c.times("s1") != 3 || time.Since(begun) < 400*time.Millisecond {
			t.Errorf("%s after %d tries and %v", v.State, c.times("s1"), time.Since(begun))
		}
		held := s.version(t, "s2")
		if held.State != translator.StateHeld || held.Reason.Kind != translator.Denied || !strings.HasPrefix(held.Reason.Hint, "log in; tried again at 20") || held.Result == nil {
			t.Errorf("%+v", held)
		}
		counts, err := s.queue.Counts(t.Context())
		if err != nil || counts != (Counts{Scheduled: 1}) {
			t.Errorf("%+v, %v", counts, err)
		}
		c.act = nil
		did(t, true, s.queue.Retry, held.ID)
		if counts, err := s.queue.Counts(t.Context()); err != nil || counts != (Counts{Available: 1}) {
			t.Errorf("after retry: %+v, %v", counts, err)
		}
		if v := s.version(t, "s2"); v.State != translator.Waiting || v.Reason != (translator.Reason{}) {
			t.Errorf("after retry: %+v", v)
		}
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.StateDone, 3)
	})
}

// A failed story is worked again when a person says so, once, and one that is
// done is left alone.
func TestRetry(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(2), SubmitOptions{})
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, nth int) (translator.Story, error) {
			if a.ID == "s0" && nth == 1 {
				return storyOf(a, translator.Failed, translator.Invalid), nil
			}
			return storyOf(a, translator.Done, nil), nil
		}
		s.drain(t, c, WorkOptions{})
		failed := s.version(t, "s0")
		if failed.State != translator.StateFailed || failed.Reason.Kind != translator.Invalid {
			t.Fatalf("%+v", failed)
		}
		did(t, true, s.queue.Retry, failed.ID)
		did(t, true, s.queue.Retry, failed.ID) // it is waiting, and gets no second turn
		did(t, false, s.queue.Retry, s.version(t, "s1").ID)
		did(t, false, s.queue.Retry, 4711)
		did(t, false, s.queue.Release, failed.ID)
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.StateDone, 2)
		if c.times("s0") != 2 || c.times("s1") != 1 {
			t.Errorf("worked: %v", c.done)
		}
	})
}

// Two persons retry a story at the same time: it gets one worker.
func TestTwoRetries(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	a := wrap(t, riversqlite.New(store.DB()), store, store, nil)
	a.submit(t, articles(1), SubmitOptions{})
	c := newCrew()
	second := make(chan struct{})
	c.act = func(_ context.Context, a translator.Article, nth int) (translator.Story, error) {
		if nth == 1 {
			return storyOf(a, translator.Failed, translator.Missing), nil
		}
		<-second
		return storyOf(a, translator.Done, nil), nil
	}
	var stale atomic.Int32
	end := a.begin(t, WorkOptions{Do: c.do, Observer: Observer{Stale: func(Task) { stale.Add(1) }}})
	eventually(t, "it failed", func() bool { return a.version(t, "s0").State == translator.StateFailed })
	id := a.version(t, "s0").ID
	// B has seen that it failed, and before B writes, A has it begun again.
	b := wrap(t, riversqlite.New(store.DB()), &loading{store, sync.OnceFunc(func() {
		did(t, true, a.queue.Retry, id)
		eventually(t, "it is begun again", func() bool { return c.times("s0") == 2 })
	})}, store, nil)
	did(t, true, b.queue.Retry, id)
	if jobs := a.jobs(t); len(jobs) != 2 || jobs[1].State != rivertype.JobStateRunning || jobs[1].Attempt != 1 {
		t.Errorf("%d jobs, the last %s in attempt %d", len(jobs), jobs[len(jobs)-1].State, jobs[len(jobs)-1].Attempt)
	}
	close(second)
	eventually(t, "it is done", func() bool { return a.version(t, "s0").State == translator.StateDone })
	end()
	if c.times("s0") != 2 || stale.Load() != 0 {
		t.Errorf("%d tries, %d stale", c.times("s0"), stale.Load())
	}
}

// A loading register has something happen after it has loaded.
type loading struct {
	translator.Shelf[tx]
	happens func()
}

func (l *loading) Load(ctx context.Context, ids []translator.VersionID) ([]translator.Version, error) {
	versions, err := l.Shelf.Load(ctx, ids)
	l.happens()
	return versions, err
}

// A story whose job somebody took away in River's own pages gets another.
func TestRetryGivesAJob(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(1), SubmitOptions{})
		job := s.jobs(t)[0]
		if err := s.cancelJob(t.Context(), job.ID); err != nil {
			t.Fatal(err)
		}
		c := newCrew()
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.Waiting, 1)
		did(t, true, s.queue.Retry, s.version(t, "s0").ID)
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.StateDone, 1)
	})
}

// A story on hold is nobody's until it is released.
func TestHoldAndRelease(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(2), SubmitOptions{})
		id := s.version(t, "s0").ID
		did(t, true, s.queue.Hold, id)
		did(t, false, s.queue.Hold, id)
		did(t, false, s.queue.Retry, id)
		c := newCrew()
		s.drain(t, c, WorkOptions{})
		if v := s.version(t, "s0"); v.State != translator.StateOnHold || c.times("s0") != 0 {
			t.Errorf("%s, worked %d times", v.State, c.times("s0"))
		}
		did(t, true, s.queue.Release, id)
		did(t, false, s.queue.Release, id)
		if counts, err := s.queue.Counts(t.Context()); err != nil || counts != (Counts{Available: 1}) {
			t.Errorf("after release: %+v, %v", counts, err)
		}
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.StateDone, 2)
	})
}

// A story that was held and released before it is begun has the one job that it had.
func TestReleaseTakesTheJob(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(1), SubmitOptions{})
		id := s.version(t, "s0").ID
		for range 3 {
			did(t, true, s.queue.Hold, id)
			did(t, true, s.queue.Release, id)
		}
		did(t, true, s.queue.Retry, id)
		if counts, err := s.queue.Counts(t.Context()); err != nil || counts != (Counts{Available: 1}) {
			t.Errorf("%+v, %v", counts, err)
		}
	})
}

// Who is released while a worker still has the job that was stopped, is not
// lost: another turn of that job begins, and the worker before is stale.
func TestReleaseWhileRunning(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(1), SubmitOptions{})
		id, first := s.version(t, "s0").ID, make(chan struct{})
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, nth int) (translator.Story, error) {
			if nth == 1 {
				<-first // deaf to its context
				return storyOf(a, translator.Failed, translator.Invalid), nil
			}
			return storyOf(a, translator.Done, nil), nil
		}
		end := s.begin(t, WorkOptions{Do: c.do})
		eventually(t, "it is begun", func() bool { return c.times("s0") == 1 })
		did(t, true, s.queue.Hold, id)
		did(t, true, s.queue.Release, id)
		eventually(t, "it is done", func() bool { return s.states(t)[translator.StateDone] == 1 })
		close(first)
		end()
		if jobs := s.jobs(t); len(jobs) != 1 || jobs[0].State != rivertype.JobStateCompleted {
			t.Errorf("%d jobs, the first %s", len(jobs), jobs[0].State)
		}
		s.want(t, translator.StateDone, 1)
	})
}

// A story is put on hold just before its worker puts it off: the worker's job is
// over, is nobody else's, and the story is where the person put it.
func TestHoldBeforePutOff(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(1), SubmitOptions{})
		id := s.version(t, "s0").ID
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
			did(t, true, s.queue.Hold, id)
			return storyOf(a, translator.Held, translator.Throttled), nil
		}
		s.drain(t, c, WorkOptions{Observer: Observer{Stale: func(Task) { t.Error("its worker is told that another has the job") }}})
		s.want(t, translator.StateOnHold, 1)
		if job := s.jobs(t)[0]; job.State == rivertype.JobStateRunning || job.Attempt != 1 {
			t.Errorf("the job is %s in attempt %d", job.State, job.Attempt)
		}
		c.act = nil
		did(t, true, s.queue.Release, id)
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.StateDone, 1)
	})
}

// A job is cancelled in River's own pages just before its worker puts it off:
// the story goes on at its time, as the store says.
func TestJobCancelledBeforePutOff(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(1), SubmitOptions{})
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, nth int) (translator.Story, error) {
			if nth > 1 {
				return storyOf(a, translator.Done, nil), nil
			}
			if err := s.cancelJob(t.Context(), s.jobs(t)[0].ID); err != nil {
				t.Error(err)
			}
			return storyOf(a, translator.Held, &translator.Error{Op: "engine", Kind: translator.Throttled, After: 100 * time.Millisecond}), nil
		}
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.StateDone, 1)
	})
}

// A person's word counts at once, for a story that is being worked as well: the
// worker stops, and what it has is not kept.
func TestCancelWhileRunning(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(3), SubmitOptions{})
		c := newCrew()
		var stopped sync.WaitGroup
		stopped.Add(2)
		c.act = func(ctx context.Context, a translator.Article, nth int) (translator.Story, error) {
			if a.ID == "s2" || nth > 1 {
				return storyOf(a, translator.Done, nil), nil
			}
			<-ctx.Done()
			if !errors.Is(context.Cause(ctx), rivertype.ErrJobCancelledRemotely) {
				t.Errorf("stopped by %v", context.Cause(ctx))
			}
			stopped.Done()
			return storyOf(a, translator.Done, nil), nil // it was nearly through
		}
		var started, over atomic.Int64
		end := s.begin(t, WorkOptions{Do: c.do, Observer: Observer{
			Started: func(Task) { started.Add(1) }, Over: func(Task) { over.Add(1) },
		}})
		eventually(t, "all are begun", func() bool { return c.times("s0")+c.times("s1")+c.times("s2") == 3 })
		did(t, true, s.queue.Cancel, s.version(t, "s0").ID)
		did(t, true, s.queue.Hold, s.version(t, "s1").ID)
		stopped.Wait()
		eventually(t, "the jobs are over", func() bool { n, _ := s.queue.Counts(t.Context()); return n == Counts{} })
		for story, state := range map[string]translator.State{"s0": translator.StateCancelled, "s1": translator.StateOnHold, "s2": translator.StateDone} {
			if v := s.version(t, story); v.State != state || (v.Result != nil) != (state == translator.StateDone) {
				t.Errorf("%s is %s, with a result of %d bytes", story, v.State, len(v.Result))
			}
		}
		did(t, true, s.queue.Release, s.version(t, "s1").ID)
		did(t, true, s.queue.Retry, s.version(t, "s0").ID)
		eventually(t, "all are done", func() bool { return s.states(t)[translator.StateDone] == 3 })
		end()
		if started.Load() != over.Load() {
			t.Errorf("%d tasks were begun, and %d are over", started.Load(), over.Load())
		}
	})
}

// Who cancels in River's own pages stops a worker, but not the story: the store
// says what is to be translated.
func TestJobCancelledElsewhere(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(1), SubmitOptions{})
		c := newCrew()
		c.act = func(ctx context.Context, a translator.Article, nth int) (translator.Story, error) {
			if nth == 1 {
				<-ctx.Done()
				return translator.Story{}, ctx.Err()
			}
			return storyOf(a, translator.Done, nil), nil
		}
		s.begin(t, WorkOptions{Do: c.do})
		eventually(t, "it is begun", func() bool { return c.times("s0") == 1 })
		if err := s.cancelJob(t.Context(), s.jobs(t)[0].ID); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is done", func() bool { return s.states(t)[translator.StateDone] == 1 })
	})
}
