package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the program says today into translator/docs/scale.md")

// block is a command of the page, and what it is shown to say.
var block = regexp.MustCompile("(?ms)^```console\n\\$ go run ./cmd/scale ?([^\n]*)\n(.*?)^```$")

// TestPage runs every command of translator/docs/scale.md and compares.
func TestPage(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "translator", "docs", "scale.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	is := block.ReplaceAllStringFunc(string(page), func(found string) string {
		seen++
		parts := block.FindStringSubmatch(found)
		var out bytes.Buffer
		if err := run(strings.Fields(parts[1]), &out); err != nil {
			t.Errorf("scale %s: %v", parts[1], err)
		}
		if !*update && out.String() != parts[2] {
			t.Errorf("scale %s says\n%s\nand the page\n%s\ngo test ./cmd/scale -update writes it anew; see that its words are still true", parts[1], out.String(), parts[2])
		}
		return "```console\n$ go run ./cmd/scale " + parts[1] + "\n" + out.String() + "```"
	})
	if seen < 4 {
		t.Errorf("the page has %d commands, want 4 or more", seen)
	}
	if *update {
		if err := os.WriteFile(path, []byte(is), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
