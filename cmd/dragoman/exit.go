package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"dragoman/translator"
)

// The exit codes: the one table, which the help prints.
const (
	exitDone        = 0
	exitInternal    = 1
	exitUsage       = 2
	exitPartial     = 3
	exitBudget      = 4
	exitDenied      = 5
	exitInterrupted = 130
)

var exitTable = []struct {
	code    int
	meaning string
}{
	{exitDone, "all done"},
	{exitInternal, "internal error: disk, store or a bug"},
	{exitUsage, "usage or configuration"},
	{exitPartial, "some stories are partial, failed, held for a later run or not done yet"},
	{exitBudget, "stopped at the budget"},
	{exitDenied, "refused by the backend: credentials or permission"},
	{exitInterrupted, "interrupted"},
}

func exitHelp() string {
	var b strings.Builder
	b.WriteString("Exit codes:\n")
	for _, row := range exitTable {
		fmt.Fprintf(&b, "  %3d  %s\n", row.code, row.meaning)
	}
	return b.String()
}

// A usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// An outcomeError ends a command that did its work with a code other than
// exitDone. Said means that the user has been told already.
type outcomeError struct {
	code int
	said bool
	err  error
}

func (e *outcomeError) Error() string { return e.err.Error() }
func (e *outcomeError) Unwrap() error { return e.err }

// codeOf maps an error to its exit code.
func codeOf(err error) int {
	if outcome, ok := errors.AsType[*outcomeError](err); ok {
		return outcome.code
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	switch translator.KindOf(err) {
	case translator.Invalid, translator.Unsupported, translator.TooLarge:
		return exitUsage
	case translator.OverBudget:
		return exitBudget
	case translator.Denied:
		return exitDenied
	case translator.Interrupted:
		return exitInterrupted
	}
	return exitInternal
}

// within returns what do returns, or an error where that takes longer. It is for
// the end of a process, which what hangs ends with.
func within(limit time.Duration, what string, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return fmt.Errorf("%s does not end within %v", what, limit)
	}
}

// count writes a number with its noun: "1 story", "2 stories".
func count(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "y"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// printable shows controls and bidi overrides of a foreign text as escapes, so
// that a file name or an engine's message cannot rewrite the terminal.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || unicode.IsPrint(r) || r == '\t' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}
