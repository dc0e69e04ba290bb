package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"dragoman/translator"
)

// storyJob and storyWorker do what the queue does with a store.
type storyJob struct {
	Version int64 `json:"version"`
}

func (storyJob) Kind() string { return "story" }

type storyWorker struct {
	river.WorkerDefaults[storyJob]
	store *Store
}

// Work saves what it was told, as a worker does all the time, and ends the
// version's work and the job in one transaction.
func (w *storyWorker) Work(ctx context.Context, job *river.Job[storyJob]) error {
	id := translator.VersionID(job.Args.Version)
	found, err := w.store.Load(ctx, []translator.VersionID{id})
	if err != nil || len(found) != 1 || len(found[0].Article) == 0 {
		return fmt.Errorf("%d versions: %w", len(found), err)
	}
	line := translator.Line{Run: "r", Backend: "google", Signature: "engine:1", Direction: direction, Size: 1, Time: time.Now()}
	reserved, err := w.store.Reserve(ctx, line, nil)
	if err != nil {
		return err
	}
	saveErr := w.store.Save(ctx, []translator.Entry{entry(found[0].Story, "text")})
	settleErr := w.store.Settle(ctx, reserved, translator.Bill{Size: 1, Time: time.Now()})
	_, changeErr := w.store.Change(ctx, []translator.Change{ended(id)}, func(ctx context.Context, tx *sql.Tx, _ []translator.VersionID) error {
		_, err := river.JobCompleteTx[*riversqlite.Driver](ctx, tx, job)
		return err
	})
	return errors.Join(saveErr, settleErr, changeErr)
}

// openRiver has River work in a store's own file and over its writer.
func openRiver(t *testing.T, s *Store) *river.Client[*sql.Tx] {
	t.Helper()
	driver := riversqlite.New(s.DB())
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil); err != nil {
		t.Fatal(err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &storyWorker{store: s})
	client, err := river.NewClient(driver, &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8, FetchCooldown: 10 * time.Millisecond}},
		Workers: workers, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestRiver has River's transactions and the store's wait for each other in one
// line, while stories are submitted, worked and read at the same time.
func TestRiver(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	client := openRiver(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := client.Start(ctx); err != nil {
		t.Fatal(err)
	}
	insert := func(ctx context.Context, tx *sql.Tx, added []translator.Version) error {
		var jobs []river.InsertManyParams
		for _, v := range added {
			jobs = append(jobs, river.InsertManyParams{Args: storyJob{int64(v.ID)}})
		}
		_, err := client.InsertManyTx(ctx, tx, jobs)
		return err
	}
	const submitters, each = 4, 15
	var group sync.WaitGroup
	for i := range submitters {
		group.Go(func() {
			for j := range each {
				if _, err := s.Submit(ctx, fmt.Sprint("batch ", i), []translator.Version{story(each*i + j)}, insert); err != nil {
					t.Error(err)
				}
				if _, err := client.JobList(ctx, nil); err != nil { // River's own statements meanwhile
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	waitEnded(ctx, t, s, submitters*each)
	if err := client.Stop(ctx); err != nil {
		t.Error(err)
	}
	spent, err := s.Spending(ctx, translator.Window{})
	if err != nil || spent.Requests != submitters*each || spent.Open != 0 || count(t, s) != submitters*each {
		t.Errorf("%+v, %v, %d entries", spent, err, count(t, s))
	}
	var states string
	query := "SELECT group_concat(DISTINCT state || attempt) FROM river_job"
	if err := s.readers.QueryRowContext(ctx, query).Scan(&states); err != nil || states != "completed1" {
		t.Errorf("the jobs are %s, %v", states, err)
	}
	checkIntegrity(t, s)
}

// waitEnded waits until n versions have ended.
func waitEnded(ctx context.Context, t *testing.T, s *Store, n int) {
	t.Helper()
	for {
		tally, err := s.Tally(ctx, translator.Selection{States: []translator.State{translator.StatePartial}})
		if err != nil {
			t.Fatal(err)
		}
		if len(tally) == 1 && tally[0].Versions == n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
