package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"dragoman/translator/store/postgres/postgrestest"
)

// A watched is a serve process with all that watches it.
type watched struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	at     string // http://127.0.0.1:PORT
	traces *spanCounter

	mu  sync.Mutex
	log bytes.Buffer
}

const watchPassword = "hush-hush-password"

// watch starts serve on paths, the samples if there are none, and waits until it can be watched.
func watch(t *testing.T, store string, paths ...string) *watched {
	t.Helper()
	if len(paths) == 0 {
		paths = []string{"samples/ar"}
	}
	w := &watched{t: t, traces: countSpans(t)}
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	w.cmd = process(t, top, append([]string{"serve", "--config", "samples/dragoman.yaml", "--listen", "127.0.0.1:0", "--log-format", "json"}, paths...)...)
	w.cmd.Env = append(w.cmd.Environ(), "DRAGOMAN_STORE="+store, "DRAGOMAN_SERVE_PASSWORD="+watchPassword,
		"DRAGOMAN_TRACES_ENDPOINT="+w.traces.URL, "OTEL_EXPORTER_OTLP_HEADERS=authorization=hush-hush-token")
	logs, err := w.cmd.StderrPipe()
	stdin, err2 := w.cmd.StdinPipe()
	w.stdin = stdin
	if err = errors.Join(err, err2, w.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.cmd.Process.Kill() }) // fails where it has ended
	at := make(chan string, 1)
	go w.read(logs, at)
	select {
	case w.at = <-at:
	case <-time.After(time.Minute):
		t.Fatalf("it cannot be watched:\n%s", w.said())
	}
	return w
}

// read keeps what is logged, and finds the address.
func (w *watched) read(logs io.Reader, at chan<- string) {
	defer close(at)
	lines := json.NewDecoder(io.TeeReader(logs, &lockedWriter{w}))
	for {
		var line struct{ Msg, At string }
		if lines.Decode(&line) != nil {
			return
		}
		if line.Msg == "to be watched" {
			at <- "http://" + line.At
		}
	}
}

type lockedWriter struct{ w *watched }

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return l.w.log.Write(p)
}

