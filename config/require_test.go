package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRequire(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open, closed := filepath.Join(dir, "open.json"), filepath.Join(dir, "closed.json")
	for path, mode := range map[string]os.FileMode{open: 0o644, closed: 0o600} {
		if err := os.WriteFile(path, []byte("{\n}\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	google := func(file string) string {
		return "chain: [google]\nbackends: {google: {project: p, credentials_file: " + file + "}}\n"
	}
	for _, tt := range []struct{ name, text, want string }{
		{"nothing set up", "", "backends.tmx.file: no backend is set up, and the default, tmx, has no file to answer from; name a TMX file here, or set chain: [google] and backends.google.project in dragoman.yaml, or try it without an account or costs by --backend pseudo"},
		{"tmx", "chain: [tmx]\nbackends:\n  tmx:\n    file: ''\n", "dragoman.yaml:4: backends.tmx.file: the tmx backend needs a TMX file"},
		{"tmx set up", "backends: {tmx: {file: a.tmx}}\n", ""},
		{"google", "chain: [google]\n", "backends.google.project: the google backend needs the project that pays; set it, or DRAGOMAN_BACKENDS_GOOGLE_PROJECT"},
		{"no location", "chain: [google]\nbackends: {google: {project: p, location: ''}}\n", "dragoman.yaml:2: backends.google.location: the google backend needs a location"},
		{"no model", "chain: [google]\nbackends: {google: {project: p, model: ''}}\n", "backends.google.model: the google backend needs a model"},
		{"google set up", google(closed), ""},
		{"key for all to read", google(open), "credentials_file: " + open + " is open to other users (mode 0644); run chmod 600 " + open},
		{"no key", google("nowhere.json"), "credentials_file: cannot read nowhere.json: no such file or directory; check the path"},
		{"key is a folder", google(dir), "credentials_file: " + dir + " is a folder"},
		{"emulator needs no key", "chain: [google]\nbackends: {google: {project: p, credentials_file: nowhere, endpoint: '127.0.0.1:1', insecure: true}}\n", ""},
		{"command", "chain: [command]\n", "backends.command.argv: the command backend needs a program to run; write argv: [program, argument]"},
		{"empty program", "chain: [command]\nbackends: {command: {argv: ['', -x]}}\n", "dragoman.yaml:2: backends.command.argv: the command backend needs a program"},
		{"pseudo", "chain: [pseudo]\n", ""},
		{"not in the chain", "chain: [pseudo]\nbackends: {google: {credentials_file: nowhere}}\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := mustLoad(t, tt.text).Require()
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if got := mistakesOf(t, nil, err); len(got) != 1 || !strings.Contains(got[0], tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestRequireNamed(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, "chain: [pseudo]\n")
	if err := c.Require("pseudo"); err != nil {
		t.Error(err)
	}
	err := c.Require("google", "command", "tmxx")
	got := strings.Join(mistakesOf(t, nil, err), "\n")
	for _, want := range []string{"backends.google.project", "backends.command.argv", `"tmxx" is no backend; did you mean tmx?`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nhas nothing of %s", got, want)
		}
	}
}
