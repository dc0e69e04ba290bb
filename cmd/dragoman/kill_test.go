package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator"
	"dragoman/translator/backend/google/googletest"
	"dragoman/translator/store/sqlite"
)

const (
	killCycles      = 200
	killConnections = 2
	killLatency     = 20 * time.Millisecond
)

// TestKill kills dragoman 200 times in the middle of its work, at any moment,
// and looks each time at what is left: nothing remembered may be lost, no file
// may be partial, and for each connection at most one request may be paid for
// twice. What comes out in the end is what an undisturbed run writes.
func TestKill(t *testing.T) {
	t.Parallel()
	cycles := killCycles
	if testing.Short() {
		cycles = 10
	}
	killOften(t, cycles, func(stories string) *killRound { return newKillRound(t, stories) })
}

// TestKillManyConnections is the same with eight requests of 16 sentences on
// their way.
func TestKillManyConnections(t *testing.T) {
	t.Parallel()
	cycles := 20
	if allFaults {
		cycles = 100
	}
	killOften(t, cycles, func(stories string) *killRound {
		r := newKillRound(t, stories)
		r.atOnce, r.chars = 8, 4300
		return r
	})
}

// killOften kills runs so many times over as many rounds as that takes.
func killOften(t *testing.T, cycles int, round func(stories string) *killRound) {
	t.Helper()
	stories := killStories(t)
	want, whole := undisturbed(t, stories)
	r, rounds := round(stories), 0
	for kills := 0; kills < cycles; {
		delay := time.Duration((0.1 + rand.Float64()) * float64(whole))
		started := time.Now()
		if r.killAfter(delay) {
			kills++
			r.check(want)
			continue
		}
		if r.kills == 0 {
			whole = min(whole, time.Since(started)) // the machine was busier the first time
		}
		r.finish(want)
		rounds++
		r = round(stories)
	}
	if out, err := r.command().CombinedOutput(); err != nil {
		t.Fatalf("the run after the last kill: %v\n%s", err, out)
	}
	r.finish(want)
	t.Logf("%d kills over %d whole sets of stories; an undisturbed run takes %v", cycles, rounds+1, whole)
}

// killStories writes 20 stories of 60 sentences, all different: some 12 full requests.
func killStories(t *testing.T) string {
	var b strings.Builder
	for s := range 20 {
		fmt.Fprintf(&b, `{"id":"story-%d","title":"تقرير رقم %d عن أعمال الصيانة","paragraphs":[`, s, s)
		for p := range 12 {
			if p > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('"')
			for n := range 5 {
				fmt.Fprintf(&b, "أعلنت بلدية المدينة في بيانها رقم %d-%d-%d أن أعمال الصيانة في الجسر القديم ستبدأ مطلع الأسبوع المقبل، ", s, p, n)
				b.WriteString("وأن حركة السير ستحول إلى الطريق الساحلي طوال مدة الأعمال، مع إبقاء ممر واحد مفتوحا أمام سيارات الإسعاف والإطفاء وحافلات المدارس إلى حين الانتهاء منها. ")
			}
			b.WriteByte('"')
		}
		b.WriteString("]}\n")
	}
	path := filepath.Join(t.TempDir(), "night.jsonl")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// undisturbed returns what a run writes that nobody kills, and how long it takes.
func undisturbed(t *testing.T, stories string) (map[string]string, time.Duration) {
	r := newKillRound(t, stories)
	started := time.Now()
	if out, err := r.command().CombinedOutput(); err != nil {
		t.Fatalf("an undisturbed run: %v\n%s", err, out)
	}
	return outputs(r.t, filepath.Join(r.folder, "out")), time.Since(started)
}

// A killRound is one set of stories being translated, with its own server, store and output.
type killRound struct {
	t       *testing.T
	folder  string
	stories string
	server  *googletest.Server
	atOnce  int                       // connections
	chars   int                       // of a request
	known   map[translator.Key]string // remembered at the last look
	kills   int

	paid *paid

	mu      sync.Mutex
	arrived func() // is called for each request, unless it is nil
}

func newKillRound(t *testing.T, stories string) *killRound {
	r := &killRound{t: t, folder: t.TempDir(), stories: stories, atOnce: killConnections, chars: 30_000, paid: newPaid()}
	server, err := googletest.Start(&googletest.Options{Latency: killLatency, Fault: r.count})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	r.server = server
	return r
}

// count takes note of a request, as the service that bills it would.
func (r *killRound) count(n int, req *translatepb.TranslateTextRequest) *googletest.Fault {
	r.paid.request(n, req.GetContents())
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arrived != nil {
		r.arrived()
	}
	return nil
}

func (r *killRound) command() *exec.Cmd {
	cmd := process(r.t, r.folder, "translate", "--quiet", "--backend", "google", "--concurrency", fmt.Sprint(r.atOnce), r.stories)
	cmd.Env = append(os.Environ(), "DRAGOMAN_BACKENDS_GOOGLE_PROJECT=test", "DRAGOMAN_BACKENDS_GOOGLE_INSECURE=true",
		"DRAGOMAN_BACKENDS_GOOGLE_ENDPOINT="+r.server.Addr(), "DRAGOMAN_LOG_LEVEL=error",
		fmt.Sprint("DRAGOMAN_BACKENDS_GOOGLE_REQUEST_CHARS=", r.chars), withoutRules)
	return cmd
}

// killAfter starts a run and kills it. It returns false if the run was over before.
func (r *killRound) killAfter(delay time.Duration) bool {
	cmd := r.command()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	timer := time.AfterFunc(delay, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	switch {
	case err == nil:
		return false
	case cmd.ProcessState.ExitCode() != -1:
		r.t.Fatalf("the run ended by itself: %v\n%s", err, &out)
	}
	r.kills++
	return true
}

// check looks at what a killed run left.
func (r *killRound) check(want map[string]string) {
	r.t.Helper()
	for name, content := range outputs(r.t, filepath.Join(r.folder, "out")) {
		if content != want[name] {
			r.t.Fatalf("after kill %d, %s is not whole: it has %d bytes, and %d are due", r.kills, name, len(content), len(want[name]))
		}
	}
	known := r.remembered()
	for key, target := range r.known {
		if known[key] != target {
			r.t.Fatalf("after kill %d, the translation %q is lost or changed to %q", r.kills, target, known[key])
		}
	}
	r.known = known
	if twice, most := r.paid.again(), r.kills*r.atOnce; twice > most {
		r.t.Fatalf("after %d kills, %d requests were paid for twice; at most %d may be", r.kills, twice, most)
	}
}

// finish checks what a whole run wrote.
func (r *killRound) finish(want map[string]string) {
	r.t.Helper()
	r.check(want)
	got := outputs(r.t, filepath.Join(r.folder, "out"))
	for name := range want {
		if _, ok := got[name]; !ok {
			r.t.Fatalf("after %d kills and a whole run, %s is missing", r.kills, name)
		}
	}
	r.server.Stop()
}

// remembered returns all that the store holds.
func (r *killRound) remembered() map[translator.Key]string {
	path := filepath.Join(r.folder, "dragoman.db")
	if _, err := os.Stat(path); err != nil {
		return nil // killed before it was made
	}
	store, err := sqlite.Open(context.Background(), path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	defer store.Close()
	known := map[translator.Key]string{}
	for e, err := range store.Entries(r.t.Context()) {
		if err != nil {
			r.t.Fatal(err)
		}
		known[e.Key] = e.Target
	}
	return known
}
