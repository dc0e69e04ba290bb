package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"dragoman/translator"
)

func TestLockWaits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	first, second := mustOpen(t, path, nil), mustOpen(t, path, nil)
	unlock, err := first.Lock(t.Context(), func(holder string) { t.Errorf("a free lock is held by %s", holder) })
	if err != nil {
		t.Fatal(err)
	}
	holders := make(chan string, 10)
	locked := make(chan error)
	go func() {
		unlock, err := second.Lock(t.Context(), func(holder string) { holders <- holder })
		if err == nil {
			err = unlock()
		}
		locked <- err
	}()
	if holder := <-holders; !strings.Contains(holder, fmt.Sprint("process ", os.Getpid(), ", since 20")) {
		t.Errorf("the holder is %q", holder)
	}
	select {
	case err := <-locked:
		t.Fatalf("locked twice: %v", err)
	case <-time.After(3 * lockPause):
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	if err := <-locked; err != nil {
		t.Error(err)
	}
	if len(holders) > 0 {
		t.Error("the wait was told of more than once")
	}
}

func TestLockHonoursContext(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	unlock, err := s.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 2*lockPause)
	defer cancel()
	if _, err := s.Lock(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Lock: %v, want the context's error", err)
	}
	if err := s.Save(t.Context(), entries(1)); err != nil {
		t.Errorf("the lock keeps no one from saving, but: %v", err)
	}
}

// TestTryLock is refused at once while another run is at work, and is that run once it is not.
func TestTryLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	first, second := mustOpen(t, path, nil), mustOpen(t, path, nil)
	unlock, err := first.TryLock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = second.TryLock(t.Context())
	if !errors.Is(err, translator.Unavailable) || !strings.Contains(translator.HintOf(err), "end that one") ||
		!strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid(), ", since 20")) {
		t.Errorf("a second one: %v (hint %q)", err, translator.HintOf(err))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*lockPause)
	defer cancel()
	if _, err := second.Lock(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Lock does not wait for it: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if unlock, err = second.TryLock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// TestTryLockWaitsForMigration has another process bring the schema up to date
// meanwhile, which is not at work.
func TestTryLockWaitsForMigration(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	migrated := s.hold(mustFlock(t, s.lockPath()), forMigration)
	locked := make(chan error, 1)
	go func() {
		unlock, err := s.TryLock(t.Context())
		if err == nil {
			err = unlock()
		}
		locked <- err
	}()
	select {
	case err := <-locked:
		t.Fatalf("it does not wait: %v", err)
	case <-time.After(2 * lockPause):
	}
	if err := errors.Join(migrated(), <-locked); err != nil {
		t.Error(err)
	}
}

// TestLinkIsTheSameStore: by whatever path it is opened, a store has one lock. A
// hard link, which cannot be seen through, is refused.
func TestLinkIsTheSameStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, link, hard := filepath.Join(dir, "d.db"), filepath.Join(dir, "sub", "link.db"), filepath.Join(dir, "hard.db")
	s := mustOpen(t, path, nil)
	if err := errors.Join(os.Mkdir(filepath.Dir(link), 0o700), os.Symlink("../d.db", link)); err != nil {
		t.Fatal(err)
	}
	unlock, err := s.TryLock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mustOpen(t, link, nil).TryLock(t.Context()); !errors.Is(err, translator.Unavailable) {
		t.Errorf("by a link: %v", err)
	}
	if err := errors.Join(unlock(), os.Link(path, hard)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link, hard} {
		if _, err := Open(t.Context(), name, nil); !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), "hard link") || translator.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLockOnFullDisk: what the lock's file says is for people, and may be missing.
func TestLockOnFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	first, second := mustOpen(t, path, nil), mustOpen(t, path, nil)
	unlock, err := first.TryLock(t.Context())
	if err = errors.Join(err, os.Truncate(first.lockPath(), 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := second.TryLock(t.Context()); !errors.Is(err, translator.Unavailable) || !strings.Contains(err.Error(), unnamed) {
		t.Errorf("a second one: %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// mustFlock locks a file.
func mustFlock(t *testing.T, path string) *flock.Flock {
	t.Helper()
	lock := flock.New(path)
	if locked, err := lock.TryLock(); err != nil || !locked {
		t.Fatalf("%v, %v", locked, err)
	}
	return lock
}

// TestTwoServers has two processes meet at one store, which they find missing,
// of the first release or ready: one of them has it, the other one ends and says who has it.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(t.TempDir(), "ready.db")
	mustOpen(t, ready, nil)
	for round := range 50 {
		path := ready
		switch {
		case round < 5:
			path = filepath.Join(t.TempDir(), "missing.db")
		case round < 10:
			path, _ = openSchema1(t)
		}
		first, second := startServer(t, path), startServer(t, path)
		said := []string{first.line(t), second.line(t)}
		slices.Sort(said)
		if said[0] != "has it" || !strings.Contains(said[1], "refused: store "+path+": unavailable: another run is at work on it: ") {
			t.Errorf("round %d: %q", round, said)
		}
		first.end(t)
		second.end(t)
	}
}

// A server is a process of serve.
type server struct {
	cmd *exec.Cmd
	in  io.Closer
	out *bufio.Reader
}

func startServer(t *testing.T, path string) *server {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victim+"="+path, victim+"_ROUND=serve")
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &server{cmd, in, bufio.NewReader(out)}
}

func (s *server) line(t *testing.T) string {
	t.Helper()
	line, err := s.out.ReadString('\n')
	if err != nil {
		t.Errorf("a server says %q, %v", line, err)
	}
	return strings.TrimSpace(line)
}

func (s *server) end(t *testing.T) {
	t.Helper()
	s.in.Close()
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("a server ended with %v", err)
	}
}

// serve is such a process: it has the store until its input ends, or says why not.
func serve(path string) error {
	ctx := context.Background()
	s, err := Open(ctx, path, nil)
	if err != nil {
		return err
	}
	unlock, err := s.TryLock(ctx)
	if err != nil {
		fmt.Println("refused:", err)
		return s.Close()
	}
	fmt.Println("has it")
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, unlock(), s.Close())
}

// TestMigrationWaits has a run at work whose schema a second one would change.
func TestMigrationWaits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	other := &Store{path: path}
	unlock, err := other.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 1)
	opened := make(chan error)
	go func() {
		s, err := Open(t.Context(), path, &Options{Waiting: func(holder string) { told <- holder }})
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	if holder := <-told; !strings.Contains(holder, "process") {
		t.Errorf("the holder is %q", holder)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}
