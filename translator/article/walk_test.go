package article_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/article"
)

func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("نص الخبر هنا."), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func ids(results []result) []string {
	var out []string
	for _, r := range results {
		if r.err == nil {
			out = append(out, r.a.ID)
		}
	}
	return out
}

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := tree(t, "b.txt", "a.txt", "sub/c.txt", "sub/deep/d.text", ".hidden.txt", ".git/e.txt", "~$f.txt",
		"g.txt.part", "h.filepart", "i.tmp", "j.txt.swp", "k.lock", "l.doc", "m.txt.partial", "README")
	got := readAll(t, nil, dir)
	if want := []string{"a", "b", "sub/c", "sub/deep/d"}; !slices.Equal(ids(got), want) || len(got) != len(want) {
		t.Errorf("a folder gives %q in %d results, want %q", ids(got), len(got), want)
	}
	if want := filepath.Join(dir, "sub", "c.txt"); got[2].a.Path != want {
		t.Errorf("path %q, want %q", got[2].a.Path, want)
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	dir := tree(t, "b.txt", "a.txt", "c.doc", "sub/d.txt", "[x].txt", ".e.txt")
	for pattern, want := range map[string][]string{
		"?.txt": {"a", "b"},
		"*":     {"[x]", "a", "b", "d"},
		// A file of that very name is meant, not a pattern.
		"[x].txt": {"[x]"},
	} {
		got := readAll(t, nil, filepath.Join(dir, pattern))
		if !slices.Equal(ids(got), want) || len(got) != len(want) {
			t.Errorf("pattern %s gives %q in %d results, want %q", pattern, ids(got), len(got), want)
		}
	}
}

func TestPathsWithoutStories(t *testing.T) {
	t.Parallel()
	dir := tree(t, "only.doc")
	for path, says := range map[string]string{
		filepath.Join(dir, "none.txt"): "there is no file or folder " + filepath.Join(dir, "none.txt"),
		filepath.Join(dir, "*.txt"):    "matches no story",
		filepath.Join(dir, "*"):        "matches no story",
		filepath.Join(dir, "[a.txt"):   "syntax",
		dir:                            "holds no story",
	} {
		got := readAll(t, nil, path)
		if len(got) != 1 {
			t.Fatalf("%s gives %+v, want one error", path, got)
		}
		wantItemError(t, got[0].err, translator.Invalid, filepath.Base(path), says)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	outside := tree(t, "secret.txt")
	dir := tree(t, "a.txt", "sub/b.txt")
	for name, target := range map[string]string{
		"in.txt": "a.txt", "out.txt": filepath.Join(outside, "secret.txt"), "up.txt": "../../etc/hosts",
		"loop": ".", "gone.txt": "nowhere.txt", "sub/self.txt": "self.txt",
	} {
		if err := os.Symlink(target, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Skip("this file system has no links:", err)
		}
	}
	got := readAll(t, nil, dir)
	if want := []string{"a", "in", "sub/b"}; !slices.Equal(ids(got), want) {
		t.Errorf("stories %q, want %q", ids(got), want)
	}
	var failed []string
	for _, r := range got {
		if r.err != nil {
			wantItemError(t, r.err, translator.Invalid, "", "")
			failed = append(failed, filepath.Base(strings.SplitN(r.err.Error(), ":", 2)[0]))
		}
	}
	slices.Sort(failed)
	if want := []string{"gone.txt", "out.txt", "self.txt", "up.txt"}; !slices.Equal(failed, want) {
		t.Errorf("errors about %q, want %q", failed, want)
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	path := write(t, "a.txt", "نص.")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open(path); err == nil {
		f.Close()
		t.Skip("this user may read everything")
	}
	wantItemError(t, readAll(t, nil, path)[0].err, translator.Invalid, "a.txt", "permission denied")
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"-rf.txt", "con.txt", "a\nb.txt", "a\u202eb.txt", "a\xffb.txt", strings.Repeat("x", 251) + ".txt", "a:b.txt"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("نص."), 0o644); err != nil {
			t.Logf("%q: %v", name, err)
			continue
		}
		for _, path := range []string{dir, filepath.Join(dir, name)} {
			for _, r := range readAll(t, nil, path) {
				if r.err == nil {
					wantSound(t, r.a)
				} else if path != dir {
					t.Errorf("%q named by the user: %v", name, r.err)
				}
			}
		}
	}
}

func TestDuplicatePathsAreReadTwice(t *testing.T) {
	t.Parallel()
	path := write(t, "a.txt", "نص.")
	if got := readAll(t, &article.Options{Lang: "fa"}, path, path); len(got) != 2 || got[1].a.Lang != "fa" {
		t.Errorf("got %+v, want the story twice, in fa", got)
	}
}
