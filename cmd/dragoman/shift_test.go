package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"dragoman/translator"
	"dragoman/translator/backend/google/googletest"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/ram"
	"dragoman/translator/store/sqlite"
	"dragoman/translator/transfer"
)

// A second signal within the grace is the first one, as it comes from
// timeout(1), which signals a process and its group; a later one is meant.
func TestTwoSignals(t *testing.T) {
	t.Parallel()
	for grace, want := range map[time.Duration]int{0: 2, time.Second: 3, time.Minute: 0} {
		synctest.Test(t, func(t *testing.T) {
			signals, sent, first, ended := make(chan os.Signal, 2), 0, 0, 0
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go twoSignals(ctx, signals, grace, func() { first++ }, func() { ended = sent })
			for range 3 {
				sent++
				signals <- syscall.SIGTERM
				synctest.Wait()
				time.Sleep(600 * time.Millisecond)
			}
			if first != 1 || ended != want {
				t.Errorf("with a grace of %v: %d first ones, ended by number %d, want %d", grace, first, ended, want)
			}
		})
	}
}

// A worker that waits for its store says so, for what, and for how long.
func TestOpenPatiently(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := translator.NewError("store", translator.Unavailable, errors.New("connection refused"))
		away.Hint = "see that it runs"
		never := func(context.Context, string, *zap.Logger) (database, error) { return nil, away }
		begun := time.Now()
		lines := logged(t, "info", func(log *zap.Logger) {
			if _, err := openPatiently(t.Context(), nil, never, "", log); !errors.Is(err, away) {
				t.Errorf("it ends with %v", err)
			}
		})
		if took := time.Since(begun); took < openTime || took > openTime+2*openPause {
			t.Errorf("it waits for %v", took)
		}
		if len(lines) != 5 || lines[0]["gives_up_after"] != "1m0s" || lines[1]["gives_up_after"] != "45s" || lines[4]["remedy"] != away.Hint {
			t.Errorf("it says %v", lines)
		}
		soon := func(context.Context, string, *zap.Logger) (database, error) {
			if time.Since(begun) < openTime+20*time.Second {
				return nil, away
			}
			return ram.New(), nil
		}
		if db, err := openPatiently(t.Context(), nil, soon, "", zap.NewNop()); err != nil || db == nil {
			t.Errorf("a store that comes is not opened: %v", err)
		}
	})
}

func TestTallyCode(t *testing.T) {
	t.Parallel()
	budget, denied := &translator.BudgetError{}, translator.NewError("desk", translator.Denied, nil)
	held := translator.StateHeld
	for name, c := range map[string]struct {
		left func(*tally)
		want int
	}{
		"nothing":                     {func(*tally) {}, exitDone},
		"done":                        {func(y *tally) { y.left(translator.StateDone, nil, 1, 2) }, exitDone},
		"budget":                      {func(y *tally) { y.left(held, budget, 1, 2) }, exitBudget},
		"denied":                      {func(y *tally) { y.left(held, denied, 1); y.left(translator.StateDone, nil, 2) }, exitDenied},
		"budget and denied":           {func(y *tally) { y.left(held, budget, 1); y.left(held, denied, 2) }, exitPartial},
		"budget and failed":           {func(y *tally) { y.left(held, budget, 1); y.left(translator.StateFailed, nil, 2) }, exitPartial},
		"an outage":                   {func(y *tally) { y.left(held, translator.Unavailable, 1) }, exitPartial},
		"done after it was held":      {func(y *tally) { y.left(held, budget, 1); y.left(translator.StateDone, nil, 1) }, exitDone},
		"partial after it was denied": {func(y *tally) { y.left(held, denied, 1); y.left(translator.StatePartial, nil, 1) }, exitPartial},
	} {
		y := newTally()
		if c.left(y); y.code() != c.want {
			t.Errorf("%s: code %d, want %d", name, y.code(), c.want)
		}
	}
}

