package queue

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/sqlite"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// The stories of a process that is killed are another's when its lease is over.
func TestKilledWorkerIsRescued(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(12), SubmitOptions{})
		killed := startChild(t, s, childLease+"=1s", childPause+"=1h")
		eventually(t, "it has its hands full", func() bool { return len(killed.stories("begun")) == 8 })
		killed.signal(syscall.SIGKILL)
		s = open(t, s.location, &Options{Lease: time.Second})
		c := newCrew()
		var rescued []int64
		s.drain(t, c, WorkOptions{Observer: Observer{Rescued: func(jobs []int64) { rescued = append(rescued, jobs...) }}})
		s.want(t, translator.StateDone, 12)
		if len(c.worked()) != 12 || len(rescued) != 8 {
			t.Errorf("%d stories were worked, %d jobs rescued", len(c.worked()), len(rescued))
		}
		for _, job := range s.jobs(t) {
			if slices.Contains(rescued, job.ID) && (job.Attempt != 2 || job.Errors[0].Error != "the lease ran out") {
				t.Errorf("job %d: attempt %d, %v", job.ID, job.Attempt, job.Errors)
			}
		}
	})
}

// A worker that was frozen while its jobs were given to another wakes up, has
// its translations, and cannot commit them: 24 times, in three processes.
func TestFrozenWorkerCannotCommit(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		const workers, each = 3, 8
		s.submit(t, articles(workers*each), SubmitOptions{})
		var frozen []*child
		for range workers {
			frozen = append(frozen, startChild(t, s, childLease+"=2s", childPause+"=1500ms"))
		}
		said := func(what string) (n int) {
			for _, c := range frozen {
				n += len(c.stories(what))
			}
			return n
		}
		eventually(t, "all is begun", func() bool { return said("begun") == workers*each })
		for _, c := range frozen {
			c.signal(syscall.SIGSTOP)
		}
		s = open(t, s.location, &Options{Lease: 2 * time.Second})
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
			story := storyOf(a, translator.Done, nil)
			story.Sentences[0].Pair.Target.Text = "The second worker says so."
			return story, nil
		}
		s.drain(t, c, WorkOptions{})
		if len(c.worked()) != workers*each || said("ended") > 0 {
			t.Errorf("%d were worked again, %d had ended", len(c.worked()), said("ended"))
		}
		for _, c := range frozen {
			c.signal(syscall.SIGCONT)
		}
		eventually(t, "all know that they are stale", func() bool { return said("stale") == workers*each })
		if n := said("ended"); n > 0 {
			t.Errorf("%d were committed by a worker that had lost them", n)
		}
		s.want(t, translator.StateDone, workers*each)
		for _, v := range s.versions(t, "night") {
			story, err := DecodeStory(v.Result)
			if err != nil || story.Sentences[0].Pair.Target.Text != "The second worker says so." {
				t.Errorf("%s is the first worker's: %+v, %v", v.Story, story, err)
			}
		}
		time.Sleep(500 * time.Millisecond) // River reports what it has seen end within 250 ms
		for _, job := range s.jobs(t) {
			if job.State != "completed" || job.Attempt != 2 {
				t.Errorf("job %d is %s in attempt %d", job.ID, job.State, job.Attempt)
			}
		}
	})
}

// A frozen worker wakes up while another is still at its job: neither what it
// has nor that it gives up touches the other's job.
func TestStaleWorkerLeavesTheOtherAlone(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		for _, what := range []string{"done", "held", "interrupted"} {
			s.submit(t, list(article(what, "نص عن "+what)), SubmitOptions{Batch: what})
			stale := make(chan Task, 1)
			first, second := make(chan struct{}), make(chan struct{})
			c := newCrew()
			c.act = func(_ context.Context, a translator.Article, nth int) (translator.Story, error) {
				if nth == 2 {
					<-second
					return storyOf(a, translator.Partial, nil), nil
				}
				<-first
				switch what {
				case "held":
					return storyOf(a, translator.Held, translator.Throttled), nil
				case "interrupted":
					return translator.Story{}, translator.Interrupted
				}
				return storyOf(a, translator.Done, nil), nil
			}
			end := s.begin(t, WorkOptions{Do: c.do, Observer: Observer{Stale: func(t Task) { stale <- t }}})
			eventually(t, "the first is at it", func() bool { return c.times(what) == 1 })
			jobs := s.jobs(t)
			id := jobs[len(jobs)-1].ID
			now := time.Now()
			if _, err := s.exec().JobRescueMany(t.Context(), &riverdriver.JobRescueManyParams{
				ID: []int64{id}, Error: [][]byte{[]byte(`{"error":"test"}`)}, FinalizedAt: []*time.Time{nil},
				ScheduledAt: []time.Time{now.Add(-time.Second)}, State: []string{"available"}, StuckHorizon: now.Add(time.Hour),
			}); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the second is at it", func() bool { return c.times(what) == 2 })
			close(first)
			var gone Task
			eventually(t, "the first is stale", func() bool {
				select {
				case gone = <-stale:
				default:
				}
				return gone.Job == id && gone.Attempt == 1
			})
			time.Sleep(400 * time.Millisecond) // River reports what has ended within 250 ms
			if job := s.job(t, id); job.State != "running" || job.Attempt != 2 {
				t.Errorf("%s: the job is %s in attempt %d", what, job.State, job.Attempt)
			}
			close(second)
			eventually(t, "it is over", func() bool { return s.version(t, what).State == translator.StatePartial })
			end()
			if job := s.job(t, id); job.State != "completed" || job.Attempt != 2 {
				t.Errorf("%s: the job is %s in attempt %d", what, job.State, job.Attempt)
			}
		}
	})
}

