package queue

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/sqlite"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// River's defaults that would be wrong here are others. What each is for is
// told where it is set.
func TestRiverDefaults(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	q, err := New(riversqlite.New(store.DB()), store, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &work[tx]{q: q, desk: newDesk(defaultLease), opts: WorkOptions{Workers: 7}}
	ours, theirs := w.config(river.NewWorkers()).WithDefaults(), (&river.Config{}).WithDefaults()
	for name, is := range map[string]bool{
		"a job may take as long as it takes":          ours.JobTimeout == -1 && theirs.JobTimeout == time.Minute,
		"nobody is rescued by age":                    ours.RescueStuckJobsAfter > 1000*time.Hour && theirs.RescueStuckJobsAfter == time.Hour,
		"jobs are fetched fast":                       ours.FetchCooldown == 10*time.Millisecond && theirs.FetchCooldown == 100*time.Millisecond,
		"no job is discarded":                         ours.MaxAttempts == maxAttempts && theirs.MaxAttempts == 25,
		"jobs that are over go after a day":           ours.CompletedJobRetentionPeriod == 24*time.Hour && ours.CancelledJobRetentionPeriod == 24*time.Hour,
		"so many workers":                             ours.Queues[jobQueue].MaxWorkers == 7,
		"SQLite is not looked into 20 times a second": ours.PollOnly && !theirs.PollOnly,
		"a stop is this package's":                    ours.SoftStopTimeout == 0,
		"stdout is for data":                          !ours.Logger.Enabled(t.Context(), slog.LevelError) && theirs.Logger.Enabled(t.Context(), slog.LevelError),
	} {
		if !is {
			t.Errorf("not true any more: %s", name)
		}
	}
	if args := (jobArgs{}).InsertOpts(); args.MaxAttempts != maxAttempts || !args.UniqueOpts.ByArgs || args.Queue != jobQueue {
		t.Errorf("jobs are put in with %+v", args)
	}
}

// River's own rescuer, the cleaner and the retry policy leave a job alone that
// its worker keeps; a job that cannot be read is River's to fail.
func TestUnreadableJob(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(1), SubmitOptions{})
		now := time.Now()
		if _, err := s.exec().JobInsertFull(t.Context(), &riverdriver.JobInsertFullParams{
			EncodedArgs: []byte(`{"versions":"none"}`), Kind: "story", MaxAttempts: 1, Priority: 1, Queue: jobQueue,
			State: rivertype.JobStateAvailable, ScheduledAt: &now, Metadata: []byte("{}"), Tags: []string{},
		}); err != nil {
			t.Fatal(err)
		}
		s.drain(t, newCrew(), WorkOptions{})
		s.want(t, translator.StateDone, 1)
		if jobs := s.jobs(t); jobs[1].State != rivertype.JobStateDiscarded || len(jobs[1].Errors) != 1 {
			t.Errorf("the job is %s: %v", jobs[1].State, jobs[1].Errors)
		}
	})
}

// River may say again and again that jobs are over, as when it was not answered:
// it changes none of ours, and those that it cannot read in the end.
func TestFenceHolds(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(2), SubmitOptions{})
		if err := s.exec().Exec(t.Context(), "UPDATE river_job SET state = 'running', attempt = 1"); err != nil {
			t.Fatal(err)
		}
		jobs := s.jobs(t)
		now := time.Now()
		over := &riverdriver.JobSetStateIfRunningManyParams{
			ID: []int64{jobs[0].ID, jobs[1].ID}, State: []rivertype.JobState{rivertype.JobStateCompleted, rivertype.JobStateDiscarded},
			Attempt: []*int{nil, nil}, ErrData: [][]byte{nil, []byte("{}")}, FinalizedAt: []*time.Time{&now, &now},
			MetadataDoMerge: []bool{false, false}, MetadataUpdates: [][]byte{nil, nil}, ScheduledAt: []*time.Time{nil, nil},
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		fence := fencedExecutor{s.exec()}
		if _, err := fence.JobSetStateIfRunningMany(gone, over); err == nil {
			t.Error("the first time worked")
		}
		rows, err := fence.JobSetStateIfRunningMany(t.Context(), over)
		if err != nil || len(rows) != 1 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
		if jobs := s.jobs(t); jobs[0].State != rivertype.JobStateRunning || jobs[1].State != rivertype.JobStateDiscarded {
			t.Errorf("the jobs are %s and %s", jobs[0].State, jobs[1].State)
		}
	})
}

// A bug of the queue's own is told, and is no business of River's: the job has
// another worker when the lease is over.
func TestPanicOfTheQueue(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s = open(t, s.location, &Options{Lease: time.Second})
		s.submit(t, articles(1), SubmitOptions{})
		var troubles atomic.Int32
		var once sync.Once
		s.drain(t, newCrew(), WorkOptions{Observer: Observer{
			Started: func(Task) { once.Do(func() { panic("a bug") }) },
			Trouble: func(err error) {
				if strings.Contains(err.Error(), "a bug in this program: a bug") && strings.Contains(err.Error(), "TestPanicOfTheQueue") {
					troubles.Add(1)
				}
			},
		}})
		s.want(t, translator.StateDone, 1)
		if job := s.jobs(t)[0]; troubles.Load() != 1 || job.Attempt != 2 || len(job.Errors) != 1 || job.Errors[0].Error != silentText {
			t.Errorf("told %d times, attempt %d, %v", troubles.Load(), job.Attempt, job.Errors)
		}
	})
}

// Migrate may be called again, and refuses tables of a newer River.
func TestMigrate(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		if err := s.queue.Migrate(t.Context()); err != nil {
			t.Errorf("again: %v", err)
		}
		if _, err := s.exec().MigrationInsertMany(t.Context(), &riverdriver.MigrationInsertManyParams{Line: "main", Versions: []int{99}}); err != nil {
			t.Fatal(err)
		}
		err := s.queue.Migrate(t.Context())
		if translator.KindOf(err) != translator.Invalid || translator.HintOf(err) != "upgrade dragoman" {
			t.Errorf("newer tables: %v (%s)", err, translator.HintOf(err))
		}
	})
}

// The log has no word of a story.
func TestLogHasNoText(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s := open(t, filepath.Join(t.TempDir(), "d.db"), &Options{
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), trouble: time.Millisecond,
	})
	s.submit(t, list(article("a", "كلمة سرية")), SubmitOptions{})
	c := newCrew()
	c.act = func(_ context.Context, a translator.Article, nth int) (translator.Story, error) {
		if nth == 1 {
			panic(fmt.Sprint("at ", nth))
		}
		return storyOf(a, translator.Done, nil), nil
	}
	s.drain(t, c, WorkOptions{})
	if text := log.bytes(); len(text) == 0 || bytes.Contains(text, []byte("كلمة")) || bytes.Contains(text, []byte("The train")) {
		t.Errorf("the log: %s", text)
	}
}

// A lockedBuffer is written by several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.b.Bytes())
}
