package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestStoppable(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("وصل الوفد.\n", 20_000)
	got, err := io.ReadAll(newStoppable(iotest.HalfReader(strings.NewReader(text)), nil))
	if err != nil || string(got) != text {
		t.Errorf("%d bytes of %d came through: %v", len(got), len(text), err)
	}
	broken := errors.New("cable cut")
	if _, err := io.ReadAll(newStoppable(iotest.ErrReader(broken), nil)); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

// TestInterruptAtTheKeyboard: a run that waits for standard input ends at Ctrl-C.
func TestInterruptAtTheKeyboard(t *testing.T) {
	t.Parallel()
	in, typed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer typed.Close()
	folder := t.TempDir()
	cmd := process(t, folder, "translate", "--backend", "pseudo", "-")
	cmd.Stdin = in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer hung.Stop()
	for { // once it has the store it listens for signals
		if _, err := os.Stat(filepath.Join(folder, "dragoman.db.lock")); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("the run ended with %v, want code %d", err, exitInterrupted)
	}
}
