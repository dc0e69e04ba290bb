package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"dragoman/translator/backend/jsonhttp/scripted"
)

// logged returns the lines that write makes at a level, each as its fields.
func logged(t *testing.T, level string, write func(*zap.Logger)) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	log, err := newLogger(&out, level, "json", false)
	if err != nil {
		t.Fatal(err)
	}
	write(log)
	var lines []map[string]any
	for line := range strings.Lines(out.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		lines = append(lines, fields)
	}
	return lines
}

func TestEngineLog(t *testing.T) {
	t.Parallel()
	write := func(log *zap.Logger) {
		l := engineLog(log).With("client_id", "desk-1").WithGroup("job")
		l.Debug("fetched")
		l.Info("Job errored; retrying", slog.Int64("job_id", 7))
		l.Warn("leadership lost", "err", "gone\u202e")
		l.Error("cannot listen")
		l.Warn("JobExecutor: job cancelled remotely", "job_id", 7)
		l.Error("Producer: Error fetching jobs", "err", errors.New("failed to connect to `user=desk`: dial error"))
		l.Error("Elector: Error attempting to elect", "err", "FATAL: terminating connection (SQLSTATE 57P01)")
	}
	told := logged(t, "info", write)
	if len(told) != 2 || told[0]["level"] != "warn" || told[1]["level"] != "error" {
		t.Fatalf("at info: %v", told)
	}
	if told[0]["logger"] != "river" || told[0]["client_id"] != "desk-1" || fmt.Sprint(told[0]["job"]) != "map[err:gone\u202e]" {
		t.Errorf("a warning is %v", told[0])
	}
	if told[1]["stacktrace"] != nil {
		t.Error("an error has a stack")
	}
	all := logged(t, "debug", write)
	if len(all) != 7 || all[1]["level"] != "debug" || fmt.Sprint(all[1]["job"]) != "map[job_id:7]" {
		t.Errorf("at debug: %v", all)
	}
}

// TestLogsHoldNoText runs translate on services that fail in every way, and
// whose errors say back what they were asked, and looks for the sentences and
// the secrets in all that is logged and shown.
func TestLogsHoldNoText(t *testing.T) {
	t.Parallel()
	const sentence, other = "افتتحت البلدية مكتبة متنقلة في الحي القديم.", "وحضر الافتتاح مئات الأطفال."
	planted := append(strings.Fields(strings.Trim(sentence, ".")), "الأطفال", serviceKey, "hush-password")
	faults := map[string]scripted.Fault{"": nil}
	for _, name := range []string{"page", "cut", "turned"} {
		faults[name] = serviceFaults[name]
	}
	body, err := json.Marshal(map[string]any{"message": "cannot take " + sentence, "error": map[string]string{"message": "cannot take " + sentence}})
	if err != nil {
		t.Fatal(err)
	}
	flat, err := json.Marshal(map[string]string{"error": "cannot take " + sentence})
	if err != nil {
		t.Fatal(err)
	}
	for code, body := range map[int]string{400: string(body), 422: string(flat), 429: string(flat), 500: sentence} {
		faults[fmt.Sprint("said back, ", code)] = scripted.Status(code, body, http.Header{"Retry-After": {"0"}})
	}
	for backend, start := range services {
		for name, fault := range faults {
			t.Run(backend+" "+name, func(t *testing.T) {
				t.Parallel()
				server := start(t)
				if fault != nil {
					server.Plant(fault, 1)
				}
				dir := t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, "library.txt"), []byte(sentence+"\n\n"+other+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				cmd := process(t, dir, "translate", "--backend", backend, "--log-format", "json", "library.txt")
				section := "DRAGOMAN_BACKENDS_" + strings.ToUpper(backend)
				cmd.Env = append(cmd.Environ(), section+"_ENDPOINT="+server.URL+servicePath[backend], section+"_KEY="+serviceKey,
					"DRAGOMAN_BACKENDS_OPENAI_MODEL=gpt-4.1-mini", "DRAGOMAN_SERVE_PASSWORD=hush-password")
				var said bytes.Buffer
				cmd.Stdout, cmd.Stderr = &said, &said
				if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() < 0 {
					t.Fatal(err)
				}
				if server.Count() == 0 {
					t.Fatalf("nothing was asked:\n%s", &said)
				}
				for _, p := range planted {
					if strings.Contains(said.String(), p) {
						t.Errorf("%q is shown:\n%s", p, &said)
						return
					}
				}
			})
		}
	}
}
