package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"dragoman/translator"
	"github.com/riverqueue/river"
)

// Do translates articles of one direction. It returns one Story per article, in
// order, or an error with as many of them as there are. It returns soon after
// ctx is done, whose cause is translator.Interrupted where the process is to end. A Do that knows of that end
// before, by the stop of Work, may leave the rest of a story undone, with an error that is translator.Interrupted.
type Do func(ctx context.Context, dir translator.Direction, articles []translator.Article) ([]translator.Story, error)

// WorkOptions say how to work. Do is needed; the zero value of each other field is its default.
type WorkOptions struct {
	Do       Do
	Workers  int           // jobs at once; default 16
	Drain    bool          // end when nothing is left to do
	Patience time.Duration // how long jobs may go on after stop; default 20 s
	Observer Observer
}

const (
	defaultWorkers  = 16
	defaultPatience = 20 * time.Second
	// grace is how long jobs whose contexts have ended may take to say so.
	grace = 10 * time.Second
	// startTime is how long a start is tried, startPause after how long again.
	startTime  = time.Minute
	startPause = 500 * time.Millisecond
	// fetchCooldown is the least time between two looks for jobs: with River's
	// default of 100 ms, 16 workers would do no more than 160 jobs a second.
	fetchCooldown = 10 * time.Millisecond
	// fetchPoll is how often to look where no notice comes.
	fetchPoll = 500 * time.Millisecond
	// keepEnded is how long the row of a job that is over is kept, for people
	// to look at. Its versions are kept for ever.
	keepEnded = 24 * time.Hour
)

// A work is the state of one call of Work.
type work[Tx any] struct {
	q       *Queue[Tx]
	opts    WorkOptions
	desk    *desk
	life    context.Context // of all that is done after a job's own context has ended
	halt    <-chan struct{} // closed when no job is begun any more
	client  *river.Client[Tx]
	drained chan struct{}
	ahead   atomic.Int64 // nanoseconds of the database's clock before this machine's, at the last beat
}

// clock returns the time as the database has it, by which jobs become due: a
// machine of whose clock it does not know would put them off by the difference.
func (w *work[Tx]) clock() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// Work works jobs until ctx ends, stop is closed or, with Drain, nothing is left
// that a worker somewhere has to do soon. It returns ctx's error, or nil.
//
// After stop no job is begun, and those under way may end; when Patience is
// over their contexts end as well. When ctx ends, they end at once. What was
// not done is available again when Work returns, to any process, and so it is
// after the lease if the process is killed. No story is lost, and one worker's
// result of it is kept, also where two worked it because one had been silent.
func (q *Queue[Tx]) Work(ctx context.Context, stop <-chan struct{}, opts WorkOptions) error {
	if opts.Do == nil {
		return translator.NewError("queue: work", translator.Invalid, errors.New("there is nothing to do the work with"))
	}
	if opts.Workers <= 0 {
		opts.Workers = defaultWorkers
	}
	if opts.Patience <= 0 {
		opts.Patience = defaultPatience
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	w := &work[Tx]{q: q, opts: opts, desk: newDesk(q.opts.Lease), life: life, halt: stop, drained: make(chan struct{})}
	return w.run(ctx)
}

func (w *work[Tx]) run(ctx context.Context) error {
	beats := w.keepLease()
	defer beats()
	if started, err := w.start(ctx); !started {
		return err
	}
	watching, unwatch := context.WithCancel(ctx)
	var watch sync.WaitGroup
	if w.opts.Drain {
		watch.Go(func() { w.watchDrain(watching) })
	}
	select {
	case <-ctx.Done():
	case <-w.halt:
	case <-w.drained:
	}
	unwatch()
	watch.Wait()
	return errors.Join(w.stop(ctx), ctx.Err())
}

// start starts the client. A database that is away at this moment, or was while
// this process was frozen, does not end the process: it is tried again for a while.
func (w *work[Tx]) start(ctx context.Context) (started bool, err error) {
	for end := time.Now().Add(startTime); ; {
		if w.client, err = w.newClient(); err != nil {
			return false, w.q.fail("work", err)
		}
		if err = w.client.Start(w.life); err == nil {
			return true, nil
		}
		err = w.q.fail("work", err)
		if errors.Is(err, translator.Invalid) || time.Now().After(end) {
			return false, err
		}
		w.opts.Observer.trouble(err)
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-w.halt:
			return false, nil
		case <-time.After(startPause):
		}
	}
}

// halting tells whether the process is to end, and its jobs may.
func (w *work[Tx]) halting() bool {
	select {
	case <-w.halt:
		return true
	default:
		return false
	}
}

// stop ends the client, its jobs and what was waiting for them.
func (w *work[Tx]) stop(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() {
		err := w.client.Stop(w.life)
		w.desk.idle.Wait()
		ended <- err
	}()
	patience := time.NewTimer(w.opts.Patience)
	defer patience.Stop()
	select {
	case err := <-ended:
		return w.q.fail("stop", err)
	case <-ctx.Done():
	case <-patience.C:
	}
	w.desk.clear(translator.Interrupted)
	select {
	case err := <-ended:
		return w.q.fail("stop", err)
	case <-time.After(grace):
		return w.q.fail("stop", fmt.Errorf("%d jobs do not end; another worker does them again when the lease is over", len(w.desk.all())))
	}
}

// newClient returns the client that fetches jobs. Four of River's defaults would be wrong here, and each
// has a test: the time a job may take, the pace of fetching, the rescue by age, and the log on stdout.
func (w *work[Tx]) newClient() (*river.Client[Tx], error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker[Tx]{work: w}); err != nil {
		return nil, err
	}
	return river.NewClient(fenced[Tx]{w.q.driver}, w.config(workers))
}

func (w *work[Tx]) config(workers *river.Workers) *river.Config {
	return &river.Config{
		ID:                          workerName(),
		Logger:                      w.q.opts.Logger,
		Workers:                     workers,
		Queues:                      map[string]river.QueueConfig{jobQueue: {MaxWorkers: w.opts.Workers}},
		FetchCooldown:               fetchCooldown,
		FetchPollInterval:           fetchPoll,
		PollOnly:                    w.pollOnly(),
		JobTimeout:                  -1,
		RescueStuckJobsAfter:        neverRescue,
		MaxAttempts:                 maxAttempts,
		CompletedJobRetentionPeriod: keepEnded,
		CancelledJobRetentionPeriod: keepEnded,
		DiscardedJobRetentionPeriod: keepEnded,
	}
}

// workerName names this process in River's tables, for people.
func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	return fmt.Sprintf("%.60s-%d-%x", host, os.Getpid(), random)
}
