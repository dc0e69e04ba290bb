package config

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// mistakesOf returns the lines of an *Error below its heading, the file's
// folder taken out.
func mistakesOf(t *testing.T, c *Config, err error) []string {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("no *Error but %v", err)
	}
	if c != nil {
		t.Errorf("a Config came with %v", err)
	}
	var lines []string
	for _, m := range e.Mistakes {
		if m.Problem == "" || m.Remedy == "" {
			t.Errorf("half a mistake: %+v", m)
		}
		lines = append(lines, strings.ReplaceAll(m.String(), filepath.Dir(m.Source.File)+"/", ""))
	}
	return lines
}

var lists = map[string][]string{
	"formats":       {"jsonl", "tsv", "tmx", "moses", "html"},
	"disable_rules": {"web-reply", "web-share"},
	"encoding":      {"utf-8", "windows-1256"},
}

// Each text has the one mistake that stands beside it.
func TestMistakesInTheFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		// Not YAML, or no text at all.
		{"tab", "budget:\n\trun_usd: 5\n", "dragoman.yaml:2: not YAML: found character that cannot start any token; indent with spaces"},
		{"tab after a value", "from: ar\n\tto: en\n", "dragoman.yaml:2: not YAML: found a tab character that violates indentation; indent with spaces"},
		{"open list", "from: ar\nformats: [tsv\nout: x\n", "dragoman.yaml:2: not YAML: did not find expected ',' or ']'; correct the line"},
		{"first line", "from: 'ar' x\n", "dragoman.yaml:1: not YAML: did not find expected key"},
		{"no colon", "from: ar\nto\nout: x\n", "dragoman.yaml:2: not YAML: could not find expected ':'"},
		{"indentation", "budget:\n  run_usd: 1\n day_usd: 2\n", "dragoman.yaml:3: not YAML: did not find expected key"},
		{"anchor", "from: ar\nto: *nope\n", "dragoman.yaml:2: not YAML: unknown anchor 'nope' referenced"},
		{"latin-1", "from: ar\nto: \xe9\n", "dragoman.yaml:2: the text is not UTF-8; save the file as plain UTF-8 text"},
		{"utf-16", "\xff\xfef\x00", "dragoman.yaml:1: the text is not UTF-8"},
		{"NUL", "from: ar\n\nto: e\x00n\n", "dragoman.yaml:3: there is a control character, U+0000"},
		{"two documents", "from: ar\n---\nto: en\n", "dragoman.yaml:2: a second document begins here"},
		{"broken second document", "from: ar\n---\nto: [\n", "not YAML"},
		{"a list", "- from\n", "dragoman.yaml:1: this must hold keys with values; its keys are from, to, store"},
		{"a word", "hello\n", "dragoman.yaml:1: this must hold keys"},

		// Keys.
		{"misspelt", "form: ar\n", "dragoman.yaml:1: form: there is no such key; did you mean from?"},
		{"swapped letters", "bakcends: {}\n", "did you mean backends?"},
		{"capital", "From: ar\n", "dragoman.yaml:1: From: there is no such key; did you mean from?"},
		{"in a section", "backends:\n  google:\n    projct: x\n", "dragoman.yaml:3: backends.google.projct: there is no such key; did you mean project?"},
		{"other section", "from: ar\nrun_usd: 5\n", "dragoman.yaml:2: run_usd: there is no such key; write run_usd indented under budget"},
		{"dotted", "budget.run_usd: 5\n", "dragoman.yaml:1: budget.run_usd: there is no such key; write run_usd indented under budget"},
		{"nothing near", "budget: {lunch: 5}\n", "budget.lunch: there is no such key; its keys are run_chars, run_usd, day_usd, month_usd, alarms"},
		{"unknown backend", "backends:\n  bing: {key: hush}\n", "dragoman.yaml:2: backends.bing: there is no such key; its keys are google, deepl, azure, libretranslate, openai, tmx, command, pseudo"},
		{"no keys", "backends: {pseudo: {a: b}}\n", "backends.pseudo.a: there is no such key; it has no keys: write {}"},
		{"twice", "from: ar\nto: en\nfrom: fr\n", "dragoman.yaml:3: from: written twice, first in line 1; keep one of them"},
		{"section twice", "budget: {}\nbudget: {}\n", "dragoman.yaml:2: budget: written twice, first in line 1"},
		{"merge key", "budget: &b {run_usd: 1}\nlog:\n  <<: *b\n", "dragoman.yaml:3: log.<<: there is no such key"},
		{"hostile key", "\"a\\u202eb\\e[31m\": 1\n", "dragoman.yaml:1: a\uFFFDb\uFFFD[31m: there is no such key"},

		// Types.
		{"section as value", "from: ar\nbudget: 5\n", "dragoman.yaml:2: budget: this must hold keys with values; its keys are run_chars"},
		{"value as list", "from: [ar]\n", "dragoman.yaml:1: from: this is a list and must be a single value; write from: VALUE"},
		{"value as map", "to: {en: 1}\n", "to: this is a map and must be a single value"},
		{"list as value", "formats: tsv\n", "formats: this is a single value and must be a list; write formats: [a, b]"},
		{"list of lists", "formats: [[tsv]]\n", "formats: item 1 is not a single value"},
		{"empty item", "formats:\n  - tsv\n  -\n", "formats: item 2 is not a single value"},
		{"map as list", "backends: {google: {labels: [a]}}\n", "backends.google.labels: this is a list and must be a map of names to values; write labels: {name: value}"},
		{"map of maps", "backends: {google: {labels: {a: {b: c}}}}\n", "backends.google.labels: entry 1 is not a name and a single value"},
		{"label twice", "backends: {google: {labels: {a: b, a: c}}}\n", "backends.google.labels: \"a\" is written twice"},
		{"words for a number", "budget:\n  run_chars: lots\n", "dragoman.yaml:2: budget.run_chars: \"lots\" is not a whole number; write digits only, as 500000"},
		{"fraction", "budget: {run_chars: 1.5}\n", "budget.run_chars: \"1.5\" is not a whole number"},
		{"too large", "budget: {run_chars: 99999999999999999999}\n", "budget.run_chars: \"99999999999999999999\" is too large a number"},
		{"money", "budget: {run_usd: 5 USD}\n", "budget.run_usd: \"5 USD\" is not a number; write it with a decimal point, as 12.50"},
		{"not a number", "budget: {run_usd: .nan}\n", "budget.run_usd: \".nan\" is not a number"},
		{"infinite", "budget: {run_usd: inf}\n", "budget.run_usd: \"inf\" is not a number"},
		{"bool", "backends: {google: {insecure: maybe}}\n", "backends.google.insecure: \"maybe\" is not true or false"},
		{"duration", "backends: {command: {timeout: 30}}\n", "backends.command.timeout: \"30\" is not a duration; write a number and its unit, as 90s or 2m"},
		{"long value", "budget: {run_usd: " + strings.Repeat("x", 500) + "}\n", "\"" + strings.Repeat("x", 60) + "\"... is not a number"},

		// Meaning.
		{"negative", "from: ar\nbudget: {day_usd: -1}\n", "dragoman.yaml:2: budget.day_usd: -1 is not a number from 0 up; write 0 or more"},
		{"negative whole", "concurrency: -2\n", "concurrency: -2 is not a number from 0 up"},
		{"negative time", "backends: {command: {timeout: -5s}}\n", "backends.command.timeout: -5s is not a number from 0 up"},
		{"no language", "from: arabic!\n", "dragoman.yaml:1: from: \"arabic!\" is no language tag; write a BCP 47 tag such as ar, en or en-GB"},
		{"unknown language", "to: xx\n", "to: \"xx\" is no language tag"},
		{"undetermined", "to: und\n", "to: \"und\" is no language tag"},
		{"empty language", "to: ''\n", "to: \"\" is no language tag"},
		{"same", "from: en\n", "dragoman.yaml:1: from: from and to are both en; translate between two languages"},
		{"same, other case", "from: EN-gb\nto: en-GB\n", "dragoman.yaml:2: to: from and to are both en-GB"},
		{"empty chain", "chain: []\n", "chain: no backend is named; write one of google, deepl, azure, libretranslate, openai, tmx, command, pseudo"},
		{"backend", "chain:\n  - tmx\n  - gogle\n", "dragoman.yaml:3: chain: \"gogle\" is not known; did you mean google?"},
		{"backend twice", "chain:\n- tmx\n- pseudo\n- tmx\n", "dragoman.yaml:4: chain: \"tmx\" is named twice; keep one of them"},
		{"format", "formats: [tsv, pdf]\n", "formats: \"pdf\" is not known; write one of jsonl, tsv, tmx, moses, html"},
		{"rule", "disable_rules: [web-repli]\n", "disable_rules: \"web-repli\" is not known; did you mean web-reply?"},
		{"encoding", "encoding: windows-1265\n", "encoding: \"windows-1265\" is not known; did you mean windows-1256?"},
		{"protocol", "backends: {command: {protocol: line}}\n", "backends.command.protocol: \"line\" is not known; did you mean lines?"},
		{"level", "log: {level: loud}\n", "log.level: \"loud\" is not known; write one of debug, info, warn, error"},
		{"no store", "store: ''\n", "store: this is empty; give it a value, or remove the line"},
		{"control", `store: "a\0b"` + "\n", "store: this holds a control character"},
		{"scheme", "backends: {google: {endpoint: 'http://localhost:80'}}\n", "backends.google.endpoint: this is not HOST or HOST:PORT; leave out the scheme and the path"},
		{"port", "backends: {google: {endpoint: 'localhost:70000'}}\n", "backends.google.endpoint: this is not HOST"},
		{"password", "backends: {google: {endpoint: 'me:hush@host'}}\n", "backends.google.endpoint: this is not HOST"},
		{"in the clear", "backends:\n  google:\n    insecure: true\n", "dragoman.yaml:3: backends.google.insecure: the stories would leave this machine without encryption"},
		{"in the clear elsewhere", "backends: {google: {insecure: true, endpoint: 'desk:80'}}\n", "backends.google.insecure: the stories would leave"},
		{"label", "backends: {google: {labels: {Team: x}}}\n", "backends.google.labels: \"Team: x\" is no label that Google accepts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := Load(Options{File: write(t, tt.text), Environ: []string{}, Known: lists})
			got := mistakesOf(t, c, err)
			if len(got) != 1 || !strings.Contains(got[0], tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}

func TestMistakesInTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ variable, want string }{
		{"DRAGOMAN_BUDGET_RUN_UDS=5", "environment DRAGOMAN_BUDGET_RUN_UDS: the variable names no key; did you mean DRAGOMAN_BUDGET_RUN_USD?"},
		{"DRAGOMAN_BACKENDS_PSEUDO=1", "environment DRAGOMAN_BACKENDS_PSEUDO: the variable names no key; unset it"},
		{"DRAGOMAN_=", "environment DRAGOMAN_: the variable names no key; unset it"},
		{"DRAGOMAN_BUDGET_RUN_USD=five", "environment DRAGOMAN_BUDGET_RUN_USD: budget.run_usd: \"five\" is not a number"},
		{"DRAGOMAN_CHAIN=tmx,gogle", "environment DRAGOMAN_CHAIN: chain: \"gogle\" is not known; did you mean google?"},
		{"DRAGOMAN_FORMATS=tsv,,tmx", "environment DRAGOMAN_FORMATS: formats: \"\" is not known"},
		{"DRAGOMAN_FORMATS=a\"b", "environment DRAGOMAN_FORMATS: formats: \"a\\\"b\" is not a list"},
		{"DRAGOMAN_FORMATS=tsv\ntmx", "environment DRAGOMAN_FORMATS: formats: \"tsv\\ntmx\" is not a list"},
		{"DRAGOMAN_BACKENDS_GOOGLE_LABELS=a=b,c", "backends.google.labels: \"c\" is not one name=value"},
		{"DRAGOMAN_BACKENDS_GOOGLE_LABELS=a=b,a=c", "backends.google.labels: \"a=c\" is not one name=value"},
		{"DRAGOMAN_BACKENDS_GOOGLE_INSECURE=2", "environment DRAGOMAN_BACKENDS_GOOGLE_INSECURE: backends.google.insecure: \"2\" is not true or false"},
	} {
		c, err := Load(Options{Dir: t.TempDir(), Environ: []string{tt.variable}, Known: lists})
		got := mistakesOf(t, c, err)
		if len(got) != 1 || !strings.Contains(got[0], tt.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.variable, got, tt.want)
		}
	}
}

