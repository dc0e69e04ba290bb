package web_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator/web"
)

// from makes a request come from an address.
func from(address, user, password string) func(*http.Request) {
	return func(r *http.Request) {
		r.RemoteAddr = address
		if user != "" {
			r.SetBasicAuth(user, password)
		}
	}
}

// guarded is a site whose metrics need the password.
func guarded(opts web.Options) *web.Site {
	opts.Metrics, opts.User, opts.Password = web.NewMetrics(nil), user, password
	return web.New(&opts)
}

func TestWrongPasswordsAreSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		denied := map[bool]int{}
		s := guarded(web.Options{Denied: func(address string, throttled bool) {
			if address != "192.0.2.7/32" {
				t.Errorf("denied to %s", address)
			}
			denied[throttled]++
		}})
		wrong, right := from("192.0.2.7:1234", user, "guess"), from("192.0.2.7:4321", user, password)
		for i := range 5 {
			if got := answerOf(s, "/metrics", wrong); got.code != http.StatusUnauthorized {
				t.Errorf("try %d: %d", i+1, got.code)
			}
		}
		if got := answerOf(s, "/metrics", right); got.code != http.StatusTooManyRequests || got.header.Get("Retry-After") != "60" {
			t.Errorf("a sixth try: %d, Retry-After %s", got.code, got.header.Get("Retry-After"))
		}
		if got := answerOf(s, "/metrics", from("192.0.2.8:1", user, password)); got.code != 200 {
			t.Errorf("somebody else: %d", got.code)
		}
		time.Sleep(time.Minute)
		if got := answerOf(s, "/metrics", wrong); got.code != http.StatusUnauthorized {
			t.Errorf("a minute later: %d", got.code)
		}
		if got := answerOf(s, "/metrics", wrong); got.code != http.StatusTooManyRequests {
			t.Errorf("two in a minute: %d", got.code)
		}
		time.Sleep(time.Minute)
		if got := answerOf(s, "/metrics", right); got.code != 200 {
			t.Errorf("the right one in time: %d", got.code)
		}
		for range 5 { // it wiped out what was before
			if got := answerOf(s, "/metrics", wrong); got.code != http.StatusUnauthorized {
				t.Errorf("after the right one: %d", got.code)
			}
		}
		if denied[false] != 11 || denied[true] != 2 {
			t.Errorf("told of %v", denied)
		}
	})
}

func TestAskingWithoutAPasswordIsNoTry(t *testing.T) {
	t.Parallel()
	s := guarded(web.Options{Denied: func(string, bool) { t.Error("told of one who gave no password") }})
	for range 20 {
		if got := answerOf(s, "/metrics", from("192.0.2.7:1", "", "")); got.code != http.StatusUnauthorized {
			t.Fatalf("answers %d", got.code)
		}
	}
	if got := answerOf(s, "/metrics", from("192.0.2.7:1", user, password)); got.code != 200 {
		t.Errorf("then it answers %d", got.code)
	}
}

func TestWhoAsks(t *testing.T) {
	t.Parallel()
	forwarded := func(peer string, lines ...string) func(*http.Request) {
		return func(r *http.Request) {
			from(peer, user, "guess")(r)
			for _, l := range lines {
				r.Header.Add("X-Forwarded-For", l)
			}
		}
	}
	for name, tt := range map[string]struct {
		proxy bool
		ask   func(*http.Request)
		want  string
	}{
		"peer":                      {false, forwarded("192.0.2.7:1"), "192.0.2.7/32"},
		"nobody's word counts":      {false, forwarded("192.0.2.7:1", "198.51.100.1"), "192.0.2.7/32"},
		"IPv6 network":              {false, forwarded("[2001:db8::1:2:3:4]:1"), "2001:db8::/64"},
		"IPv4 in IPv6":              {false, forwarded("[::ffff:192.0.2.7]:1"), "192.0.2.7/32"},
		"with a zone":               {false, forwarded("[fe80::1%eth0]:1"), "fe80::/64"},
		"proxy":                     {true, forwarded("10.0.0.1:1", "198.51.100.1"), "198.51.100.1/32"},
		"proxy, what it wrote last": {true, forwarded("10.0.0.1:1", "203.0.113.9, 198.51.100.1"), "198.51.100.1/32"},
		"proxy, in its own line":    {true, forwarded("10.0.0.1:1", "203.0.113.9", "198.51.100.1"), "198.51.100.1/32"},
		"proxy, with port":          {true, forwarded("10.0.0.1:1", "198.51.100.1:555"), "198.51.100.1/32"},
		"proxy says nothing":        {true, forwarded("10.0.0.1:1"), "10.0.0.1/32"},
		"proxy says nonsense":       {true, forwarded("10.0.0.1:1", "unknown"), "invalid Prefix"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			s := guarded(web.Options{BehindProxy: tt.proxy, Denied: func(address string, _ bool) { got = address }})
			answerOf(s, "/metrics", tt.ask)
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestNoPasswordLetsNobodyIn(t *testing.T) {
	t.Parallel()
	s := web.New(&web.Options{Metrics: web.NewMetrics(nil)})
	for _, who := range []func(*http.Request){from("192.0.2.7:1", "", ""), from("192.0.2.7:1", "dragoman", ""), from("192.0.2.7:1", "x", "y")} {
		if got := answerOf(s, "/metrics", who); got.code != http.StatusUnauthorized {
			t.Errorf("answers %d", got.code)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := web.New(&web.Options{Metrics: web.NewMetrics(nil), OpenMetrics: true})
	for path, kind := range map[string]string{
		"/": "text/html; charset=utf-8", "/healthz": "application/json; charset=utf-8", "/readyz": "application/json; charset=utf-8",
		"/metrics": "text/plain; ", "/queue/": "text/plain; charset=utf-8", "/none": "text/plain; charset=utf-8",
	} {
		got := answerOf(s, path, nil)
		if !strings.HasPrefix(got.header.Get("Content-Type"), kind) || got.header.Get("X-Content-Type-Options") != "nosniff" ||
			got.header.Get("Cache-Control") != "no-store" || !strings.Contains(got.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %v", path, got.header)
		}
		if strings.Contains(got.header.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: the policy is loose", path)
		}
	}
}
