package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
)

// victim names the environment variable that makes this test binary a process
// to be killed: it works on the store that the variable names until then.
const victim = "DRAGOMAN_TEST_VICTIM"

func TestMain(m *testing.M) {
	path, round := os.Getenv(victim), os.Getenv(victim+"_ROUND")
	switch {
	case path == "":
		os.Exit(m.Run())
	case round == "serve":
		if err := serve(path); err != nil {
			fmt.Println("failed", err)
			os.Exit(1)
		}
	default:
		fmt.Println("failed", work(path, round))
		os.Exit(1)
	}
}

// work holds the lock, unless it is told not to, submits three stories, reserves a line, saves ten entries, settles the
// line and ends the work on two of the stories, for ever, and says of each step when it is done.
func work(path, round string) error {
	ctx := context.Background()
	s, err := Open(ctx, path, nil)
	if err != nil {
		return err
	}
	pause := 5 * time.Millisecond // SQLite is not fair: without it the others might wait all the time
	if os.Getenv(victim+"_LOCK") != "no" {
		pause = 0
		if _, err := s.Lock(ctx, nil); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	for batch := 0; ; batch++ {
		submitted, err := s.Submit(ctx, round, victimStories(round, batch), noteID)
		if err != nil {
			return err
		}
		fmt.Println("submitted", batch)
		line := translator.Line{Run: round, Size: 3, Cost: 1, Time: time.Now(), Shares: sharesOf(batch, 3)}
		id, err := s.Reserve(ctx, line, nil)
		if err != nil {
			return err
		}
		fmt.Println("reserved", id)
		if err := s.Save(ctx, victimEntries(round, batch)); err != nil {
			return err
		}
		fmt.Println("saved", batch)
		if err := s.Settle(ctx, id, translator.Bill{Size: 1, Cost: 1, Time: time.Now()}); err != nil {
			return err
		}
		fmt.Println("settled", id)
		if _, err := s.Change(ctx, []translator.Change{ended(submitted[0].ID), ended(submitted[1].ID)}, nil); err != nil {
			return err
		}
		fmt.Println("ended", batch)
		time.Sleep(pause)
	}
}

func victimStories(round string, batch int) []translator.Version {
	made := stories(3)
	for i := range made {
		made[i].Story = fmt.Sprintf("%s/%d/%d", round, batch, i)
	}
	return made
}

func victimEntries(round string, batch int) []translator.Entry {
	made := make([]translator.Entry, 10)
	for i := range made {
		made[i] = entry(fmt.Sprintf("%s/%d/%d", round, batch, i), "text")
	}
	return made
}

// TestKill kills a working process again and again. What it said was done is
// there afterwards, its batches are whole, and its lock is gone.
func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	for i := range 20 {
		round := fmt.Sprint("round ", i)
		done := killed(t, path, round, time.Duration(1+rand.IntN(60))*time.Millisecond)
		s, err := Open(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		unlock, err := s.Lock(t.Context(), func(holder string) { t.Errorf("a dead process holds the lock: %s", holder) })
		if err != nil {
			t.Fatal(err)
		}
		checkIntegrity(t, s)
		checkRound(t, s, round, done)
		if err := errors.Join(unlock(), s.Close()); err != nil {
			t.Error(err)
		}
	}
}

// killed runs a victim, kills it a while after it has begun, and counts what it said it did.
func killed(t *testing.T, path, round string, after time.Duration, env ...string) map[string]int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), victim+"="+path, victim+"_ROUND="+round), env...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return nil
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	if err != nil || first != "ready\n" {
		t.Errorf("the victim says %q, %v", first, err)
	}
	time.AfterFunc(after, func() { cmd.Process.Kill() })
	said, err := io.ReadAll(lines)
	if err != nil {
		t.Error(err)
	}
	cmd.Wait()
	done := map[string]int{}
	for l := range strings.Lines(string(said)) {
		if strings.HasSuffix(l, "\n") { // a torn last line does not count
			done[strings.Fields(l)[0]]++
		}
	}
	if done["failed"] > 0 {
		t.Errorf("the victim failed: %s", said)
	}
	return done
}

