package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dragoman/translator/backend/azure/azuretest"
	"dragoman/translator/backend/deepl/deepltest"
	"dragoman/translator/backend/jsonhttp/scripted"
	"dragoman/translator/backend/libretranslate/libretranslatetest"
	"dragoman/translator/backend/openai/openaitest"
)

// serviceKey is the key that the services of the tests know.
const serviceKey = "hush-hush-key"

// services start each service over HTTP, as it behaves when it is well.
var services = map[string]func(*testing.T) *scripted.Server{
	"deepl": func(t *testing.T) *scripted.Server {
		return deepltest.New(t, deepltest.Options{Key: serviceKey}).Server
	},
	"azure": func(t *testing.T) *scripted.Server {
		return azuretest.New(t, azuretest.Options{Key: serviceKey}).Server
	},
	"openai": func(t *testing.T) *scripted.Server {
		return openaitest.New(t, openaitest.Options{Key: serviceKey}).Server
	},
	"libretranslate": func(t *testing.T) *scripted.Server {
		return libretranslatetest.New(t, libretranslatetest.Options{Key: serviceKey}).Server
	},
}

// servicePath is where on its host a service is.
var servicePath = map[string]string{"openai": "/v1"}

// serviceFaults are what can be planted in any of them.
var serviceFaults = map[string]scripted.Fault{
	"denied":    scripted.Status(403, `{"error":{"code":403000,"message":"the key is not allowed to do that"}}`, nil),
	"unpaid":    scripted.Status(402, `{"error":"payment required"}`, nil),
	"down":      scripted.Status(503, `{"error":"maintenance"}`, nil),
	"slowdown":  scripted.Status(429, `{"error":"Slowdown: too many requests"}`, http.Header{"Retry-After": {"0"}}),
	"page":      scripted.Body("text/html", []byte("<!DOCTYPE html><html><title>Sign in to the hotel's network</title></html>")),
	"redirect":  scripted.Redirect(302, "https://elsewhere.example/steal"),
	"cut":       scripted.Rewrite(func(body []byte) []byte { return body[:len(body)/2] }),
	"reset":     scripted.Reset(20, nil),
	"turned":    changeLists(func(l []any) []any { slices.Reverse(l); return l }), // every text gets another one's
	"fewer":     changeLists(func(l []any) []any { return l[:len(l)-1] }),
	"empty":     scripted.Body("application/json", nil),
	"nonsense":  scripted.Body("application/json", []byte("\x00\xff")),
	"forbidden": scripted.Status(451, `{"error":"not in this country"}`, nil),
}

// changeLists changes the first list of a reply, wherever it stands.
func changeLists(change func([]any) []any) scripted.Fault {
	return scripted.RewriteJSON(func(v any) any { return changeIn(v, change) })
}

func changeIn(v any, change func([]any) []any) any {
	switch v := v.(type) {
	case []any:
		if len(v) > 0 {
			return change(v)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = changeIn(v[name], change)
		}
	}
	return v
}

// serviceCommand is the script command "service NAME [FAULT...]": it starts a
// service that speaks the protocol of a backend, plants the faults in it for
// good, and points the backend at it.
func serviceCommand(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		if len(args) == 0 || services[args[0]] == nil {
			ts.Fatalf("usage: service NAME [FAULT...]; the names are %v", slices.Sorted(maps.Keys(services)))
		}
		server := services[args[0]](t)
		for _, name := range args[1:] {
			fault, ok := serviceFaults[name]
			if !ok {
				ts.Fatalf("no fault %q", name)
			}
			server.Plant(fault, -1)
		}
		section := "DRAGOMAN_BACKENDS_" + strings.ToUpper(args[0])
		ts.Setenv(section+"_ENDPOINT", server.URL+servicePath[args[0]])
		ts.Setenv(section+"_KEY", serviceKey)
		ts.Setenv("DRAGOMAN_BACKENDS_OPENAI_MODEL", "gpt-4.1-mini")
	}
}

