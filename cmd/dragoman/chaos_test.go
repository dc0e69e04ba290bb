package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator/backend/google/googletest"
	"dragoman/translator/store/postgres/postgrestest"
)

const (
	chaosTime        = 2 * time.Minute
	chaosWorkers     = 3
	chaosConnections = 2
	chaosLatency     = 300 * time.Millisecond
	chaosStories     = 8 // submitted each second
	chaosSentences   = 12
)

// TestChaos has three workers on PostgreSQL, one of them killed every second
// for two minutes, and the database restarted twice, the second time as a
// crash does it, while stories come in all the time. In the end every story is
// done once, no sentence was paid for twice but those on their way at a kill,
// and what is exported is what an undisturbed run writes.
func TestChaos(t *testing.T) {
	t.Parallel()
	c := newChaos(t)
	for i := range c.workers {
		c.start(i)
	}
	whole := chaosTime
	if testing.Short() {
		whole = 12 * time.Second
	}
	restart, crash := time.After(whole/3), time.After(2*whole/3)
	for end := time.Now().Add(whole); time.Now().Before(end); {
		second := time.After(time.Second)
		c.submit()
		c.kill(rand.IntN(chaosWorkers))
		select {
		case <-restart:
			c.server.Restart(t)
		case <-crash:
			c.server.Kill(t)
			c.server.Start(t)
		default:
		}
		<-second
	}
	for i := range c.workers {
		c.kill(i)
	}
	c.run("work", "--drain", "--quiet")
	c.run("export", "--quiet", "--batch", chaosBatch)
	c.check()
}

const chaosBatch = "night"

// A chaos is one PostgreSQL with workers that do not live long.
type chaos struct {
	t       *testing.T
	folder  string
	url     string
	server  *postgrestest.Server
	google  *googletest.Server
	workers [chaosWorkers]*worker
	files   []string
	kills   int

	mu    sync.Mutex
	first map[string]int // the request that a text was first in
	twice map[int]bool   // requests of which some text was sent again
}

// A worker is a process of dragoman work.
type worker struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

func newChaos(t *testing.T) *chaos {
	c := &chaos{t: t, folder: t.TempDir(), server: postgrestest.Start(t, nil), first: map[string]int{}, twice: map[int]bool{}}
	c.url = c.server.Database(t)
	google, err := googletest.Start(&googletest.Options{Latency: chaosLatency, Fault: c.count})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(google.Stop)
	c.google = google
	return c
}

// count takes note of a request, as the service that bills it would.
func (c *chaos) count(n int, req *translatepb.TranslateTextRequest) *googletest.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range req.GetContents() {
		if before, ok := c.first[text]; ok {
			c.twice[before] = true
		} else {
			c.first[text] = n
		}
	}
	return nil
}

// command returns a dragoman on the shared database.
func (c *chaos) command(args ...string) *exec.Cmd {
	cmd := process(c.t, c.folder, args...)
	cmd.Env = append(os.Environ(), "DRAGOMAN_STORE="+c.url, "DRAGOMAN_CHAIN=google", fmt.Sprintf("DRAGOMAN_CONCURRENCY=%d", chaosConnections),
		"DRAGOMAN_QUEUE_LEASE=5s", "DRAGOMAN_BACKENDS_GOOGLE_REQUEST_CHARS=600",
		"DRAGOMAN_BACKENDS_GOOGLE_PROJECT=test", "DRAGOMAN_BACKENDS_GOOGLE_INSECURE=true",
		"DRAGOMAN_BACKENDS_GOOGLE_ENDPOINT="+c.google.Addr(), "DRAGOMAN_LOG_LEVEL=error", withoutRules)
	return cmd
}

