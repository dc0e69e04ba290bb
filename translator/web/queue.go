package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"riverqueue.com/riverui"
)

// queuePrefix is where River's pages are.
const queuePrefix = "/queue"

// queuePolicy is policy with the styles that River's pages set from their
// scripts. One of these also tries whether it may compile code, and does
// without when it may not.
var queuePolicy = strings.Replace(policy, "style-src 'self'", "style-src 'self' 'unsafe-inline'", 1)

// A Queue is River's own pages of a queue. It shows everything, and lets nobody
// change anything but whether the queue rests: River's buttons would take jobs
// from under the stories, which Dragoman's own commands do not.
type Queue struct{ pages *riverui.Handler }

// NewQueue returns the pages of the queue in a driver's database, through a
// client of their own that works nothing. The log is River's own.
func NewQueue[Tx any](driver riverdriver.Driver[Tx], log *slog.Logger) (*Queue, error) {
	client, err := river.NewClient(driver, &river.Config{Logger: log})
	if err != nil {
		return nil, err
	}
	pages, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(client, nil), Logger: log, Prefix: queuePrefix, JobListHideArgsByDefault: true,
	})
	if err != nil {
		return nil, err
	}
	return &Queue{pages}, nil
}

// start starts what counts in the background, until ctx ends.
func (q *Queue) start(ctx context.Context) error { return q.pages.Start(ctx) }

func (q *Queue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", queuePolicy)
	if !mayAsk(r) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusForbidden)
		json.NewEncoder(w).Encode(map[string]string{ // fails only where nobody reads any more
			"message": "Jobs are changed by commands, which change their stories too: dragoman retry, cancel, hold or release.",
		})
		return
	}
	q.pages.ServeHTTP(w, r)
}

// mayAsk lets through what changes nothing, and what makes a queue rest and go on.
func mayAsk(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	path, ok := strings.CutPrefix(r.URL.Path, queuePrefix+"/api/queues/")
	_, do, _ := strings.Cut(path, "/")
	return ok && r.Method == http.MethodPut && (do == "pause" || do == "resume")
}
