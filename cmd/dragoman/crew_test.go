package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator/backend/google/googletest"
	"dragoman/translator/store/postgres/postgrestest"
)

const (
	crewConnections = 2
	crewBatch       = "night"
	// hangs is when a test no longer believes that something happens: long
	// after it should have, on any machine.
	hangs = 2 * time.Minute
)

// A crew is a store with processes that work it, and a service that counts
// what it is paid for.
type crew struct {
	t       *testing.T
	folder  string
	store   string
	environ []string // of the processes, besides
	google  *googletest.Server
	shape   storyShape
	files   []string
	slow    atomic.Bool   // requests take seconds
	arrived chan struct{} // holds one while a request came since it was last empty
	paid    *paid
}

// A storyShape is how large the files are that a crew is given.
type storyShape struct{ stories, sentences int }

// newCrew returns a crew without workers. Each request takes latency.
func newCrew(t *testing.T, store string, latency time.Duration) *crew {
	t.Helper()
	c := &crew{
		t: t, folder: t.TempDir(), store: store, shape: storyShape{8, 12}, arrived: make(chan struct{}, 1), paid: newPaid(),
	}
	google, err := googletest.Start(&googletest.Options{Latency: latency, Fault: c.count})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(google.Stop)
	c.google = google
	return c
}

// onBoth runs a test on a new store of either kind.
func onBoth(t *testing.T, test func(t *testing.T, store string)) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "dragoman.db"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, postgrestest.Database(t))
	})
}

// some returns how many times a test of faults does something: few in CI, and
// the number of the design with TEST_FAULTS=all.
func some(few, all int) int {
	if allFaults {
		return all
	}
	return few
}

// count takes note of a request, as the service that bills it would.
func (c *crew) count(n int, req *translatepb.TranslateTextRequest) *googletest.Fault {
	c.paid.request(n, req.GetContents())
	select {
	case c.arrived <- struct{}{}:
	default:
	}
	if c.slow.Load() {
		return &googletest.Fault{Delay: 3 * time.Second}
	}
	return nil
}

// command returns a dragoman on the crew's store.
func (c *crew) command(args ...string) *exec.Cmd {
	cmd := process(c.t, c.folder, args...)
	cmd.Env = append(os.Environ(), "DRAGOMAN_STORE="+c.store, "DRAGOMAN_CHAIN=google", fmt.Sprintf("DRAGOMAN_CONCURRENCY=%d", crewConnections),
		"DRAGOMAN_QUEUE_LEASE=5s", "DRAGOMAN_BACKENDS_GOOGLE_REQUEST_CHARS=600",
		"DRAGOMAN_BACKENDS_GOOGLE_PROJECT=test", "DRAGOMAN_BACKENDS_GOOGLE_INSECURE=true",
		"DRAGOMAN_BACKENDS_GOOGLE_ENDPOINT="+c.google.Addr(), "DRAGOMAN_SERVE_LISTEN=127.0.0.1:0", withoutRules)
	cmd.Env = append(cmd.Env, c.environ...)
	return cmd
}

// run runs a command to its good end and returns its standard output.
func (c *crew) run(args ...string) string {
	c.t.Helper()
	cmd := c.command(args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		c.t.Fatalf("dragoman %s: %v\n%s%s", strings.Join(args, " "), err, &out, &said)
	}
	return out.String()
}

// write writes a file of stories more, and does not submit it.
func (c *crew) write() string {
	c.t.Helper()
	path := filepath.Join(c.folder, fmt.Sprintf("wire-%03d.jsonl", len(c.files)))
	if err := os.WriteFile(path, []byte(c.shape.file(len(c.files))), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.files = append(c.files, path)
	return path
}

// submit submits so many files more.
func (c *crew) submit(files int) {
	c.t.Helper()
	args := []string{"submit", "--quiet", "--batch", crewBatch}
	for range files {
		args = append(args, c.write())
	}
	c.run(args...)
}

// file writes stories whose sentences are all different, but for one that
// every story has.
func (s storyShape) file(file int) string {
	var b strings.Builder
	for story := range s.stories {
		fmt.Fprintf(&b, `{"id":"wire-%d-%d","title":"نشرة الميناء رقم %d-%d","paragraphs":["`, file, story, file, story)
		for n := range s.sentences {
			fmt.Fprintf(&b, "رست السفينة رقم %d-%d-%d عند الرصيف الشرقي بعد رحلة طويلة. ", file, story, n)
		}
		b.WriteString(`وتستمر الحركة في الميناء طوال الليل."]}` + "\n")
	}
	return b.String()
}

// stories is how many were submitted.
func (c *crew) stories() int { return c.shape.stories * len(c.files) }

// requested waits until another request is at the service, and submits more if
// there is nothing left to send.
func (c *crew) requested() {
	c.t.Helper()
	select {
	case <-c.arrived: // an old one
	default:
	}
	for end := time.After(hangs); ; {
		select {
		case <-c.arrived:
			return
		case <-time.After(time.Second):
			c.submit(1)
		case <-end:
			c.t.Fatal("nothing is sent")
		}
	}
}

// A hand is a process that works the store.
type hand struct {
	t    *testing.T
	cmd  *exec.Cmd
	over chan struct{} // closed when it has ended

	mu  sync.Mutex
	log bytes.Buffer
}

// start starts a process, which is killed at the end of the test if it lives.
func (c *crew) start(args ...string) *hand {
	c.t.Helper()
	return begin(c.t, c.command(args...))
}

// begin starts a command as a hand.
func begin(t *testing.T, cmd *exec.Cmd) *hand {
	t.Helper()
	h := &hand{t: t, cmd: cmd, over: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = h, h
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // its exit code says it
		close(h.over)
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-h.over })
	return h
}

