package main

import (
	"context"
	"io"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/article"
	"dragoman/translator/backend/google/googletest"
	"dragoman/translator/queue"
	"dragoman/translator/store/postgres/postgrestest"
	"dragoman/translator/web"
)

// BenchmarkJobs measures what a job costs beyond the pipeline's own, on each
// database, with 8 workers and all sentences remembered: the work of a shift,
// with its log and its figures, against the same stories through the same memory
// and checks without jobs, 8 beside each other. It reports milliseconds a job: of
// this process's processor time, which a busy machine does not blur; of the
// clock of the whole process; and of a worker's clock, from when it has the job
// to when it is free again, less the translation. The processor time of a story
// is what the pipeline's own takes. BENCH_WORKERS is another number of workers.
func BenchmarkJobs(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		benchmarkJobs(b, func() string { return filepath.Join(b.TempDir(), "d.db") })
	})
	b.Run("postgres", func(b *testing.B) {
		server := postgrestest.Start(b, &postgrestest.Options{Durable: true})
		benchmarkJobs(b, func() string { return server.Database(b) })
	})
}

var jobWorkers = benchNumber("BENCH_WORKERS", 8)

func benchmarkJobs(b *testing.B, location func() string) {
	const stories = 2000
	path := writeStories(b, stories*perStory)
	var articles []translator.Article
	for a, err := range article.Read(b.Context(), []string{path}, nil) {
		if err != nil {
			b.Fatal(err)
		}
		articles = append(articles, a)
	}
	for b.Loop() {
		s := newWarmShift(b, location(), articles)
		own, ownClock := stopped(func() { s.runEach(b, articles) })
		var beyond time.Duration
		all, allClock := stopped(func() { beyond = s.workAll(b) })
		s.check(b, len(articles))
		each := func(d time.Duration) float64 { return d.Seconds() * 1000 / stories }
		b.ReportMetric(each(own), "cpu-ms/story")
		b.ReportMetric(each(all-own), "cpu-ms/job")
		b.ReportMetric(each(allClock-ownClock), "clock-ms/job")
		b.ReportMetric(each(beyond), "worker-ms/job")
	}
	b.ReportMetric(0, "ns/op")
}

// stopped returns the processor time and the time that something takes.
func stopped(what func()) (processor, clock time.Duration) {
	before, begun := processorTime(), time.Now()
	what()
	return processorTime() - before, time.Since(begun)
}

// processorTime returns that of this process so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A warmShift is a shift before which stories lie whose sentences are all
// remembered.
type warmShift struct {
	*shift
	google *googletest.Server // which nobody is to ask
}

func newWarmShift(b *testing.B, location string, articles []translator.Article) warmShift {
	b.Helper()
	google, err := googletest.Start(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(google.Stop)
	s := warmShift{&shift{desk: benchDesk(b, location, google.Addr()), id: newRunID("work"), tally: newTally(), life: b.Context()}, google}
	s.outage = &outage{log: s.log, ask: s.storeAnswers}
	s.remember(b, articles)
	if _, err := s.queue.Submit(b.Context(), arEn, sequenceOf(articles), queue.SubmitOptions{Batch: "night"}); err != nil {
		b.Fatal(err)
	}
	return s
}

// benchDesk opens a store with its queue, under the settings of a worker.
func benchDesk(b *testing.B, location, google string) *desk {
	b.Helper()
	cfg, err := config.Load(config.Options{Dir: b.TempDir(), Environ: []string{
		"DRAGOMAN_STORE=" + location, "DRAGOMAN_CHAIN=google", "DRAGOMAN_BACKENDS_GOOGLE_PROJECT=test",
		"DRAGOMAN_BACKENDS_GOOGLE_INSECURE=true", "DRAGOMAN_BACKENDS_GOOGLE_ENDPOINT=" + google,
	}})
	if err != nil {
		b.Fatal(err)
	}
	log, err := new(app).logger(cfg, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	db, err := openStore(b.Context(), location, log)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := closeStore(db); err != nil {
			b.Error(err)
		}
	})
	d, err := newDesk(b.Context(), cfg, log, db)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// remember fills memory as the engine's answers would.
func (s warmShift) remember(b *testing.B, articles []translator.Article) {
	b.Helper()
	shop := newWorkshop(b.Context(), s.cfg, s.log, s.db, s.id, web.NewMetrics(nil))
	bench, err := shop.enter(arEn)
	if err != nil {
		b.Fatal(err)
	}
	origin := translator.Origin{Kind: translator.Machine, Signature: bench.chain.engines[0].traits.Signature, Time: time.Now().UTC().Truncate(time.Second)}
	bench.users.Done()
	if err := shop.close(); err != nil {
		b.Fatal(err)
	}
	fill(b, s.db, sequenceOf(articles), func(_ context.Context, req translator.Request) ([]translator.Result, error) {
		results := make([]translator.Result, len(req.Texts))
		for i, t := range req.Texts {
			results[i] = translator.Result{Text: newsTranslation(t), Origin: origin}
		}
		return results, nil
	})
}

// runEach does what the pipeline does for each story, without jobs.
func (s warmShift) runEach(b *testing.B, articles []translator.Article) {
	b.Helper()
	shop := newWorkshop(b.Context(), s.cfg, s.log, s.db, s.id, web.NewMetrics(nil))
	next := make(chan translator.Article)
	var workers sync.WaitGroup
	for range jobWorkers {
		workers.Go(func() {
			for a := range next {
				stories, err := shop.do(b.Context(), arEn, []translator.Article{a})
				if err != nil || stories[0].Status != translator.Done {
					b.Error(stories, err)
				}
			}
		})
	}
	for _, a := range articles {
		next <- a
	}
	close(next)
	workers.Wait()
	if err := shop.close(); err != nil {
		b.Fatal(err)
	}
}

// workAll does all that there is as a worker does, and returns how much longer
// than the translation the workers were at it, together.
func (s warmShift) workAll(b *testing.B) time.Duration {
	b.Helper()
	s.metrics, s.pulse = web.NewMetrics(nil), web.NewPulse("leases", time.Minute)
	s.shop = newWorkshop(b.Context(), s.cfg, s.log, s.db, s.id, s.metrics)
	var beyond atomic.Int64
	observer := s.observer()
	ended := observer.Ended
	observer.Ended = func(t queue.Task, e queue.Ended, took time.Duration) {
		beyond.Add(int64(took))
		ended(t, e, took)
	}
	do := func(ctx context.Context, dir translator.Direction, articles []translator.Article) ([]translator.Story, error) {
		begun := time.Now()
		defer func() { beyond.Add(-int64(time.Since(begun))) }()
		return s.shop.do(ctx, dir, articles)
	}
	if err := s.queue.Work(b.Context(), nil, queue.WorkOptions{Do: do, Workers: jobWorkers, Drain: true, Observer: observer}); err != nil {
		b.Fatal(err)
	}
	if err := s.shop.close(); err != nil {
		b.Fatal(err)
	}
	return time.Duration(beyond.Load())
}

// check sees that the shift did all stories, and nothing more.
func (s warmShift) check(b *testing.B, stories int) {
	b.Helper()
	tally, err := s.stories.Tally(b.Context(), translator.Selection{})
	if err != nil {
		b.Fatal(err)
	}
	if len(tally) != 1 || tally[0].State != translator.StateDone || tally[0].Versions != stories {
		b.Fatalf("%d stories came to %+v", stories, tally)
	}
	if n := s.google.Requests(); n > 0 {
		b.Fatalf("%d requests were made for what is remembered", n)
	}
}
