package config

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "to: fr\nstore: postgres://desk:hush@db/x\nbackends: {command: {timeout: 90s}}\n",
		"DRAGOMAN_BACKENDS_GOOGLE_LABELS=b=2,a=1", "DRAGOMAN_BACKENDS_DEEPL_KEY=hush", "DRAGOMAN_SERVE_PASSWORD=hush")
	var lines []string
	for _, s := range Settings(c) {
		lines = append(lines, strings.ReplaceAll(s.Key+" = "+s.Text()+" # "+s.Source.String(), c.File, FileName))
	}
	want := `from = ar # default
to = fr # dragoman.yaml:1
store = "postgres://desk:xxxxx@db/x" # dragoman.yaml:2
out = out # default
formats = [jsonl, tsv, tmx, moses, html] # default
chain = [tmx] # default
chains = {} # default
glossaries = {} # default
encoding = "" # default
concurrency = 0 # default
disable_rules = [] # default
quality.disable_rules = [] # default
limits.file_bytes = 0 # default
limits.story_bytes = 0 # default
budget.run_chars = 0 # default
budget.run_usd = 0 # default
budget.day_usd = 0 # default
budget.month_usd = 0 # default
budget.alarms = ["50", "80", "95"] # default
log.level = info # default
log.format = auto # default
queue.workers = 32 # default
queue.lease = "1m0s" # default
queue.patience = "1m0s" # default
serve.listen = "127.0.0.1:8080" # default
serve.user = dragoman # default
serve.password = "[redacted]" # environment DRAGOMAN_SERVE_PASSWORD
serve.password_file = "" # default
serve.behind_proxy = false # default
serve.tls_cert_file = "" # default
serve.tls_key_file = "" # default
traces.endpoint = "" # default
traces.ratio = 1 # default
backends.google.project = "" # default
backends.google.location = global # default
backends.google.model = general/nmt # default
backends.google.glossary = "" # default
backends.google.labels = {a: "1", b: "2"} # environment DRAGOMAN_BACKENDS_GOOGLE_LABELS
backends.google.endpoint = "" # default
backends.google.insecure = false # default
backends.google.credentials_file = "" # default
backends.google.glossary_ignore_case = false # default
backends.google.glossary_contextual = false # default
backends.google.dataset = "" # default
backends.google.usd_per_million = 0 # default
backends.google.prices = [] # default
backends.google.target_usd_per_million = 0 # default
backends.google.request_chars = 0 # default
backends.google.connections = 0 # default
backends.google.requests_per_minute = 0 # default
backends.google.chars_per_minute = 0 # default
backends.deepl.endpoint = "" # default
backends.deepl.allow_http = [] # default
backends.deepl.key = "[redacted]" # environment DRAGOMAN_BACKENDS_DEEPL_KEY
backends.deepl.key_file = "" # default
backends.deepl.connections = 0 # default
backends.deepl.requests_per_minute = 0 # default
backends.deepl.units_per_minute = 0 # default
backends.deepl.usd_per_million = 0 # default
backends.deepl.prices = [] # default
backends.deepl.formality = default # default
backends.deepl.model_type = "" # default
backends.deepl.glossary = "" # default
backends.deepl.context = false # default
backends.azure.endpoint = "" # default
backends.azure.allow_http = [] # default
backends.azure.key = "" # default
backends.azure.key_file = "" # default
backends.azure.connections = 0 # default
backends.azure.requests_per_minute = 0 # default
backends.azure.units_per_minute = 0 # default
backends.azure.usd_per_million = 0 # default
backends.azure.prices = [] # default
backends.azure.region = "" # default
backends.azure.category = "" # default
backends.libretranslate.endpoint = "" # default
backends.libretranslate.allow_http = [] # default
backends.libretranslate.key = "" # default
backends.libretranslate.key_file = "" # default
backends.libretranslate.connections = 0 # default
backends.libretranslate.requests_per_minute = 0 # default
backends.libretranslate.units_per_minute = 0 # default
backends.libretranslate.usd_per_million = 0 # default
backends.libretranslate.prices = [] # default
backends.libretranslate.model = "" # default
backends.libretranslate.text_chars = 0 # default
backends.libretranslate.request_texts = 0 # default
backends.openai.endpoint = "" # default
backends.openai.allow_http = [] # default
backends.openai.key = "" # default
backends.openai.key_file = "" # default
backends.openai.connections = 0 # default
backends.openai.requests_per_minute = 0 # default
backends.openai.units_per_minute = 0 # default
backends.openai.usd_per_million = 0 # default
backends.openai.prices = [] # default
backends.openai.model = "" # default
backends.openai.target_usd_per_million = 0 # default
backends.openai.request_texts = 0 # default
backends.openai.max_output = 0 # default
backends.openai.style = "" # default
backends.openai.context = true # default
backends.openai.plain = false # default
backends.tmx.file = "" # default
backends.command.argv = [] # default
backends.command.protocol = lines # default
backends.command.timeout = "1m30s" # dragoman.yaml:3
backends.command.processes = 0 # default
backends.command.usd_per_million = 0 # default
backends.command.prices = [] # default`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSettingsAsJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(Settings(mustLoad(t, "budget: {run_usd: 1.5}\n")))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"key":"from","value":"ar","source":"default"}`, `{"key":"disable_rules","value":[],`,
		`{"key":"budget.run_usd","value":1.5,"source":"/`, `"key":"backends.google.labels","value":{}`,
		`"key":"backends.command.timeout","value":"0s"`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s\nhas no %s", data, want)
		}
	}
}

