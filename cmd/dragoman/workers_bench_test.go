package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator"
	"dragoman/translator/backend/google/googletest"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/postgres/postgrestest"
)

// BenchmarkWorkers has one, two and four processes of dragoman work at the same
// stories, each time on a database of its own, against one service that takes
// 200 ms for each request, and reports how many times the work of one process
// two and four do. BENCH_STORIES says how many stories; each has 12 sentences.
func BenchmarkWorkers(b *testing.B) {
	stories := benchNumber("BENCH_STORIES", 240)
	server := postgrestest.Start(b, &postgrestest.Options{Durable: true})
	path := writeAlerts(b, stories)
	perRequest := crewLatency.Seconds() / benchConnections
	for b.Loop() {
		one := newTeam(b, server, path)
		alone := one.work(b, 1)
		b.ReportMetric(alone.Seconds()/(float64(one.google.Requests())*perRequest), "x-ideal-with-1")
		for _, n := range []int{2, 4} {
			c := newTeam(b, server, path)
			took := c.work(b, n)
			if one.google.Texts() != c.google.Texts() {
				b.Errorf("%d processes sent %d texts, and one %d", n, c.google.Texts(), one.google.Texts())
			}
			b.ReportMetric(alone.Seconds()/took.Seconds(), fmt.Sprintf("x-one-with-%d", n))
			b.ReportMetric(float64(c.google.Requests())/float64(one.google.Requests()), fmt.Sprintf("x-requests-with-%d", n))
			b.ReportMetric(c.processor.Seconds()/took.Seconds(), fmt.Sprintf("cores-with-%d", n))
		}
	}
	b.ReportMetric(0, "ns/op")
}

// writeAlerts writes short stories whose sentences are all different.
func writeAlerts(b *testing.B, n int) string {
	b.Helper()
	const sentences = 12
	var text strings.Builder
	for s := range n {
		fmt.Fprintf(&text, `{"id":"alert-%d","paragraphs":["`, s)
		for i := range sentences {
			text.WriteString(newsSentence(s*sentences + i))
		}
		text.WriteString(`"]}` + "\n")
	}
	path := filepath.Join(b.TempDir(), "alerts.jsonl")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// What the service takes for a request, and how many a process has on their
// way. Both, and small requests, keep the service what is waited for, and not
// this machine.
const (
	crewLatency      = 200 * time.Millisecond
	benchConnections = 4
	crewRequest      = 600 // characters
)

// A team is processes that work one database.
type team struct {
	folder    string
	url       string
	google    *googletest.Server
	begun     chan time.Time // when the first request came
	processor time.Duration  // that the processes took
}

// newTeam returns a team with the stories of a file before it.
func newTeam(b *testing.B, server *postgrestest.Server, path string) *team {
	b.Helper()
	c := &team{folder: b.TempDir(), url: server.Database(b), begun: make(chan time.Time, 1)}
	var err error
	if c.google, err = googletest.Start(&googletest.Options{Latency: crewLatency, Fault: c.watch}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.google.Stop)
	if out, err := c.command(b, "submit", "--quiet", path).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return c
}

// watch notes when the first request comes.
func (c *team) watch(n int, _ *translatepb.TranslateTextRequest) *googletest.Fault {
	if n == 1 {
		c.begun <- time.Now()
	}
	return nil
}

// command returns a dragoman of the team, under limits that all share.
func (c *team) command(b *testing.B, args ...string) *exec.Cmd {
	cmd := process(b, c.folder, args...)
	cmd.Env = append(os.Environ(), "DRAGOMAN_STORE="+c.url, "DRAGOMAN_CHAIN=google", "DRAGOMAN_BUDGET_DAY_USD=1000", "DRAGOMAN_BUDGET_MONTH_USD=10000",
		fmt.Sprint("DRAGOMAN_CONCURRENCY=", benchConnections), fmt.Sprint("DRAGOMAN_BACKENDS_GOOGLE_REQUEST_CHARS=", crewRequest),
		"DRAGOMAN_BACKENDS_GOOGLE_PROJECT=test", "DRAGOMAN_BACKENDS_GOOGLE_INSECURE=true",
		"DRAGOMAN_BACKENDS_GOOGLE_ENDPOINT="+c.google.Addr(), "DRAGOMAN_LOG_LEVEL=warn", withoutRules)
	return cmd
}

// work has n processes do all that there is, and returns the time from the
// first request to the end of the last story: how long a process takes to start
// and to end is not what is asked for.
func (c *team) work(b *testing.B, n int) time.Duration {
	b.Helper()
	cmds := make([]*exec.Cmd, n)
	outs := make([]bytes.Buffer, n)
	for i := range cmds {
		cmds[i] = c.command(b, "work", "--drain", "--quiet")
		cmds[i].Stdout, cmds[i].Stderr = &outs[i], &outs[i]
		if err := cmds[i].Start(); err != nil {
			b.Fatal(err)
		}
	}
	for i, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			b.Fatalf("%v\n%s", err, &outs[i])
		}
		c.processor += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return c.last(b).Sub(<-c.begun)
}

// last returns when the last story was done, as all must be.
func (c *team) last(b *testing.B) (last time.Time) {
	b.Helper()
	store, err := postgres.Open(b.Context(), c.url, &postgres.Options{Existing: true})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	for v, err := range store.Versions(b.Context(), translator.Selection{Brief: true}) {
		if err != nil {
			b.Fatal(err)
		}
		if v.State != translator.StateDone {
			b.Fatalf("%s is %s: %s", v.Story, v.State, v.Reason.Text)
		}
		if v.Changed.After(last) {
			last = v.Changed
		}
	}
	return last
}
