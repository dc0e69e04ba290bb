//go:build unix

package format

import (
	"errors"
	"os"
	"syscall"
)

// lock holds the folder until f is closed. It reports false if another process
// holds it. Where the file system knows no locks it is granted.
func lock(f *os.File) bool {
	return !errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