// TestDrainSaysWhatItDid drains the samples with nothing in the way, with a
// budget and with a key that is refused, and looks at code and summary.
func TestDrainSaysWhatItDid(t *testing.T) {
	t.Parallel()
	opts := &googletest.Options{}
	if err := setFault(opts, "denied"); err != nil {
		t.Fatal(err)
	}
	server, err := googletest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		done bool // all of them
		text string
	}{
		"all":    {nil, exitDone, true, " sent, $0.00; "},
		"budget": {[]string{"--budget-chars", "500"}, exitBudget, false, " put off; "},
		"denied": {[]string{"--backend", "google"}, exitDenied, false, "0 stories done, 15 put off; "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, as := range []string{"--json=false", "--json", "--quiet"} {
				environ := append(os.Environ(), "DRAGOMAN_STORE="+filepath.Join(t.TempDir(), "store.db"),
					"DRAGOMAN_BACKENDS_GOOGLE_PROJECT=test", "DRAGOMAN_BACKENDS_GOOGLE_ENDPOINT="+server.Addr(), "DRAGOMAN_BACKENDS_GOOGLE_INSECURE=true")
				submit := process(t, top, "submit", "samples/ar")
				submit.Env = environ
				if out, err := submit.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				work := process(t, top, append([]string{"work", "--drain", "--config", "samples/dragoman.yaml", as}, c.args...)...)
				work.Env = environ
				var log strings.Builder
				work.Stderr = &log
				out, _ := work.Output()
				if code := work.ProcessState.ExitCode(); code != c.code {
					t.Errorf("%s: code %d, want %d\n%s%s", as, code, c.code, out, &log)
				}
				checkSummary(t, as, string(out), c.text, c.done)
			}
		})
	}
}

// checkSummary looks at what a drain of 15 stories wrote to standard output.
func checkSummary(t *testing.T, as, out, text string, all bool) {
	t.Helper()
	switch as {
	case "--quiet":
		if out != "" {
			t.Errorf("quietly it says %q", out)
		}
	case "--json":
		var r shiftResult
		if err := json.Unmarshal([]byte(out), &r); err != nil || r.Stories.Done+r.Stories.PutOff != 15 || (r.Stories.Done == 15) != all || r.Requests == nil {
			t.Errorf("%v, it says %s", err, out)
		}
	default:
		if !strings.Contains(out, text) || strings.Count(out, "\n") != 1 || strings.Contains(out, "dragoman status") == all {
			t.Errorf("it says %q, want %q", out, text)
		}
	}
}

// serve names the files that it could not read, and what to do.
func TestServeNamesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	cmd := process(t, top, "serve", "--config", "samples/dragoman.yaml", "--listen", "", "--log-format", "json", "--store", filepath.Join(t.TempDir(), "s.db"),
		"no/such/folder", "samples/ar/alert.txt")
	logs, err := cmd.StderrPipe()
	if err = errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill() // fails where it has ended
	lines := json.NewDecoder(logs)
	var named bool
	for {
		var line struct{ Msg, Path, Reason, Remedy string }
		if err := lines.Decode(&line); err != nil {
			break // it has ended
		}
		named = named || line.Path == "no/such/folder" && line.Reason != "" && line.Remedy != ""
		if line.Msg == "story done" {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil || !named {
		t.Errorf("the file is named: %v; it ends with %v", named, err)
	}
}

// What is said of a store that several processes may work is true there.
func TestWordsForASharedStore(t *testing.T) {
	t.Parallel()
	if one, many := openRequests(&sqlite.Store{}), openRequests(&postgres.Store{}); !strings.Contains(one, "earlier run") || !strings.Contains(many, "on their way") {
		t.Errorf("open requests are %q and %q", one, many)
	}
	lines := logged(t, "info", func(log *zap.Logger) { waitingForTables(log)("dragoman on desk-2") })
	if len(lines) != 1 || lines[0]["level"] != "info" || !strings.Contains(lines[0]["msg"].(string), "making the store's tables") {
		t.Errorf("a wait for tables is told as %v", lines)
	}
}

// A copy onto a store that knows all says so, and what it leaves as it is.
func TestCopyInWords(t *testing.T) {
	t.Parallel()
	got := inWords(transfer.Counts{Seen: 15, Over: 6}, "version")
	if want := "15 versions, 0 copied, 15 there already, 6 open here and over there, where they stay as they are"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
