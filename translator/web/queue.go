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
// change anything: River's buttons would take jobs from under the stories, which
// Dragoman's own commands do not, and a queue that was made to rest here would
// stand still without a word in status, readyz or the metrics.
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

// ServeHTTP answers what only looks, and refuses the rest with the commands to use instead.
func (q *Queue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", queuePolicy)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusForbidden)
		json.NewEncoder(w).Encode(map[string]string{ // fails only where nobody reads any more
			"message": "Nothing is changed here. Commands do, which change the stories too: dragoman retry, cancel, hold or release; end the workers to make all rest.",
		})
		return
	}
	q.pages.ServeHTTP(w, r)
}
