package format

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
)

func openDir(t testing.TB) (*Dir, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out")
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	return d, path
}

func put(t testing.TB, d *Dir, name, text string) *File {
	t.Helper()
	f, err := d.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return f
}

// files lists a folder, temporary files too, by slash-separated path.
func files(t testing.TB, path string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(path, p)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDirShowsWholeFiles(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	first := put(t, d, "a.txt", "first")
	if err := errors.Join(first.Commit(), d.Sync()); err != nil {
		t.Fatal(err)
	}
	second := put(t, d, "a.txt", "second")
	if got, _ := os.ReadFile(filepath.Join(path, "a.txt")); string(got) != "first" {
		t.Errorf("before Commit: %q", got)
	}
	third := put(t, d, "a.txt", "third")
	dropped := put(t, d, "sub/b.txt", "dropped")
	if err := errors.Join(second.Commit(), third.Commit(), dropped.Abort(), second.Abort(), d.Close()); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(path, "a.txt")); string(got) != "third" {
		t.Errorf("after Close: %q", got)
	}
	if got := files(t, path); !slices.Equal(got, []string{"a.txt"}) {
		t.Errorf("left: %v", got)
	}
}

// Files of many stories appear while the run goes on, a few at a time.
func TestDirPublishesInBatches(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	for i := range maxStaged + 1 {
		if err := put(t, d, "stories/"+string(rune('a'+i)), "x").Commit(); err != nil {
			t.Fatal(err)
		}
	}
	shown := slices.DeleteFunc(files(t, path), func(f string) bool { return strings.HasSuffix(f, ".tmp") })
	if len(shown) != maxStaged {
		t.Errorf("%d files are shown, want %d", len(shown), maxStaged)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got := files(t, path); len(got) != maxStaged+1 {
		t.Errorf("%v", got)
	}
}

func TestDirRefusesNamesOutside(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	defer d.Close()
	if err := os.Symlink(t.TempDir(), filepath.Join(path, "link")); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"", ".", "..", "../x", "/x", "a/../../x", "a\x00b", "link/x", "link/y/x"} {
		if f, err := d.Create(name); err == nil {
			t.Errorf("Create(%q) made %s", name, f.temp)
		}
	}
}

func TestDirOneRunAtATime(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("folders cannot be locked here")
	}
	d, path := openDir(t)
	f := put(t, d, "a.txt", "x")
	_, err := OpenDir(path)
	if !errors.Is(err, translator.Invalid) || !strings.Contains(translator.HintOf(err), "--out") {
		t.Errorf("second run: %v", err)
	}
	if err := errors.Join(f.Commit(), d.Close()); err != nil {
		t.Errorf("the first run lost its file: %v", err)
	}
	again, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestDirErrorsNameTheFile(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	if err := os.MkdirAll(filepath.Join(path, "a.txt", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := put(t, d, "a.txt", "x").Commit()
	if err = errors.Join(err, d.Sync()); err == nil || !strings.Contains(err.Error(), filepath.Join(path, "a.txt")) || translator.HintOf(err) == "" {
		t.Errorf("a folder in the file's place: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if got := files(t, path); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(file); err == nil || !strings.Contains(err.Error(), file) || translator.HintOf(err) == "" {
		t.Errorf("a file as folder: %v", err)
	}
}

func TestOpenDirRemovesOnlyItsOwnLeftovers(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	stay := []string{".note.tmp", "a.1-1.dragoman.tmp", "stories/deep/.a.1-1.dragoman.tmp", "stories/x.html"}
	for _, name := range append(stay, ".a.1-1.dragoman.tmp", "stories/.x.html.77-123.dragoman.tmp") {
		file := filepath.Join(path, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	got := files(t, path)
	slices.Sort(got)
	if !slices.Equal(got, stay) {
		t.Errorf("left %v, want %v", got, stay)
	}
}

// wholeFile is what the killed writer puts into every file.
var wholeFile = bytes.Repeat([]byte("a line of some length\n"), 4000)

// TestDirChild is no test: it is the process that TestDirSurvivesKill kills.
func TestDirChild(t *testing.T) {
	path := os.Getenv("DRAGOMAN_TEST_DIR")
	if path == "" {
		t.Skip("run by TestDirSurvivesKill")
	}
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		f, err := d.Create("stories/" + string(rune('a'+i%26)))
		if err != nil {
			t.Fatal(err)
		}
		for piece := range slices.Chunk(wholeFile, 10000) {
			if _, err := f.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDirSurvivesKill(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	leftovers, shown := 0, 0
	for cycle := range 12 {
		child := exec.Command(os.Args[0], "-test.run=^TestDirChild$")
		child.Env = append(os.Environ(), "DRAGOMAN_TEST_DIR="+path)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(40+17*cycle) * time.Millisecond)
		_ = child.Process.Kill()
		_ = child.Wait()
		for _, name := range files(t, path) {
			if strings.HasSuffix(name, ".tmp") {
				leftovers++
				continue
			}
			shown++
			if got, err := os.ReadFile(filepath.Join(path, name)); err != nil || !bytes.Equal(got, wholeFile) {
				t.Fatalf("cycle %d: %s is torn: %d bytes, %v", cycle, name, len(got), err)
			}
		}
	}
	if leftovers == 0 || shown == 0 {
		t.Skipf("the machine was too slow to catch a write: %d leftovers, %d files", leftovers, shown)
	}
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range files(t, path) {
		if strings.HasSuffix(name, ".tmp") {
			t.Errorf("%s is left", name)
		}
	}
}

// After a file that cannot take its place nothing more does, so that a report
// never tells of files that are not there.
func TestPublishStopsAtAFailure(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := os.MkdirAll(filepath.Join(path, "second", "occupied"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"first", "second", "third"} {
		f, err := d.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(name)); err != nil {
			t.Fatal(err)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Sync(); !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), "second") {
		t.Errorf("the error is %v, want Invalid that names the file", err)
	}
	entries, err := os.ReadDir(path)
	if err != nil || len(entries) != 2 || entries[0].Name() != "first" {
		t.Errorf("the folder holds %v, want the first file and the occupied place", entries)
	}
}