// The mistakes of all places come together, in order, and one that a stronger
// place hides is reported too.
func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags.Float64("budget-usd", 0, "")
	flags.String("to", "", "")
	if err := flags.Parse([]string{"--to=?", "--budget-usd=-1"}); err != nil {
		t.Fatal(err)
	}
	path := write(t, "chain: [nobody]\nbudget:\n  run_usd: many\n  day: 1\nformts: [tsv]\nfrom: ar\n")
	c, err := Load(Options{
		File: path, Environ: []string{"DRAGOMAN_TOO=x", "DRAGOMAN_CONCURRENCY=all", "HOME=/nonexistent"},
		Flags: flags, FlagKeys: map[string]string{"budget-usd": "budget.run_usd", "to": "to"},
	})
	want := []string{
		`dragoman.yaml:1: chain: "nobody" is not known; write one of google, deepl, azure, libretranslate, openai, tmx, command, pseudo`,
		`dragoman.yaml:3: budget.run_usd: "many" is not a number; write it with a decimal point, as 12.50`,
		`dragoman.yaml:4: budget.day: there is no such key; its keys are run_chars, run_usd, day_usd, month_usd, alarms`,
		`dragoman.yaml:5: formts: there is no such key; did you mean formats?`,
		`environment DRAGOMAN_CONCURRENCY: concurrency: "all" is not a whole number; write digits only, as 500000`,
		`environment DRAGOMAN_TOO: the variable names no key; did you mean DRAGOMAN_TO?`,
		`flag --budget-usd: budget.run_usd: -1 is not a number from 0 up; write 0 or more`,
		`flag --to: to: "?" is no language tag; write a BCP 47 tag such as ar, en or en-GB`,
	}
	if got := mistakesOf(t, c, err); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !strings.HasPrefix(err.Error(), "8 mistakes in the configuration:\n  "+path+":1: chain: ") {
		t.Errorf("the error reads\n%v", err)
	}
}

func TestMistakeAsJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(Mistake{Source: Source{File: "a.yaml", Line: 3}, Key: "to", Problem: "p", Remedy: "r"})
	if want := `{"source":"a.yaml:3","key":"to","problem":"p","remedy":"r"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestTooManyMistakes(t *testing.T) {
	t.Parallel()
	_, err := load(t, strings.Repeat("x: 1\n", 1000))
	e, ok := errors.AsType[*Error](err)
	if !ok || len(e.Mistakes) != maxMistakes || e.More != 1000-maxMistakes {
		t.Fatalf("got %v", err)
	}
	if s := err.Error(); !strings.HasPrefix(s, "1000 mistakes") || !strings.HasSuffix(s, "and 950 more") {
		t.Errorf("the error reads\n%s", s)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, FileName), 0o700); err != nil {
		t.Fatal(err)
	}
	huge := write(t, "from: ar\n#"+strings.Repeat("x", maxFile))
	for _, tt := range []struct {
		opts Options
		want string
	}{
		{Options{File: filepath.Join(folder, "no.yaml")}, "no.yaml: there is no such file; check the path"},
		{Options{File: folder}, "the file cannot be read: is a directory; check the path"},
		{Options{Dir: folder}, FileName + ": the file cannot be read: is a directory"},
		{Options{File: huge}, "the file is larger than 1048576 bytes"},
	} {
		tt.opts.Environ = []string{}
		c, err := Load(tt.opts)
		if got := mistakesOf(t, c, err); len(got) != 1 || !strings.Contains(got[0], tt.want) {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	c, err := Load(Options{File: huge, Environ: []string{"DRAGOMAN_TO=?"}})
	if got := mistakesOf(t, c, err); len(got) != 2 {
		t.Errorf("a file that cannot be read hid the environment's mistakes: %q", got)
	}
	if c := mustLoad(t, "#"+strings.Repeat("x", maxFile-1)); c.From != "ar" {
		t.Error("a file of the largest size was not read")
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{whole, "", "from: ar", "a: &a [*a]", "chain: [tmx, tmx]", "? [a]\n: b", "\ufeff~", "budget:\n\t- 1", "<<: {from: 1}"} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := os.CreateTemp(dir, "*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		defer os.Remove(file.Name())
		if _, err := file.Write(data); err != nil {
			t.Fatal(err)
		}
		file.Close()
		c, err := Load(Options{File: file.Name(), Environ: []string{}, Known: lists})
		if err == nil {
			if got := len(Settings(c)); got != len(known.leaves) {
				t.Errorf("%d settings", got)
			}
			return
		}
		lines := strings.Count(string(data), "\n") + 2
		for i, text := range mistakesOf(t, c, err) {
			m := err.(*Error).Mistakes[i]
			if m.Source.Line > lines && !strings.ContainsAny(string(data), "\r\u0085\u2028\u2029") {
				t.Errorf("line %d of %d", m.Source.Line, lines)
			}
			if strings.ContainsAny(text, "\n\r\x1b\u202e") {
				t.Errorf("a mistake that changes the terminal: %q", text)
			}
		}
	})
}
