package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
