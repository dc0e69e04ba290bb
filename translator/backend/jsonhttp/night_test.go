package jsonhttp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/backend/jsonhttp"
	"dragoman/translator/backend/jsonhttp/scripted"
)

// desk is the smallest driver that there can be, and its service below.
type desk struct{ client *jsonhttp.Client }

func (desk) Traits() translator.Traits {
	return translator.Traits{Name: "desk", Signature: "desk:1", MaxTexts: 1, Connections: 4}
}

func (d desk) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	var out []string
	if _, err := d.client.Post(ctx, "/translate", req.Texts, &out); err != nil {
		return translator.Response{}, err
	}
	resp := translator.Response{}
	for _, text := range out {
		resp.Translations = append(resp.Translations, translator.Translation{Text: text})
	}
	return resp, nil
}

var tokens = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	var texts []string
	if err := json.NewDecoder(r.Body).Decode(&texts); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for i := range texts {
		texts[i] = scripted.Token(texts[i])
	}
	_ = json.NewEncoder(w).Encode(texts) // a client that is gone needs none
})

// night sends n texts through the client of package backend to a server in
// memory, each a request of its own, and returns how many were answered and how
// long it took. An answer that is another text's ends the test; so does a text
// that has neither an answer nor an error that leaves it for a later run.
func night(t *testing.T, n int, plant func(*scripted.Server)) (answered int, took time.Duration) {
	t.Helper()
	server, transport := scripted.NewMemory(t, tokens)
	plant(server)
	driver := desk{open(t, server.URL, func(o *jsonhttp.Options) { o.Transport = transport })}
	client := backend.New(driver, &backend.Options{Linger: -1})
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("وصل الوفد رقم %d.", i)
	}
	start := time.Now()
	results, err := client.Translate(t.Context(), translator.Request{
		Direction: translator.Direction{From: translator.Arabic, To: translator.English}, Texts: texts,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		switch {
		case r.Err == nil && r.Text == scripted.Token(texts[i]):
			answered++
		case r.Err == nil:
			t.Fatalf("text %d has another's answer %q", i, r.Text)
		case !translator.KindOf(r.Err).Holds():
			t.Fatalf("text %d is lost: %v", i, r.Err)
		}
	}
	return answered, time.Since(start)
}

// TestNightOfRateLimits is B1 over HTTP, in the bubble's time: 100 requests for
// each way to say how long to wait, every tenth refused: by chance, which the
// client takes for a limit that it passed, and becomes slow.
func TestNightOfRateLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after       func() string
		least, most time.Duration // of the whole night
	}{
		"0":          {func() string { return "0" }, 0, 3 * time.Minute},
		"1":          {func() string { return "1" }, time.Second, 3 * time.Minute},
		"30":         {func() string { return "30" }, 30 * time.Second, 30 * time.Minute},
		"date":       {func() string { return time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat) }, 15 * time.Second, 30 * time.Minute},
		"past date":  {func() string { return time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat) }, 0, 3 * time.Minute},
		"10^9":       {func() string { return "1000000000" }, 15 * time.Minute, 4 * time.Hour},
		"negative":   {func() string { return "-7" }, 0, 3 * time.Minute},
		"text":       {func() string { return "a while" }, 0, 3 * time.Minute},
		"not at all": {func() string { return "" }, 0, 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				answered, took := night(t, 100, func(s *scripted.Server) {
					for range 10 {
						s.Plant(asIs, 9)
						s.Plant(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
							scripted.Status(429, "", http.Header{"Retry-After": {c.after()}})(w, r, next)
						}, 1)
					}
				})
				// Who is refused again after a quarter of an hour is left for a later run.
				if answered < 90 || answered < 100 && c.least < 15*time.Minute || took < c.least || took > c.most {
					t.Errorf("%d answered in %v, want 100 in %v to %v", answered, took, c.least, c.most)
				}
			})
		})
	}
}

func asIs(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) }

// TestNightOfOutages is B2 over HTTP: 1,000 requests at each share of failures
// of all kinds. Nothing is lost or mixed up; while few fail, nearly all come
// through, and when all do, the client stops soon.
func TestNightOfOutages(t *testing.T) {
	t.Parallel()
	for percent, least := range map[int]int{5: 950, 20: 0, 50: 0, 100: 0} {
		t.Run(fmt.Sprint(percent), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				dice := rand.New(rand.NewPCG(7, uint64(percent)))
				count := 0
				answered, took := night(t, 1000, func(s *scripted.Server) {
					s.Plant(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
						mu.Lock()
						fails, status := dice.IntN(100) < percent, []int{500, 502, 503, 504}[dice.IntN(4)]
						count++
						mu.Unlock()
						if fails {
							scripted.Status(status, strings.Repeat("x", 99), nil)(w, r, next)
							return
						}
						next.ServeHTTP(w, r)
					}, -1)
				})
				if answered < least {
					t.Errorf("%d of 1,000 were answered in %v, want %d", answered, took, least)
				}
				if percent == 100 && (answered != 0 || count > 100) {
					t.Errorf("%d answered; %d requests to a service that is down", answered, count)
				}
				t.Logf("%d%%: %d answered with %d requests in %v", percent, answered, count, took)
			})
		})
	}
}
