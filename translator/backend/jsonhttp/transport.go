package jsonhttp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"
)

// newTransport returns HTTP/1.1 over connections of our own. HTTP/2 would put
// all requests on one connection, whose end is then the loss of all of them,
// each of which may have been paid for.
func newTransport(o Options, base *url.URL) *http.Transport {
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	return &http.Transport{
		Protocols:             protocols,
		Proxy:                 proxyOf(o, base),
		DialContext:           dialer(o, base).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:   o.TLSTimeout,
		ResponseHeaderTimeout: o.HeaderTimeout,
		// Half of what servers and balancers commonly wait: a connection that
		// is closed while a request is written looks like a lost answer.
		IdleConnTimeout:        20 * time.Second,
		MaxIdleConnsPerHost:    64,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// proxyOf returns who is asked for a proxy: nobody for http, where it would see
// the key.
func proxyOf(o Options, base *url.URL) func(*http.Request) (*url.URL, error) {
	switch {
	case base.Scheme != "https":
		return nil
	case o.Proxy != nil:
		return o.Proxy
	}
	return http.ProxyFromEnvironment
}

// dialer connects within ConnectTimeout. An endpoint that may be asked in the
// clear because it is this machine must be this machine when it is dialled too,
// whatever a resolver says by then.
func dialer(o Options, base *url.URL) *net.Dialer {
	d := &net.Dialer{Timeout: o.ConnectTimeout, KeepAlive: 30 * time.Second}
	if base.Scheme == "http" && Loopback(base.Hostname()) {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			addr, err := netip.ParseAddrPort(address)
			if err != nil || !addr.Addr().IsLoopback() {
				return fmt.Errorf("%s is %s, which is not this machine", base.Hostname(), address)
			}
			return nil
		}
	}
	return d
}

// sight is what was seen of one request on the wire. It tells a request that
// never left whole, and so cost nothing, from one whose answer was lost.
type sight struct {
	connected atomic.Bool // a connection was there, its TLS handshake done
	cut       atomic.Bool // writing the request failed before its end
}

// watch returns a context whose one request is watched. The transport may give
// a request to a second connection, if it wrote nothing to the first.
func watch(ctx context.Context) (context.Context, *sight) {
	s := &sight{}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) {
			s.connected.Store(true)
			s.cut.Store(false)
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil {
				s.cut.Store(true)
			}
		},
	}), s
}

// maybePaid tells whether the service may have read the whole request. While
// it is still being written nobody can tell, and it is taken for read.
func (s *sight) maybePaid() bool { return s.connected.Load() && !s.cut.Load() }
