package web

import (
	"cmp"
	"html/template"
	"net/http"
	"time"
)

// Options adjust a Site. The zero value of each field shows nothing.
type Options struct {
	// Metrics is what /metrics shows.
	Metrics *Metrics
	// OpenMetrics shows /metrics without the password.
	OpenMetrics bool
	// Pulses are the loops that must go on for /healthz to be well.
	Pulses []*Pulse
	// Checks are what must hold for /readyz to be well.
	Checks []Check
	// Draining tells whether the process takes no more work.
	Draining func() bool
	// Queue is what /queue/ shows to those who know User and Password, and
	// nobody where Password is empty. The default User is dragoman.
	Queue          *Queue
	User, Password string
	// BehindProxy says that who asks is the last address of X-Forwarded-For.
	BehindProxy bool
	// CertFile and KeyFile are PEM files; with both, Serve speaks TLS alone. They
	// are read again when they change.
	CertFile, KeyFile string
	// Denied is told of each try with a wrong name or password, and of each that
	// was not looked at because too many had been wrong before.
	Denied func(address string, throttled bool)
	// Problem is told what went wrong behind an answer.
	Problem func(what string, err error)
}

// A Site is what a process shows of itself. It is an http.Handler.
type Site struct {
	opts    Options
	gate    *gate
	ready   *readiness
	handler http.Handler
}

// New returns a Site.
func New(opts *Options) *Site {
	s := &Site{}
	if opts != nil {
		s.opts = *opts
	}
	s.opts.User = cmp.Or(s.opts.User, "dragoman")
	if s.opts.Draining == nil {
		s.opts.Draining = func() bool { return false }
	}
	if s.opts.Denied == nil {
		s.opts.Denied = func(string, bool) {}
	}
	if s.opts.Problem == nil {
		s.opts.Problem = func(string, error) {}
	}
	s.gate = newGate(s.opts)
	s.ready = newReadiness(s.opts)
	s.handler = s.routes()
	return s
}

// maxBody bounds what a request carries, in bytes; the pages send a few ids.
const maxBody = 64 << 10

func (s *Site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", index)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metrics())
	mux.Handle(queuePrefix+"/", s.queue())
	return headers(http.MaxBytesHandler(mux, maxBody))
}

// ServeHTTP answers one request, without TLS and limits of time: those are Serve's.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Site) metrics() http.Handler {
	switch {
	case s.opts.Metrics == nil:
		return notShown("There are no metrics here.")
	case s.opts.OpenMetrics:
		return s.opts.Metrics.handler()
	}
	return s.gate.guard(s.opts.Metrics.handler())
}

func (s *Site) queue() http.Handler {
	switch {
	case s.opts.Password == "":
		return notShown("The queue is shown only to those who know a password, and none is set: see DRAGOMAN_SERVE_PASSWORD and serve.password_file.")
	case s.opts.Queue == nil:
		return notShown("There is no queue here.")
	}
	return s.gate.guard(s.opts.Queue)
}

func notShown(why string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, why, http.StatusNotFound) })
}

// policy lets a page have what comes from here and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers sets what every answer bears. The referrer stays within the site: with
// none at all a browser would hide the origin of a page's own requests too.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age="+hstsSeconds)
		}
		next.ServeHTTP(w, r)
	})
}

// hstsSeconds is a year, the least of OWASP ASVS 5.0, 3.4.1.
const hstsSeconds = "31536000"

var indexPage = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Dragoman</title>
<h1>Dragoman</h1>
<ul>
<li><a href="queue/">The queue</a>, for those who know the password
<li><a href="metrics">Metrics</a> for Prometheus
<li><a href="healthz">healthz</a>: does this process work?
<li><a href="readyz">readyz</a>: can it take work?
</ul>
</html>
`))

func index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	indexPage.Execute(w, nil) // fails only where nobody reads any more
}

// clock rounds what is shown of a time.
func clock(d time.Duration) string { return d.Round(time.Second).String() }
