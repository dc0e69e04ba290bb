package jsonhttp_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
	"dragoman/translator/backend/jsonhttp/scripted"
)

// each runs a test so often at once, as the B tables count.
func each(n int, run func()) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(run)
	}
	wg.Wait()
}

// TestTimeouts is B4: five ways to be slow, 50 requests each. What was paid is
// told from what cannot have been.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	// Time runs from the first byte of the request: whole leaves enough to send it on a busy machine.
	const short, whole = 150 * time.Millisecond, 2 * time.Second
	slow := func(fault scripted.Fault) func(testing.TB) string {
		return func(t testing.TB) string {
			server := scripted.New(t, service)
			server.Plant(fault, -1)
			return server.URL
		}
	}
	at := func(scheme string, address func(testing.TB) string) func(testing.TB) string {
		return func(t testing.TB) string { return scheme + address(t) }
	}
	for name, c := range map[string]struct {
		endpoint  func(testing.TB) string
		change    func(*jsonhttp.Options)
		maybePaid bool
		says      string
	}{
		"connect": {at("http://", scripted.Deaf), func(o *jsonhttp.Options) { o.ConnectTimeout = short }, false, "timeout"},
		"TLS":     {at("https://", scripted.Silent), func(o *jsonhttp.Options) { o.TLSTimeout = short }, false, "TLS handshake timeout"},
		"head":    {slow(scripted.Hang()), func(o *jsonhttp.Options) { o.HeaderTimeout = short }, true, "awaiting response headers"},
		"body":    {slow(scripted.DelayBody(time.Hour)), func(o *jsonhttp.Options) { o.Timeout = whole }, true, "no whole reply within 2s"},
		"drip":    {slow(scripted.Drip(time.Second)), func(o *jsonhttp.Options) { o.Timeout = whole }, true, "no whole reply within 2s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := open(t, c.endpoint(t), c.change)
			each(50, func() {
				_, err := ask(t, client)
				e, ok := errors.AsType[*translator.Error](err)
				if !ok || e.Kind != translator.Unavailable || e.MaybePaid != c.maybePaid || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v (%+v), want Unavailable, maybe paid %v, that says %q", err, e, c.maybePaid, c.says)
				}
			})
		})
	}
}

// TestReset is B5: RST after every number of bytes of the reply up to 200, and
// after the last 50. The answer is right or the error owns up to what was paid.
func TestReset(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, service)
	c := open(t, server.URL, nil)
	told := make(chan int, 1)
	server.Plant(scripted.Reset(0, func(n int) { told <- n }), 1)
	fails(t, c, translator.Unavailable)
	size := <-told
	if size < 250 {
		t.Fatalf("the reply has %d bytes: too few for this test", size)
	}
	for n := range size + 1 {
		if n > 200 && n < size-50 {
			continue
		}
		server.Plant(scripted.Reset(n, nil), 1)
		out, err := ask(t, c)
		e, ok := errors.AsType[*translator.Error](err)
		switch {
		case err == nil && (n < size || out.Text != whole):
			t.Errorf("%d bytes of %d were taken for the answer %q", n, size, out.Text)
		case err != nil && (!ok || e.Kind != translator.Unavailable || !e.MaybePaid):
			t.Errorf("%d bytes: %v (%+v)", n, err, e)
		}
	}
	if got, want := server.Count(), 1+201+51; got != want {
		t.Errorf("%d requests for %d calls: somebody retried", got, want)
	}
}

// TestTruncated is B6: replies that end too early in every way HTTP has, 200 in all.
func TestTruncated(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, service)
	c := open(t, server.URL, nil)
	faults := map[string]scripted.Fault{}
	for n := 1; n <= 50; n++ {
		faults[fmt.Sprintf("JSON without its last %d bytes", n)] = scripted.Rewrite(func(body []byte) []byte { return body[:len(body)-n] })
		faults[fmt.Sprintf("gzip without its last %d bytes", n)] = scripted.CutGzip(n)
		faults[fmt.Sprintf("chunks without their last %d bytes", n)] = scripted.CutChunked(n)
		faults[fmt.Sprintf("Content-Length too large by %d", n)] = scripted.Length(n)
	}
	for name, fault := range faults {
		server.Plant(fault, 1)
		if e := fails(t, c, translator.Unavailable, translator.Corrupt); !e.MaybePaid {
			t.Errorf("%s: %v is not said to be paid", name, e)
		}
	}
	server.Plant(scripted.Length(-3), 1)
	fails(t, c, translator.Corrupt)
	server.Plant(scripted.Close(40), 1)
	fails(t, c, translator.Unavailable)
	server.Plant(scripted.Encoded("gzip", []byte("this is not gzip")), 1)
	fails(t, c, translator.Unavailable)
	for _, wire := range []string{"\x15\x03\x01\x00\x02\x02\x46", "HTTP/1.1 two hundred\r\n\r\n", strings.Repeat("x", 9000)} {
		server.Plant(scripted.Raw(wire), 1)
		fails(t, c, translator.Unavailable)
	}
}

// TestGarbage is B7: 50 of each. Nothing is taken for an answer.
func TestGarbage(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, service)
	c := open(t, server.URL, func(o *jsonhttp.Options) { o.MaxReply = 4 << 20 })
	garbage := scripted.Garbage()
	for name, fault := range garbage {
		times := 50
		if strings.HasPrefix(name, "50 MB") || strings.HasPrefix(name, "depth 10") {
			times = 5 // each takes what 50 others do, and nothing differs between two
		}
		for range times {
			server.Plant(fault, 1)
			if e := fails(t, c, translator.Corrupt, translator.Unavailable); !e.MaybePaid {
				t.Fatalf("%s: %v is not said to be paid", name, e)
			}
		}
	}
	server.Plant(garbage["web page"], 1)
	if e := fails(t, c, translator.Unavailable); !strings.Contains(e.Error(), "web page") || !strings.Contains(e.Hint, "endpoint") {
		t.Errorf("%v, hint %q; want that a web page came", e, e.Hint)
	}
	server.Plant(garbage["50 MB packed"], 1)
	if e := fails(t, c, translator.Corrupt); !strings.Contains(e.Error(), "larger than 4194304 bytes") {
		t.Errorf("%v", e)
	}
}

