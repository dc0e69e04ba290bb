package main

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/article"
	"dragoman/translator/ledger"
	"dragoman/translator/pipeline"
	"dragoman/translator/queue"
	"dragoman/translator/store/postgres/postgrestest"
	"dragoman/translator/store/sqlite"
	"dragoman/translator/web"
)

// A shelf is a store with submitted stories, and what a worker needs for them.
type shelf struct {
	t     *testing.T
	cfg   *config.Config
	store string // its location
	db    database
	dir   translator.Direction
}

// newShelf opens a store, "" for a new file, with the settings of the samples.
func newShelf(t *testing.T, dir translator.Direction, store string) *shelf {
	t.Helper()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{t: t, dir: dir, store: cmp.Or(store, filepath.Join(t.TempDir(), "shelf.db"))}
	s.cfg = settings(t, "DRAGOMAN_BACKENDS_TMX_FILE="+filepath.Join(top, "samples", "memory.tmx"), "DRAGOMAN_FROM="+string(dir.From), "DRAGOMAN_TO="+string(dir.To))
	if s.db, err = openStore(t.Context(), s.store, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closeStore(s.db); err != nil {
			t.Error(err)
		}
	})
	return s
}

// file is the store of a shelf that is a file.
func (s *shelf) file() *sqlite.Store { return s.db.(*sqlite.Store) }

// read returns the stories at paths as versions.
func (s *shelf) read(paths ...string) []translator.Version {
	s.t.Helper()
	var versions []translator.Version
	for a, err := range article.Read(s.t.Context(), paths, &article.Options{Lang: s.dir.From}) {
		v := translator.Version{Direction: s.dir, Submitted: time.Now()}
		if item, ok := errors.AsType[*translator.ItemError](err); ok {
			v.Story, v.Path, v.Digest, v.Article = item.ID, item.Path, queue.DigestOfUnread(item), queue.EncodeUnread(item)
		} else if err != nil {
			s.t.Fatal(err)
		} else {
			v.Story, v.Path, v.Digest, v.Article = a.ID, a.Path, queue.DigestOf(a), queue.EncodeArticle(a)
		}
		versions = append(versions, v)
	}
	return versions
}

