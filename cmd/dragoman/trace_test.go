package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// strace makes a system call fail, or kills the process at it, without a line
// for tests in the program. It counts the calls of each thread by itself, and
// Go moves its goroutines between threads: the n-th call is one of a kind, in
// another place in each run.

// allFaults makes the tests of faults try each moment instead of some:
// TEST_FAULTS=all. It takes a quarter of an hour.
var allFaults = os.Getenv("TEST_FAULTS") == "all"

// needStrace skips a test where no process can be traced. CI has the program.
func needStrace(t *testing.T) {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("strace is not installed")
		}
		t.Skip("strace is not installed")
	}
	if out, err := exec.Command(path, "-f", "-qq", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("no process can be traced here: %v: %s", err, out)
	}
}

// traced lets a command of process run under strace, which does to a system
// call what inject says: "fsync:error=EIO:when=3". A name with a question mark
// before it need not exist on this machine.
func traced(t *testing.T, cmd *exec.Cmd, inject string) *exec.Cmd {
	t.Helper()
	program := filepath.Join(t.TempDir(), "dragoman") // the name that makes this test binary dragoman
	if err := os.Symlink(cmd.Path, program); err != nil {
		t.Fatal(err)
	}
	calls, _, _ := strings.Cut(inject, ":")
	args := []string{"-f", "-qq", "-o", os.DevNull, "-e", "trace=" + calls, "-e", "inject=" + inject, program}
	under := exec.Command("strace", append(args, cmd.Args[1:]...)...)
	under.Dir, under.Env = cmd.Dir, cmd.Env
	return under
}

// ended runs a command and returns what it said and its exit code, -1 if it was killed.
func ended(t *testing.T, cmd *exec.Cmd) (said string, code int) {
	t.Helper()
	return endedOr(t, cmd, nil)
}

// endedOr is ended, and kills the command when it is told to.
func endedOr(t *testing.T, cmd *exec.Cmd, now <-chan struct{}) (said string, code int) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		select {
		case <-now:
			_ = cmd.Process.Kill()
		case <-over:
		}
	})
	_ = cmd.Wait() // its exit code says it
	close(over)
	killer.Wait()
	return out.String(), cmd.ProcessState.ExitCode()
}
