package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a pair of PEM files into dir.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "desk"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestRequireServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := certificate(t, dir)
	secret, shared := filepath.Join(dir, "secret"), filepath.Join(dir, "shared")
	for path, mode := range map[string]os.FileMode{secret: 0o600, shared: 0o644} {
		if err := os.WriteFile(path, []byte("correct horse battery\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	const password = "DRAGOMAN_SERVE_PASSWORD=correct horse battery"
	const noPassword, inTheClear = "can be reached from other machines, and there is no password; set DRAGOMAN_SERVE_PASSWORD", "would send the password over the network in the clear; set tls_cert_file and tls_key_file, or behind_proxy: true"
	tls := ", tls_cert_file: " + cert + ", tls_key_file: " + key
	for _, tt := range []struct {
		serve, env string
		want       []string // a part of each mistake
	}{
		{"", "", nil},
		{"listen: ''", "", nil},
		{"listen: 'localhost:0'", "", nil},
		{"listen: '[::1]:8080'", "", nil},
		{"listen: ':8080'", "", []string{noPassword, inTheClear}},
		{"listen: '0.0.0.0:8080'", "", []string{noPassword, inTheClear}},
		{"listen: '[::]:8080'", "", []string{noPassword, inTheClear}},
		{"listen: 'desk.example:8080'", "", []string{noPassword, inTheClear}},
		{"listen: ':8080'", password, []string{inTheClear}},
		{"listen: ':8080', behind_proxy: true", "", []string{noPassword}},
		{"behind_proxy: true", "", []string{noPassword}}, // a proxy lets the world in to 127.0.0.1
		{"listen: ':8080', behind_proxy: true", password, nil},
		{"listen: ':8080', behind_proxy: true, password_file: " + secret, "", nil},
		{"listen: ':8080'" + tls, password, nil},
		{"listen: ':8080'" + tls, "", []string{noPassword}},
		{"password_file: " + shared, "", []string{"serve.password_file: " + shared + " is open to other users"}},
		{"password_file: " + dir + "/none", "", []string{"serve.password_file: cannot read " + dir + "/none"}},
		{"password_file: " + shared, password, nil}, // the file is not asked
		{"", "DRAGOMAN_SERVE_PASSWORD=short", []string{"environment DRAGOMAN_SERVE_PASSWORD: serve.password: the password is too short"}},
		{"user: ''", password, []string{"serve.user: the password is nobody's"}},
		{"tls_cert_file: " + cert, "", []string{"serve.tls_key_file: the certificate has no key"}},
		{"tls_key_file: " + key, "", []string{"serve.tls_cert_file: the key has no certificate"}},
		{"tls_cert_file: " + key + ", tls_key_file: " + key, "", []string{"serve.tls_cert_file: this is no certificate with its key"}},
	} {
		t.Run(tt.serve+" "+tt.env, func(t *testing.T) {
			t.Parallel()
			var env []string
			if tt.env != "" {
				env = append(env, tt.env)
			}
			err := mustLoad(t, "serve: {"+tt.serve+"}\n", env...).RequireServe()
			if len(tt.want) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			got := mistakesOf(t, nil, err)
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("got  %q\nwant %q", got[i], want)
				}
			}
		})
	}
}

func TestProcessMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"queue: {workers: 0}":             "0 workers cannot be; write a number from 1 to 1000",
		"queue: {workers: -1}":            "-1 is not a number from 0 up",
		"queue: {lease: 1s}":              "1s is no lease; write a duration from 5s to 1h",
		"queue: {patience: -1s}":          "-1s is not a number from 0 up",
		"serve: {listen: '8080'}":         `"8080" is not HOST:PORT; write 127.0.0.1:8080 for this machine alone`,
		"serve: {listen: '127.0.0.1:0x'}": "is not HOST:PORT",
		"serve: {listen: ':65536'}":       "is not HOST:PORT",
		"serve: {password: hush-hush}":    "a password does not belong in this file; put it into a file of its own",
		"traces: {endpoint: 'otel:4318'}": "traces.endpoint: this is no URL of a service",
		"traces: {ratio: 1.5}":            "1.5 is no part of a whole; write a number from 0 to 1",
		"traces: {ratio: -1}":             "-1 is not a number from 0 up",
	} {
		_, err := load(t, text)
		if got := mistakesOf(t, nil, err); len(got) != 1 || !strings.Contains(got[0], want) || strings.Contains(got[0], "hush-hush") {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	if c := mustLoad(t, "traces: {ratio: 0.0000001}\n"); c.Traces.Ratio != 1e-7 {
		t.Errorf("ratio is %v", c.Traces.Ratio)
	}
}
