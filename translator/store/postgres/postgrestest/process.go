package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// patience is how long a server may take to start or to stop: seconds even on
// a machine that is busy.
const patience = time.Minute

// binaries returns the folder of PostgreSQL's programs, the newest if there are
// several, or skips the test.
func binaries(t testing.TB) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is no bad one
	slices.SortFunc(found, func(a, b string) int { return compareLengthFirst(b, a) })
	if len(found) > 0 {
		return filepath.Dir(found[0])
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(initdb)
	}
	const reason = "there is no PostgreSQL: install Debian's package postgresql, or name a server in " + variable
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

// compareLengthFirst puts version 9 before version 10.
func compareLengthFirst(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	if a < b {
		return -1
	}
	return 1
}

// command prepares one of PostgreSQL's programs.
func command(folder, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = folder // the tests' own may be closed to the server's user
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	confine(cmd)
	return cmd
}

// run starts the server and waits until it answers.
func (s *Server) run() error {
	args := []string{"-D", s.data(), "-p", fmt.Sprint(s.port)}
	settings := []string{"listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "shared_buffers=64MB"}
	if !s.opts.Durable {
		settings = append(settings, "fsync=off", "full_page_writes=off")
	}
	for _, setting := range append(settings, s.opts.Settings...) {
		args = append(args, "-c", setting)
	}
	file := filepath.Join(s.folder, "log")
	log, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := command(s.folder, filepath.Join(s.bin, "postgres"), args...)
	cmd.Stdout, cmd.Stderr = log, log
	p, err := begin(cmd)
	if err != nil {
		return err
	}
	if err := p.ready(s.URL("postgres")); err != nil {
		_ = p.end(os.Kill)
		text, _ := os.ReadFile(file)
		return fmt.Errorf("PostgreSQL does not start: %w: %s", err, text[max(0, len(text)-4096):])
	}
	s.proc = p
	return nil
}

// A process is a server that was started.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// begin starts a process. On Linux it is killed with the thread that it was
// started from, so that this thread must stay as long as the tests.
func begin(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // that it was ended by a signal is no news
			close(p.done)
		}
	}()
	return p, <-started
}

// ready waits until the server lets somebody in.
func (p *process) ready(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := Exec(ctx, url, "")
		refused, isRefused := errors.AsType[*pgconn.PgError](err)
		if err == nil || isRefused && refused.Code != startingUp {
			return err
		}
		select {
		case <-p.done:
			return errors.New("it has ended")
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// startingUp is cannot_connect_now (postgresql.org/docs/15/errcodes-appendix.html).
const startingUp = "57P03"

// end sends a signal and waits until the process is gone.
func (p *process) end(signal os.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
		return errors.Join(errors.New("PostgreSQL does not stop"), p.cmd.Process.Kill())
	}
}
