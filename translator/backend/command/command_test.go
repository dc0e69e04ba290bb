package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/backend/backendtest"
)

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

// engineOf returns a Backend of this test binary in a mode; see runEngine.
func engineOf(t *testing.T, protocol Protocol, fault string, at, times int) *Backend {
	t.Helper()
	timeout := 20 * time.Second
	if fault == "hang" || fault == "drop" && protocol == JSON {
		timeout = 4 * time.Second // it will be used up
	}
	b, err := New(&Options{
		Argv: []string{os.Args[0]}, Protocol: protocol, Timeout: timeout, Processes: 2, MaxTexts: 20,
		Env: []string{"TEST_ENGINE=" + fmt.Sprint(protocol, " ", fault, " ", at, " ", times), "TEST_ENGINE_DIR=" + t.TempDir()},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func fault(protocol Protocol, name string, at int) backendtest.Fault {
	return func(t *testing.T, times int) translator.Backend { return engineOf(t, protocol, name, at, times) }
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, protocol := range []Protocol{Lines, JSON} {
		t.Run(string(protocol), func(t *testing.T) {
			t.Parallel()
			h := backendtest.Harness{
				New: func(t *testing.T) translator.Backend { return engineOf(t, protocol, "none", 0, 0) },
				Faults: backendtest.Faults{
					Garbage: fault(protocol, "garbage", 2), Short: fault(protocol, "drop", 2),
					Long: fault(protocol, "extra", 2), Hang: fault(protocol, "hang", 2),
					Unavailable: fault(protocol, "stillborn", 0),
				},
			}
			if protocol == Lines {
				h.Faults.Empty = fault(protocol, "empty", 1)
			}
			backendtest.Run(t, h)
		})
	}
}

// translate asks for texts 1 to n and returns the error of the request.
func translate(t *testing.T, b translator.Backend, n int) error {
	t.Helper()
	texts := make([]string, n)
	for i := range texts {
		texts[i] = "text " + strconv.Itoa(i+1)
	}
	resp, err := b.Translate(t.Context(), translator.Request{Direction: arEn, Texts: texts})
	if err != nil {
		return err
	}
	for i, tr := range resp.Translations {
		if want := "<" + texts[i] + ">"; tr.Text != want || tr.Err != nil {
			t.Errorf("text %d was answered %+v, want %q", i+1, tr, want)
		}
	}
	return nil
}

// Whatever the fault and wherever it comes, no answer is taken for another's,
// and the request after it is answered.
func TestNoFaultMisaligns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		protocol Protocol
		fault    string
		says     string
	}{
		{Lines, "drop", "lines came for 5 texts"},
		{Lines, "extra", "more lines came"},
		{Lines, "die", "exit status 7"},
		{Lines, "partial", "in the middle of a line"},
		{Lines, "giant", "more than 1048576 bytes"},
		{JSON, "die", "exit status 7"},
		{JSON, "giant", "more than 1048576 bytes"},
		{JSON, "garbage", "is no answer"},
		{JSON, "nulltext", "neither text nor error"},
		{JSON, "unknown", "no such id"},
		{JSON, "extra", "is no answer"},
		{JSON, "partial", "in the middle of a line"},
	} {
		for _, at := range []int{1, 3, 5} {
			t.Run(fmt.Sprintf("%s/%s/%d", c.protocol, c.fault, at), func(t *testing.T) {
				t.Parallel()
				b := engineOf(t, c.protocol, c.fault, at, 1)
				err := translate(t, b, 5)
				if !errors.Is(err, translator.Corrupt) || !strings.Contains(err.Error(), c.says) || strings.Contains(translator.HintOf(err), "timeout") {
					t.Errorf("%v (hint %q), want Corrupt and %q", err, translator.HintOf(err), c.says)
				}
				for range 3 {
					if err := translate(t, b, 5); err != nil {
						t.Errorf("after the fault: %v", err)
					}
				}
			})
		}
	}
}

func TestRepeatedIDs(t *testing.T) {
	t.Parallel()
	for at := 1; at < 5; at++ {
		if err := translate(t, engineOf(t, JSON, "repeat", at, 1), 5); !errors.Is(err, translator.Corrupt) {
			t.Errorf("answer %d twice: %v, want Corrupt", at, err)
		}
	}
	// After the last answer nobody reads: the next request finds it.
	b := engineOf(t, JSON, "repeat", 5, 1)
	for range 3 {
		if err := translate(t, b, 5); err != nil && !errors.Is(err, translator.Corrupt) {
			t.Error(err)
		}
	}
}

// A line that comes after the request it belongs to must not answer the next.
func TestLateLine(t *testing.T) {
	t.Parallel()
	for _, protocol := range []Protocol{Lines, JSON} {
		b := engineOf(t, protocol, "late extra", 2, 1)
		for range 4 {
			if err := translate(t, b, 2); err != nil && !errors.Is(err, translator.Corrupt) {
				t.Error(err)
			}
		}
		if err := translate(t, b, 2); err != nil {
			t.Errorf("%s: it does not recover: %v", protocol, err)
		}
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for _, protocol := range []Protocol{Lines, JSON} {
		t.Run(string(protocol), func(t *testing.T) {
			t.Parallel()
			b := engineOf(t, protocol, "hang", 2, 1)
			if err := translate(t, b, 3); !errors.Is(err, translator.Corrupt) || !strings.Contains(err.Error(), "answer 2 of 3: no answer within 4s") ||
				!strings.Contains(translator.HintOf(err), "raise backends.command.timeout") {
				t.Errorf("%v (hint %q)", err, translator.HintOf(err))
			}
			if err := translate(t, b, 3); err != nil {
				t.Errorf("after the timeout: %v", err)
			}
		})
	}
}

func TestEngineThatCannotStart(t *testing.T) {
	t.Parallel()
	for _, protocol := range []Protocol{Lines, JSON} {
		err := translate(t, engineOf(t, protocol, "stillborn", 0, 9), 1)
		if !errors.Is(err, translator.Unavailable) || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "loading the model | no such model[0m") {
			t.Errorf("%s: %v, want Unavailable with its last words", protocol, err)
		}
	}
	err := translate(t, engineOf(t, Lines, "banner", 0, 9), 1)
	if !errors.Is(err, translator.Unavailable) || !strings.Contains(err.Error(), "engine 1.0") {
		t.Errorf("with a banner: %v", err)
	}
}

// A client over an engine that dies of one text finds that text.
func TestPoisonStandsAlone(t *testing.T) {
	t.Parallel()
	b, err := New(&Options{Argv: []string{"sh", "-c", `while read -r l; do case "$l" in *poison*) exit 9;; esac; echo "$l"; done`}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	c := backend.New(b, nil)
	defer c.Close()
	texts := []string{"a", "b", "c", "poison", "e", "f", "g", "h"}
	results, err := c.Translate(t.Context(), translator.Request{Direction: arEn, Texts: texts})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if bad := texts[i] == "poison"; bad != errors.Is(r.Err, translator.Corrupt) || !bad && r.Text != texts[i] {
			t.Errorf("%s: %+v", texts[i], r)
		}
	}
}

func TestJSONErrorIsOfItsTextAlone(t *testing.T) {
	t.Parallel()
	b := engineOf(t, JSON, "none", 0, 0)
	resp, err := b.Translate(t.Context(), translator.Request{Direction: arEn, Texts: []string{"fine <&>", "refuse me", "fine"}})
	if err != nil {
		t.Fatal(err)
	}
	got := resp.Translations
	if got[0].Text != "<fine <&>>" || got[2].Text != "<fine>" || !errors.Is(got[1].Err, translator.Invalid) || !strings.Contains(got[1].Err.Error(), "no thanks") {
		t.Errorf("%+v", got)
	}
}

func TestJSONAnswersInAnyOrder(t *testing.T) {
	t.Parallel()
	b, err := New(&Options{Argv: []string{"sh", "-c", `read -r a; echo "$a"; while read -r a && read -r b; do echo "$b"; echo "$a"; done`}, Protocol: JSON, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	resp, err := b.Translate(t.Context(), translator.Request{Direction: arEn, Texts: []string{"one", "two"}})
	if err != nil || resp.Translations[0].Text != "one" || resp.Translations[1].Text != "two" {
		t.Errorf("%+v, %v", resp, err)
	}
}

// A request of more than any pipe holds goes through, since both ends move.
func TestLargeRequest(t *testing.T) {
	t.Parallel()
	b, err := New(&Options{Argv: []string{"cat"}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	texts := make([]string, 64)
	for i := range texts {
		texts[i] = strings.Repeat(strconv.Itoa(i)+" ", 10_000)
	}
	resp, err := b.Translate(t.Context(), translator.Request{Texts: texts})
	if err != nil {
		t.Fatal(err)
	}
	for i, tr := range resp.Translations {
		if tr.Text != texts[i] {
			t.Errorf("text %d came back changed", i)
		}
	}
}

func TestLineBreaksAreRefused(t *testing.T) {
	t.Parallel()
	b := engineOf(t, Lines, "none", 0, 0)
	if _, err := b.Translate(t.Context(), translator.Request{Texts: []string{"a", "b\nc"}}); !errors.Is(err, translator.Invalid) {
		t.Errorf("%v, want Invalid", err)
	}
}

func TestProcessesAreKeptAndBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := New(&Options{Argv: []string{"sh", "-c", "touch $$; exec cat"}, Dir: dir, Processes: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			if _, err := b.Translate(t.Context(), translator.Request{Texts: []string{"x"}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if started, _ := os.ReadDir(dir); len(started) == 0 || len(started) > 3 {
		t.Errorf("%d processes were started, want 1 to 3", len(started))
	}
}

// alive tells whether a process runs; a zombie that nobody waits for does not.
func alive(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestChildrenEndWithTheEngine(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc to look for processes")
	}
	for name, end := range map[string]func(*Backend){
		"Close": func(b *Backend) { b.Close(); b.Close() },
		"kill": func(b *Backend) {
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			if _, err := b.Translate(ctx, translator.Request{Texts: []string{"hang"}}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
		},
	} {
		dir := t.TempDir()
		script := `sleep 1000 & echo $! > child; echo $$ > self; while read -r l; do [ "$l" = hang ] && sleep 1000; echo "$l"; done`
		b, err := New(&Options{Argv: []string{"sh", "-c", script}, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		if err := warm(t, b); err != nil {
			t.Fatal(err)
		}
		end(b)
		for _, file := range []string{"child", "self"} {
			pid, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(5 * time.Second); alive(strings.TrimSpace(string(pid))); time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%s: process %s, %s, is still there", name, file, pid)
				}
			}
		}
	}
}

func warm(t *testing.T, b *Backend) error {
	_, err := b.Translate(t.Context(), translator.Request{Texts: []string{"x"}})
	return err
}

func TestCloseEndsRequests(t *testing.T) {
	t.Parallel()
	b := engineOf(t, JSON, "hang", 1, 9)
	time.AfterFunc(100*time.Millisecond, func() { b.Close() })
	for range 2 {
		if err := translate(t, b, 1); !errors.Is(err, translator.Interrupted) {
			t.Errorf("%v, want Interrupted", err)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "engine"), []byte("#!/bin/sh\nexec cat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		opts *Options
		ok   bool
	}{
		"none":               {nil, false},
		"empty":              {&Options{Argv: []string{""}}, false},
		"missing program":    {&Options{Argv: []string{"no-such-engine-here"}}, false},
		"missing path":       {&Options{Argv: []string{"./engine"}}, false},
		"a path beside Dir":  {&Options{Argv: []string{"./engine"}, Dir: dir}, true},
		"a folder":           {&Options{Argv: []string{dir}}, false},
		"protocol":           {&Options{Argv: []string{"cat"}, Protocol: "xml"}, false},
		"a program and args": {&Options{Argv: []string{"cat", "-u"}, Protocol: Lines}, true},
	} {
		b, err := New(c.opts)
		if c.ok != (err == nil) || !c.ok && (!errors.Is(err, translator.Invalid) || translator.HintOf(err) == "") {
			t.Errorf("%s: %v, hint %q", name, err, translator.HintOf(err))
		}
		if c.ok {
			if err := warm(t, b); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			b.Close()
		}
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	seen := map[translator.Signature]string{}
	for name, o := range map[string]Options{
		"one": {Argv: []string{"cat", "a b"}, Protocol: Lines}, "two": {Argv: []string{"cat", "a", "b"}, Protocol: Lines},
		"json": {Argv: []string{"cat", "a b"}, Protocol: JSON}, "odd name": {Argv: []string{"/opt/my engine", "a b"}, Protocol: Lines},
	} {
		s := sign(o)
		if other, ok := seen[s]; ok {
			t.Errorf("%s and %s share the signature %s", name, other, s)
		}
		seen[s] = name
		if strings.Contains(string(s), " ") || !strings.HasPrefix(string(s), "command:") {
			t.Errorf("%s: %q", name, s)
		}
	}
	if got := sign(Options{Argv: []string{"/usr/bin/cat"}, Protocol: Lines}); !strings.HasPrefix(string(got), "command:cat:") || len(got) != len("command:cat:")+12 {
		t.Errorf("signature %q", got)
	}
}

// Keys of other backends do not reach the engine.
func TestEnvironment(t *testing.T) {
	t.Setenv("DRAGOMAN_BACKENDS_DEEPL_KEY", "planted")
	b, err := New(&Options{Argv: []string{"sh", "-c", `while read -r l; do echo "$l/$DRAGOMAN_BACKENDS_DEEPL_KEY/$MODEL"; done`}, Env: []string{"MODEL=big"}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	resp, err := b.Translate(t.Context(), translator.Request{Texts: []string{"x"}})
	if err != nil || resp.Translations[0].Text != "x//big" {
		t.Errorf("%+v, %v", resp, err)
	}
}
