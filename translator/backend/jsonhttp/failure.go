package jsonhttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"dragoman/translator"
)

// broken turns an exchange without a whole reply into an error, or returns the
// caller's own context error as it is.
func (c *Client) broken(ctx, call context.Context, err error, maybePaid bool) error {
	if end := ctx.Err(); end != nil {
		return end
	}
	if e := c.untrusted(err); e != nil {
		return e
	}
	e := c.Fail(translator.Unavailable, "check the network and endpoint "+c.base.Redacted(), "%s", c.clean(err.Error(), nil))
	e.MaybePaid = maybePaid
	switch dns, ok := errors.AsType[*net.DNSError](err); {
	case call.Err() != nil:
		e.Err = fmt.Errorf("no whole reply within %v", c.opts.Timeout)
	case ok && dns.IsNotFound:
		e.Err = fmt.Errorf("there is no host %s", c.base.Hostname())
	}
	if maybePaid {
		e.Hint = "" // it was reached, and may have done the work
	}
	return e
}

// untrusted explains a host that cannot prove who it is, found before a byte
// of the request was sent, or returns nil. The kind is Denied, which closes the
// backend at once: no waiting of minutes renews a certificate, and the run is
// to go on with the next backend or hold its stories.
func (c *Client) untrusted(err error) *translator.Error {
	host := c.base.Hostname()
	deny := func(hint, format string, args ...any) *translator.Error {
		return c.Fail(translator.Denied, hint+"; then run again", format, args...)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return deny("have the certificate of "+host+" renewed, or check this machine's clock", "%s", expired(host, invalid.Cert))
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return deny("check endpoint: it must be a name that the certificate has", "the certificate is not for %s but for %s", host, namesOf(name.Certificate))
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return deny("if the service is your own, let SSL_CERT_FILE name its authority's certificate", "nobody known vouches for the certificate of %s", host)
	}
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return deny("have the certificate of "+host+" corrected", "the certificate of %s: %s", host, c.clean(cert.Err.Error(), nil))
	}
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	if noTLS || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return deny("check endpoint: use the port that speaks https", "%s does not speak TLS", c.base.Host)
	}
	return nil
}

func expired(host string, cert *x509.Certificate) string {
	const day = "2 January 2006"
	return fmt.Sprintf("the certificate of %s is valid from %s to %s only", host, cert.NotBefore.Format(day), cert.NotAfter.Format(day))
}

// namesOf lists some of what a certificate is for.
func namesOf(cert *x509.Certificate) string {
	names := append([]string(nil), cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no name"
	}
	return strings.Join(names[:min(3, len(names))], ", ")
}
