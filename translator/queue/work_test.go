package queue

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/postgres/postgrestest"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

// Each story is done once, its result is in the store, and its job is over.
func TestWorkDoesEachStoryOnce(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		const n = 60
		sum := s.submit(t, articles(n), SubmitOptions{})
		if sum.New != n || sum.All() != n || sum.Batch != "night" {
			t.Errorf("submitted: %+v", sum)
		}
		c := newCrew()
		s.drain(t, c, WorkOptions{Workers: 8})
		s.want(t, translator.StateDone, n)
		for id, times := range c.done {
			if times != 1 {
				t.Errorf("%s was done %d times", id, times)
			}
		}
		for _, v := range s.versions(t, "night") {
			story, err := DecodeStory(v.Result)
			if err != nil || story.Article.ID != v.Story || story.Status != translator.Done || len(story.Sentences) != 1 {
				t.Errorf("%s: %+v, %v", v.Story, story, err)
			}
		}
		for _, job := range s.jobs(t) {
			if job.State != "completed" || job.Attempt != 1 {
				t.Errorf("job %d is %s after %d attempts", job.ID, job.State, job.Attempt)
			}
		}
	})
}

// A process that is to end lets its jobs end, and puts back what does not: at
// once, for any other process.
func TestStopLosesNothing(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(8), SubmitOptions{})
		c := newCrew()
		c.act = func(ctx context.Context, a translator.Article, nth int) (translator.Story, error) {
			if nth == 1 && a.ID < "s4" {
				<-ctx.Done()
				if context.Cause(ctx) != error(translator.Interrupted) {
					t.Errorf("its context ended because of %v", context.Cause(ctx))
				}
				return translator.Story{}, ctx.Err()
			}
			return storyOf(a, translator.Done, nil), nil
		}
		end := s.begin(t, WorkOptions{Do: c.do, Workers: 8, Patience: 300 * time.Millisecond})
		eventually(t, "all are begun", func() bool { return len(c.worked()) == 8 })
		end()
		if got := s.states(t); got[translator.Waiting] != 4 || got[translator.StateDone] != 4 {
			t.Errorf("after the stop: %v", got)
		}
		counts, err := s.queue.Counts(t.Context())
		if err != nil || counts != (Counts{Available: 4}) {
			t.Errorf("after the stop: %+v, %v", counts, err)
		}
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.StateDone, 8)
	})
}

// When the context ends, jobs end at once, however patient a stop would be, and
// are available; also those that keep their worker a little longer.
func TestContextEndsAtOnce(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(4), SubmitOptions{})
		c := newCrew()
		c.act = func(ctx context.Context, a translator.Article, _ int) (translator.Story, error) {
			<-ctx.Done()
			time.Sleep(50 * time.Millisecond)
			return storyOf(a, translator.Held, translator.Interrupted), nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		stop, over := make(chan struct{}), make(chan error, 1)
		var putBack atomic.Int32
		go func() {
			over <- s.queue.Work(ctx, stop, WorkOptions{Do: c.do, Patience: time.Hour, Observer: Observer{
				PutBack: func(_ Task, again time.Duration, why error) { putBack.Add(1) },
			}})
		}()
		eventually(t, "all are begun", func() bool { return len(c.worked()) == 4 })
		close(stop)
		cancel()
		if err := <-over; !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
		s.want(t, translator.Waiting, 4)
		counts, err := s.queue.Counts(t.Context())
		if err != nil || counts != (Counts{Available: 4}) || putBack.Load() != 4 {
			t.Errorf("%+v, %v, %d put back", counts, err, putBack.Load())
		}
	})
}

// A Do that learns of the stop by itself, and leaves the rest of its stories
// undone, has them back available at once, however often that happens: it is no
// trouble of theirs that would make them wait longer each time.
func TestInterruptedStoriesDoNotWait(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(4), SubmitOptions{})
		for range 3 {
			stop, over := make(chan struct{}), make(chan error, 1)
			c := newCrew()
			c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
				<-stop
				return storyOf(a, translator.Held, translator.NewError("engine", translator.Interrupted, errors.New("it is to end"))), nil
			}
			go func() {
				over <- s.queue.Work(t.Context(), stop, WorkOptions{Do: c.do, Observer: Observer{
					PutBack: func(_ Task, again time.Duration, why error) {
						if again != 0 || why != nil {
							t.Errorf("put back for %v because of %v", again, why)
						}
					},
				}})
			}()
			eventually(t, "all are begun", func() bool { return len(c.worked()) == 4 })
			close(stop)
			if err := <-over; err != nil {
				t.Errorf("it ended with %v", err)
			}
			s.want(t, translator.Waiting, 4)
		}
		counts, err := s.queue.Counts(t.Context())
		if err != nil || counts != (Counts{Available: 4}) {
			t.Errorf("%+v, %v", counts, err)
		}
	})
}