// TestKillTogether has several processes at work without the lock, and kills them all.
func TestKillTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	done := make([]map[string]int, 3)
	var group sync.WaitGroup
	for i := range done {
		group.Go(func() {
			done[i] = killed(t, path, fmt.Sprint("process ", i), time.Duration(1500+20*i)*time.Millisecond, victim+"_LOCK=no")
		})
	}
	group.Wait()
	s := mustOpen(t, path, nil)
	checkIntegrity(t, s)
	working := 0
	for i := range done {
		if done[i]["saved"] > 0 {
			working++
		}
		checkRound(t, s, fmt.Sprint("process ", i), done[i])
	}
	if working < 2 {
		t.Errorf("%d processes did anything: %v", working, done)
	}
}

func checkRound(t *testing.T, s *Store, round string, done map[string]int) {
	t.Helper()
	checkStories(t, s, round, done)
	for batch := range done["saved"] + 2 {
		found, err := s.Lookup(t.Context(), keys(victimEntries(round, batch)))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 10 && (batch < done["saved"] || len(found) != 0) {
			t.Errorf("%s: batch %d of %d has %d of 10 entries", round, batch, done["saved"], len(found))
		}
	}
	spent, err := s.Spending(t.Context(), translator.Window{Run: round})
	if err != nil {
		t.Fatal(err)
	}
	if spent.Requests < done["reserved"] || spent.Requests > done["reserved"]+1 || spent.Open > 1 ||
		spent.Requests-spent.Open < done["settled"] {
		t.Errorf("%s: the ledger says %+v after %v", round, spent, done)
	}
	for p, err := range s.Lines(t.Context(), translator.Window{Run: round}) {
		if err != nil || len(p.Line.Shares) != 3 {
			t.Errorf("%s: %+v, %v: a line without all of its shares", round, p, err)
		}
	}
}

// checkStories sees that a round's submissions and ends of work are whole, and
// that each that was said to be done is there.
func checkStories(t *testing.T, s *Store, round string, done map[string]int) {
	t.Helper()
	there, ended := 0, 0
	for v, err := range s.Versions(t.Context(), translator.Selection{Batch: round}) {
		if err != nil || v.Story != fmt.Sprintf("%s/%d/%d", round, there/3, there%3) || len(v.Article) == 0 ||
			(v.State == translator.StatePartial) != (v.Result != nil) || v.State == translator.StateFailed {
			t.Errorf("%s: number %d is %s, %s, with a result of %d bytes, %v", round, there, v.Story, v.State, len(v.Result), err)
		}
		there++
		if v.Result != nil {
			ended++
		}
	}
	if there < 3*done["submitted"] || there > 3*done["submitted"]+3 || ended < 2*done["ended"] || ended > 2*done["ended"]+2 || ended%2 != 0 {
		t.Errorf("%s: %d stories, %d ended, after %v", round, there, ended, done)
	}
}

// TestKillMigration kills processes while they make the store, and while they
// bring one of the first release up to date.
func TestKillMigration(t *testing.T) {
	t.Parallel()
	for i := range 30 {
		path, begun := filepath.Join(t.TempDir(), "d.db"), ""
		if i%2 == 0 {
			begun = path
		} else {
			path, _ = openSchema1(t)
			begun = path + "-wal"
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), victim+"="+path, victim+"_ROUND=r")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for _, err := os.Stat(begun); err != nil; _, err = os.Stat(begun) {
			time.Sleep(100 * time.Microsecond)
		}
		time.Sleep(time.Duration(i/2) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		s, err := Open(t.Context(), path, nil)
		if err != nil {
			t.Fatalf("killed %d ms after it began: %v", i/2, err)
		}
		checkIntegrity(t, s)
		if i%2 == 1 && count(t, s) == 0 {
			t.Errorf("killed %d ms after it began: what was remembered is gone", i/2)
		}
		_, err = s.Submit(t.Context(), "night", stories(2), nil)
		if err := errors.Join(err, s.Save(t.Context(), entries(1)), s.Close()); err != nil {
			t.Error(err)
		}
	}
}
