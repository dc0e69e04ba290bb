package queue

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/faultproxy"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/postgres/postgrestest"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
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
		s = open(t, s.location, &Options{Lease: 4 * time.Second})
		s.submit(t, articles(2), SubmitOptions{})
		c := newCrew()
		c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
			time.Sleep(9 * time.Second)
			return storyOf(a, translator.Done, nil), nil
		}
		other := open(t, s.location, &Options{Lease: 4 * time.Second})
		other.begin(t, WorkOptions{Do: c.do, Workers: 1})
		s.drain(t, c, WorkOptions{Workers: 1})
		s.want(t, translator.StateDone, 2)
		if len(c.worked()) != 2 {
			t.Errorf("worked: %v", c.worked())
		}
	})
}

// A worker of whose job the database has not heard for a lease stops, also
// where the question never comes back.
func TestSilentWorkerStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Minute)
		kept, h := d.take(t.Context(), 1, 1)
		lost, other := d.take(t.Context(), 2, 1)
		defer d.drop(h)
		defer d.drop(other)
		time.Sleep(40 * time.Second)
		h.silence.Reset(d.lease) // as keep does
		time.Sleep(30 * time.Second)
		if kept.Err() != nil || !errors.Is(context.Cause(lost), errStale) {
			t.Errorf("after 70 s: %v, %v", context.Cause(kept), context.Cause(lost))
		}
		time.Sleep(time.Minute)
		if !errors.Is(context.Cause(kept), errStale) {
			t.Error("a lease after the last beat it still works")
		}
	})
}

// A network that swallows everything keeps neither the beat nor the workers waiting.
func TestSwallowedBeat(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	s := open(t, location, nil)
	s.submit(t, articles(3), SubmitOptions{})
	proxy, through := proxied(t, location)
	far := open(t, through, &Options{Lease: time.Second})
	c := newCrew()
	stale := make(chan error, 3)
	c.act = func(ctx context.Context, a translator.Article, _ int) (translator.Story, error) {
		<-ctx.Done()
		stale <- context.Cause(ctx)
		return translator.Story{}, ctx.Err()
	}
	var beats atomic.Int32
	var trouble atomic.Value
	far.begin(t, WorkOptions{Do: c.do, Observer: Observer{
		Beat: func() { beats.Add(1) }, Trouble: func(err error) { trouble.CompareAndSwap(nil, err) },
	}})
	t.Cleanup(proxy.Heal) // before the work is ended
	eventually(t, "all are begun", func() bool { return len(c.worked()) == 3 })
	proxy.Set(faultproxy.Faults{Swallow: true})
	before := beats.Load()
	eventually(t, "all are told", func() bool { return len(stale) == 3 })
	for range 3 {
		if cause := <-stale; !errors.Is(cause, errStale) {
			t.Errorf("stopped by %v", cause)
		}
	}
	eventually(t, "it beats on", func() bool { return beats.Load() > before+2 })
	if err, _ := trouble.Load().(error); !errors.Is(err, translator.Unavailable) {
		t.Errorf("the trouble is %v", err)
	}
	s = open(t, location, &Options{Lease: time.Second})
	s.drain(t, newCrew(), WorkOptions{})
	s.want(t, translator.StateDone, 3)
}

// proxied returns a way to a database that a test can spoil.
func proxied(t *testing.T, location string) (*faultproxy.Proxy, string) {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	proxy := faultproxy.New(t, u.Host)
	u.Host = proxy.Addr()
	return proxy, u.String()
}

// Whatever the connections of the jobs wait for, the beat does not wait with them.
func TestBeatHasItsOwnConnection(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	store, err := postgres.Open(t.Context(), location, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s, err := postgresSite(t.Context(), store, location, &Options{Lease: 4 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.submit(t, articles(1), SubmitOptions{})
	c := newCrew()
	full := make(chan struct{})
	c.act = func(ctx context.Context, a translator.Article, _ int) (translator.Story, error) {
		select {
		case <-full:
		case <-ctx.Done():
			t.Errorf("stopped by %v", context.Cause(ctx))
		}
		return storyOf(a, translator.Done, nil), nil
	}
	end := s.begin(t, WorkOptions{Do: c.do})
	eventually(t, "it is begun", func() bool { return c.times("s0") == 1 })
	var taken []*pgxpool.Conn
	defer func() {
		for _, conn := range taken {
			conn.Release()
		}
	}()
	eventually(t, "no connection is left", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		conn, err := store.Pool().Acquire(ctx)
		if err == nil {
			taken = append(taken, conn)
		}
		return err != nil
	})
	other := open(t, location, nil)
	first := *other.jobs(t)[0].AttemptedAt
	eventually(t, "the lease is kept for longer than it lasts", func() bool {
		return other.jobs(t)[0].AttemptedAt.Sub(first) > 5*time.Second
	})
	close(full)
	for _, conn := range taken {
		conn.Release()
	}
	taken = nil
	eventually(t, "it is done", func() bool { return s.version(t, "s0").State == translator.StateDone })
	end()
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
