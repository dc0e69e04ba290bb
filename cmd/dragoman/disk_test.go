package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// failures are the errors that a system call gives in place of doing anything.
// Not among them are write, by which Go wakes its own threads (see TestFullDisk),
// mmap and fcntl, without which it does not begin.
var failures = []struct {
	calls, errno string
	most         int // calls of a run, about
}{
	{"pwrite64", "EIO", 300},
	{"pwrite64", "ENOSPC", 300},
	{"pread64", "EIO", 150},
	{"fsync,?fdatasync", "EIO", 40},
	{"fsync,?fdatasync", "ENOSPC", 40},
	{"?rename,renameat,renameat2", "EIO", 30},
	{"?rename,renameat,renameat2", "EACCES", 30},
	{"?open,openat", "EACCES", 80},
	{"?open,openat", "EMFILE", 80},
	{"?open,openat", "EROFS", 80},
	{"?truncate,ftruncate", "EIO", 3},
	{"?unlink,unlinkat", "EACCES", 4},
	{"?mkdir,mkdirat", "EROFS", 2},
	{"flock", "ENOLCK", 3},
	{"?stat,?newfstatat,?fstat", "EIO", 40},
	{"getdents64", "EIO", 4},
	{"close", "EIO", 80},
}

// TestFaultyDisk is C9: one system call of each thread fails, or all from one
// on, and the run says so and ends, or does not need what failed. What is
// remembered and what is written are whole, and the next run does the rest.
func TestFaultyDisk(t *testing.T) {
	t.Parallel()
	needStrace(t)
	stories := killStories(t)
	want, _ := undisturbed(t, stories)
	for _, f := range failures {
		t.Run(f.errno+" "+f.calls, func(t *testing.T) {
			t.Parallel()
			var inject []string
			for _, n := range moments(f.most) {
				once := fmt.Sprintf("%s:error=%s:when=%d", f.calls, f.errno, n)
				inject = append(inject, once, once+"+")
			}
			failAt(t, stories, want, inject)
		})
	}
}

// moments returns which calls of so many fail: some, or all.
func moments(most int) []int {
	if !allFaults {
		return []int{upTo(most)}
	}
	var all []int
	for n := 1; n <= most; n += 1 + n/20 {
		all = append(all, n)
	}
	return all
}

// failAt runs under each of some faults in turn, over what the one before left.
func failAt(t *testing.T, stories string, want map[string]string, inject []string) {
	t.Helper()
	r := newKillRound(t, stories)
	ends := map[int]int{}
	for _, fault := range inject {
		said, code := ended(t, traced(t, r.command(), fault))
		ends[code]++
		if code == 127 && strings.Contains(said, "shared libraries") {
			continue // the system could not begin the program: it is linked dynamically for the race detector
		}
		r.kills++ // what is on its way when a run ends may be paid for and lost
		if code == 0 {
			r.finish(want)
			r = newKillRound(t, stories)
			continue
		}
		checkSaid(t, fault, said, code)
		r.check(want)
	}
	if said, code := ended(t, r.command()); code != 0 {
		t.Fatalf("the run after %q ended with %d\n%s", inject, code, said)
	}
	r.finish(want)
	t.Logf("exit codes: %v", ends)
}

// checkSaid wants an error that a person can read, and an end of the program's own.
func checkSaid(t *testing.T, fault, said string, code int) {
	t.Helper()
	if !slices.Contains([]int{exitInternal, exitUsage, exitPartial}, code) {
		t.Errorf("%s: ended with %d\n%s", fault, code, said)
	}
	for _, word := range []string{"panic:", "goroutine ", "fatal error", "SIG"} {
		if strings.Contains(said, word) {
			t.Errorf("%s: the program fell over\n%s", fault, said)
		}
	}
	if strings.TrimSpace(said) == "" {
		t.Errorf("%s: ended with %d and without a word", fault, code)
	}
}

// fullDisk mounts a small file system, runs dragoman on it, makes room, and runs
// it again: folder size program outcome. It says how both ended.
const fullDisk = `
mount -t tmpfs -o size="$2" none "$1" || exit 77
cd "$1"
shift 2
"$@"
first=$?
if [ -d out ]; then cp -a out ../partial; fi
mount -o remount,size=64m . || exit 78
"$@"
echo "ended with $first and $?"
if [ -d out ]; then cp -a out ../whole; fi
`

// TestFullDisk is C8 for a whole run: its folder, with store and output, is a
// file system of its own that is full at some moment. The run ends and says so, no
// file is partial, and once there is room the next run does the rest.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	stories := killStories(t)
	want, _ := undisturbed(t, stories)
	steps := 7
	if allFaults {
		steps = 60
	}
	for i := range steps {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			fillDisk(t, stories, want, 40+i*2000/steps)
		})
	}
}

// fillDisk runs on a file system of so many kilobytes.
func fillDisk(t *testing.T, stories string, want map[string]string, kilobytes int) {
	t.Helper()
	r := newKillRound(t, stories)
	disk := filepath.Join(r.folder, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "dragoman")
	cmd := r.command()
	if err := os.Symlink(cmd.Path, program); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-Urm", "sh", "-c", fullDisk, "sh", disk, fmt.Sprint(kilobytes, "k"), program}, cmd.Args[1:]...)
	apart := exec.Command("unshare", args...)
	apart.Env = cmd.Env
	said, code := ended(t, apart)
	if code == 77 || strings.Contains(said, "unshare failed") {
		t.Skipf("no file system can be mounted here: %s", said)
	}
	var first, second int
	end := strings.LastIndex(said, "ended with ")
	if end < 0 {
		t.Fatalf("%d KB: %d\n%s", kilobytes, code, said)
	}
	if _, err := fmt.Sscanf(said[end:], "ended with %d and %d", &first, &second); err != nil || second != 0 {
		t.Fatalf("%d KB: %v\n%s", kilobytes, err, said)
	}
	if first != 0 {
		checkSaid(t, fmt.Sprint(kilobytes, " KB"), said, first)
	}
	for name, content := range outputs(t, filepath.Join(r.folder, "partial")) {
		if content != want[name] {
			t.Errorf("%d KB: %s is not whole", kilobytes, name)
		}
	}
	whole := outputs(t, filepath.Join(r.folder, "whole"))
	for name := range want {
		if whole[name] != want[name] {
			t.Errorf("%d KB: with room again, %s is missing or another", kilobytes, name)
		}
	}
	t.Logf("%d KB: ended with %d", kilobytes, first)
}
