package google_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/google"
)

// noAccount makes the process one without application default credentials on
// a machine that is not Google's.
func noAccount(t *testing.T) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("APPDATA", t.TempDir())
	t.Setenv("GCE_METADATA_HOST", "")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
}

func TestNoCredentials(t *testing.T) {
	noAccount(t)
	begin := time.Now()
	_, err := google.New(t.Context(), &google.Options{Project: "desk-1"})
	if err == nil {
		t.Skip("this machine has Google's credentials")
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v to find out", took)
	}
	if !errors.Is(err, translator.Denied) || !strings.Contains(translator.HintOf(err), "gcloud auth application-default login") {
		t.Errorf("%v (hint %q), want Denied that names the remedy", err, translator.HintOf(err))
	}
}

func TestBadCredentials(t *testing.T) {
	noAccount(t)
	const secret = "s3cret-material"
	file := filepath.Join(t.TempDir(), "account.json")
	for name, content := range map[string]string{
		"no JSON":         secret,
		"no known type":   `{"type": "mystery", "token": "` + secret + `"}`,
		"no key":          `{"type": "service_account", "client_email": "x@y", "private_key": "` + secret + `"}`,
		"no file at all":  "",
		"an empty object": "{}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
			if content == "" {
				t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file+".missing")
			}
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := google.New(t.Context(), &google.Options{Project: "desk-1"})
			if !errors.Is(err, translator.Denied) || !strings.Contains(err.Error(), "account.json") || translator.HintOf(err) == "" {
				t.Errorf("%v; want Denied that names the file, with a hint", err)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%v shows the file's content", err)
			}
		})
	}
}

// A server whose certificate nobody vouches for gets no token and no text.
func TestUnknownCertificate(t *testing.T) {
	noAccount(t)
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", serviceAccount(t))
	var heard atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request) {
		heard.Add(1)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = nil
	server.StartTLS()
	defer server.Close()
	b, err := google.New(t.Context(), &google.Options{Project: "desk-1", Endpoint: server.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if e := failsAs(t, b, translator.Unavailable); e.MaybePaid || !strings.Contains(e.Error(), "certificate") {
		t.Errorf("maybe paid %v: %v", e.MaybePaid, e)
	}
	if heard.Load() != 0 {
		t.Error("the server heard a request")
	}
}

// Without Insecure nothing is sent in the clear, to this machine neither.
func TestPlaintextServerHearsNothing(t *testing.T) {
	noAccount(t)
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", serviceAccount(t))
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan []byte, 1)
	go func() {
		defer close(heard)
		conn, err := lis.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		hello := make([]byte, 4096)
		n, err := conn.Read(hello)
		if err == nil || err == io.EOF {
			heard <- hello[:n]
		}
	}()
	b, err := google.New(t.Context(), &google.Options{Project: "desk-1", Endpoint: lis.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	failsAs(t, b, translator.Unavailable)
	if hello := <-heard; len(hello) == 0 || hello[0] != 0x16 { // a TLS handshake record
		t.Errorf("the server heard %q", hello)
	}
	if err := lis.Close(); err != nil {
		t.Error(err)
	}
}

// serviceAccount writes a key file that no project knows. Its tokens are
// signed here: no token server is asked.
func serviceAccount(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	content, err := json.Marshal(map[string]string{
		"type":           "service_account",
		"project_id":     "desk-1",
		"private_key_id": "1",
		"private_key":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email":   "desk@desk-1.iam.gserviceaccount.com",
		"token_uri":      "https://127.0.0.1:9/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
