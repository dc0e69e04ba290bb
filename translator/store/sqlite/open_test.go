package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"dragoman/translator"
)

func TestParseLocation(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ location, want string }{
		{"dragoman.db", filepath.Join(here, "dragoman.db")},
		{"./a/../b.db", filepath.Join(here, "b.db")},
		{"/var/lib/d.db", "/var/lib/d.db"},
		{"sqlite:dragoman.db", filepath.Join(here, "dragoman.db")},
		{"sqlite:/var/lib/d.db", "/var/lib/d.db"},
		{"sqlite:///var/lib/d.db", "/var/lib/d.db"},
		{"sqlite:///var/lib/a%20b%3F.db", "/var/lib/a b?.db"},
		{"/tmp/50%?#.db", "/tmp/50%?#.db"},
		{"/tmp/a:b.db", "/tmp/a:b.db"},
		{"ذاكرة.db", filepath.Join(here, "ذاكرة.db")},
		{"", ""}, {"sqlite:", ""}, {"sqlite://", ""}, {":memory:", ""}, {"sqlite::memory:", ""},
		{"sqlite://host/d.db", ""}, {"sqlite:/d.db?mode=ro", ""}, {"sqlite:/%zz", ""}, {"a\x00b", ""},
		{"sqlite:/a%00b", ""}, {"postgres://localhost/d", ""}, {"ram:", ""},
		{"mysql://u:geheim@db.example/news", ""}, {"POSTGRES://u:geheim@h/db", ""}, {" postgres://u:geheim@h/db", ""},
		{"postgres//u:geheim@h/db", ""}, {"sqlite:postgres://u:geheim@h/db", ""}, {"host=h user=u password=geheim dbname=x", ""},
		{"host=h dbname=x", ""}, {"/tmp/a@b.db", "/tmp/a@b.db"},
	}
	for _, tt := range tests {
		got, err := parseLocation(tt.location)
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("parseLocation(%q) = %q, %v; want %q", tt.location, got, err, tt.want)
		}
		if err != nil && (!errors.Is(err, translator.Invalid) || translator.HintOf(err) == "") {
			t.Errorf("parseLocation(%q): %v has no hint or is not Invalid", tt.location, err)
		}
		if err != nil && strings.Contains(tt.location, "geheim") && (strings.Contains(err.Error(), "geheim") || !strings.Contains(translator.HintOf(err), "postgres://USER@HOST/DATABASE")) {
			t.Errorf("parseLocation(%q): %v (%s) does not name all kinds there are", tt.location, err, translator.HintOf(err))
		}
	}
}

// TestOpenNames opens files whose names mean something in a URL or a DSN.
func TestOpenNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b.db", "50%.db", "what?mode=memory.db", "a#b.db", "ذاكرة.db", "a&b=c;d.db", "sqlite"} {
		path := filepath.Join(t.TempDir(), name)
		s := mustOpen(t, path, nil)
		if err := s.Save(t.Context(), []translator.Entry{entry("نص", "text")}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Size() == 0 {
			t.Errorf("%q: the store is not in its file: %v", name, err)
			continue
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%q has mode %o, want 600", name, mode)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := []struct{ name, path, says, hint string }{
		{"folder", dir, "is a directory", filepath.Join(dir, "dragoman.db")},
		{"missing folder", filepath.Join(dir, "no", "d.db"), "no such file", "mkdir -p"},
		{"text file", write("text.db", "This is a story, not a store."), "no SQLite database", "name another file"},
		{"short file", write("short.db", "SQLite"), "no SQLite database", "name another file"},
		{"header only", write("header.db", fileHeader+strings.Repeat("\xff", 200)), "", "damaged"},
		{"foreign database", foreignDatabase(t, dir), "another program", "name another file"},
	}
	for _, tt := range tests {
		s, err := Open(t.Context(), tt.path, nil)
		if err == nil {
			s.Close()
			t.Errorf("%s: opened", tt.name)
			continue
		}
		if !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), tt.says) ||
			!strings.Contains(err.Error(), tt.path) || !strings.Contains(translator.HintOf(err), tt.hint) {
			t.Errorf("%s: %v (hint %q)", tt.name, err, translator.HintOf(err))
		}
	}
}

