package translator

import (
	"context"
	"unicode/utf8"
)

// A Backend is one engine behind one account: the whole duty of a driver. It
// does not batch, remember, retry, pace or log; package backend does that once
// for all. It is safe for concurrent use. One that holds resources is also an io.Closer.
type Backend interface {
	// Traits is constant for the Backend's life and costs nothing.
	Traits() Traits
	// Translate answers one request that keeps to the Traits, with one
	// Translation per text, in order, or an error and nothing. Errors are
	// *Error with a Kind; a context's error comes back as it is.
	Translate(ctx context.Context, req Request) (Response, error)
}

// Traits is what must be known of a Backend before it is asked anything.
type Traits struct {
	Name        string     // as in the configuration: "google"
	Signature   Signature  // all that can change the answer
	Origin      OriginKind // of its answers; empty is Machine
	MaxTexts    int        // texts in one request; 0 is no limit
	MaxSize     int        // sum of Size over one request; 0 is no limit
	MaxTextSize int        // Size of one text, which goes alone if it is above MaxSize; 0 is MaxSize
	// Size is what the service counts and bills; nil is Unicode code points.
	Size        func(string) int
	Connections int // requests at once that the service bears; 0 is 1
	// Price is what a unit of Size costs, 0 for a local engine.
	Price Price
}

// SizeOf returns t.Size of a text.
func (t Traits) SizeOf(text string) int {
	if t.Size == nil {
		return utf8.RuneCountInString(text)
	}
	return t.Size(text)
}

// A Request asks for translations. Texts are in transport form and not empty.
type Request struct {
	Direction Direction
	Texts     []string
}

// A Response answers a Request.
type Response struct {
	Translations []Translation // one per text, in order
	Billed       int           // units of Size that the service says it billed; 0 if it does not say
}

// A Translation is one text of a Response. With Err, that text alone has none
// (its Kind is Missing, Invalid, TooLarge or Corrupt) and the rest stand.
type Translation struct {
	Text string
	Err  error
}

// A Func translates any number of texts of any size, in order; a text is in
// transport form and not empty. It returns one Result per text, or an error
// that ends the run: a store that cannot be written, or ctx done.
type Func func(ctx context.Context, dir Direction, texts []string) ([]Result, error)

// A Result is the answer to one text. With Err it has none, and the rest stand.
type Result struct {
	Text   string
	Origin Origin
	// Recalled says that it was in memory before it was asked for.
	Recalled bool
	Err      error
}
