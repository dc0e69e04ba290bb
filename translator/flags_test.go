package translator

import (
	"slices"
	"testing"
)

func TestBestOfSeveralAnswers(t *testing.T) {
	t.Parallel()
	bad := func(doubt Doubt, flags ...string) Answer { return Answer{flags, doubt} }
	for name, c := range map[string]struct {
		answers []Answer
		want    int
	}{
		"none":                          {nil, -1},
		"one, doubted":                  {[]Answer{bad(MoveOn, "echo")}, 0},
		"trusted before doubted":        {[]Answer{bad(MoveOn, "echo"), bad(Trusted, "length", "quotes")}, 1},
		"the first trusted":             {[]Answer{bad(Trusted, "length"), bad(Trusted)}, 0},
		"fewest faults":                 {[]Answer{bad(MoveOn, "a", "b"), bad(MoveOn, "a")}, 1},
		"equal faults":                  {[]Answer{bad(MoveOn, "a"), bad(AskAgain, "b")}, 0},
		"a note is no fault":            {[]Answer{bad(MoveOn, "a", "b"), bad(MoveOn, FlagAskedAgain, "a")}, 1},
		"a stand-in's mark is no fault": {[]Answer{bad(MoveOn, "a"), bad(MoveOn, FlagPseudo)}, 1},
	} {
		if got := Best(c.answers); got != c.want {
			t.Errorf("%s: Best = %d, want %d", name, got, c.want)
		}
	}
}

func TestAddFlagsLeavesItsArgumentsAlone(t *testing.T) {
	t.Parallel()
	flags := make([]string, 1, 4)
	flags[0] = "numbers"
	got := AddFlags(flags, "echo", "numbers")
	if !slices.Equal(got, []string{"echo", "numbers"}) || flags[0] != "numbers" || flags[:2][1] != "" {
		t.Errorf("AddFlags = %q, and the argument became %q", got, flags[:2])
	}
	if AddFlags(nil) != nil {
		t.Error("no flags are not nil")
	}
}
