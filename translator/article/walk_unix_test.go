//go:build unix

package article_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"dragoman/translator"
)

func TestNotARegularFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.txt")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Skip("no named pipes here:", err)
	}
	for _, path := range []string{pipe, dir, "/dev/null"} {
		got := readAll(t, nil, path)
		if len(got) != 1 {
			t.Fatalf("%s gives %+v, want one error", path, got)
		}
		wantItemError(t, got[0].err, translator.Invalid, "", "not a regular file")
	}
}
