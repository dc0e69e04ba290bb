package quality_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/quality"
)

var actions = map[translator.Doubt]string{translator.Trusted: "flag", translator.AskAgain: "ask again", translator.MoveOn: "next engine"}

// TestDocs holds the table of translator/docs/quality.md against the rules.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "docs", "quality.md"))
	if err != nil {
		t.Fatal(err)
	}
	rules := quality.Rules()
	var want strings.Builder
	for _, r := range rules {
		limits := make([]string, len(r.Limits))
		for i, l := range r.Limits {
			limits[i] = fmt.Sprintf("%s %v", l.Name, l.Value)
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s |\n", r.Name, r.Means, actions[r.Doubt], strings.Join(limits, ", "))
	}
	if !strings.Contains(string(page), want.String()) {
		t.Errorf("docs/quality.md has another table than this:\n%s", want.String())
	}
	for _, f := range faults {
		if row := fmt.Sprintf("| %s | `%s` |", f.name, strings.Join(f.rules, "`, `")); !strings.Contains(string(page), row) {
			t.Errorf("docs/quality.md lacks the fault %s", row)
		}
	}
	for _, note := range []string{translator.FlagAskedAgain, translator.FlagMovedOn} {
		if !strings.Contains(string(page), "`"+note+"`") {
			t.Errorf("docs/quality.md lacks the note %s", note)
		}
	}
}
