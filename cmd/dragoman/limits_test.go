package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"

	"dragoman/translator/backend/google/googletest"
)

// TestSmallMachine is C10: 1,000 stories by a process that may have 64 files
// open, is to keep to 256 MiB and has one processor, three times: from nothing,
// with all remembered, and with a quarter of the stories new.
func TestSmallMachine(t *testing.T) {
	t.Parallel()
	const mebibytes = 256
	r := newKillRound(t, "")
	for run, from := range []int{0, 0, 250} {
		r.stories = smallStories(t, from, 1000)
		cmd := r.command()
		program := filepath.Join(t.TempDir(), "dragoman")
		if err := os.Symlink(cmd.Path, program); err != nil {
			t.Fatal(err)
		}
		limited := exec.Command("sh", append([]string{"-c", `ulimit -n 64 && exec "$0" "$@"`, program}, append(cmd.Args[1:], "--concurrency", "8")...)...)
		limited.Dir = r.folder
		limited.Env = append(cmd.Env, fmt.Sprintf("GOMEMLIMIT=%dMiB", mebibytes), "GOMAXPROCS=1")
		if said, code := ended(t, limited); code != exitDone {
			t.Fatalf("run %d ended with %d\n%s", run, code, said)
		}
		if usage, ok := limited.ProcessState.SysUsage().(*syscall.Rusage); ok {
			t.Logf("run %d had %d MiB at its peak", run, usage.Maxrss>>10)
			if usage.Maxrss > mebibytes<<10 && !raced() {
				t.Errorf("run %d had more than %d MiB", run, mebibytes)
			}
		}
		stories, err := filepath.Glob(filepath.Join(r.folder, "out", "stories", "*.html"))
		if want := 1000 + from; err != nil || len(stories) != want {
			t.Errorf("run %d left %d stories, want %d (%v)", run, len(stories), want, err)
		}
		checkPaid(t, r.server, 1000+from)
	}
}

// smallStories writes n stories of two sentences and a headline.
func smallStories(t *testing.T, from, n int) string {
	t.Helper()
	var b strings.Builder
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&b, `{"id":"small-%d","title":"خبر قصير رقم %d","paragraphs":["وصل القطار رقم %d إلى المحطة. ونزل منه %d مسافرا."]}`+"\n", i, i, i, i)
	}
	path := filepath.Join(t.TempDir(), "small.jsonl")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkPaid wants each of three texts of so many stories paid for once.
func checkPaid(t *testing.T, server *googletest.Server, stories int) {
	t.Helper()
	paid := server.Paid()
	if len(paid) != 3*stories {
		t.Errorf("%d texts were paid for, want %d", len(paid), 3*stories)
	}
	for text, times := range paid {
		if times != 1 {
			t.Errorf("%q was paid for %d times", text, times)
		}
	}
}

// raced tells whether this binary has the race detector in it, which takes
// several times the memory.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
