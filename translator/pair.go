package translator

import (
	"fmt"
	"iter"
	"time"
)

// A Pair is what the whole program makes: a sentence and its translation.
type Pair struct {
	ID       string    `json:"id"`       // PairID of the three fields below
	Story    string    `json:"story"`    // Article.ID
	Block    int       `json:"block"`    // of the article, counted from 1
	Sentence int       `json:"sentence"` // of the block, counted from 1
	Kind     BlockKind `json:"kind"`
	Source   Text      `json:"source"`
	Target   Text      `json:"target"`
	Origin   Origin    `json:"origin"`
	Flags    []string  `json:"flags"` // what a reader must know of it, sorted; never nil in output
}

// PairID names a sentence by its place: "quake:3.1".
func PairID(story string, block, sentence int) string {
	return fmt.Sprintf("%s:%d.%d", story, block, sentence)
}

// A Text is text in a language.
type Text struct {
	Lang Lang   `json:"lang"`
	Text string `json:"text"`
}

// An Origin says how a target came to be, well enough to make it again.
// Whether it was recalled from memory is a fact about a run, not about the
// text, and stands in the run's report instead.
type Origin struct {
	Kind      OriginKind `json:"kind"`
	Signature Signature  `json:"signature"`
	// Time is when the sentence was translated, in UTC, to the second; not when it was written.
	Time time.Time `json:"time"`
}

// An OriginKind says who made a target.
type OriginKind string

// The kinds of origin.
const (
	Human   OriginKind = "human"   // a person wrote or approved it
	Seed    OriginKind = "seed"    // taken from translations that existed before, as a TMX file
	Machine OriginKind = "machine" // an engine made it
	Aligned OriginKind = "aligned" // found beside its source in a translated document
	Pseudo  OriginKind = "pseudo"  // a stand-in that is no translation
)

// OriginKindOf returns the kind that text spells, the constant where there is
// one, so that a million that are read share five strings.
func OriginKindOf(text []byte) OriginKind {
	for _, kind := range [...]OriginKind{Machine, Human, Seed, Aligned, Pseudo} {
		if string(text) == string(kind) {
			return kind
		}
	}
	return OriginKind(text)
}

// A Signature names an engine and every setting that can change its answer,
// as "google:v3|general/nmt|glossary:none". Two signatures never share an answer.
type Signature string

// The signatures of translations that no engine made.
const (
	HumanSignature Signature = "human"
	SeedSignature  Signature = "seed"
)

// Pairs is a sequence of pairs; for its errors see Articles.
type Pairs = iter.Seq2[Pair, error]

// A PairWriter receives pairs in order. Close writes what is still due, and
// does not close what lies beneath.
type PairWriter interface {
	WritePair(Pair) error
	Close() error
}