// TestCheckOfEveryService runs dragoman check on each service: green when it is
// well, and red with the right words for each fault.
func TestCheckOfEveryService(t *testing.T) {
	t.Parallel()
	for name, start := range services {
		for fault, want := range map[string]string{
			"": "", "denied": "denied", "unpaid": "402 Payment Required", "down": "unavailable", "slowdown": "rate limited",
			"page": "web page", "redirect": "elsewhere.example", "cut": "corrupt answer", "reset": "unavailable", "fewer": "corrupt answer",
			"empty": "the reply is empty", "nonsense": "corrupt answer", "forbidden": "not in this country",
		} {
			t.Run(fmt.Sprint(name, " ", fault), func(t *testing.T) {
				t.Parallel()
				server := start(t)
				if fault != "" {
					server.Plant(serviceFaults[fault], -1)
				}
				cmd := process(t, t.TempDir(), "check", name, "--yes", "--full")
				section := "DRAGOMAN_BACKENDS_" + strings.ToUpper(name)
				cmd.Env = append(cmd.Environ(), section+"_ENDPOINT="+server.URL+servicePath[name], section+"_KEY="+serviceKey, "DRAGOMAN_BACKENDS_OPENAI_MODEL=gpt-4.1-mini")
				out, err := cmd.CombinedOutput()
				said := string(out)
				if strings.Contains(said, serviceKey) {
					t.Error("the key is shown")
				}
				if fault == "" && (err != nil || strings.Contains(said, "fail")) {
					t.Errorf("%v\n%s", err, said)
				}
				if fault != "" && (err == nil || !strings.Contains(said, want)) {
					t.Errorf("%v, want %q\n%s", err, want, said)
				}
			})
		}
	}
}

// TestNothingIsSpentOnAMistake runs translate with what a user gets wrong at
// two in the morning: one line says it, another what to do, nothing was paid,
// the story is held, and no key is shown.
func TestNothingIsSpentOnAMistake(t *testing.T) {
	t.Parallel()
	expired := scripted.NewTLS(t, nil, scripted.Certificate(t, "127.0.0.1", time.Now().Add(-time.Hour)))
	stranger := scripted.NewTLS(t, nil, scripted.Certificate(t, "elsewhere.example", time.Now().Add(time.Hour)))
	plain := services["deepl"](t)
	t.Cleanup(func() {
		if n := plain.Count(); n > 0 {
			t.Errorf("%d requests reached the service", n)
		}
	})
	for name, c := range map[string]struct {
		environ []string
		flags   []string
		want    []string
	}{
		"expired certificate":          {environ: []string{"DRAGOMAN_BACKENDS_DEEPL_ENDPOINT=" + expired.URL}, want: []string{"certificate", "stopped"}},
		"another's certificate":        {environ: []string{"DRAGOMAN_BACKENDS_DEEPL_ENDPOINT=" + stranger.URL}, want: []string{"certificate", "stopped"}},
		"https to a plain port":        {environ: []string{"DRAGOMAN_BACKENDS_DEEPL_ENDPOINT=" + strings.Replace(plain.URL, "http:", "https:", 1)}, want: []string{"TLS", "stopped"}},
		"no key":                       {environ: []string{"DRAGOMAN_BACKENDS_DEEPL_KEY="}, want: []string{"needs a key", "DRAGOMAN_BACKENDS_DEEPL_KEY"}},
		"plain http elsewhere":         {environ: []string{"DRAGOMAN_BACKENDS_DEEPL_ENDPOINT=http://mt.example"}, want: []string{"http", "mt.example"}},
		"an unknown language":          {flags: []string{"--to", "xx-nothing9"}, want: []string{"no language tag"}},
		"a glossary that is not there": {environ: []string{"DRAGOMAN_GLOSSARIES=ar-en=missing.tsv"}, want: []string{"missing.tsv", "glossaries"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "story.txt"), []byte("وصل الوفد صباح اليوم.\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := process(t, dir, append([]string{"translate", "--backend", "deepl", "story.txt"}, c.flags...)...)
			cmd.Env = append(append(cmd.Environ(), "DRAGOMAN_BACKENDS_DEEPL_KEY="+serviceKey, "DRAGOMAN_BACKENDS_DEEPL_ENDPOINT="+plain.URL), c.environ...)
			begun := time.Now()
			out, err := cmd.CombinedOutput()
			said := string(out)
			if err == nil || strings.Contains(said, serviceKey) || strings.Contains(said, "goroutine") {
				t.Errorf("%v\n%s", err, said)
			}
			for _, want := range c.want {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not said after %v:\n%s", want, time.Since(begun).Round(time.Millisecond), said)
				}
			}
			// Where it went as far as a store, the ledger says so too.
			if report, err := process(t, dir, "ledger", "--json").Output(); err == nil {
				var sum struct{ Total struct{ Cost_USD float64 } }
				if err := json.Unmarshal(report, &sum); err != nil || sum.Total.Cost_USD != 0 {
					t.Errorf("%v: something was spent:\n%s", err, report)
				}
			}
		})
	}
}