func foreignDatabase(t *testing.T, dir string) string {
	path := filepath.Join(dir, "foreign.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE recipes (id INTEGER)"); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenForbidden(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may write everything")
	}
	path := filepath.Join(t.TempDir(), "d.db")
	if err := os.WriteFile(path, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, nil); !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
		t.Errorf("a file that may not be written: %v", err)
	}
}

// TestVerify has a database that cannot have a write-ahead log, as on a network file system.
func TestVerify(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", "file::memory:?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = verify(t.Context(), db, "/mnt/share/d.db")
	if !errors.Is(err, translator.Invalid) || !strings.Contains(translator.HintOf(err), "local disk") ||
		!strings.Contains(err.Error(), "/mnt/share/d.db") {
		t.Errorf("verify: %v (hint %q)", err, translator.HintOf(err))
	}
}

func TestRefuseNewer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	s := mustOpen(t, path, nil)
	if _, err := s.writer.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (7, 1)"); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path, nil)
	want := "store " + path + ": written by a newer dragoman (schema 7, this program knows 5)"
	if err == nil || err.Error() != want || !errors.Is(err, translator.Invalid) || translator.HintOf(err) != "upgrade dragoman" {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestOldProgram has the program of the first release, or of the second, find a store of this one.
func TestOldProgram(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	s := mustOpen(t, path, nil)
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) < 3 {
		t.Fatal(names, err)
	}
	for knows := 1; knows < len(names); knows++ {
		old := fstest.MapFS{}
		for _, name := range names[:knows] {
			b, err := migrations.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			old[filepath.Base(name)] = &fstest.MapFile{Data: b}
		}
		provider, err := goose.NewProvider(goose.DialectSQLite3, s.writer, old, goose.WithDisableGlobalRegistry(true))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.refuseNewer(t.Context(), provider)
		want := fmt.Sprintf("store %s: written by a newer dragoman (schema %d, this program knows %d)", path, len(names), knows)
		if err == nil || err.Error() != want || !errors.Is(err, translator.Invalid) || translator.HintOf(err) != "upgrade dragoman" {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// TestOpenTogether lets several openers meet at a file that is not there yet,
// or is of the first release.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	for round := range 6 {
		path, before := filepath.Join(t.TempDir(), "d.db"), 0
		if round%2 == 1 {
			path, _ = openSchema1(t)
			before = 1
		}
		var group sync.WaitGroup
		for i := range 6 {
			group.Go(func() {
				s, err := Open(t.Context(), path, nil)
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				if err := s.Save(t.Context(), []translator.Entry{entry(fmt.Sprint("نص ", i), "text")}); err != nil {
					t.Error(err)
				}
				if _, err := s.Submit(t.Context(), "night", []translator.Version{story(i)}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		s := mustOpen(t, path, nil)
		if n := count(t, s); n != before+6 {
			t.Errorf("%d entries, want %d", n, before+6)
		}
		if b, err := s.Batches(t.Context()); err != nil || len(b) != 1 || b[0].Versions != 6 {
			t.Errorf("batches: %+v, %v", b, err)
		}
	}
}

// TestMoved has a file go while it is in use: nothing more is reserved, whoever
// asks is told, and so is who closes it. One that comes back is as before.
func TestMoved(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(path string) error{
		"moved":   func(path string) error { return os.Rename(path, path+".away") },
		"deleted": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".away"), os.WriteFile(path, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "d.db")
			s, err := Open(t.Context(), path, nil)
			if err = errors.Join(err, move(path)); err != nil {
				t.Fatal(err)
			}
			line := translator.Line{Run: "r", Signature: "engine:1", Direction: direction, Size: 1, Time: time.Now()}
			_, reserved := s.Reserve(t.Context(), line, nil)
			_, identified := s.Identity(t.Context())
			if name == "moved" {
				if err := os.Rename(path+".away", path); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Reserve(t.Context(), line, nil); err != nil {
					t.Errorf("back again: %v", err)
				}
				if err := os.Rename(path, path+".away"); err != nil {
					t.Fatal(err)
				}
			}
			for doing, err := range map[string]error{"Reserve": reserved, "Identity": identified, "Close": s.Close()} {
				if !errors.Is(err, translator.Unavailable) || !strings.Contains(translator.HintOf(err), path+"-wal") {
					t.Errorf("%s: %v (hint %q)", doing, err, translator.HintOf(err))
				}
			}
		})
	}
}

// TestOpenExisting asks for a store that must be there: one that is missing is
// refused, and not made.
func TestOpenExisting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.db")
	existing := &Options{Existing: true}
	_, err := Open(t.Context(), path, existing)
	if !errors.Is(err, translator.Invalid) || !errors.Is(err, fs.ErrNotExist) || translator.HintOf(err) == "" || !strings.Contains(err.Error(), path) {
		t.Errorf("a store that is missing: %v (hint %q)", err, translator.HintOf(err))
	}
	if left, _ := filepath.Glob(filepath.Dir(path) + "/*"); len(left) > 0 {
		t.Errorf("it was made: %v", left)
	}
	mustOpen(t, path, nil)
	mustOpen(t, path, existing)
}

// TestMigrationResumes begins where a process was killed between two steps of the first migration.
func TestMigrationResumes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "d.db")
	if err := prepareFile(path, false); err != nil {
		t.Fatal(err)
	}
	db, err := openWriter(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := newProvider(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.GetDBVersion(ctx); err != nil { // makes goose's table and no more
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, path, nil)
	if err := s.Save(ctx, []translator.Entry{entry("نص", "text")}); err != nil {
		t.Error(err)
	}
}

func TestOpenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, filepath.Join(t.TempDir(), "d.db"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v, want the context's error", err)
	}
}

