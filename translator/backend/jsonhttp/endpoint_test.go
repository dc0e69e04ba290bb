package jsonhttp_test

import (
	"errors"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"https://api.deepl.com", "https://api.deepl.com/", "https://host:8443/base/path", "https://192.0.2.7", "https://[2001:db8::1]:443",
		"http://127.0.0.1:5000", "http://127.8.0.9", "http://[::1]:5000", "http://localhost:5000", "http://LOCALHOST", "http://[::ffff:127.0.0.1]:1",
		"http://mt.desk.example:5000", "https://xn--mgbh0fb.example", "https://_srv.desk.example",
	} {
		if _, err := jsonhttp.ParseEndpoint("desk", good, []string{"MT.desk.example"}); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, says := range map[string]string{
		"":                                   "no address",
		"api.deepl.com":                      "no address",
		"api.deepl.com:443":                  "no address",
		"https:api.deepl.com":                "no address",
		"https://":                           "no address",
		"https:///v2":                        "no address",
		"ftp://api.deepl.com":                "not of https",
		"https://user:s3cret@host":           "no user",
		"https://127.0.0.1:1@evil.example":   "no user",
		"https://host?key=s3cret":            "no user, query",
		"https://host#s3cret":                "fragment",
		"https://host:":                      "port",
		"https://host:0":                     "port",
		"https://host:70000":                 "port",
		"https://host:x":                     "no address",
		"https://ho st":                      "no address",
		"https://ho_st!":                     "no name or address",
		"https://صحيفة.example":              "no name or address",
		"https://-host":                      "no name or address",
		"https://a..b":                       "no name or address",
		"https://localhost.":                 "no name or address",
		"https://" + strings.Repeat("a", 64): "no name or address",
		"https://" + strings.Repeat("a.", 127) + "example": "no name or address",
		"https://2130706433":                  "unusual",
		"https://127.1":                       "unusual",
		"http://0x7f000001":                   "in the clear",
		"http://0177.0.0.1":                   "unusual",
		"http://[::ffff:192.0.2.1]":           "in the clear",
		"http://api.deepl.com":                "in the clear",
		"http://192.168.0.7:5000":             "in the clear",
		"http://169.254.169.254":              "in the clear",
		"http://0.0.0.0:5000":                 "in the clear",
		"http://localhost.example.com":        "in the clear",
		"http://sub.mt.desk.example":          "in the clear",
		"http://mt.desk.example.evil.example": "in the clear",
		"https://ex\u00adample.com":           "no name or address",
		"https://host\x00":                    "no address",
	} {
		_, err := jsonhttp.New(&jsonhttp.Options{Name: "desk", Endpoint: bad, AllowHTTP: []string{"mt.desk.example"}})
		e, ok := errors.AsType[*translator.Error](err)
		if !ok || e.Kind != translator.Invalid || e.Op != "desk" || e.Hint == "" || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v, want Invalid that says %q", bad, err, says)
		}
	}
	if _, err := jsonhttp.New(nil); !errors.Is(err, translator.Invalid) {
		t.Errorf("no options: %v", err)
	}
}

// FuzzEndpoint: whatever is accepted is a single host, and in the clear only here.
func FuzzEndpoint(f *testing.F) {
	for _, seed := range []string{"https://host/path", "http://127.0.0.1:1", "http://[::1%25lo]", "https://a@b", "http://localhost\\@evil", "//host", "https://[::1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, endpoint string) {
		u, err := jsonhttp.ParseEndpoint("desk", endpoint, nil)
		if err != nil {
			return
		}
		if u.User != nil || u.RawQuery != "" || u.Hostname() == "" || u.Scheme != "https" && (u.Scheme != "http" || !jsonhttp.Loopback(u.Hostname())) {
			t.Errorf("%q was accepted as %+v", endpoint, u)
		}
	})
}