func (s *shelf) submit(batch string, versions ...translator.Version) []translator.Version {
	s.t.Helper()
	known, err := s.file().Submit(s.t.Context(), batch, versions, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range known {
		known[i].Article = versions[i].Article
	}
	return known
}

func (s *shelf) change(c translator.Change) {
	s.t.Helper()
	c.From, c.Time = []translator.State{translator.Waiting}, time.Now()
	if changed, err := s.file().Change(s.t.Context(), []translator.Change{c}, nil); err != nil || len(changed) != 1 {
		s.t.Fatalf("%v, %v", changed, err)
	}
}

// work translates versions one after the other, each in a run of its own, as jobs do.
func (s *shelf) work(versions ...translator.Version) {
	s.t.Helper()
	o, err := newOrder(s.cfg, s.dir, zap.NewNop())
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := newChain(s.t.Context(), o, s.db, &ledger.Options{Run: "work"})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, v := range versions {
		a, unread, err := queue.DecodeArticle(v.Article)
		if err != nil {
			s.t.Fatal(err)
		}
		a.Version = v.Digest
		in := func(yield func(translator.Article, error) bool) {
			if unread != nil {
				yield(a, unread)
				return
			}
			yield(a, nil)
		}
		if _, err := pipeline.Run(s.t.Context(), s.dir, in, c.translate, func(story translator.Story) error {
			s.change(translator.Change{ID: v.ID, To: translator.State(story.Status), Reason: translator.ReasonOf(story.Err), Result: queue.EncodeStory(story)})
			return nil
		}, &pipeline.Options{Check: o.checker.Flags}); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := c.close(); err != nil {
		s.t.Fatal(err)
	}
}

// drain has the queue work all that was submitted.
func (s *shelf) drain() {
	s.t.Helper()
	d, err := newDesk(s.t.Context(), s.cfg, zap.NewNop(), s.db)
	if err != nil {
		s.t.Fatal(err)
	}
	w := newWorkshop(s.t.Context(), s.cfg, zap.NewNop(), s.db, "work", web.NewMetrics(nil))
	err = d.queue.Work(s.t.Context(), nil, queue.WorkOptions{Do: w.do, Workers: 2, Drain: true})
	if err := errors.Join(err, w.close()); err != nil {
		s.t.Fatal(err)
	}
}

// run runs a command on the store, and returns what it printed and its code.
func (s *shelf) run(command string, args ...string) (printed string, code int) {
	s.t.Helper()
	cmd := process(s.t, s.t.TempDir(), append([]string{command, "--store", s.store, "--from", string(s.dir.From), "--to", string(s.dir.To)}, args...)...)
	text, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// export runs the command, and returns its folder, what it printed and its code.
func (s *shelf) export(args ...string) (out, printed string, code int) {
	s.t.Helper()
	out = filepath.Join(s.t.TempDir(), "out")
	printed, code = s.run("export", append(args, "--out", out)...)
	return out, printed, code
}

// TestExportEqualsTranslate: what is submitted, worked by several workers story
// by story and read from the store is what one run writes, and the report counts the same.
func TestExportEqualsTranslate(t *testing.T) {
	t.Parallel()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir     translator.Direction
		stories string
	}{
		{arEn, filepath.Join(top, "samples/ar")}, {translator.Direction{From: "en", To: "ar"}, filepath.Join(top, "samples/en")},
		{arEn, hostileStories(t, filepath.Join(top, "samples/want/ar-en/pairs.jsonl"))},
	} {
		t.Run(c.dir.String()+" "+filepath.Base(c.stories), func(t *testing.T) {
			t.Parallel()
			newShelf(t, c.dir, "").equalsTranslate(c.stories)
		})
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		newShelf(t, arEn, postgrestest.Start(t, nil).URL("postgres")).equalsTranslate(filepath.Join(top, "samples/ar"))
	})
}

// equalsTranslate submits, works and exports stories, and compares.
func (s *shelf) equalsTranslate(stories string) {
	t := s.t
	t.Helper()
	if printed, code := s.run("submit", "--batch", "night", stories, "missing.txt"); code != exitPartial {
		t.Fatalf("code %d: %s", code, printed)
	}
	s.drain()
	got, printed, code := s.export("--batch", "night", "--json")
	if code != exitPartial {
		t.Fatalf("code %d: %s", code, printed)
	}
	want := filepath.Join(t.TempDir(), "out")
	cmd := process(t, t.TempDir(), "translate", "--store", filepath.Join(t.TempDir(), "other.db"), "--out", want, "--json",
		"--from", string(s.dir.From), "--to", string(s.dir.To), stories, "missing.txt")
	cmd.Env = append(os.Environ(), "DRAGOMAN_BACKENDS_TMX_FILE="+s.cfg.Backends.TMX.File)
	if text, err := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != exitPartial {
		t.Fatalf("%v: %s", err, text)
	}
	sameFiles(t, outputs(t, got), outputs(t, want))
	sameReports(t, got, want)
}

// hostileStories writes a file of stories whose ids are no names for files, are
// met again, or differ in what file systems do not tell apart; and one in
// another language. Their texts are sources of a file of pairs.
func hostileStories(t *testing.T, pairs string) string {
	t.Helper()
	text, err := os.ReadFile(pairs)
	if err != nil {
		t.Fatal(err)
	}
	sources := strings.SplitN(string(text), "\n", 20)
	var lines []byte
	for i, id := range []string{"../../etc/passwd", "a\x00b\nc\u202e", "<script>", "A", "a", "a", "con", strings.Repeat("long", 200), "\ufffd", "a~2"} {
		var pair translator.Pair
		if err := json.Unmarshal([]byte(sources[i]), &pair); err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(map[string]any{"id": id, "text": pair.Source.Text, "date": "2026-11-28T02:10:00+03:00"})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	lines = append(lines, `{"id": "other", "lang": "en", "text": "The train is back."}`+"\n{broken\n"...)
	file := filepath.Join(t.TempDir(), "hostile.jsonl")
	if err := os.WriteFile(file, lines, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func sameFiles(t *testing.T, got, want map[string]string) {
	t.Helper()
	if len(want) < 7 {
		t.Fatalf("translate wrote %d files only", len(want))
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s differs:\n%s\nwant\n%s", name, got[name], want[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is export's alone", name)
		}
	}
}

// sameReports compares all of two reports but what is of the run itself: its
// name, its settings, its times, and into how many requests it put the sentences.
func sameReports(t *testing.T, got, want string) {
	t.Helper()
	a, b := reportIn(t, got), reportIn(t, want)
	for _, r := range []map[string]any{a, b} {
		for _, of := range []string{"run", "batch", "started", "finished", "settings"} {
			delete(r, of)
		}
		totals := r["totals"].(map[string]any)
		delete(totals, "seconds")
		delete(totals, "requests")
		delete(r["backends"].([]any)[0].(map[string]any), "requests")
	}
	for name := range b {
		if !reflect.DeepEqual(a[name], b[name]) {
			t.Errorf("the report's %s is\n%v\nwant\n%v", name, a[name], b[name])
		}
	}
}

func reportIn(t *testing.T, folder string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var report map[string]any
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return report
}

// TestExportOfWhatIsNotDone: whatever no worker is done with stands in the
// report with its reason and a remedy, and in no other file.
func TestExportOfWhatIsNotDone(t *testing.T) {
	t.Parallel()
	s := newShelf(t, arEn, "")
	stories := filepath.Join(root, "samples", "ar")
	all := s.submit("night", s.read(stories)...)
	s.work(all[0])
	over := &translator.BudgetError{Limit: translator.Limit{Name: "budget.day_usd", Cost: translator.Dollars(5)}}
	s.change(translator.Change{ID: all[1].ID, To: translator.StateHeld, Reason: translator.ReasonOf(over)})
	s.change(translator.Change{ID: all[2].ID, To: translator.StateOnHold})
	s.change(translator.Change{ID: all[3].ID, To: translator.StateCancelled})
	s.change(translator.Change{ID: all[4].ID, To: translator.StateFailed, Reason: translator.Reason{Text: "it broke five workers"}})
	s.change(translator.Change{ID: all[5].ID, To: translator.StateDone, Result: []byte("what no program wrote")})
	out, printed, code := s.export()
	if code != exitPartial || !strings.Contains(printed, "1 done, 0 partial, 2 failed, 11 not done yet") {
		t.Fatalf("code %d: %s", code, printed)
	}
	for _, want := range []string{
		"not done yet: 11 stories: 9 waiting or in work, 1 held, 1 on hold\n",
		"held " + all[1].Path + ": budget.day_usd", "on hold " + all[2].Path + ": a person put it on hold\n  let it go on with dragoman release --store " + s.store + " 3\n",
		"waiting " + all[6].Path + " and 8 more: no worker is done with it yet\n",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is not told: %s", want, printed)
		}
	}
	var pages []string
	for name := range outputs(t, out) {
		if strings.HasSuffix(name, ".html") && strings.HasPrefix(name, "stories") {
			pages = append(pages, name)
		}
	}
	if !slices.Equal(pages, []string{"stories/" + all[0].Story + ".html"}) {
		t.Errorf("pages %v", pages)
	}
	needs := map[string]map[string]any{}
	for _, n := range reportIn(t, out)["need_human"].([]any) {
		needs[n.(map[string]any)["id"].(string)] = n.(map[string]any)
	}
	for i, want := range [][3]string{
		1: {"held", "budget.day_usd is $5.00", "by itself"}, 2: {"held", "on hold", "dragoman release 3"},
		4: {"failed", "five workers", "dragoman retry 5"},
		5: {"failed", "checksum is wrong", "dragoman translate"}, 6: {"held", "no worker", "dragoman work"},
	} {
		n := needs[all[i].Story]
		if i == 3 {
			if n != nil {
				t.Errorf("the cancelled story is told: %v", n)
			}
			continue
		}
		if i > 0 && (n["status"] != want[0] || !strings.Contains(n["reason"].(string), want[1]) || !strings.Contains(n["remedy"].(string), want[2])) {
			t.Errorf("%s is told as %v, %v, %v, want %v", all[i].Story, n["status"], n["reason"], n["remedy"], want)
		}
		if i > 0 && n["path"] != all[i].Path {
			t.Errorf("%s was read at %v, want %s", all[i].Story, n["path"], all[i].Path)
		}
	}
}

// TestExportOfDamage: a story that is damaged in the store is told with what to
// do, which helps; the others are written.
func TestExportOfDamage(t *testing.T) {
	t.Parallel()
	s := newShelf(t, arEn, "")
	stories, err := filepath.Abs(filepath.Join(root, "samples", "ar"))
	if err != nil {
		t.Fatal(err)
	}
	submit := func() {
		if printed, code := s.run("submit", "--batch", "night", stories); code != exitDone {
			t.Fatalf("code %d: %s", code, printed)
		}
		s.drain()
	}
	submit()
	for _, statement := range []string{
		"UPDATE results SET content = x'7a00' WHERE version_id = 2", "UPDATE articles SET content = x'7a00' WHERE version_id = 4",
	} {
		if _, err := s.file().DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	_, printed, code := s.export()
	if code != exitPartial || !strings.Contains(printed, "13 done, 0 partial, 2 failed") || !strings.Contains(printed, "dragoman retry --store "+s.store+" 2\n") || !strings.Contains(printed, "submit the story again") {
		t.Fatalf("code %d: %s", code, printed)
	}
	d, err := newDesk(t.Context(), s.cfg, zap.NewNop(), s.db)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := d.queue.Retry(t.Context(), 2); err != nil || !done {
		t.Errorf("retry: %v, %v", done, err)
	}
	submit()
	if _, printed, code := s.export(); code != exitDone {
		t.Errorf("code %d: %s", code, printed)
	}
}

// TestExportOfACorrection: of a story with two versions in a batch the latest is
// written, once, in the story's place, and with what was charged since.
func TestExportOfACorrection(t *testing.T) {
	t.Parallel()
	s := newShelf(t, arEn, "")
	first := s.read(filepath.Join(root, "samples", "ar", "library.txt"), filepath.Join(root, "samples", "ar", "alert.txt"))
	s.work(s.submit("night", first...)...)
	second := s.submit("night", s.read(filepath.Join(root, "samples", "correction"))...)
	s.work(second...)
	for _, args := range [][]string{nil, {"--batch", "night"}} {
		out, printed, code := s.export(args...)
		if code != exitDone || !strings.Contains(printed, "2 stories: 2 done") {
			t.Fatalf("%v: code %d: %s", args, code, printed)
		}
		rows := reportIn(t, out)["stories"].([]any)
		if len(rows) != 2 || rows[0].(map[string]any)["id"] != "library" || rows[0].(map[string]any)["path"] != second[0].Path {
			t.Errorf("%v: rows %v", args, rows)
		}
		_, alone, _ := s.export(append(args, "--json")...)
		if !strings.Contains(alone, `"requests":2`) { // the correction's, and the alert's
			t.Errorf("%v: %s", args, alone)
		}
	}
}

// TestExportBesideSubmit: what is submitted, done and cancelled while an export
// runs takes no other story out of it, and puts none in.
func TestExportBesideSubmit(t *testing.T) {
	t.Parallel()
	for _, batch := range []string{"", "night"} {
		t.Run(batch, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t, arEn, "")
			first := s.submit("night", s.read(filepath.Join(root, "samples", "ar"))...)[:5]
			corrected, done, cancelled := first[1], first[2], first[3]
			s.work(corrected)
			d := &delivery{
				cfg: s.cfg, db: s.db, stories: s.file(), pick: translator.Selection{Direction: arEn, Batch: batch},
				latest: map[uint64]latest{}, seed: maphash.MakeSeed(),
			}
			if err := d.survey(t.Context()); err != nil {
				t.Fatal(err)
			}
			newer := s.read(corrected.Path)
			newer[0].Digest[0]++
			s.submit("night", newer...)
			s.work(done)
			s.change(translator.Change{ID: cancelled.ID, To: translator.StateCancelled})
			var got []string
			if err := d.each(t.Context(), func(story translator.Story) error {
				got = append(got, story.Article.ID+" "+string(story.Status))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			want := []string{first[0].Story + " held", corrected.Story + " done", done.Story + " done", first[4].Story + " held"}
			if !slices.Equal(got[:4], want) || len(got) != 14 {
				t.Errorf("%d stories, %q, want %q", len(got), got[:4], want)
			}
		})
	}
}

// TestExportOfACancelledCorrection: the version before it stands in the batch again.
func TestExportOfACancelledCorrection(t *testing.T) {
	t.Parallel()
	s := newShelf(t, arEn, "")
	first := s.submit("night", s.read(filepath.Join(root, "samples", "ar", "library.txt"), filepath.Join(root, "samples", "ar", "alert.txt"))...)
	s.work(first...)
	second := s.submit("night", s.read(filepath.Join(root, "samples", "correction"))...)
	s.change(translator.Change{ID: second[0].ID, To: translator.StateCancelled})
	out, printed, code := s.export("--batch", "night")
	if code != exitDone || !strings.Contains(printed, "2 stories: 2 done") {
		t.Fatalf("code %d: %s", code, printed)
	}
	if row := reportIn(t, out)["stories"].([]any)[0].(map[string]any); row["path"] != first[0].Path {
		t.Errorf("the report has %v", row)
	}
}

// TestExportOfWhatIsOnItsWay: a request that is not settled is told apart from
// what was billed, as the ledger tells it.
func TestExportOfWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	s := newShelf(t, arEn, "")
	alert := s.submit("night", s.read(filepath.Join(root, "samples", "ar", "alert.txt"))...)[0]
	line := translator.Line{Run: "work", Backend: "google", Direction: arEn, Texts: 1, Size: 4868, Cost: translator.Dollars(1), Time: time.Now(),
		Shares: []translator.Share{{Story: "alert", Version: alert.Digest, Texts: 1, Size: 4868}}}
	if _, err := s.db.Reserve(t.Context(), line, nil); err != nil {
		t.Fatal(err)
	}
	_, printed, _ := s.export()
	if !strings.Contains(printed, "0 sent in 0 requests\nnothing was billed\n1 request not settled, on its way or lost, at most $1.00") {
		t.Error(printed)
	}
}

// TestExportOfFilesOfOneName: of files with one name each is told, whichever of
// them can be read, and a later export of all has those that can.
func TestExportOfFilesOfOneName(t *testing.T) {
	t.Parallel()
	s := newShelf(t, arEn, "")
	folder := t.TempDir()
	for name, text := range map[string]string{
		"1/train.txt": "", "2/train.txt": "عاد القطار إلى المحطة.", "3/train.txt": "غادرت العبارة الميناء.", "4/train.txt": "",
	} {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	var paths []string
	for _, n := range []string{"1", "2", "3", "4"} {
		paths = append(paths, filepath.Join(folder, n, "train.txt"))
	}
	if printed, code := s.run("submit", append([]string{"--batch", "night"}, paths...)...); code != exitPartial || !strings.Contains(printed, "2 stories") || !strings.Contains(printed, "2 paths that could not be read") {
		t.Fatalf("code %d: %s", code, printed)
	}
	s.drain()
	for args, want := range map[string][]string{"--batch=night": paths, "--quiet": paths} {
		out, printed, code := s.export(args)
		var got []string
		for _, row := range reportIn(t, out)["stories"].([]any) {
			got = append(got, row.(map[string]any)["path"].(string))
		}
		slices.Sort(got)
		if code != exitPartial || !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v (code %d: %s)", args, got, want, code, printed)
		}
	}
}

// TestExportChargesByVersion: versions of a story that are worked together, each
// of a batch of its own, cost what each of them sent, and no export has what
// another sent. What translate sends of such a story is of none. A copy of the
// store, where the versions have other numbers, says the same.
func TestExportChargesByVersion(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]string{"SQLite": "", "PostgreSQL": postgrestest.Database(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t, arEn, store)
			s.cfg = settings(t, "DRAGOMAN_CHAIN=pseudo")
			file := filepath.Join(t.TempDir(), "visit.txt")
			text := func(n int) string {
				return strings.Repeat("جدا ", n) + fmt.Sprintf("زار الوزير المدينة بعد %d ساعة.", n)
			}
			do := func(n int, args ...string) {
				if err := os.WriteFile(file, []byte(text(n)), 0o600); err != nil {
					t.Fatal(err)
				}
				if printed, code := s.run(args[0], append(args[1:], file)...); code != exitDone {
					t.Fatalf("%q: code %d: %s", args, code, printed)
				}
			}
			batches := []string{"1", "2", "3", "4"}
			for n, batch := range batches {
				do(n+1, "submit", "--batch", batch)
			}
			s.drain()
			do(5, "translate", "--backend", "pseudo", "--out", t.TempDir())
			says := func() {
				t.Helper()
				for n, batch := range append(batches, "") {
					want := fmt.Sprintf(`"requests":1,"billed_chars":%d,`, utf8.RuneCountInString(text(min(n+1, 4))))
					if _, printed, code := s.export("--batch", batch, "--json"); !strings.Contains(printed, want) {
						t.Errorf("%s, batch %q: code %d: %s\nwant %s", s.store, batch, code, printed, want)
					}
				}
			}
			says()
			to := newShelf(t, arEn, "")
			to.submit("other", to.read(filepath.Join(root, "samples", "ar", "alert.txt"), filepath.Join(root, "samples", "ar", "library.txt"))...)
			if text, err := process(t, t.TempDir(), "store", "copy", s.store, to.store).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			s.store = to.store
			says()
		})
	}
}