// entry returns a machine's entry.
func entry(source, target string) translator.Entry {
	dir := translator.Direction{From: translator.Arabic, To: translator.English}
	return translator.Entry{
		Key: translator.KeyOf(dir, source), Direction: dir, Source: source, Target: target,
		Origin: translator.Origin{Kind: translator.Machine, Signature: "engine:1"},
	}
}

// entries returns n entries of a sentence's usual length.
func entries(n int) []translator.Entry {
	made := make([]translator.Entry, n)
	for i := range made {
		made[i] = entry(
			fmt.Sprintf("قال مسؤول في الميناء الخبر رقم %d إن الشحنة وصلت صباح اليوم إلى الرصيف الشرقي", i),
			fmt.Sprintf("A port official said of item number %d that the shipment had reached the eastern quay this morning.", i))
	}
	return made
}

func keys(entries []translator.Entry) []translator.Key {
	made := make([]translator.Key, len(entries))
	for i, e := range entries {
		made[i] = e.Key
	}
	return made
}

func count(t *testing.T, s *Store) int {
	t.Helper()
	n := 0
	for _, err := range s.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// Another program's database is refused without a byte of it changed.
func TestForeignDatabaseIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := foreignDatabase(t, t.TempDir())
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, nil); err == nil {
		t.Fatal("it was taken for a store")
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed: %v", err)
	}
}

// TestMeetAtMissing has two openers find a store missing at the same moment:
// both have it, whoever makes it.
func TestMeetAtMissing(t *testing.T) {
	t.Parallel()
	for round := range 60 {
		path := filepath.Join(t.TempDir(), "missing.db")
		opened := make(chan error)
		for range 2 {
			go func() {
				s, err := Open(t.Context(), path, nil)
				if err == nil {
					err = s.Close()
				}
				opened <- err
			}()
		}
		if err := errors.Join(<-opened, <-opened); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}
