package web_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/web"
)

// certificate writes a pair of PEM files for 127.0.0.1 and returns what trusts it.
func certificate(t *testing.T, dir string) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "desk"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: pkcs}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return certFile, keyFile, pool
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certFile, keyFile, pool := certificate(t, t.TempDir())
	at := serve(t, &web.Options{CertFile: certFile, KeyFile: keyFile})
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer client.CloseIdleConnections()
	resp, err := client.Get("https" + strings.TrimPrefix(at, "http") + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	if got := get(t, at+"/healthz"); got.code != http.StatusBadRequest { // as net/http answers who speaks no TLS
		t.Errorf("in the clear: %d %s", got.code, got.body)
	}
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11}}}
	if resp, err := old.Get("https" + strings.TrimPrefix(at, "http") + "/healthz"); err == nil {
		resp.Body.Close()
		t.Error("TLS 1.1 is spoken")
	}
}

func TestNoCertificateNoService(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(t.TempDir(), "none.pem")
	if err := web.New(&web.Options{CertFile: none, KeyFile: none}).Serve(t.Context(), l); err == nil {
		t.Error("it serves without the certificate that is set")
	}
	if conn, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error("who connects is left waiting", conn, err)
	}
}

// TestServeFinishesWhatItAnswers ends a server in the middle of an answer.
func TestServeFinishesWhatItAnswers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked, proceed := make(chan struct{}), make(chan struct{})
	s := web.New(&web.Options{Checks: []web.Check{{Name: "slow", Do: func(context.Context) error {
		close(asked)
		<-proceed
		return nil
	}}}})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	var all sync.WaitGroup
	all.Go(func() {
		if got := get(t, "http://"+l.Addr().String()+"/readyz"); got.code != 200 {
			t.Errorf("%d %s", got.code, got.body)
		}
	})
	<-asked
	cancel()
	eventually(t, "nobody else is let in", func() bool {
		c, err := net.Dial("tcp", l.Addr().String())
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	close(proceed)
	all.Wait()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// raw sends bytes and returns the first line of the answer.
func raw(t *testing.T, at, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(at, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go io.WriteString(c, text) // fails where the server has heard enough
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(line)
}

func TestWhatAConnectionMayNot(t *testing.T) {
	t.Parallel()
	at := serve(t, &web.Options{Queue: queue(t, 0), User: user, Password: password})
	for name, tt := range map[string]struct{ text, want string }{
		"long headers":   {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", "HTTP/1.1 431 "},
		"no HTTP":        {"\x16\x03\x01\r\n\r\n", "HTTP/1.1 400 "},
		"another method": {"DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
		"up the tree":    {"GET /queue/../healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 307 "},
		"hidden slashes": {"GET /queue/..%2f..%2fetc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 401 "},
	} {
		if got := raw(t, at, tt.text); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// TestNothingIsGivenAway asks every page for planted secrets and inner errors.
func TestNothingIsGivenAway(t *testing.T) {
	t.Parallel()
	planted := []string{password, "hush-dsn", "نص مزروع"}
	fail := func(context.Context) error { return fmt.Errorf("postgres://desk:%s@db: %s", planted[1], planted[2]) }
	var told []string
	var mu sync.Mutex
	note := func(what string, err error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, what)
	}
	m := web.NewMetrics(&web.MetricsOptions{Problem: note, Database: web.Database{
		Jobs: func(ctx context.Context) (map[string]int, error) { return nil, fail(ctx) },
	}})
	m.Job()(web.JobFailed, fail(t.Context()))
	at := serve(t, &web.Options{
		Metrics: m, Queue: queue(t, 1), User: user, Password: password, Checks: []web.Check{{Name: "store", Do: fail}}, Problem: note,
	})
	for _, path := range []string{"/", "/healthz", "/readyz", "/metrics", "/queue/", "/queue/api/jobs", "/none"} {
		for _, who := range []func(*http.Request){nil, as(user, password)} {
			got := ask(t, http.MethodGet, at+path, who)
			for _, p := range planted {
				if strings.Contains(got.body, p) || strings.Contains(fmt.Sprint(got.header), p) {
					t.Errorf("%s gives %q away", path, p)
				}
			}
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) < 2 {
		t.Errorf("the log is told of %q only", told)
	}
}

// TestServeEndsWhatItAsks ends while the stories are being counted: the store
// may be closed afterwards.
func TestServeEndsWhatItAsks(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	var over atomic.Bool
	m := web.NewMetrics(&web.MetricsOptions{Database: web.Database{Tally: func(ctx context.Context) ([]translator.VersionTally, error) {
		close(began)
		<-ctx.Done()
		over.Store(true)
		return nil, ctx.Err()
	}}})
	s := web.New(&web.Options{Metrics: m, OpenMetrics: true})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	go answerOf(s, "/metrics", nil)
	<-began
	cancel()
	if err := <-served; err != nil || !over.Load() {
		t.Errorf("Serve returned %v; the question is over: %t", err, over.Load())
	}
}
