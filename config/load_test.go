package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// write puts a dragoman.yaml into a folder of its own and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// load reads a file's text with no environment but what is given.
func load(t *testing.T, text string, environ ...string) (*Config, error) {
	t.Helper()
	return Load(Options{File: write(t, text), Environ: append([]string{}, environ...)})
}

func mustLoad(t *testing.T, text string, environ ...string) *Config {
	t.Helper()
	c, err := load(t, text, environ...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// loadNothing loads from an empty folder and the given environment.
func loadNothing(t *testing.T, environ ...string) (*Config, error) {
	t.Helper()
	return Load(Options{Dir: t.TempDir(), Environ: append([]string{}, environ...)})
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := loadNothing(t)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	c.sources, c.common, c.pinned = nil, nil, false
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

const whole = `
from: en
to: ar-EG
store: sqlite:night.db
out: results
formats: [jsonl, tmx]
chain:
  - tmx
  - google
encoding: windows-1256
concurrency: 3
disable_rules: [web-reply]
chains: {ar-en: [google]}
glossaries: {ar-en: names.tsv}
quality: {disable_rules: [quotes]}
limits: {file_bytes: 1_000_000, story_bytes: 5000}
budget: {run_chars: 2000, run_usd: 1.5, day_usd: 10, month_usd: 1e2, alarms: [90]}
log: {level: debug, format: json}
queue: {workers: 3, lease: 90s, patience: 5s}
serve: {listen: ":9090", user: desk, password_file: p, behind_proxy: true, tls_cert_file: c, tls_key_file: k}
traces: {endpoint: "http://otel:4318", ratio: 0.25}
backends:
  google:
    project: 0123456
    location: us-central1
    model: general/translation-llm
    glossary: names
    labels: {cost-centre: night, shift: 2}
    endpoint: localhost:8080
    insecure: true
    credentials_file: key.json
    request_chars: 5000
    glossary_ignore_case: true
    glossary_contextual: true
    dataset: desk
    usd_per_million: 20.5
    target_usd_per_million: 10
    prices: [en-ar 10]
    connections: 4
    requests_per_minute: 600
    chars_per_minute: 6000000
  deepl: {endpoint: "https://api.deepl.com", allow_http: [mt], key_file: k, connections: 2, requests_per_minute: 3, units_per_minute: 4, usd_per_million: 25, prices: [en-ar 10], formality: more, model_type: latency_optimized, glossary: g, context: true}
  azure: {endpoint: "https://a.example", allow_http: [mt], key_file: k, connections: 2, requests_per_minute: 3, units_per_minute: 4, usd_per_million: 10, prices: [en-ar 10], region: westeurope, category: desk}
  libretranslate: {endpoint: "http://mt:5000", allow_http: [mt], key_file: k, connections: 2, requests_per_minute: 3, units_per_minute: 4, usd_per_million: 1, prices: [en-ar 10], model: desk, text_chars: 2000, request_texts: 5}
  openai:
    endpoint: "http://127.0.0.1:8000/v1"
    allow_http: [mt]
    key_file: k
    connections: 2
    requests_per_minute: 3
    units_per_minute: 4
    usd_per_million: 1
    prices: [en-ar 10]
    model: gpt-x
    target_usd_per_million: 2
    request_texts: 7
    max_output: 4096
    style: Plain
    context: false
    plain: true
  tmx: {file: a.tmx}
  command: {argv: [engine, -m, ar], protocol: json, timeout: 90s, processes: 2, usd_per_million: 0.5, prices: [en-ar 10]}
  pseudo: {}
`

func TestEveryKeyOfTheFile(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, whole)
	want := &Config{
		From: "en", To: "ar-EG", Store: "sqlite:night.db", Out: "results",
		Formats: []string{"jsonl", "tmx"}, Chain: []string{"tmx", "google"},
		Encoding: "windows-1256", Concurrency: 3, DisableRules: []string{"web-reply"},
		Chains: map[string]string{"ar-en": "google"}, Glossaries: map[string]string{"ar-en": "names.tsv"},
		Quality: Quality{DisableRules: []string{"quotes"}},
		Limits:  Limits{FileBytes: 1_000_000, StoryBytes: 5000},
		Budget:  Budget{RunChars: 2000, RunUSD: 1.5, DayUSD: 10, MonthUSD: 100, Alarms: []string{"90"}},
		Log:     Log{Level: "debug", Format: "json"},
		Queue:   Queue{Workers: 3, Lease: 90 * time.Second, Patience: 5 * time.Second},
		Serve:   Serve{Listen: ":9090", User: "desk", PasswordFile: "p", BehindProxy: true, TLSCertFile: "c", TLSKeyFile: "k"},
		Traces:  Traces{Endpoint: "http://otel:4318", Ratio: 0.25},
		Backends: Backends{
			Google: Google{
				Project: "0123456", Location: "us-central1", Model: "general/translation-llm", Glossary: "names",
				Labels: map[string]string{"cost-centre": "night", "shift": "2"}, Endpoint: "localhost:8080", Insecure: true,
				CredentialsFile: "key.json", RequestChars: 5000, Rates: rates(20.5), TargetUSDPerMillion: 10, GlossaryIgnoreCase: true, GlossaryContextual: true, Dataset: "desk",
				Connections: 4, RequestsPerMinute: 600, CharsPerMinute: 6_000_000,
			},
			DeepL:          DeepL{Service: service("https://api.deepl.com", 25), Formality: "more", ModelType: "latency_optimized", Glossary: "g", Context: true},
			Azure:          Azure{Service: service("https://a.example", 10), Region: "westeurope", Category: "desk"},
			LibreTranslate: LibreTranslate{Service: service("http://mt:5000", 1), Model: "desk", TextChars: 2000, RequestTexts: 5},
			OpenAI:         OpenAI{Service: service("http://127.0.0.1:8000/v1", 1), Model: "gpt-x", TargetUSDPerMillion: 2, RequestTexts: 7, MaxOutput: 4096, Style: "Plain", Plain: true},
			TMX:            TMX{File: "a.tmx"},
			Command:        Command{Argv: []string{"engine", "-m", "ar"}, Protocol: "json", Timeout: 90 * time.Second, Processes: 2, Rates: rates(0.5)},
		},
		File: c.File,
	}
	for _, leaf := range known.leaves {
		if c.sources[leaf.key()].Line == 0 && !isKey(leaf) {
			t.Errorf("the file of this test has no %s, or its line was lost", leaf.key())
		}
	}
	c.sources, c.common, c.pinned = nil, nil, false
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func rates(usd float64) Rates { return Rates{USDPerMillion: usd, Prices: []string{"en-ar 10"}} }

func service(endpoint string, usd float64) Service {
	return Service{
		Endpoint: endpoint, AllowHTTP: []string{"mt"}, KeyFile: "k", Connections: 2, RequestsPerMinute: 3, UnitsPerMinute: 4, Rates: rates(usd),
	}
}

// isKey picks the keys of services, which no file may hold.
func isKey(l leaf) bool { return l.typ == reflect.TypeFor[Secret]() }

func TestEveryVariable(t *testing.T) {
	t.Parallel()
	// Each value of the file above, given by the environment instead.
	fromFile := mustLoad(t, whole)
	var environ []string
	for _, leaf := range known.leaves {
		text := strings.NewReplacer("[", "", "]", "", "{", "", "}", "", `"`, "", ": ", "=").Replace(
			Setting{Value: display(leaf.in(fromFile).Interface())}.Text())
		environ = append(environ, leaf.env()+"="+text)
	}
	c, err := loadNothing(t, environ...)
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range known.leaves {
		if got, want := leaf.in(c).Interface(), leaf.in(fromFile).Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s is %#v, want %#v", leaf.env(), leaf.key(), got, want)
		}
		if c.sources[leaf.key()] != (Source{Env: leaf.env()}) && !isKey(leaf) {
			t.Errorf("%s comes from %s", leaf.key(), c.sources[leaf.key()])
		}
	}
}

func TestVariablesByName(t *testing.T) {
	t.Parallel()
	// These names are the interface that scripts rely on.
	c, err := loadNothing(t, "DRAGOMAN_BACKENDS_GOOGLE_PROJECT=desk", "DRAGOMAN_BUDGET_RUN_USD=5",
		"DRAGOMAN_CHAIN=google, tmx", `DRAGOMAN_BACKENDS_COMMAND_ARGV=engine,"a,b", c`,
		"DRAGOMAN_BACKENDS_GOOGLE_LABELS=team=desk,shift=", "DRAGOMAN_STORE=", "OTHER=x")
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.Backends.Google.Project, c.Budget.RunUSD, c.Chain, c.Backends.Command.Argv, c.Backends.Google.Labels, c.Store}
	want := []any{"desk", 5.0, []string{"google", "tmx"}, []string{"engine", "a,b", "c"},
		map[string]string{"team": "desk", "shift": ""}, "./dragoman.db"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags.StringSlice("backend", []string{"command"}, "")
	flags.String("to", "fr", "")
	flags.Float64("budget-usd", 0, "")
	flags.Int("concurrency", 9, "")
	if err := flags.Parse([]string{"--backend", "pseudo,tmx", "--budget-usd", "2.5"}); err != nil {
		t.Fatal(err)
	}
	path := write(t, "store: file.db\nout: file\nchain: [google]\nconcurrency: 2\nbackends: {google: {project: p, labels: {a: b, c: d}}}\n")
	c, err := Load(Options{
		File:    path,
		Environ: []string{"DRAGOMAN_OUT=env", "DRAGOMAN_CHAIN=tmx", "DRAGOMAN_BACKENDS_GOOGLE_LABELS=e=f", "DRAGOMAN_BUDGET_RUN_USD=7"},
		Flags:   flags,
		FlagKeys: map[string]string{
			"backend": "chain", "to": "to", "budget-usd": "budget.run_usd", "concurrency": "concurrency",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		key    string
		want   any
		source Source
	}{
		{"from", "ar", Source{}},
		{"to", "en", Source{}}, // a flag's own default does not count
		{"store", "file.db", Source{File: path, Line: 1}},
		{"out", "env", Source{Env: "DRAGOMAN_OUT"}},
		{"chain", []string{"pseudo", "tmx"}, Source{Flag: "backend"}},
		{"concurrency", 2, Source{File: path, Line: 4}},
		{"budget.run_usd", 2.5, Source{Flag: "budget-usd"}},
		{"backends.google.project", "p", Source{File: path, Line: 5}},
		{"backends.google.labels", map[string]string{"e": "f"}, Source{Env: "DRAGOMAN_BACKENDS_GOOGLE_LABELS"}}, // maps are not mixed
	} {
		if got := known.byKey[tt.key].in(c).Interface(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s is %#v, want %#v", tt.key, got, tt.want)
		}
		if got := c.sources[tt.key]; got != tt.source {
			t.Errorf("%s comes from %v, want %v", tt.key, got, tt.source)
		}
	}
}

func TestFlagMappedToNothing(t *testing.T) {
	t.Parallel()
	_, err := Load(Options{Dir: t.TempDir(), Environ: []string{}, FlagKeys: map[string]string{"x": "budgets"}})
	if err == nil || !strings.Contains(err.Error(), `flag --x is mapped to "budgets"`) {
		t.Errorf("got %v", err)
	}
}

func TestWhereTheFileIsFound(t *testing.T) {
	t.Parallel()
	here, xdg, home := t.TempDir(), t.TempDir(), t.TempDir()
	put := func(dir string) string {
		path := filepath.Join(dir, FileName)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("out: x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	find := func(environ ...string) string {
		c, err := Load(Options{Dir: here, Environ: append([]string{}, environ...)})
		if err != nil {
			t.Fatal(err)
		}
		return c.File
	}
	inHome := put(filepath.Join(home, ".config", "dragoman"))
	inXDG := put(filepath.Join(xdg, "dragoman"))
	both := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + xdg}
	for _, tt := range []struct{ got, want string }{
		{find(), ""},
		{find("HOME=" + home), inHome},
		{find("HOME="+home, "XDG_CONFIG_HOME=relative"), inHome},
		{find("HOME=" + inHome), ""}, // a file is no home, and no reason to fail
		{find(both...), inXDG},
	} {
		if tt.got != tt.want {
			t.Errorf("found %q, want %q", tt.got, tt.want)
		}
	}
	inDir := put(here)
	if got := find(both...); got != inDir {
		t.Errorf("found %q, want %q", got, inDir)
	}
}

func TestFilesThatSayNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n \n", "# only a comment\n", "---\n", "~\n", "\ufefffrom: ar\n", "from: ar\r\nto: en\r\n",
		"formats:\nchain: ~\nbudget:\nbackends: {google: , pseudo: }\n"} {
		c := mustLoad(t, text)
		if c.From != "ar" || len(c.Formats) != 5 || len(c.Chain) != 1 {
			t.Errorf("%q changed the defaults: %+v", text, c)
		}
	}
}

func TestAnchors(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "from: &l fr\nout: *l\nformats: &f [a, *l]\ndisable_rules: *f\n")
	if c.Out != "fr" || !reflect.DeepEqual(c.DisableRules, []string{"a", "fr"}) {
		t.Errorf("got %+v", c)
	}
}

func TestSample(t *testing.T) {
	t.Parallel()
	const path = "../samples/dragoman.yaml"
	if _, err := os.Stat(path); err != nil {
		t.Skip("no sample configuration yet:", err)
	}
	c, err := Load(Options{File: path, Environ: []string{}, Known: map[string][]string{"formats": Default().Formats}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Require(); err != nil {
		t.Error(err)
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, leaf := range known.leaves {
		if leaf.key() != strings.ToLower(leaf.key()) {
			t.Errorf("%s: viper would write it in small letters", leaf.key())
		}
		if other, twice := seen[leaf.env()]; twice {
			t.Errorf("%s and %s share the variable %s", other, leaf.key(), leaf.env())
		}
		seen[leaf.env()] = leaf.key()
	}
	if got := BackendNames(); !reflect.DeepEqual(got, []string{"google", "deepl", "azure", "libretranslate", "openai", "tmx", "command", "pseudo"}) {
		t.Errorf("backends are %q", got)
	}
}
