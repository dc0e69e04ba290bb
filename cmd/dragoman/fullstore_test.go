package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fullStore mounts a small file system, puts stories in, leaves so much room,
// has them worked, and makes room when it is told: folder kilobytes program stories.
const fullStore = `
mount -t tmpfs -o size=64m none "$1" || exit 77
cd "$1"
"$3" submit --quiet --batch night "$4" || exit 78
used=$(df -k --output=used . | tail -n 1)
mount -o remount,size=$((used + $2))k . || exit 79
"$3" work &
worker=$!
read -r _
mount -o remount,size=64m . || exit 79
read -r _
kill -TERM $worker
wait $worker
echo "ended with $?"
"$3" export --quiet --batch night && cp -a out ../out
`

// TestFullStore is C8 for a worker: its store's disk is full for a while. The
// worker says so and lives, and once there is room it goes on by itself: at once
// where it had no room to begin, and else when its chain of backends has rested,
// half a minute later, which is left to TEST_FAULTS=all.
func TestFullStore(t *testing.T) {
	t.Parallel()
	for _, room := range []int{60, 200}[:some(1, 2)] {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			t.Parallel()
			c := newCrew(t, "dragoman.db", 5*time.Millisecond)
			c.shape = storyShape{40, 30}
			stories := c.write()
			disk, program := filepath.Join(c.folder, "disk"), filepath.Join(t.TempDir(), "dragoman")
			cmd := c.command()
			if err := os.Mkdir(disk, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(cmd.Path, program); err != nil {
				t.Fatal(err)
			}
			apart := exec.Command("unshare", "-Urm", "sh", "-c", fullStore, "sh", disk, fmt.Sprint(room), program, stories)
			apart.Env = cmd.Env
			tell, err := apart.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			apart.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			h := begin(t, apart)
			if !h.says("is full", 1) {
				if code := h.cmd.ProcessState.ExitCode(); code == 77 || strings.Contains(h.said(), "unshare failed") {
					t.Skipf("no file system can be mounted here: %s", h.said())
				}
				t.Fatalf("it ended:\n%s", h.said())
			}
			_, _ = io.WriteString(tell, "room\n")
			h.says(`"story done"`, c.stories())
			_, _ = io.WriteString(tell, "enough\n")
			h.ends(0)
			if !strings.Contains(h.said(), "ended with 0") {
				t.Errorf("the worker did not end well:\n%s", h.said())
			}
			c.compare()
		})
	}
}
