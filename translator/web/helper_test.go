package web_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite"

	"dragoman/translator/web"
)

const (
	user     = "desk"
	password = "correct horse battery"
)

// serve shows a site on loopback and returns its address, "http://127.0.0.1:PORT".
func serve(t *testing.T, opts *web.Options) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- web.New(opts).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve returned %v", err)
		}
	})
	return "http://" + l.Addr().String()
}

// An answer is what came back.
type answer struct {
	code   int
	header http.Header
	body   string
}

// ask makes a request; change, if not nil, changes it before it is sent.
func ask(t *testing.T, method, url string, change func(*http.Request)) answer {
	t.Helper()
	var body io.Reader
	if method != http.MethodGet && method != http.MethodHead {
		body = strings.NewReader(`{"ids":["1"]}`)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func get(t *testing.T, url string) answer { return ask(t, http.MethodGet, url, nil) }

// as makes a request somebody's.
func as(user, password string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(user, password) }
}

// storyJob is a job as the queue writes it: numbers of versions, and nothing else.
type storyJob struct {
	Versions []int64 `json:"versions"`
}

func (storyJob) Kind() string { return "story" }

// database opens a SQLite file with River's tables and some jobs.
func database(t *testing.T, jobs int) (*sql.DB, *riversqlite.Driver) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "q.db")+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	driver := riversqlite.New(db)
	quiet := slog.New(slog.DiscardHandler)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	client, err2 := river.NewClient(driver, &river.Config{Logger: quiet})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for i := range jobs {
		if _, err := client.Insert(t.Context(), storyJob{[]int64{int64(4200 + i)}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	return db, driver
}

// queue returns the pages of a queue with some jobs.
func queue(t *testing.T, jobs int) *web.Queue {
	t.Helper()
	_, driver := database(t, jobs)
	q, err := web.NewQueue(driver, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// eventually waits for something that another goroutine does.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}
