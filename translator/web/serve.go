package web

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// What a connection may take: nothing here is asked in pieces or answered for long.
const (
	headerTime   = 5 * time.Second
	requestTime  = 15 * time.Second
	answerTime   = 30 * time.Second
	idleTime     = 2 * time.Minute
	goodbyeTime  = 5 * time.Second
	headerBytes  = 16 << 10
	reloadPeriod = 10 * time.Second
)

// Serve answers on a listener until ctx ends, and then finishes what is being
// answered. It returns why it could not begin or go on. It closes the listener
// in any case, so that nobody is left waiting there.
func (s *Site) Serve(ctx context.Context, l net.Listener) error {
	defer l.Close()
	pages, endPages := context.WithCancel(context.Background())
	defer endPages()
	if s.opts.Metrics != nil {
		defer s.opts.Metrics.gauges.close()
	}
	if s.opts.Queue != nil {
		if err := s.opts.Queue.start(pages); err != nil {
			return err
		}
	}
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headerBytes, ErrorLog: log.New(problemWriter(s.opts.Problem), "", 0),
	}
	listening, err := s.secured(l)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listening) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	goodbye, cancel := context.WithTimeout(context.Background(), goodbyeTime)
	defer cancel()
	if server.Shutdown(goodbye) != nil {
		server.Close() // who has not read the answer by now does not get it
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// problemWriter hands on what the server would log.
type problemWriter func(what string, err error)

func (w problemWriter) Write(line []byte) (int, error) {
	w("http", errors.New(strings.TrimSpace(string(line))))
	return len(line), nil
}

// secured speaks TLS on l if there is a certificate.
func (s *Site) secured(l net.Listener) (net.Listener, error) {
	if s.opts.CertFile == "" || s.opts.KeyFile == "" {
		return l, nil
	}
	c := &certificate{certFile: s.opts.CertFile, keyFile: s.opts.KeyFile, problem: s.opts.Problem}
	if err := c.load(); err != nil {
		return nil, err
	}
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil },
	}), nil
}

// A certificate is read again when its file changes, since those of today live
// for weeks and a process for months.
type certificate struct {
	certFile, keyFile string
	problem           func(what string, err error)

	mu      sync.Mutex
	pair    *tls.Certificate
	written time.Time // the file's time
	looked  time.Time
}

// load reads the pair of files.
func (c *certificate) load() error {
	info, err := os.Stat(c.certFile)
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.pair, c.written, c.looked = &pair, info.ModTime(), time.Now()
	return nil
}

// current returns the pair, read anew if its file has changed; the old one as
// long as the new one cannot be read.
func (c *certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < reloadPeriod {
		return c.pair
	}
	c.looked = time.Now()
	if info, err := os.Stat(c.certFile); err != nil || info.ModTime().Equal(c.written) {
		return c.pair
	}
	if err := c.load(); err != nil {
		c.problem("certificate", err)
	}
	return c.pair
}
