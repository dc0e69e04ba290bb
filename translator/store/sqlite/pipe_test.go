//go:build unix

package sqlite

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dragoman/translator"
)

// A pipe holds no header to read, and reading it would never end.
func TestOpenDoesNotWaitForAPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		s, err := Open(t.Context(), path, nil)
		if err == nil {
			err = s.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), "it is a pipe or device") {
			t.Errorf("got %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it waits for a writer")
	}
}
