// Package scripted is a real HTTP server on loopback, put around a handler
// that behaves, into which faults are planted:
//
//	server := scripted.New(t, service)
//	server.Plant(scripted.Status(503, "", nil), 2) // the next two requests
//
// It records every request. It knows nothing of ours.
package scripted

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// A Fault answers a request in place of the handler, which it may call. The
// request's body was read, and can be read again.
type Fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// A Request is one that came.
type Request struct {
	Method, Path string // the path with its query
	Header       http.Header
	Body         []byte
}

// A Server is running until the end of its test.
type Server struct {
	URL string // "http://127.0.0.1:port" or https

	next http.Handler
	pool *x509.CertPool
	gone chan struct{} // closed when the test ends, so that no fault outlives it

	mu       sync.Mutex
	planted  []planted
	requests []Request
}

type planted struct {
	path  string // that it is for; empty is any
	fault Fault
	times int // left; below 0 is for ever
}

// New starts a server around a handler.
func New(t testing.TB, handler http.Handler) *Server {
	t.Helper()
	s, server := prepare(handler)
	server.Start()
	s.run(t, server)
	return s
}

// NewTLS starts a server that shows a certificate: see Certificate.
func NewTLS(t testing.TB, handler http.Handler, certificate tls.Certificate) *Server {
	t.Helper()
	s, server := prepare(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	s.pool = x509.NewCertPool()
	s.pool.AddCert(certificate.Leaf)
	s.run(t, server)
	return s
}

func prepare(handler http.Handler) (*Server, *httptest.Server) {
	s := &Server{next: handler, gone: make(chan struct{})}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = quiet
	return s, server
}

func (s *Server) run(t testing.TB, server *httptest.Server) {
	s.URL = server.URL
	t.Cleanup(func() {
		close(s.gone)
		server.CloseClientConnections()
		server.Close()
	})
}

// Pool holds the certificate that the server shows, for a client that is to
// trust it. It is nil without TLS.
func (s *Server) Pool() *x509.CertPool { return s.pool }

// Plant lets the next times requests meet a fault, after those planted before;
// below 0 is all of them.
func (s *Server) Plant(fault Fault, times int) { s.PlantOn("", fault, times) }

// PlantOn is Plant for the requests to one path.
func (s *Server) PlantOn(path string, fault Fault, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planted = append(s.planted, planted{path, fault, times})
}

// Requests returns the requests that came so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Count returns how many requests came so far.
func (s *Server) Count() int { return len(s.Requests()) }

// ServeHTTP records the request and answers it, or lets its fault do so.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if fault := s.record(Request{r.Method, r.URL.RequestURI(), r.Header.Clone(), body}); fault != nil {
		fault(w, r.WithContext(withGone(r.Context(), s.gone)), s.next)
		return
	}
	s.next.ServeHTTP(w, r)
}

// record notes a request and takes its fault.
func (s *Server) record(r Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	path, _, _ := strings.Cut(r.Path, "?")
	for i := range s.planted {
		if p := &s.planted[i]; p.times != 0 && (p.path == "" || p.path == path) {
			p.times--
			return p.fault
		}
	}
	return nil
}

// Answer is how a handler answers in JSON.
func Answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that is gone needs none
}
