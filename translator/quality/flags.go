package quality

import "dragoman/translator"

// Flags returns the names of the rules that a pair breaks, in the order of
// Rules; nil is none.
func (c *Checker) Flags(source, target string) []string {
	var names []string
	for _, f := range c.Check(source, target) {
		names = append(names, f.Rule)
	}
	return names
}

// DoubtOf returns the gravest of what flags call for. One that names no rule
// calls for nothing.
func DoubtOf(flags []string) translator.Doubt {
	doubt := translator.Trusted
	for _, flag := range flags {
		for i := range table {
			if table[i].Name == flag {
				doubt = max(doubt, table[i].Doubt)
			}
		}
	}
	return doubt
}

// Meanings returns what each flag means in a sentence, the notes among them.
func Meanings() map[string]string {
	m := map[string]string{
		translator.FlagAskedAgain: "The first answer was doubted, and the text was sent once more, alone.",
		translator.FlagMovedOn:    "A backend before this one gave a doubted answer.",
		translator.FlagPseudo:     "A stand-in for trying things out, no translation.",
	}
	for i := range table {
		m[table[i].Name] = table[i].Means
	}
	return m
}