func (w *watched) said() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// get asks for a page, with the password if known.
func (w *watched) get(path string, known bool) (int, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.at+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if known {
		r.SetBasicAuth("dragoman", watchPassword)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatalf("%v\n%s", err, w.said())
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// until waits for a line of the metrics.
func (w *watched) until(line string) string {
	w.t.Helper()
	var body string
	for range 300 {
		if _, body = w.get("/metrics", false); strings.Contains(body, line+"\n") {
			return body
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.t.Fatalf("never %s in\n%s\n%s", line, body, w.said())
	return ""
}

// ready waits until readyz answers with a code, and the log has told why. The answer names no place.
func (w *watched) ready(code int, place, told string) {
	w.t.Helper()
	for range 100 {
		got, body := w.get("/readyz", false)
		if strings.Contains(body, place) {
			w.t.Errorf("readyz says where the store is: %s", body)
		}
		if got == code && strings.Contains(w.said(), told) {
			if alive, body := w.get("/healthz", false); alive != 200 {
				w.t.Errorf("healthz is %d: %s", alive, body)
			}
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	w.t.Fatalf("readyz never is %d and the log says %s\n%s", code, told, w.said())
}

// A spanCounter is a collector that counts spans by name.
type spanCounter struct {
	*httptest.Server
	mu    sync.Mutex
	names map[string]int
	raw   bytes.Buffer
	token string
}

func countSpans(t *testing.T) *spanCounter {
	t.Helper()
	s := &spanCounter{names: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err := errors.Join(err, proto.Unmarshal(body, &sent)); err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.token = r.Header.Get("Authorization")
		s.raw.Write(body)
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					s.names[span.Name]++
				}
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// TestServeIsWatched looks at serve in every way there is, from its start to
// its end, and takes its store away in between.
func TestServeIsWatched(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		store := filepath.Join(t.TempDir(), "store.db")
		move := func(from, to string) {
			if err := os.Rename(from, to); err != nil {
				t.Fatal(err)
			}
		}
		watchServe(t, store, store, func() { move(store, store+".away") }, func() { move(store+".away", store) })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		server := postgrestest.Start(t, nil)
		watchServe(t, server.Database(t), server.Address(), func() { server.Stop(t) }, func() { server.Start(t) })
	})
}

// watchServe runs serve on the samples, with a store at a place.
func watchServe(t *testing.T, store, place string, takeAway, bringBack func()) {
	w := watch(t, store)
	metrics := w.until(`dragoman_stories_total{direction="ar-en",state="done"} 15`)
	for _, line := range []string{
		`dragoman_sentences_total{direction="ar-en",outcome="unanswered"} 0`, `dragoman_store_up 1`,
		`dragoman_jobs_total{outcome="done"} 15`, `dragoman_jobs_in_work 0`, `dragoman_backend_stopped{backend="tmx"} 0`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("no %s in\n%s", line, metrics)
		}
	}
	for path, want := range map[string]int{"/": 200, "/healthz": 200, "/readyz": 200, "/queue/": 401, "/queue/api/jobs": 401, "/none": 404} {
		if code, body := w.get(path, false); code != want {
			t.Errorf("%s is %d, want %d: %s", path, code, want, body)
		}
	}
	if code, jobs := w.get("/queue/api/jobs?state=completed&limit=100", true); code != 200 || strings.Count(jobs, `"kind":"story"`) != 15 {
		t.Errorf("the queue is %d: %s", code, jobs)
	}
	w.until(`dragoman_queue_stories{direction="ar-en",state="done"} 15`)
	takeAway()
	w.ready(503, place, `"the store does not answer`)
	bringBack()
	w.ready(200, place, `"the store answers again"`)
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- w.cmd.Wait() }()
	select {
	case err := <-ended:
		if code := w.cmd.ProcessState.ExitCode(); code != exitDone && code != exitInterrupted {
			t.Errorf("it ended with %v\n%s", err, w.said())
		}
	case <-time.After(time.Minute):
		t.Fatalf("it does not end\n%s", w.said())
	}
	w.traces.mu.Lock()
	defer w.traces.mu.Unlock()
	n := w.traces.names
	if n["job"] != 15 || n["page"] != 15 || n["lookup"] < 15 || n["request"] == 0 || w.traces.token != "hush-hush-token" {
		t.Errorf("the collector has %v", n)
	}
	for line, want := range map[string]int{`"the store does not answer`: 1, `"the store answers again"`: 1, `"level":"error"`: 0} {
		if n := strings.Count(w.said(), line); n != want {
			t.Errorf("%s is said %d times, want %d:\n%s", line, n, want, w.said())
		}
	}
	quiet(t, "the log", w.said())
	quiet(t, "a trace", w.traces.raw.String())
	quiet(t, "the metrics", metrics)
	for _, line := range strings.Split(strings.TrimSpace(w.said()), "\n") {
		if strings.Contains(line, `"story done"`) && (!strings.Contains(line, `"story":`) || !strings.Contains(line, `"job":`)) {
			t.Errorf("a story is told without its ids: %s", line)
		}
	}
}

// quiet looks for the samples' sentences, and for secrets.
func quiet(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range []string{watchPassword, "hush-hush-token"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows %s", what, secret)
		}
	}
	story, err := os.ReadFile(filepath.Join(root, "samples", "ar", "library.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for word := range strings.FieldsSeq(string(story)) {
		if len(word) > 8 && strings.Contains(text, word) { // five letters and more
			t.Errorf("%s shows %q", what, word)
			return
		}
	}
}

// TestToldToEndWhileSubmitting has a serve whose stories cannot be written yet,
// since another process is writing: told to end, it says at once that it will.
func TestToldToEndWhileSubmitting(t *testing.T) {
	t.Parallel()
	store := filepath.Join(t.TempDir(), "dragoman.db")
	w := watch(t, store, "-")
	other, err := sql.Open("sqlite", store)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	writing, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer writing.Close()
	if _, err := writing.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w.stdin, "افتتح الوزير الميناء الجديد.\n"); err != nil {
		t.Fatal(err)
	}
	w.stdin.Close()
	if _, body := w.get("/readyz", false); !strings.Contains(body, `"draining","ok":true`) {
		t.Errorf("while it submits: %s", body)
	}
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	body := ""
	for range 100 {
		if _, body = w.get("/readyz", false); strings.Contains(body, `"draining","ok":false`) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !strings.Contains(body, `"draining","ok":false`) || !strings.Contains(w.said(), "ending: ") || strings.Contains(w.said(), "submitted") {
		t.Errorf("told to end: %s\n%s", body, w.said())
	}
	if _, err := writing.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, w.said())
	}
}