func (h *hand) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.Write(p)
}

func (h *hand) said() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.String()
}

// says waits until the process has said something so many times. It returns
// false if it ended before.
func (h *hand) says(what string, times int) bool {
	h.t.Helper()
	for end := time.Now().Add(hangs); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Count(h.said(), what) >= times {
			return true
		}
		select {
		case <-h.over:
			return strings.Count(h.said(), what) >= times
		default:
		}
	}
	h.t.Fatalf("it does not say %q %d times:\n%s", what, times, h.said())
	return false
}

// lives tells whether the process has not ended.
func (h *hand) lives() bool {
	select {
	case <-h.over:
		return false
	default:
		return true
	}
}

func (h *hand) signal(s os.Signal) {
	h.t.Helper()
	if err := h.cmd.Process.Signal(s); err != nil {
		h.t.Fatalf("%v: %v\n%s", s, err, h.said())
	}
}

// ends waits for the end of the process and wants its exit code.
func (h *hand) ends(code int) {
	h.t.Helper()
	select {
	case <-h.over:
	case <-time.After(hangs):
		h.t.Fatalf("it does not end:\n%s", h.said())
	}
	if got := h.cmd.ProcessState.ExitCode(); got != code {
		h.t.Fatalf("it ended with %d, want %d:\n%s", got, code, h.said())
	}
}

// stop drains a worker and wants its good end.
func (h *hand) stop() {
	h.t.Helper()
	h.says("working", 1)
	h.signal(syscall.SIGTERM)
	h.ends(exitDone)
}

// finish has the rest worked, and checks that all is done, that at most so many
// requests were paid for twice, and that what is exported is what an
// undisturbed run writes. It returns of how many requests some text was paid for twice.
func (c *crew) finish(most int) int {
	c.t.Helper()
	c.run("work", "--drain", "--quiet")
	c.done()
	twice := c.paid.again()
	if twice > most {
		c.t.Errorf("%d requests were paid for twice; at most %d may be", twice, most)
	}
	c.run("export", "--quiet", "--batch", crewBatch)
	c.compare()
	return twice
}

// done checks that every story that was submitted is done.
func (c *crew) done() {
	c.t.Helper()
	var s struct {
		States []statusState `json:"states"`
		Needs  []statusNeed  `json:"need_human"`
	}
	if err := json.Unmarshal([]byte(c.run("status", "--json")), &s); err != nil {
		c.t.Fatal(err)
	}
	if len(s.States) != 1 || s.States[0].State != "done" || s.States[0].Stories != c.stories() {
		c.t.Errorf("%d stories were submitted; their states are %+v, and %+v need a human", c.stories(), s.States, s.Needs)
	}
}

// compare holds what was exported against what one undisturbed run writes.
func (c *crew) compare() {
	c.t.Helper()
	folder := c.t.TempDir()
	cmd := c.command(append([]string{"translate", "--quiet", "--store", "sqlite:" + filepath.Join(folder, "dragoman.db"), "--out", filepath.Join(folder, "out")}, c.files...)...)
	cmd.Env = append(cmd.Env, "DRAGOMAN_CONCURRENCY=16", "DRAGOMAN_BACKENDS_GOOGLE_REQUEST_CHARS=30000") // it has no faults to wait for
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("the undisturbed run: %v\n%s", err, out)
	}
	sameAsUndisturbed(c.t, outputs(c.t, filepath.Join(folder, "out")), outputs(c.t, filepath.Join(c.folder, "out")))
}

// sameAsUndisturbed compares what was written with what was to be.
func sameAsUndisturbed(t *testing.T, want, got map[string]string) {
	t.Helper()
	for name, content := range want {
		if got[name] != content {
			t.Errorf("%s is not what an undisturbed run writes: %d bytes, and %d are due", name, len(got[name]), len(content))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files were exported, and an undisturbed run writes %d", len(got), len(want))
	}
}
