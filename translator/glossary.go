package translator

// A Glossary says how terms are to be translated in one direction.
type Glossary struct {
	Direction Direction
	Terms     []Term // sorted by source
	// Digest changes with anything that can change an answer: the direction and
	// the terms' two sides. Twelve hexadecimal digits.
	Digest string
}

// A Term is one entry of a Glossary.
type Term struct {
	Source, Target string
	Note           string // for people; not sent
}
