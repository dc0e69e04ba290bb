package queue

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/sqlite"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// River's scheduler may make a held job available at any time between two
// statements of a drain, which is then not over.
func TestDrainSeesAJobThatBecomesDue(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := wrap(t, riversqlite.New(store.DB()), store, store, nil)
	s.submit(t, articles(1), SubmitOptions{})
	run := func(sql string) {
		if err := s.exec().Exec(t.Context(), sql); err != nil {
			t.Error(err)
		}
	}
	becomesDue := func() { run("UPDATE river_job SET state = 'available' WHERE state = 'scheduled'") }
	q, err := New(between{riversqlite.New(store.DB()), becomesDue}, store, nil)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]bool{"-1 second": true, "+5 seconds": true, "+1 minute": false} {
		run("UPDATE river_job SET state = 'scheduled', scheduled_at = datetime('now', 'subsec', '" + in + "')")
		if left, err := (&work[tx]{q: q}).left(t.Context()); left != want || err != nil {
			t.Errorf("one that is due in %s is left: %v, %v", in, left, err)
		}
	}
	if left, err := (&work[tx]{q: q}).left(t.Context()); !left || err != nil {
		t.Errorf("one that is available is left: %v, %v", left, err)
	}
}

// What watches a drain is over when Work is: the store may be closed then.
func TestDrainIsOverWithWork(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	asking, over := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() {
		close(asking)
		time.Sleep(100 * time.Millisecond)
		close(over)
	})
	s := wrap(t, between{riversqlite.New(store.DB()), once}, store, store, nil)
	stop := make(chan struct{})
	go func() { <-asking; close(stop) }()
	s.submit(t, articles(1), SubmitOptions{})
	c := newCrew()
	c.act = func(_ context.Context, a translator.Article, _ int) (translator.Story, error) {
		<-stop
		return storyOf(a, translator.Done, nil), nil
	}
	if err := s.queue.Work(t.Context(), stop, WorkOptions{Do: c.do, Drain: true}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-over:
	default:
		t.Error("the database is still asked")
	}
}

// A between is a driver after each of whose questions something happens.
type between struct {
	riverdriver.Driver[tx]
	happens func()
}

func (d between) GetExecutor() riverdriver.Executor {
	return betweenExecutor{d.Driver.GetExecutor(), d.happens}
}

type betweenExecutor struct {
	riverdriver.Executor
	happens func()
}

func (e betweenExecutor) JobList(ctx context.Context, p *riverdriver.JobListParams) ([]*rivertype.JobRow, error) {
	rows, err := e.Executor.JobList(ctx, p)
	e.happens()
	return rows, err
}

func (e betweenExecutor) QueryRow(ctx context.Context, sql string, args ...any) riverdriver.Row {
	return betweenRow{e.Executor.QueryRow(ctx, sql, args...), e.happens}
}

type betweenRow struct {
	riverdriver.Row
	happens func()
}

func (r betweenRow) Scan(dest ...any) error {
	err := r.Row.Scan(dest...)
	r.happens()
	return err
}
