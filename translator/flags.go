package translator

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Flags that are notes: they say what was done, not what is wrong. All others
// are names of package quality's rules.
const (
	// FlagPseudo marks a stand-in that is no translation.
	FlagPseudo = "pseudo"
	// FlagAskedAgain says that the engine's first answer was doubted and this
	// came of asking it once more.
	FlagAskedAgain = "asked-again"
	// FlagMovedOn says that an engine earlier in the chain answered, was
	// doubted, and this is another engine's answer.
	FlagMovedOn = "moved-on"
)

// Faults counts the flags that say what is wrong.
func Faults(flags []string) int {
	n := 0
	for _, flag := range flags {
		switch flag {
		case FlagPseudo, FlagAskedAgain, FlagMovedOn:
		default:
			n++
		}
	}
	return n
}

// AddFlags returns flags with more added, sorted, each once. It changes
// neither, and returns nil for none.
func AddFlags(flags []string, more ...string) []string {
	if len(more) == 0 {
		return flags
	}
	all := append(slices.Clone(flags), more...)
	slices.Sort(all)
	return slices.Compact(all)
}

// An Answer is what one engine of a chain made of a text, for Best.
type Answer struct {
	Flags []string
	Doubt Doubt
}

// Best returns which of the answers to one text is taken, in the order in which
// they were asked for: the first that is trusted, or else the one with the
// fewest faults, of equals the first. It is -1 for none.
func Best(answers []Answer) int {
	best := -1
	for i, a := range answers {
		if a.Doubt == Trusted {
			return i
		}
		if best < 0 || Faults(a.Flags) < Faults(answers[best].Flags) {
			best = i
		}
	}
	return best
}

// JoinFlags writes flags as one text, a space between each two. A name that
// could not be read back as it is, is an Invalid error.
func JoinFlags(flags []string) (string, error) {
	for _, f := range flags {
		if f == "" || strings.ContainsFunc(f, unicode.IsSpace) {
			return "", NewError("store", Invalid, fmt.Errorf("%q is no name of a flag: it is empty or has a space in it", f))
		}
	}
	return strings.Join(flags, " "), nil
}

// SplitFlags reads what JoinFlags wrote. No flags are nil.
func SplitFlags(joined []byte) []string {
	if len(joined) == 0 {
		return nil
	}
	return strings.Split(string(joined), " ")
}
