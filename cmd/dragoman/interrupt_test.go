package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator/backend/google/googletest"
)

// TestInterrupt stops a run as Ctrl-C does: what is on its way is finished, the
// report is written and says how to go on, and the next run pays for the rest
// and for nothing else.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 100)
	server, err := googletest.Start(&googletest.Options{
		Latency: 300 * time.Millisecond,
		Fault: func(int, *translatepb.TranslateTextRequest) *googletest.Fault {
			arrived <- struct{}{}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	r := &killRound{t: t, folder: t.TempDir(), stories: killStories(t), server: server, atOnce: killConnections, chars: 30_000}

	cmd := r.command()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Fatalf("the run ended with %v, want code %d\n%s", err, exitInterrupted, &out)
	}
	report := readReport(t, filepath.Join(r.folder, "out", "report.json"))
	if report.Stopped == "" || report.GoOn == "" || report.Totals.Stories.Held == 0 {
		t.Errorf("the report does not say that the run was stopped and how to go on: %+v", report)
	}
	if report.Totals.Sent == 0 || server.Requests() > killConnections {
		t.Errorf("%d sentences were finished in %d requests; those on their way should be, and no more sent", report.Totals.Sent, server.Requests())
	}
	if text, err := r.command().CombinedOutput(); err != nil {
		t.Fatalf("the next run: %v\n%s", err, text)
	}
	for text, times := range server.Paid() {
		if times != 1 {
			t.Errorf("%q was paid for %d times", text, times)
		}
	}
}

// reportJSON is what the tests look at in report.json.
type reportJSON struct {
	Stopped string `json:"stopped"`
	GoOn    string `json:"go_on"`
	Totals  struct {
		Sent    int `json:"sent"`
		Stories struct {
			Held int `json:"held"`
		} `json:"stories"`
	} `json:"totals"`
}

func readReport(t *testing.T, path string) (report reportJSON) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &report)
	}
	if err != nil {
		t.Fatal(err)
	}
	return report
}
