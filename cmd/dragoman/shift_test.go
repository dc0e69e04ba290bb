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

// A drain ends with what is left in the store, and says what to do about it.
func TestDrainEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left            remainder
		partial, failed int
		want            int
		says            string
	}{
		"nothing":           {remainder{}, 0, 0, exitDone, ""},
		"on hold":           {remainder{OnHold: 2}, 0, 0, exitDone, ""},
		"budget":            {remainder{Held: 2, OnHold: 1, kind: translator.OverBudget, hint: "raise it"}, 0, 0, exitBudget, "2 stories are held\n  raise it\n"},
		"denied":            {remainder{Held: 1, kind: translator.Denied}, 0, 0, exitDenied, "1 story is held\n  dragoman status says why"},
		"an outage":         {remainder{Held: 1, kind: translator.Unavailable}, 0, 0, exitPartial, "1 story is held"},
		"budget and failed": {remainder{Held: 1, kind: translator.OverBudget}, 1, 1, exitPartial, "1 story is held, 2 stories are partial or failed"},
		"stopped":           {remainder{Waiting: 3}, 0, 0, exitPartial, "3 stories are waiting\n  start dragoman work again"},
	} {
		r := shiftResult{Left: &c.left}
		r.Stories.Partial, r.Stories.Failed = c.partial, c.failed
		var said strings.Builder
		if code := report(r.ends((&app{}).here), &said); code != c.want || !strings.Contains(said.String(), c.says) {
			t.Errorf("%s: code %d, want %d; it says %q", name, code, c.want, &said)
		}
	}
}

// What is held for reasons of one kind has their remedy, also if an earlier
// process said so; what is held for several has none in common.
func TestWhatHeldStoriesWaitFor(t *testing.T) {
	t.Parallel()
	held := func(kind translator.Kind) translator.Version {
		return translator.Version{State: translator.StateHeld, Reason: translator.Reason{Kind: kind, Text: "no", Hint: kind.Error()}}
	}
	budget, denied := held(translator.OverBudget), held(translator.Denied)
	for _, c := range []struct {
		held []translator.Version
		kind translator.Kind
		hint string
	}{
		{nil, translator.Other, ""},
		{[]translator.Version{budget, budget}, translator.OverBudget, budget.Reason.Hint},
		{[]translator.Version{denied, denied, budget}, translator.Other, "dragoman status says why"},
	} {
		var l remainder
		err := l.findKind(func(yield func(translator.Version, error) bool) {
			for _, v := range c.held {
				if !yield(v, nil) {
					return
				}
			}
		})
		if err != nil || l.kind != c.kind || !strings.HasPrefix(l.hint, c.hint) {
			t.Errorf("%d held: %v, %q, %v", len(c.held), l.kind, l.hint, err)
		}
	}
}

// A second drain, which finds nothing to do, says so of what the first one left.
func TestDrainOfWhatIsHeld(t *testing.T) {
	t.Parallel()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	store := "DRAGOMAN_STORE=" + filepath.Join(t.TempDir(), "store.db")
	run := func(code int, says string, args ...string) {
		t.Helper()
		cmd := process(t, top, args...)
		cmd.Env = append(os.Environ(), store, "DRAGOMAN_LOG_LEVEL=error")
		out, err := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(out), says) {
			t.Fatalf("%v: %v, code %d, want %d and %q\n%s", args, err, got, code, says, out)
		}
	}
	drain := []string{"work", "--drain", "--config", "samples/dragoman.yaml"}
	run(exitDone, "", "submit", "samples/ar")
	run(exitBudget, "raise budget.run_chars", append(drain, "--budget-chars", "500")...)
	run(exitBudget, "dragoman retry --config samples/dragoman.yaml --state held", drain...)
	run(exitDone, "raise budget.run_chars, start the workers again, then dragoman retry --state held; tried again at", "status")
	run(exitDone, "", "hold", "--state", "held")
	run(exitDone, "on hold until dragoman release", drain...)
	run(exitDone, "", "release", "--state", "on hold")
	run(exitDone, " done", drain...)
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
