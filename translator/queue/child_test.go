package queue

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dragoman/translator"
)

// What a child process, which is this test binary again, is told to do.
const (
	childLocation = "QUEUE_TEST_LOCATION"
	childLease    = "QUEUE_TEST_LEASE"
	childDrain    = "QUEUE_TEST_DRAIN"
	childPause    = "QUEUE_TEST_PAUSE" // of each story
)

// childMain works as a process of its own, and says on stdout what it does.
func childMain(location string) int {
	lease, _ := time.ParseDuration(os.Getenv(childLease))
	pause, _ := time.ParseDuration(os.Getenv(childPause))
	s, err := openSite(context.Background(), location, &Options{Lease: lease})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer s.close()
	var mu sync.Mutex
	say := func(args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(args...)
	}
	do := func(ctx context.Context, _ translator.Direction, articles []translator.Article) ([]translator.Story, error) {
		var stories []translator.Story
		for _, a := range articles {
			say("begun", a.ID)
			select {
			case <-ctx.Done():
				say("interrupted", a.ID)
				return stories, ctx.Err()
			case <-time.After(pause):
			}
			stories = append(stories, storyOf(a, translator.Done, nil))
		}
		return stories, nil
	}
	err = s.queue.Work(context.Background(), nil, WorkOptions{
		Do: do, Workers: 8, Drain: os.Getenv(childDrain) != "",
		Observer: Observer{
			Ended: func(_ Task, e Ended, _ time.Duration) { say("ended", e.Story) },
			Stale: func(t Task) { say("stale", t.Stories[0]) },
		},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A child is a worker process.
type child struct {
	cmd  *exec.Cmd
	mu   sync.Mutex
	said map[string][]string // stories by what it said of them
	over chan struct{}
}

// startChild starts a worker process on a site.
func startChild(t testing.TB, s *site, settings ...string) *child {
	t.Helper()
	c := &child{cmd: exec.Command(os.Args[0]), said: map[string][]string{}, over: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), append(settings, childLocation+"="+s.location)...)
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.over)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			what, story, _ := strings.Cut(lines.Text(), " ")
			c.mu.Lock()
			c.said[what] = append(c.said[what], story)
			c.mu.Unlock()
		}
	}()
	t.Cleanup(func() { c.signal(syscall.SIGKILL); c.wait() })
	return c
}

func (c *child) signal(s syscall.Signal) { _ = c.cmd.Process.Signal(s) } // it may be gone

func (c *child) wait() error {
	<-c.over
	return c.cmd.Wait()
}

// stories returns those of which the child said something.
func (c *child) stories(what string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.said[what]...)
}
