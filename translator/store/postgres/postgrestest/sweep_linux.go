package postgrestest

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// own locks a server's folder for as long as this process lives, so that sweep
// can tell that somebody is there.
func own(folder string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, "owner"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sweep removes the folders of tests that were killed. What cannot be removed,
// because it is another user's, stays.
func sweep() {
	owners, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*", "owner")) // the pattern is no bad one
	for _, path := range owners {
		info, err := os.Stat(path)
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue // it is gone by now, or just being made
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Dir(path))
		}
		f.Close()
	}
}
