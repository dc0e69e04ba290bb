package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"
)

// calls are the system calls before which a run is killed: whatever it does to
// the world is one of them. Most is about how often a run does it.
var calls = []struct {
	what  string
	names string
	most  int
}{
	{"a page of the store or its log is written", "pwrite64", 300},
	{"a file is on the disk", "fsync,?fdatasync", 40},
	{"a file takes its place", "?rename,renameat,renameat2", 30},
	{"a file is opened or made", "?open,openat", 80},
	{"output is written, or a request", "write", 60},
	{"a file is closed", "close", 80},
	{"a file is cut off", "?truncate,ftruncate", 3},
	{"a file goes", "?unlink,unlinkat", 4},
	{"a folder is made", "?mkdir,mkdirat", 2},
	{"a file is locked", "flock,fcntl", 200},
	{"the store is read", "pread64", 150},
	{"the log's index is mapped", "mmap", 30},
}

// TestKillAtPoints is C3: a run is killed right before each kind of system call,
// early and late, when the service has its request, and when its answer is on
// the way. What TestKill looks at must be as it is there.
func TestKillAtPoints(t *testing.T) {
	t.Parallel()
	needStrace(t)
	stories := killStories(t)
	want, _ := undisturbed(t, stories)
	times := 1
	if allFaults {
		times = 20
	}
	for _, call := range calls {
		t.Run(call.what, func(t *testing.T) {
			t.Parallel()
			killAt(t, stories, want, times, func(r *killRound) (*exec.Cmd, <-chan struct{}) {
				return traced(t, r.command(), fmt.Sprintf("%s:signal=KILL:when=%d", call.names, upTo(call.most))), nil
			})
		})
	}
	for what, delay := range map[string]func() time.Duration{
		"the service has the request": func() time.Duration { return 0 },
		"the answer is on its way":    func() time.Duration { return killLatency },
		"the answer is being saved":   func() time.Duration { return killLatency + rand.N(8*time.Millisecond) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			killAt(t, stories, want, times, func(r *killRound) (*exec.Cmd, <-chan struct{}) {
				return r.command(), r.strike(upTo(8), delay)
			})
		})
	}
}

// strike returns what tells that a process is to be killed: a while after the
// service has had so many requests of it.
func (r *killRound) strike(requests int, delay func() time.Duration) <-chan struct{} {
	now := make(chan struct{})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrived = func() {
		if requests--; requests == 0 {
			time.AfterFunc(delay(), func() { close(now) })
		}
	}
	return now
}

// upTo returns a random number from 1 to n, each power of two as often.
func upTo(n int) int {
	return min(n, int(math.Exp2(rand.Float64()*math.Log2(float64(n)+1))))
}

// killAt runs commands until so many were killed, looks at what each left, and
// in the end lets a run finish what they began.
func killAt(t *testing.T, stories string, want map[string]string, times int, command func(*killRound) (*exec.Cmd, <-chan struct{})) {
	t.Helper()
	r, whole := newKillRound(t, stories), 0
	for kills := 0; kills < times; {
		cmd, now := command(r)
		said, code := endedOr(t, cmd, now)
		switch code {
		case 0:
			r.finish(want)
			r = newKillRound(t, stories)
			if whole++; whole > 20*times {
				t.Fatalf("%d runs were whole before %d of %d were killed", whole, kills, times)
			}
		case -1:
			kills++
			r.kills++
			r.check(want)
		default:
			t.Fatalf("the run ended by itself with %d\n%s", code, said)
		}
	}
	r.mu.Lock()
	r.arrived = nil
	r.mu.Unlock()
	if said, code := ended(t, r.command()); code != 0 {
		t.Fatalf("the run after the last kill ended with %d\n%s", code, said)
	}
	r.finish(want)
}
