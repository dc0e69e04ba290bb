package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"dragoman/translator"
	"dragoman/translator/store/postgres/postgrestest"
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

// Work ends the version's work and the job in one transaction.
func (w *storyWorker) Work(ctx context.Context, job *river.Job[storyJob]) error {
	change := translator.Change{ID: translator.VersionID(job.Args.Version), From: []translator.State{translator.Waiting},
		To: translator.StateDone, Result: []byte("result"), Time: time.Now()}
	_, err := w.store.Change(ctx, []translator.Change{change}, func(ctx context.Context, tx pgx.Tx, _ []translator.VersionID) error {
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
	return err
}

// openRiver has River work in a store's schema and over its connections.
func openRiver(t *testing.T, s *Store) *river.Client[pgx.Tx] {
	t.Helper()
	driver := riverpgxv5.New(s.Pool())
	if err := s.Exclusive(t.Context(), func(ctx context.Context) error {
		migrator, err := rivermigrate.New(driver, nil)
		if err != nil {
			return err
		}
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	}); err != nil {
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

// TestRiver has two processes make River's tables at once, in the store's own
// schema, and work what one of them submits: each story is done once.
func TestRiver(t *testing.T) {
	t.Parallel()
	location := postgrestest.Database(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var stores [2]*Store
	var clients [2]*river.Client[pgx.Tx]
	var group sync.WaitGroup
	for i := range stores {
		stores[i] = mustOpen(t, location, nil)
		group.Go(func() { clients[i] = openRiver(t, stores[i]) })
	}
	group.Wait()
	for _, client := range clients {
		if err := client.Start(ctx); err != nil {
			t.Fatal(err)
		}
	}
	const stories = 60
	var versions []translator.Version
	for i := range stories {
		versions = append(versions, translator.Version{Story: fmt.Sprint(i), Submitted: time.Now(), Priority: 1})
	}
	if _, err := stores[0].Submit(ctx, "night", versions, func(ctx context.Context, tx pgx.Tx, added []translator.Version) error {
		var jobs []river.InsertManyParams
		for _, v := range added {
			jobs = append(jobs, river.InsertManyParams{Args: storyJob{int64(v.ID)}})
		}
		_, err := clients[0].InsertManyTx(ctx, tx, jobs)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	waitEnded(ctx, t, stores[1], stories)
	for _, client := range clients {
		if err := client.Stop(ctx); err != nil {
			t.Error(err)
		}
	}
	var states string
	if err := stores[0].Pool().QueryRow(ctx, "SELECT string_agg(DISTINCT state::text || attempt, ' ') FROM dragoman.river_job").Scan(&states); err != nil || states != "completed1" {
		t.Errorf("the jobs are %s, %v", states, err)
	}
	mustOpen(t, location, &Options{Existing: true}) // beside River's tables
}

// waitEnded waits until n versions have ended.
func waitEnded(ctx context.Context, t *testing.T, s *Store, n int) {
	t.Helper()
	for {
		tally, err := s.Tally(ctx, translator.Selection{States: []translator.State{translator.StateDone}})
		if err != nil {
			t.Fatal(err)
		}
		if len(tally) == 1 && tally[0].Versions == n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