// TestExportSaysWhatIsBilled: where the money is for other sentences than those
// that are counted beside it, or other exports have it too, that is said.
func TestExportSaysWhatIsBilled(t *testing.T) {
	t.Parallel()
	s := newShelf(t, arEn, "")
	s.cfg = settings(t, "DRAGOMAN_CHAIN=pseudo")
	folder := t.TempDir()
	do := func(command string, args ...string) {
		if printed, code := s.run(command, args...); code != exitDone {
			t.Fatalf("%s %q: code %d: %s", command, args, code, printed)
		}
	}
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	says := func(batch string, want ...string) {
		t.Helper()
		_, printed, _ := s.export("--batch", batch)
		var got []string
		for line := range strings.Lines(printed) {
			if strings.HasPrefix(line, "pseudo was") || strings.HasPrefix(line, "of it") {
				got = append(got, strings.TrimSpace(line))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("batch %q: %q, want %q\n%s", batch, got, want, printed)
		}
	}
	ferry, train := write("ferry.txt", "غادرت العبارة."), write("train.txt", "عاد القطار. وصل المدير.")
	do("submit", "--batch", "evening", ferry)
	s.drain()
	do("submit", "--batch", "night", ferry, train)
	s.drain()
	earlier := "of it 14 characters, $0.00 for stories of an earlier batch, whose export has it too"
	says("evening")
	says("night", earlier)
	says("")
	if done, err := s.db.(translator.Register[*sql.Tx]).Change(t.Context(), []translator.Change{
		{ID: 2, From: []translator.State{translator.StateDone}, To: translator.StateOnHold, Time: time.Now()},
	}, nil); err != nil || len(done) != 1 {
		t.Fatalf("%v, %v", done, err)
	}
	says("night", "pseudo was sent 3 sentences: those of earlier tries, of stories that are not done and what was asked again count too",
		"of it 22 characters, $0.00 for stories that are not done", earlier)
}
