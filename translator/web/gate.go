package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A gate lets those through who know a name and a password (HTTP Basic). It
// keeps neither, only what they come to under a key that ends with the process.
type gate struct {
	key         [32]byte
	want        []byte
	behindProxy bool
	tries       *tries
	denied      func(address string, throttled bool)
}

func newGate(opts Options) *gate {
	g := &gate{behindProxy: opts.BehindProxy, tries: newTries(), denied: opts.Denied}
	rand.Read(g.key[:]) // never fails
	if opts.Password != "" {
		g.want = g.sum(opts.User, opts.Password)
	}
	return g
}

// sum is of one length for all names and passwords, so that comparing two takes
// the same time whatever they are.
func (g *gate) sum(user, password string) []byte {
	mac := hmac.New(sha256.New, g.key[:])
	mac.Write([]byte(strconv.Itoa(len(user)) + ":" + user + password))
	return mac.Sum(nil)
}

// guard lets through to next. A page of another site cannot use what a browser
// has been told here: what changes anything must come from our own pages.
func (g *gate) guard(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := g.address(r)
		if wait := g.tries.wait(address); wait > 0 {
			g.denied(address.String(), true)
			w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
			http.Error(w, "Too many wrong passwords came from your address. Try again in "+clock(wait)+".", http.StatusTooManyRequests)
			return
		}
		user, password, given := r.BasicAuth()
		if g.want != nil && given && hmac.Equal(g.want, g.sum(user, password)) {
			g.tries.forget(address)
			next.ServeHTTP(w, r)
			return
		}
		if given {
			g.tries.failed(address)
			g.denied(address.String(), false)
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="dragoman", charset="UTF-8"`)
		http.Error(w, "A name and a password are needed.", http.StatusUnauthorized)
	})
}

// address returns who asks: of an IPv6 address the network, of which one
// machine has all addresses. Behind a proxy it is the address that the proxy
// wrote last; what stands before it is whoever's word.
func (g *gate) address(r *http.Request) netip.Prefix {
	text, _, _ := net.SplitHostPort(r.RemoteAddr)
	if lines := r.Header.Values("X-Forwarded-For"); g.behindProxy && len(lines) > 0 {
		last := lines[len(lines)-1]
		text = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	}
	ip, err := netip.ParseAddr(text)
	if withPort, err2 := netip.ParseAddrPort(text); err2 == nil { // as some proxies write it
		ip, err = withPort.Addr(), nil
	}
	if err != nil {
		return netip.Prefix{} // all that have none are one
	}
	ip, bits := ip.Unmap().WithZone(""), 32
	if ip.Is6() {
		bits = 64
	}
	network, _ := ip.Prefix(bits) // fails for more bits than an address has
	return network
}
