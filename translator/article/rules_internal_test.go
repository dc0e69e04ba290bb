package article

import (
	"crypto/sha256"
	"fmt"
	"testing"
)

// The rules of a version never change: whoever changes one raises the version
// and writes the new sum here.
func TestRulesVersion(t *testing.T) {
	t.Parallel()
	const version, sum = 2, "a642b1a625f717dd"
	got := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%+v %v %v", rules, RuleNames(), []int{maxNoise, maxTeaser})))
	if RulesVersion != version || got[:16] != sum {
		t.Errorf("the rules of version %d have the sum %s, want version %d with %s: raise RulesVersion", RulesVersion, got[:16], version, sum)
	}
}

// A form that folds to nothing would match every line, and two rules with
// one form would hide each other.
func TestForms(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for _, r := range rules {
		for _, f := range foldedForms[r.name] {
			if f == "" {
				t.Errorf("rule %s has an empty form", r.name)
			}
			if o := owner[f]; o != "" && o != r.name {
				t.Errorf("form %q is of rules %s and %s", f, o, r.name)
			}
			owner[f] = r.name
		}
	}
}