// A machine whose clock is ahead of the database's gives back what others may
// fetch at once, also what it rescues.
func TestWorkerWithAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	s := open(t, location, nil)
	s.submit(t, articles(1), SubmitOptions{})
	store, err := postgres.Open(t.Context(), location, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ahead, err := siteOf(t.Context(), riverpgxv5.New(store.Pool()), store, store, location,
		&Options{Beat: earlier{riverpgxv5.New(store.Beat()).GetExecutor()}})
	if err != nil {
		t.Fatal(err)
	}
	beaten := make(chan struct{})
	c := newCrew()
	c.act = func(ctx context.Context, a translator.Article, _ int) (translator.Story, error) {
		<-ctx.Done()
		return translator.Story{}, ctx.Err()
	}
	once := sync.OnceFunc(func() { close(beaten) })
	end := ahead.begin(t, WorkOptions{Do: c.do, Patience: time.Millisecond, Observer: Observer{Beat: once}})
	<-beaten
	eventually(t, "it is begun", func() bool { return c.times("s0") == 1 })
	end()
	if job := s.jobs(t)[0]; job.State != rivertype.JobStateAvailable || time.Since(job.ScheduledAt) < 9*time.Minute {
		t.Errorf("given back, it is %s, since %v", job.State, job.ScheduledAt)
	}
	// An hour of silence, of a process that was killed.
	if err := s.exec().Exec(t.Context(), "UPDATE river_job SET state = 'running', attempted_at = now() - interval '1 hour'"); err != nil {
		t.Fatal(err)
	}
	c.act = nil
	rescued := make(chan struct{})
	end = ahead.begin(t, WorkOptions{Do: c.do, Observer: Observer{Rescued: func([]int64) { close(rescued) }}})
	<-rescued
	end()
	if job := s.jobs(t)[0]; time.Since(job.ScheduledAt) < 9*time.Minute {
		t.Errorf("rescued, it is due since %v", job.ScheduledAt)
	}
}

// An earlier database is one whose clock is ten minutes behind this machine's.
type earlier struct{ riverdriver.Executor }

func (e earlier) QueryRow(ctx context.Context, sql string, args ...any) riverdriver.Row {
	return e.Executor.QueryRow(ctx, strings.Replace(sql, "clock_timestamp()", "clock_timestamp() - interval '10 minutes'", 1), args...)
}

// Of a shard of which some stories are done, only the others are put back.
func TestPutBackNamesWhatGoesOn(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(3), SubmitOptions{Shard: 3})
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, nth int) (translator.Story, error) {
			if a.ID == "s1" && nth == 1 {
				return storyOf(a, translator.Held, &translator.Error{Op: "engine", Kind: translator.Throttled, After: 10 * time.Millisecond}), nil
			}
			return storyOf(a, translator.Done, nil), nil
		}
		var back []string
		undone := map[translator.VersionID]bool{}
		s.drain(t, c, WorkOptions{Observer: Observer{
			Ended: func(_ Task, e Ended, _ time.Duration) { delete(undone, e.ID) },
			PutBack: func(t Task, _ time.Duration, _ error) {
				back = append(back, t.Stories...)
				for _, id := range t.Versions {
					undone[id] = true
				}
			},
		}})
		s.want(t, translator.StateDone, 3)
		if !slices.Equal(back, []string{"s1"}) || len(undone) > 0 {
			t.Errorf("put back: %v; never told that they are done: %v", back, undone)
		}
	})
}

func TestWorkNeedsDo(t *testing.T) {
	t.Parallel()
	if err := (&Queue[tx]{}).Work(t.Context(), nil, WorkOptions{}); !errors.Is(err, translator.Invalid) {
		t.Errorf("%v", err)
	}
}
