package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/google/googletest"
)

// TestExitCodes runs dragoman into each code that a user can meet; that of an
// interruption is TestInterrupt's.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	opts := &googletest.Options{}
	if err := setFault(opts, "denied"); err != nil {
		t.Fatal(err)
	}
	server, err := googletest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	samples := []string{"translate", "--config", "samples/dragoman.yaml", "--store", "ram:"}
	for _, c := range []struct {
		name string
		code int
		args []string
	}{
		{"all done", exitDone, append(samples, "samples/ar")},
		{"no such command", exitUsage, []string{"trnslate"}},
		{"no such flag", exitUsage, append(samples, "--nonsense", "samples/ar")},
		{"no such format", exitUsage, append(samples, "--format", "papyrus", "samples/ar")},
		{"no store to be made", exitUsage, append(samples, "--store", "no/such/folder/x.db", "samples/ar")},
		{"a story is missing", exitPartial, append(samples, "samples/ar/alert.txt", "missing.txt")},
		{"budget", exitBudget, append(samples, "--budget-chars", "300", "samples/ar")},
		{"credentials", exitDenied, append(samples, "--backend", "google", "samples/ar")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := process(t, top, append(c.args, "--out", t.TempDir())...)
			if c.args[0] != "translate" {
				cmd = process(t, top, c.args...)
			}
			cmd.Env = append(os.Environ(), "DRAGOMAN_BACKENDS_GOOGLE_ENDPOINT="+server.Addr(), "DRAGOMAN_BACKENDS_GOOGLE_INSECURE=true")
			out, err := cmd.CombinedOutput()
			if got := cmd.ProcessState.ExitCode(); got != c.code {
				t.Errorf("code %d, want %d: %v\n%s", got, c.code, err, out)
			}
		})
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code int
	}{
		{errors.New("disk full"), exitInternal},
		{fmt.Errorf("again: %w", context.Canceled), exitInterrupted},
		{&translator.BudgetError{}, exitBudget},
		{translator.NewError("google", translator.Denied, nil), exitDenied},
		{translator.NewError("store", translator.Unavailable, nil), exitInternal},
		{translator.NewError("memory", translator.Other, translator.NewError("store", translator.Invalid, nil)), exitInternal},
		{usageError{translator.NewError("google", translator.Denied, nil)}, exitUsage},
		{&outcomeError{code: exitPartial, err: translator.Denied}, exitPartial},
	} {
		if got := codeOf(c.err); got != c.code {
			t.Errorf("code of %v is %d, want %d", c.err, got, c.code)
		}
	}
	for _, row := range exitTable {
		if !strings.Contains(exitHelp(), row.meaning) {
			t.Errorf("the help lacks %q", row.meaning)
		}
	}
}

// What comes from outside cannot rewrite the terminal.
func TestPrintable(t *testing.T) {
	t.Parallel()
	if got, want := printable("خبر\u202e\x1b[2Jx\n"), "خبر\\u202e\\u001b[2Jx\n"; got != want {
		t.Errorf("printable gives %q, want %q", got, want)
	}
}