// What Text shows, a file may say.
func TestTextIsYAML(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		"ar", "./dragoman.db", "", "no", "True", "1.5", "-x", "a: b", "#x", "*x", "a#", "~", "a\u202eb", "a\tb\x01", "القاهرة", "a\\b\"c", "=",
		[]string{}, []string{"a, b", "[", "c"}, map[string]string{}, map[string]string{"b": "}", "a": "y", "": ""},
	} {
		text := Setting{Value: v}.Text()
		got := reflect.New(reflect.TypeOf(v))
		if err := yaml.Unmarshal([]byte("v: "+text), &map[string]any{}); err != nil {
			t.Errorf("%q is shown as %s: %v", v, text, err)
			continue
		}
		if err := yaml.Unmarshal([]byte(text), got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), v) {
			t.Errorf("%q is shown as %s, which reads %q, %v", v, text, got.Elem(), err)
		}
		if strings.ContainsAny(text, "\u202e\x01\n") {
			t.Errorf("%q is shown raw", v)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"from", "to", "store", "out", "formats", "chain"}
	for word, want := range map[string]string{
		"form": "from", "FROM": "from", "stor": "store", "format": "formats", "chian": "chain", "ot": "to",
		"x": "", "": "", "elephant": "", "storefront": "",
	} {
		if got := nearest(word, words); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"abcd", "badc", 2}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance of %q and %q is %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := distance(tt.b, tt.a); got != tt.want {
			t.Errorf("distance of %q and %q is %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}

// No secret of a URL is shown, wherever it stands, and the rest is as it was.
func TestWithoutSecrets(t *testing.T) {
	t.Parallel()
	for given, want := range map[string][2]string{
		"postgres://desk:hush@db.example/news":                       {"postgres://desk:xxxxx@db.example/news", "postgres://desk@db.example/news"},
		"postgres://desk@db/x?sslmode=require&password=hush":         {"postgres://desk@db/x?sslmode=require&password=xxxxx", "postgres://desk@db/x?sslmode=require"},
		"postgres://db/x?sslpassword=hush&sslmode=require&user=a":    {"postgres://db/x?sslpassword=xxxxx&sslmode=require&user=a", "postgres://db/x?sslmode=require&user=a"},
		"postgres://db/x?p%61ssword=hush":                            {"postgres://db/x?p%61ssword=xxxxx", "postgres://db/x"},
		"postgres://desk:hu%zzsh@db/x":                               {"postgres://...", "postgres://..."},
		"postgres://desk@db.example/news?sslmode=require&b=2&a=1%2F": {},
		"https://api.example/v2/":                                    {},
		"Write as https://example.org/style says.":                   {},
		" postgres://desk:hush@db/x":                                 {" postgres://...", " postgres://..."},
		"postgres://desk:my hush@db/x":                               {"postgres://...", "postgres://..."},
		"night one.db":                                               {},
		"./dragoman.db":                                              {},
		"":                                                           {},
	} {
		if want == [2]string{} {
			want = [2]string{given, given}
		}
		if masked, without := WithoutSecrets(given, "xxxxx"), WithoutSecrets(given, ""); masked != want[0] || without != want[1] {
			t.Errorf("%s is shown as %s and as %s", given, masked, without)
		}
	}
}
