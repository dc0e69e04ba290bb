//go:build unix

package queue

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"dragoman/translator/store/postgres/postgrestest"
)

// BenchmarkJob measures what a job costs beyond its Do, which returns at once,
// with 8 workers: of the clock, and of this process's processor time, which a
// busy machine does not blur.
func BenchmarkJob(b *testing.B) {
	forEach(b, func(b *testing.B, location func() string) {
		const jobs = 2000
		var spent time.Duration
		for b.Loop() {
			b.StopTimer()
			s := open(b, location(), nil)
			s.submit(b, articles(jobs), SubmitOptions{})
			c := newCrew()
			before := processor()
			b.StartTimer()
			s.drain(b, c, WorkOptions{Workers: 8})
			b.StopTimer()
			spent += processor() - before
			if len(c.done) != jobs {
				b.Fatalf("%d of %d were done", len(c.done), jobs)
			}
			s.close()
			b.StartTimer()
		}
		b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*jobs), "ms/job")
		b.ReportMetric(float64(spent.Milliseconds())/float64(b.N*jobs), "cpu-ms/job")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkSubmit measures what a new story costs to put in.
func BenchmarkSubmit(b *testing.B) {
	forEach(b, func(b *testing.B, location func() string) {
		const stories = 2000
		for b.Loop() {
			b.StopTimer()
			s := open(b, location(), nil)
			b.StartTimer()
			s.submit(b, articles(stories), SubmitOptions{})
			b.StopTimer()
			s.close()
			b.StartTimer()
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*stories), "us/story")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkIdle measures the processor time of a worker process that has nothing to do.
func BenchmarkIdle(b *testing.B) {
	forEach(b, func(b *testing.B, location func() string) {
		s := open(b, location(), nil)
		s.begin(b, WorkOptions{Do: newCrew().do})
		time.Sleep(time.Second)
		const watched = 10 * time.Second
		var spent time.Duration
		for b.Loop() {
			before := processor()
			time.Sleep(watched)
			spent += processor() - before
		}
		b.ReportMetric(float64(spent.Microseconds())/1000/(float64(b.N)*watched.Seconds()), "cpu-ms/s")
		b.ReportMetric(0, "ns/op")
	})
}

// forEach runs a benchmark on each database, with a function that makes a new store.
func forEach(b *testing.B, bench func(b *testing.B, location func() string)) {
	b.Run("sqlite", func(b *testing.B) {
		bench(b, func() string { return filepath.Join(b.TempDir(), "d.db") })
	})
	b.Run("postgres", func(b *testing.B) {
		bench(b, func() string { return postgrestest.Database(b) })
	})
}

// processor returns the processor time of this process so far.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
