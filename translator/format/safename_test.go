package format

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSafeName(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"quake":              "quake",
		"afp-2026.03.14_x":   "afp-2026.03.14_x",
		"wire/night.jsonl":   "wire-night.jsonl-",
		"Quake":              "Quake-",
		"..":                 "_-",
		"":                   "_-",
		"-rf":                "rf-",
		".hidden":            "hidden-",
		"../../etc/passwd":   "etc-passwd-",
		"con":                "_con-",
		"com1.txt":           "_com1.txt-",
		"nul":                "_nul-",
		"زلزال":              "_____-",
		"urn:newsml:a:b":     "urn_newsml_a_b-",
		"a\u202ecod.exe":     "a_cod.exe-",
		"nul\x00byte":        "nul_byte-",
		"end.":               "end-",
		"quake-abcdefghijkl": "quake-abcdefghijkl-",
	} {
		got := SafeName(id)
		if strings.HasSuffix(want, "-") {
			if !regexp.MustCompile("^" + regexp.QuoteMeta(want) + "[a-z2-7]{12}$").MatchString(got) {
				t.Errorf("SafeName(%q) = %q, want %q and a hash", id, got, want)
			}
		} else if got != want {
			t.Errorf("SafeName(%q) = %q, want %q", id, got, want)
		}
	}
}

var safe = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,119}$`)

func TestSafeNamesAreSafeAndDistinct(t *testing.T) {
	t.Parallel()
	id := rapid.OneOf(rapid.String(), rapid.StringMatching(`[aA./\-_ ]{0,6}`), rapid.StringMatching(`(con|CON|lpt1|Aux)(\.[a-z]*)?`),
		rapid.Map(rapid.StringN(100, 300, 300), strings.ToLower), rapid.Map(rapid.StringMatching(`[a-zA-Z/]{1,5}`), SafeName))
	rapid.Check(t, func(rt *rapid.T) {
		a, b := id.Draw(rt, "a"), id.Draw(rt, "b")
		name := SafeName(a)
		if !safe.MatchString(name) || isDevice(name) || strings.HasSuffix(name, ".") {
			rt.Fatalf("SafeName(%q) = %q", a, name)
		}
		if a != b && strings.EqualFold(name, SafeName(b)) {
			rt.Fatalf("%q and %q are both %q", a, b, name)
		}
		if again := SafeName(name); again == name && a != name {
			rt.Fatalf("the name %q of %q is also the name of itself", name, a)
		}
	})
}

// Every name can be made, in a folder that holds nothing else afterwards.
func TestSafeNamesStayInTheFolder(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	folder := filepath.Join(parent, "out")
	d, err := OpenDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{"../x", "/etc/passwd", "a\x00b", strings.Repeat("ن", 150), strings.Repeat("a", 300), "a\nb", "\xff\xfe", "\u202e", "CON", "..", ".", "", "A", "a", "x/../../y"}
	for _, id := range ids {
		f, err := d.Create("stories/" + SafeName(id) + ".html")
		if err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		if err := f.Commit(); err != nil {
			t.Fatalf("%q: %v", id, err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadDir(filepath.Join(folder, "stories"))
	if err != nil || len(made) != len(ids) {
		t.Errorf("%d files of %d, %v", len(made), len(ids), err)
	}
	if beside, _ := os.ReadDir(parent); len(beside) != 1 {
		t.Errorf("something was made beside the folder: %v", beside)
	}
}