// A wrong charset, a wrong type and a byte order mark say nothing against a body.
func TestTolerated(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, service)
	c := open(t, server.URL, nil)
	for _, contentType := range []string{"text/plain", "text/html", "application/json; charset=iso-8859-6", "", "????"} {
		server.Plant(scripted.Body(contentType, []byte("\xEF\xBB\xBF {\"text\": \"نعم\", \"more\": [{\"text\": 1}, {\"text\": 2}]}\n")), 1)
		if out, err := ask(t, c); err != nil || out.Text != "نعم" {
			t.Errorf("%q: %q, %v", contentType, out.Text, err)
		}
	}
}

// TestRedirects is the first half of B13: no redirect is followed, and no other
// host hears of the key.
func TestRedirects(t *testing.T) {
	t.Parallel()
	other := scripted.New(t, service)
	server := scripted.New(t, service)
	c := open(t, server.URL, nil)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{other.URL + "/here?key=" + key, server.URL + "/there", "/there", ""} {
			server.Plant(scripted.Redirect(status, to), 1)
			e := fails(t, c, translator.Denied)
			path, _, _ := strings.Cut(to, "?")
			if e.MaybePaid || !strings.Contains(e.Error(), path) || !strings.Contains(e.Error(), "nothing was sent") || !strings.Contains(e.Hint, "endpoint") {
				t.Errorf("%d to %q: maybe paid %v, %v, hint %q", status, to, e.MaybePaid, e, e.Hint)
			}
		}
	}
	if other.Count() != 0 || server.Count() != 20 {
		t.Errorf("%d and %d requests, want 20 and none elsewhere", server.Count(), other.Count())
	}
}

// TestCertificates is the other half: nothing is sent to a host that cannot
// prove who it is, and the error says why in words.
func TestCertificates(t *testing.T) {
	t.Parallel()
	later, before := time.Now().AddDate(0, 1, 0), time.Now().AddDate(0, 0, -1)
	for name, c := range map[string]struct {
		host  string
		until time.Time
		trust bool
		says  string
	}{
		"good":       {"127.0.0.1", later, true, ""},
		"wrong name": {"desk.example", later, true, "is not for 127.0.0.1 but for desk.example"},
		"expired":    {"127.0.0.1", before, true, "only"},
		"not yet":    {"127.0.0.1", later.AddDate(2, 0, 0), true, "is valid from"},
		"unknown":    {"127.0.0.1", later, false, "nobody known vouches"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := scripted.NewTLS(t, service, scripted.Certificate(t, c.host, c.until))
			client := open(t, server.URL, func(o *jsonhttp.Options) {
				if o.RootCAs = server.Pool(); !c.trust {
					o.RootCAs = x509.NewCertPool()
				}
			})
			if c.says == "" {
				if out, err := ask(t, client); err != nil || out.Text != whole {
					t.Errorf("%q, %v", out.Text, err)
				}
				return
			}
			for range 20 {
				if e := fails(t, client, translator.Denied); e.MaybePaid || !strings.Contains(e.Error(), c.says) || e.Hint == "" {
					t.Fatalf("maybe paid %v, %v, hint %q", e.MaybePaid, e, e.Hint)
				}
			}
			if server.Count() != 0 {
				t.Errorf("%d requests reached the server", server.Count())
			}
		})
	}
}

// What never left is not paid, and says which line of the settings is wrong.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	plain := scripted.New(t, service)
	for endpoint, want := range map[string]struct {
		kind translator.Kind
		says string
	}{
		"http://" + scripted.Closed(t):                       {translator.Unavailable, "refused"},
		"https://no-such-host.invalid":                       {translator.Unavailable, "no-such-host.invalid"},
		strings.Replace(plain.URL, "http://", "https://", 1): {translator.Denied, "does not speak TLS"},
	} {
		e := fails(t, open(t, endpoint, func(o *jsonhttp.Options) { o.ConnectTimeout = time.Second }), want.kind)
		if e.MaybePaid || !strings.Contains(e.Error(), want.says) || !strings.Contains(e.Hint, "endpoint") {
			t.Errorf("%s: maybe paid %v, %v, hint %q", endpoint, e.MaybePaid, e, e.Hint)
		}
	}
	if plain.Count() != 0 {
		t.Error("a plaintext server heard a request for https")
	}
}

// An http endpoint is never asked through a proxy; of an https one a proxy
// learns the host and no key.
func TestProxy(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := scripted.New(t, service)
	proxy := scripted.New(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1); r.Method != http.MethodConnect || r.Header.Get("Authorization") != "" {
			t.Errorf("the proxy was sent %s with %v", r.Method, r.Header)
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	through := func(o *jsonhttp.Options) {
		o.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	}
	if _, err := ask(t, open(t, server.URL, through)); err != nil || asked.Load() != 0 {
		t.Errorf("http: %v, %d requests to the proxy", err, asked.Load())
	}
	if e := fails(t, open(t, "https://127.0.0.1:9", through), translator.Unavailable); e.MaybePaid || asked.Load() != 1 {
		t.Errorf("https: %v, %d requests to the proxy", e, asked.Load())
	}
}
