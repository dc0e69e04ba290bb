package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// renew writes a certificate with a serial number, dated so many hours from now.
func renew(t *testing.T, certFile, keyFile string, serial int64, hours int) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: pkcs}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	when := time.Now().Add(time.Duration(hours) * time.Hour)
	if err := os.Chtimes(certFile, when, when); err != nil {
		t.Fatal(err)
	}
}

func TestACertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var problems int
	c := &certificate{
		certFile: filepath.Join(dir, "c.pem"), keyFile: filepath.Join(dir, "k.pem"), problem: func(string, error) { problems++ },
	}
	serial := func() int64 {
		c.looked = time.Now().Add(-reloadPeriod)
		return c.current().Leaf.SerialNumber.Int64()
	}
	renew(t, c.certFile, c.keyFile, 1, 0)
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 1 {
		t.Errorf("unchanged it is number %d", n)
	}
	renew(t, c.certFile, c.keyFile, 2, 1)
	if n := serial(); n != 2 || problems != 0 {
		t.Errorf("renewed it is number %d, with %d problems", n, problems)
	}
	renew(t, c.certFile, c.keyFile, 3, 2)
	if err := os.Truncate(c.keyFile, 10); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 2 || problems != 1 {
		t.Errorf("half written it is number %d, with %d problems", n, problems)
	}
}