// A worker that takes longer than the lease keeps its job as long as its process is alive.
func TestLeaseIsKept(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s = open(t, s.location, &Options{Lease: 300 * time.Millisecond})
		s.submit(t, articles(2), SubmitOptions{})
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
			time.Sleep(1500 * time.Millisecond)
			return storyOf(a, translator.Done, nil), nil
		}
		other := open(t, s.location, &Options{Lease: 300 * time.Millisecond})
		other.begin(t, WorkOptions{Do: c.do, Workers: 1})
		s.drain(t, c, WorkOptions{Workers: 1})
		s.want(t, translator.StateDone, 2)
		if len(c.worked()) != 2 {
			t.Errorf("worked: %v", c.worked())
		}
	})
}

// A process that cannot reach the database for a lease must take its jobs for lost.
func TestSilentProcessGivesUp(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	q, err := New(riversqlite.New(store.DB()), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	store.Close()
	var troubles []error
	w := &work[tx]{q: q, desk: newDesk()}
	w.opts.Observer.Trouble = func(err error) { troubles = append(troubles, err) }
	ctx, h := w.desk.take(t.Context(), 1, 1)
	defer w.desk.drop(h)
	last := time.Now().Add(-defaultLease / 2)
	if w.beat(t.Context(), last) != last || ctx.Err() != nil {
		t.Errorf("after half a lease: %v", context.Cause(ctx))
	}
	if w.beat(t.Context(), last.Add(-defaultLease)); !errors.Is(context.Cause(ctx), errStale) {
		t.Errorf("after more than a lease: %v", context.Cause(ctx))
	}
	if len(troubles) != 2 || !errors.Is(troubles[0], translator.Unavailable) {
		t.Errorf("the troubles are %v", troubles)
	}
}

// Two processes share a queue, and so do two workers of one: each story is one's alone.
func TestTwoProcesses(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		const n = 500
		s.submit(t, articles(n), SubmitOptions{})
		children := []*child{startChild(t, s, childDrain+"=1"), startChild(t, s, childDrain+"=1")}
		var all []string
		for i, c := range children {
			if err := c.wait(); err != nil {
				t.Error(err)
			}
			if len(c.stories("ended")) == 0 {
				t.Errorf("process %d did nothing", i)
			}
			all = append(all, c.stories("ended")...)
		}
		slices.Sort(all)
		if unique := slices.Compact(slices.Clone(all)); len(all) != n || len(unique) != n {
			t.Errorf("%d stories were done, %d of them once", len(all), len(unique))
		}
		s.want(t, translator.StateDone, n)
		for _, job := range s.jobs(t) {
			if job.State != "completed" || job.Attempt != 1 {
				t.Errorf("job %d is %s in attempt %d", job.ID, job.State, job.Attempt)
			}
		}
	})
}

func TestTwoWorksInOneProcess(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(100), SubmitOptions{})
		a, b := newCrew(), newCrew()
		var both sync.WaitGroup
		for _, c := range []*crew{a, b} {
			both.Go(func() { s.drain(t, c, WorkOptions{Workers: 4}) })
		}
		both.Wait()
		s.want(t, translator.StateDone, 100)
		if len(a.worked())+len(b.worked()) != 100 {
			t.Errorf("%d and %d were worked", len(a.worked()), len(b.worked()))
		}
	})
}