// run runs a command to its good end.
func (c *chaos) run(args ...string) {
	c.t.Helper()
	if out, err := c.command(args...).CombinedOutput(); err != nil {
		c.t.Fatalf("dragoman %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// start starts a worker.
func (c *chaos) start(i int) {
	w := &worker{cmd: c.command("work", "--quiet")}
	w.cmd.Stdout, w.cmd.Stderr = &w.out, &w.out
	if err := w.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.workers[i] = w
	c.t.Cleanup(func() { w.cmd.Process.Kill() })
}

// kill kills a worker, which must not have ended by itself, and starts another.
func (c *chaos) kill(i int) {
	w := c.workers[i]
	w.cmd.Process.Kill()
	w.cmd.Wait()
	if code := w.cmd.ProcessState.ExitCode(); code != -1 {
		c.t.Errorf("a worker ended by itself with code %d\n%s", code, &w.out)
	}
	c.kills++
	c.start(i)
}

// submit submits a few stories more. A submission that the database's restart
// cuts off is made again, as a person would.
func (c *chaos) submit() {
	path := filepath.Join(c.folder, fmt.Sprintf("wire-%03d.jsonl", len(c.files)))
	if err := os.WriteFile(path, []byte(chaosStory(len(c.files))), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.files = append(c.files, path)
	c.run("submit", "--quiet", "--batch", chaosBatch, path)
}

// chaosStory writes stories whose sentences are all different, but for one
// that every story has.
func chaosStory(file int) string {
	var b strings.Builder
	for s := range chaosStories {
		fmt.Fprintf(&b, `{"id":"wire-%d-%d","title":"نشرة الميناء رقم %d-%d","paragraphs":["`, file, s, file, s)
		for n := range chaosSentences {
			fmt.Fprintf(&b, "رست السفينة رقم %d-%d-%d عند الرصيف الشرقي بعد رحلة طويلة. ", file, s, n)
		}
		b.WriteString(`وتستمر الحركة في الميناء طوال الليل."]}` + "\n")
	}
	return b.String()
}

// check looks at what came of it.
func (c *chaos) check() {
	c.t.Helper()
	want := chaosStories * len(c.files)
	out, err := c.command("status", "--json").Output()
	if err != nil {
		c.t.Fatalf("status: %v", err)
	}
	var s struct {
		States []statusState `json:"states"`
		Needs  []statusNeed  `json:"need_human"`
	}
	if err := json.Unmarshal(out, &s); err != nil {
		c.t.Fatal(err)
	}
	if len(s.States) != 1 || s.States[0].State != "done" || s.States[0].Stories != want {
		c.t.Errorf("%d stories were submitted; their states are %+v, and %+v need a human", want, s.States, s.Needs)
	}
	c.mu.Lock()
	twice := len(c.twice)
	c.mu.Unlock()
	// At a kill, the requests of one worker are on their way; at a restart, those of all.
	if most := c.kills*chaosConnections + 2*chaosWorkers*chaosConnections; twice > most {
		c.t.Errorf("after %d kills, %d requests were paid for twice; at most %d may be", c.kills, twice, most)
	}
	c.t.Logf("%d stories, %d kills, %d requests, %d of them paid for twice", want, c.kills, c.google.Requests(), twice)
	c.compare()
}

// compare holds what was exported against what one undisturbed run writes.
func (c *chaos) compare() {
	c.t.Helper()
	folder := c.t.TempDir()
	cmd := c.command(append([]string{"translate", "--quiet", "--store", "sqlite:" + filepath.Join(folder, "dragoman.db"), "--out", filepath.Join(folder, "out")}, c.files...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("the undisturbed run: %v\n%s", err, out)
	}
	want, got := outputs(c.t, filepath.Join(folder, "out")), outputs(c.t, filepath.Join(c.folder, "out"))
	for name, content := range want {
		if got[name] != content {
			c.t.Errorf("%s is not what an undisturbed run writes: %d bytes, and %d are due", name, len(got[name]), len(content))
		}
	}
	if len(got) != len(want) {
		c.t.Errorf("%d files were exported, and an undisturbed run writes %d", len(got), len(want))
	}
}
