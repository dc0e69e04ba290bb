package jsonhttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
	"dragoman/translator/backend/jsonhttp/scripted"
)

const key = "k3y-of-the-night-desk"

// answer is what the service of these tests replies with.
type answer struct{ Text string }

// service answers every request with the same long text.
var service = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	body, _ := jsonhttp.Encode(answer{whole}) // a struct of a string
	_, _ = w.Write(body)
})

var whole = strings.Repeat("The delegation arrived in the evening. ", 8)

// open returns a client of an address; change may be nil.
func open(t *testing.T, endpoint string, change func(*jsonhttp.Options)) *jsonhttp.Client {
	t.Helper()
	o := &jsonhttp.Options{
		Name: "desk", Endpoint: endpoint, Secrets: []string{key},
		Header: http.Header{"Authorization": {"Bearer " + key}},
	}
	if change != nil {
		change(o)
	}
	c, err := jsonhttp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // it has no error
	return c
}

// ask posts a sentence and wants its answer or an error.
func ask(t *testing.T, c *jsonhttp.Client) (answer, error) {
	t.Helper()
	var out answer
	_, err := c.Post(t.Context(), "/translate", map[string]string{"q": "وصل الوفد مساء."}, &out)
	if err != nil && strings.Contains(fmt.Sprintf("%v %+v %s", err, err, translator.HintOf(err)), key) {
		t.Errorf("the key is shown: %v", err)
	}
	return out, err
}

// fails wants an error of one of the kinds.
func fails(t *testing.T, c *jsonhttp.Client, kinds ...translator.Kind) *translator.Error {
	t.Helper()
	out, err := ask(t, c)
	e, ok := errors.AsType[*translator.Error](err)
	if !ok {
		t.Fatalf("%v, answer %q; want one of %v", err, out.Text, kinds)
	}
	for _, kind := range kinds {
		if e.Kind == kind && e.Op == "desk" {
			return e
		}
	}
	t.Fatalf("kind %q, op %q of %v; want one of %v", e.Kind, e.Op, err, kinds)
	return nil
}

func TestAsSent(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, service)
	c := open(t, server.URL+"/base/", nil)
	var out answer
	if _, err := c.Post(t.Context(), "/v2/translate?a=b", map[string]string{"q": "سعر <R&D>"}, &out); err != nil || out.Text != whole {
		t.Fatalf("%q, %v", out.Text, err)
	}
	if _, err := c.Get(t.Context(), "/languages", nil); err != nil {
		t.Fatal(err)
	}
	sent := server.Requests()
	if got := string(sent[0].Body); got != `{"q":"سعر <R&D>"}` {
		t.Errorf("body %s, want raw UTF-8 without escapes", got)
	}
	for what, pair := range map[string][2]string{
		"path":    {sent[0].Path, "/base/v2/translate?a=b"},
		"method":  {sent[0].Method + sent[1].Method, "POSTGET"},
		"key":     {sent[0].Header.Get("Authorization"), "Bearer " + key},
		"agent":   {sent[0].Header.Get("User-Agent"), "dragoman"},
		"content": {sent[0].Header.Get("Content-Type"), "application/json"},
		"packed":  {sent[0].Header.Get("Accept-Encoding"), "gzip"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	for _, path := range []string{"@elsewhere.example/", ".elsewhere.example/", "relative", ""} {
		if _, err := c.Get(t.Context(), path, nil); !errors.Is(err, translator.Invalid) {
			t.Errorf("path %q: %v, want Invalid", path, err)
		}
	}
	if server.Count() != 2 {
		t.Errorf("%d requests", server.Count())
	}
}

// A dump of the client, for a log or a crash, shows no key.
func TestDumpHidesKey(t *testing.T) {
	t.Parallel()
	c := open(t, "https://desk.example", nil)
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		if strings.Contains(fmt.Sprintf(verb, c), key) || strings.Contains(fmt.Sprintf(verb, *c), key) {
			t.Errorf("%s shows the key", verb)
		}
	}
}

