// Package jsonhttp is the one piece of HTTP under all drivers whose service
// speaks JSON: one POST or GET, its reply read strictly, and every failure a
// *translator.Error whose kind says what is to be done. It does not retry,
// pace or log: package backend does that.
//
// Only the endpoint's host is ever contacted. No redirect is followed, so that
// no key and no text reaches another host. HTTPS_PROXY and NO_PROXY of the
// environment hold for https endpoints, where a proxy sees a host's name and
// nothing else; an http endpoint is never asked through a proxy, which would
// see the key.
package jsonhttp

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dragoman/translator"
)

// Options of a Client. All but Name and Endpoint may be left zero.
type Options struct {
	Name string // of the backend, as in the configuration: it begins every error
	// Endpoint is "https://host", with a port and a path if the service has
	// them. http is for this machine, or a host in AllowHTTP.
	Endpoint  string
	AllowHTTP []string // hosts, without port, that may be asked in the clear
	// Header goes with every request. It may hold a key: it is never shown.
	Header http.Header
	// Secrets are masked wherever an error quotes the service.
	Secrets   []string
	UserAgent string // "dragoman" if empty

	ConnectTimeout time.Duration // 10 s if 0
	TLSTimeout     time.Duration // of the handshake; 10 s if 0
	HeaderTimeout  time.Duration // from the request's end to the reply's head; 2 minutes if 0
	Timeout        time.Duration // of it all, besides the caller's context; 5 minutes if 0
	MaxReply       int64         // bytes of one reply, unpacked; 16 MiB if 0

	// Judge returns the error that a status beyond 2xx stands for, or nil for
	// the table's: see Status. Its Op, and cause and hint where they are missing,
	// are filled in; a cause of its own must not quote the body, of which it is
	// given at most 64 KiB.
	Judge func(status int, header http.Header, body []byte) *translator.Error

	RootCAs *x509.CertPool                        // who vouches for the host; nil is the system's
	Proxy   func(*http.Request) (*url.URL, error) // of an https endpoint; nil is the environment's
	// Transport replaces the network, for tests over connections in memory; the
	// time-outs of connecting, TLS and head are then its own.
	Transport *http.Transport
}

// A Client asks one endpoint. It is safe for concurrent use.
type Client struct {
	name      string
	base      *url.URL
	transport *http.Transport
	opts      Options
	// Keys are behind functions, which no print of the struct looks into.
	header  func() http.Header
	secrets func() []string
}

const (
	maxReply = 16 << 20
	// maxComplaint is how much of a refusal's body is read.
	maxComplaint = 64 << 10
)

// New checks the options; it sends nothing. A mistake in them is an Invalid
// error with a hint.
func New(opts *Options) (*Client, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	base, err := ParseEndpoint(o.Name, o.Endpoint, o.AllowHTTP)
	if err != nil {
		return nil, err
	}
	o.fill()
	header, secrets := o.Header.Clone(), append([]string(nil), o.Secrets...)
	if o.Transport == nil {
		o.Transport = newTransport(o, base)
	}
	o.Header, o.Secrets = nil, nil
	return &Client{
		name: o.Name, base: base, transport: o.Transport, opts: o,
		header:  func() http.Header { return header },
		secrets: func() []string { return secrets },
	}, nil
}

func (o *Options) fill() {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&o.ConnectTimeout, 10 * time.Second}, {&o.TLSTimeout, 10 * time.Second},
		{&o.HeaderTimeout, 2 * time.Minute}, {&o.Timeout, 5 * time.Minute},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	if o.MaxReply <= 0 {
		o.MaxReply = maxReply
	}
	if o.UserAgent == "" {
		o.UserAgent = "dragoman"
	}
}

// Close closes the idle connections.
func (c *Client) Close() error {
	c.transport.CloseIdleConnections()
	return nil
}

// Post sends in as JSON to a path below the endpoint, which may have a query,
// and decodes the reply into out; nil takes any reply. A []byte is sent as it
// is: see Encode. The reply's header comes back. Errors are *translator.Error,
// but the caller's own context error comes back as it is.
func (c *Client) Post(ctx context.Context, path string, in, out any) (http.Header, error) {
	body, ok := in.([]byte)
	if !ok {
		var err error
		if body, err = Encode(in); err != nil {
			return nil, translator.NewError(c.name, translator.Invalid, err)
		}
	}
	return c.do(ctx, http.MethodPost, path, body, out)
}

// Get asks for a path as Post does, without a body. Nothing that it fails with
// in transport is marked as possibly paid: no service bills a GET.
func (c *Client) Get(ctx context.Context, path string, out any) (http.Header, error) {
	return c.do(ctx, http.MethodGet, path, nil, out)
}

// Fail returns an error of the backend, for what a driver finds wrong with a
// reply itself. One that is Corrupt is marked as possibly paid.
func (c *Client) Fail(kind translator.Kind, hint, format string, args ...any) *translator.Error {
	return &translator.Error{
		Op: c.name, Kind: kind, Hint: hint, MaybePaid: kind == translator.Corrupt, Err: fmt.Errorf(format, args...),
	}
}

// do is one exchange.
func (c *Client) do(ctx context.Context, method, path string, body []byte, out any) (http.Header, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	call, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	call, seen := watch(call)
	req, err := c.request(call, method, path, body)
	if err != nil {
		return nil, err
	}
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, c.broken(ctx, call, err, method == http.MethodPost && seen.maybePaid())
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, c.refused(ctx, resp, body)
	}
	reply, err := c.read(ctx, call, resp)
	if err != nil {
		return nil, err
	}
	if out == nil {
		return resp.Header, nil
	}
	return resp.Header, c.decode(reply, out)
}

// request makes a request to the endpoint. Its path begins with a slash, so that
// nothing of it can belong to the host.
func (c *Client) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	target := strings.TrimSuffix(c.base.String(), "/") + path
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil || !strings.HasPrefix(path, "/") {
		return nil, translator.NewError(c.name, translator.Invalid, fmt.Errorf("%q is no path below %s", path, c.base))
	}
	for name, values := range c.header() {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.opts.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// read reads a reply up to its end, which must come, and its bound.
func (c *Client) read(ctx, call context.Context, resp *http.Response) ([]byte, error) {
	reply, err := io.ReadAll(io.LimitReader(resp.Body, c.opts.MaxReply+1))
	if err != nil {
		paid := resp.Request.Method == http.MethodPost
		return nil, c.broken(ctx, call, fmt.Errorf("the reply broke off after %d bytes: %w", len(reply), err), paid)
	}
	if int64(len(reply)) > c.opts.MaxReply {
		return nil, c.Fail(translator.Corrupt, "check endpoint: its reply is larger than any translation",
			"the reply is larger than %d bytes", c.opts.MaxReply)
	}
	return reply, nil
}
