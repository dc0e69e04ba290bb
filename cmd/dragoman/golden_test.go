package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden outputs anew: samples/want")

// TestGolden compares what the samples become with samples/want. The one thing
// that may differ is when a sentence was translated, which stands there as the
// first second of 2026.
func TestGolden(t *testing.T) {
	t.Parallel()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ want, from, to, stories string }{
		{"ar-en", "ar", "en", "samples/ar"},
		{"en-ar", "en", "ar", "samples/en"},
	} {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			cmd := process(t, top, "translate", "--config", "samples/dragoman.yaml", "--store", "ram:", "--quiet",
				"--from", c.from, "--to", c.to, "--out", out, c.stories)
			if text, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			compare(t, outputs(t, out), filepath.Join(top, "samples", "want", c.want))
		})
	}
}

// compare compares files with those of a folder, or, to update, writes them there.
func compare(t *testing.T, got map[string]string, folder string) {
	if *update {
		writeGolden(t, got, folder)
		return
	}
	want := outputs(t, folder)
	for name, content := range got {
		if content != want[name] {
			t.Errorf("%s differs from %s; if it is right, run go test ./cmd/dragoman -run Golden -update", name, folder)
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s of %s was not written", name, folder)
		}
	}
}

func writeGolden(t *testing.T, files map[string]string, folder string) {
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The two ways in which outputs write a time, to the second.
var (
	rfc3339  = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	tmxTimes = regexp.MustCompile(`20\d{6}T\d{6}Z`)
)

// outputs returns all files of an output folder under their final names, with
// one time in place of all times. The report tells of its own run and is left out.
func outputs(t testing.TB, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"*", "stories/*"} {
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range slices.DeleteFunc(paths, isAside) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(folder, path)
			if err != nil {
				t.Fatal(err)
			}
			text := rfc3339.ReplaceAllString(string(b), "2026-01-01T00:00:00Z")
			files[name] = tmxTimes.ReplaceAllString(text, "20260101T000000Z")
		}
	}
	return files
}

// isAside tells a folder, a temporary file or the report.
func isAside(path string) bool {
	base := filepath.Base(path)
	return base == "stories" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "report.")
}
