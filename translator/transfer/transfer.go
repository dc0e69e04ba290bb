// Package transfer copies what one store holds into another, of any kind.
//
// Each function only reads the one store, which may be at work meanwhile, and
// adds to the other what that lacks. Each may be run again, because it was
// stopped at any point or because there is more by now: it does what is left,
// and what the other store has of its own, or has newer, stays.
package transfer

import (
	"context"

	"dragoman/translator"
)

// Options holds what may be changed about a copy. A nil *Options is all zero.
type Options struct {
	// Progress is told now and then how far the copy is.
	Progress func(Counts)
	// Jobs is given the ids of copied versions that are still open, so that
	// workers of the other store go on with them. It may be given one that it
	// was given before. It is for Stories alone.
	Jobs func(ctx context.Context, open []translator.VersionID) error
}

// Counts says what became of what a store holds: entries, lines or versions.
type Counts struct {
	Seen    int `json:"seen"`    // in the one store
	Added   int `json:"added"`   // the other lacked them
	Changed int `json:"changed"` // the other had them as they were earlier
	Newer   int `json:"newer"`   // the other has them newer
	Damaged int `json:"damaged"` // left out, because nothing is left of them
	Open    int `json:"open"`    // of the ledger: not settled; of stories: still to be worked on
	Over    int `json:"over"`    // of stories: open in the one, and over in the other, where they stay so
}

// A copying is one copy under way.
type copying struct {
	opts   *Options
	counts Counts
}

func newCopying(opts *Options) *copying {
	if opts == nil {
		opts = &Options{}
	}
	return &copying{opts: opts}
}

func (c *copying) tell() {
	if c.opts.Progress != nil {
		c.opts.Progress(c.counts)
	}
}
