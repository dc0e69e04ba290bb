package translator

import (
	"iter"
	"time"
)

// An Article is one story as read, its blocks in reading order.
type Article struct {
	// ID names the story within its batch: the same input gives the same ID.
	// It is data from outside: never a path, and not safe in one.
	ID string
	// Version is Version.Digest of a story that was submitted, and zero of one
	// that was read to be translated at once.
	Version [16]byte
	// Path says where it was read, for people: "wire/story.txt" or "wire/night.jsonl:17".
	Path      string
	Lang      Lang
	Published time.Time // zero if the source does not say
	Blocks    []Block
	Meta      map[string]string // what else the source said of it
}

// A Block is one paragraph-like piece of a story. Text is the story's own,
// never normalised, without line breaks inside a paragraph.
type Block struct {
	Kind BlockKind
	Text string
	// Rule names the rule that made a Boilerplate block of it; empty otherwise.
	Rule string
}

// A BlockKind says what a block is in its story.
type BlockKind string

// The kinds of block. Headline, Dateline and Byline are one segment each;
// Body, Crosshead and Caption are split into sentences; Boilerplate is
// dropped, and reported with its rule.
const (
	Headline    BlockKind = "headline"
	Dateline    BlockKind = "dateline"
	Byline      BlockKind = "byline"
	Crosshead   BlockKind = "crosshead"
	Body        BlockKind = "body"
	Caption     BlockKind = "caption"
	Boilerplate BlockKind = "boilerplate"
)

// A Span is a byte range of a block's Text. The spans of a block, put
// together, give the block back byte for byte.
type Span struct{ Start, End int }

// Articles is a sequence of stories. An *ItemError is about one story and the
// sequence goes on; any other error is the last thing it yields.
type Articles = iter.Seq2[Article, error]
