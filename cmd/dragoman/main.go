// Command dragoman translates stories sentence by sentence, remembers every
// answer, and writes aligned pairs. Run "dragoman help" for what it can do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dragoman/translator"
)

func main() { os.Exit(Main()) }

// Main runs the command line of the process and returns its exit code. It is
// apart from main for the tests that run dragoman as a command.
func Main() int {
	return execute(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
}

// streams are a command's standard streams. Data goes to out, all else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// execute runs one command line. The context ends at the second interruption;
// what the first one means is the command's matter (see interruptions).
func execute(args []string, std streams) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	root := newRoot(std)
	root.SetArgs(args)
	return report(root.ExecuteContext(ctx), std.err)
}

// report says what went wrong, and what can be done about it, and returns the exit code.
func report(err error, w io.Writer) int {
	if err == nil {
		return exitDone
	}
	code := codeOf(err)
	if outcome, ok := errors.AsType[*outcomeError](err); ok && outcome.said {
		return code
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(w, "dragoman: interrupted; every answer that came is remembered, and the same command goes on from there")
		return code
	}
	fmt.Fprintf(w, "dragoman: %s\n", printable(err.Error()))
	if hint := translator.HintOf(err); hint != "" {
		fmt.Fprintf(w, "  %s\n", printable(hint))
	}
	return code
}

// untilInterrupted returns a context that ends at the first SIGINT or SIGTERM.
func untilInterrupted(parent context.Context) (ctx context.Context, release func()) {
	return signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
}

// interruptions returns a channel that is closed at the first SIGINT or
// SIGTERM, and a context that ends at the second. One that comes within grace
// of the first is the same one: timeout(1) and others signal a process and then
// its group.
func interruptions(parent context.Context, grace time.Duration) (ctx context.Context, first <-chan struct{}, release func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	stop := make(chan struct{})
	go twoSignals(ctx, signals, grace, func() { close(stop) }, cancel)
	return ctx, stop, func() { signal.Stop(signals); cancel() }
}

// twoSignals calls first at the first signal and second at the next that comes
// later than grace after it.
func twoSignals(ctx context.Context, signals <-chan os.Signal, grace time.Duration, first, second func()) {
	var at time.Time
	for {
		select {
		case <-signals:
		case <-ctx.Done():
			return
		}
		switch {
		case at.IsZero():
			at = time.Now()
			first()
		case time.Since(at) >= grace:
			second()
			return
		}
	}
}