// TestStatuses are B3 at this level, and the table's other lines.
func TestStatuses(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, service)
	c := open(t, server.URL, nil)
	for _, row := range []struct {
		kind      translator.Kind
		maybePaid bool
		statuses  []int
	}{
		{translator.Invalid, false, []int{400, 404, 405, 409, 418, 422, 451, 501}},
		{translator.TooLarge, false, []int{413, 414}},
		{translator.Denied, false, []int{401, 402, 403, 407, 300, 304}},
		{translator.Throttled, false, []int{408, 425, 429}},
		{translator.Exhausted, false, []int{456}},
		{translator.Unavailable, false, []int{502, 503, 520, 529, 599}},
		{translator.Unavailable, true, []int{500, 504}},
	} {
		for _, status := range row.statuses {
			server.Plant(scripted.Status(status, `{"message":"no, `+key+` is `+"\u202e"+`wrong for وصل الوفد مساء."}`, nil), 1)
			e := fails(t, c, row.kind)
			said := strings.Contains(e.Error(), "no, [secret] is wrong for [text]")
			if e.MaybePaid != row.maybePaid || status >= 400 && !said || !strings.Contains(e.Error(), fmt.Sprint(status)) {
				t.Errorf("%d: maybe paid %v, %v", status, e.MaybePaid, e)
			}
			if row.kind == translator.Denied && !strings.Contains(e.Hint, "run again") {
				t.Errorf("%d: hint %q does not say how to go on", status, e.Hint)
			}
		}
	}
	if out, err := ask(t, c); err != nil || out.Text != whole {
		t.Errorf("after all: %v", err)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, service)
	c := open(t, server.URL, func(o *jsonhttp.Options) {
		o.Judge = func(status int, _ http.Header, body []byte) *translator.Error {
			if jsonhttp.Message(body) != "slow down" {
				return nil
			}
			return &translator.Error{Kind: translator.Throttled, Hint: "buy more"}
		}
	})
	server.Plant(scripted.Status(400, `{"error": "slow down"}`, nil), 1)
	if e := fails(t, c, translator.Throttled); e.Hint != "buy more" || !strings.Contains(e.Error(), "slow down") {
		t.Errorf("%v, hint %q", e, e.Hint)
	}
	server.Plant(scripted.Status(400, `{"error": "bad"}`, nil), 1)
	fails(t, c, translator.Invalid)
}

func TestMessages(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"message":"a"}`:                         "a",
		`{"message":"a","detail":"b"}`:            "a (b)",
		`{"error":"a"}`:                           "a",
		`{"error":{"code":400000,"message":"a"}}`: "a",
		`{"detail":"a"}`:                          "a",
		`{"error":{"error":{"message":"a"}}}`:     "a",
		`{"error":7}`:                             `{"error":7}`,
		" busy\n":                                 "busy",
		"<html>busy</html>":                       "(a web page)",
		"":                                        "",
	} {
		if got := jsonhttp.Message([]byte(body)); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	server := scripted.New(t, service)
	c := open(t, server.URL, nil)
	server.Plant(scripted.Status(400, strings.Repeat("س", 5000), nil), 1)
	if e := fails(t, c, translator.Invalid); len([]rune(e.Error())) > 400 {
		t.Errorf("%d code points are quoted", len([]rune(e.Error())))
	}
}

// TestRetryAfter is B1 at this level.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 5, 1, 30, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"0": 0, "1": time.Second, "30": 30 * time.Second, "1.5": 1500 * time.Millisecond, " 2 ": 2 * time.Second,
		now.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
		now.Add(-time.Hour).Format(http.TimeFormat):       0,
		now.AddDate(300, 0, 0).Format(http.TimeFormat):    24 * time.Hour,
		"1000000000": 24 * time.Hour, "1e300": 24 * time.Hour, "Inf": 24 * time.Hour, "NaN": 0,
		"-5": 0, "soon": 0, "": 0,
	} {
		if got := jsonhttp.After(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", value, got, want)
		}
	}
	for _, c := range []struct {
		header map[string]string
		want   time.Duration
	}{
		{map[string]string{"retry-after-ms": "250", "Retry-After": "9"}, 250 * time.Millisecond},
		{map[string]string{"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1s"}, 6 * time.Minute},
		{map[string]string{"x-ratelimit-remaining-requests": "12", "x-ratelimit-reset-requests": "6m0s"}, 0},
		{map[string]string{"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "-1s"}, 0},
	} {
		header := http.Header{}
		for name, value := range c.header {
			header.Set(name, value)
		}
		if got := jsonhttp.After(header, now); got != c.want {
			t.Errorf("%v: %v, want %v", c.header, got, c.want)
		}
	}
	server := scripted.New(t, service)
	server.Plant(scripted.Status(429, "", http.Header{"Retry-After": {"7"}}), 1)
	if e := fails(t, open(t, server.URL, nil), translator.Throttled); e.After != 7*time.Second {
		t.Errorf("after %v, want 7s", e.After)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, service)
	c := open(t, server.URL, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Get(ctx, "/", nil); err != context.Canceled {
		t.Errorf("beforehand: %v, want context.Canceled as it is", err)
	}
	if server.Count() != 0 {
		t.Error("a cancelled request was sent")
	}
	for name, fault := range map[string]scripted.Fault{
		"before the head": scripted.Hang(),
		"in the body":     scripted.DelayBody(time.Hour),
		"in a refusal": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.WriteHeader(400)
			scripted.DelayBody(time.Hour)(w, r, next)
		},
	} {
		server.Plant(fault, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := c.Get(ctx, "/", nil); err != context.DeadlineExceeded {
			t.Errorf("%s: %v, want context.DeadlineExceeded as it is", name, err)
		}
		cancel()
	}
}

// Asking for a list costs nothing, whatever becomes of the question.
func TestGetIsNeverPaid(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, service)
	c := open(t, server.URL, nil)
	for _, n := range []int{0, 120, 260} {
		server.PlantOn("/languages", scripted.Reset(n, nil), 1)
		_, err := c.Get(t.Context(), "/languages?all=1", nil)
		if e, ok := errors.AsType[*translator.Error](err); !ok || e.Kind != translator.Unavailable || e.MaybePaid {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
