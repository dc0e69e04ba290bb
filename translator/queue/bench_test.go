package queue

import (
	"path/filepath"
	"testing"

	"dragoman/translator/store/postgres/postgrestest"
)

// BenchmarkJob measures what a job costs beyond its Do, which returns at once.
// ms/job is of the clock, with 8 workers.
func BenchmarkJob(b *testing.B) {
	for _, database := range []string{"sqlite", "postgres"} {
		b.Run(database, func(b *testing.B) {
			const jobs = 2000
			for b.Loop() {
				b.StopTimer()
				location := filepath.Join(b.TempDir(), "d.db")
				if database == "postgres" {
					location = postgrestest.Database(b)
				}
				s := open(b, location, nil)
				s.submit(b, articles(jobs), SubmitOptions{})
				c := newCrew()
				b.StartTimer()
				s.drain(b, c, WorkOptions{Workers: 8})
				b.StopTimer()
				if len(c.done) != jobs {
					b.Fatalf("%d of %d were done", len(c.done), jobs)
				}
				s.close()
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*jobs), "ms/job")
			b.ReportMetric(0, "ns/op")
		})
	}
}
