package translator

import (
	"context"
	"io"
	"math"
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

// Close closes a Backend that holds resources; any other is left as it is.
func Close(b Backend) error {
	if closer, ok := b.(io.Closer); ok {
		return closer.Close()
	}
	return nil
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
	Unit        string // what Size counts, in the plural; empty is "characters"
	Connections int    // requests at once that the service bears; 0 is 1
	Context     bool   // it reads Request.Contexts
	// Price is what a unit of Size costs that is sent, 0 for a local engine.
	Price Price
	// TargetPrice is what a unit costs that comes back, where that is billed
	// too, and Yield how many units come back for one sent.
	TargetPrice Price
	Yield       Yield
	// Overhead is how many units each request carries besides its texts, as a prompt.
	Overhead int
}

// A Yield bounds how many units of Size come back for one that is sent.
type Yield struct{ Least, Most float64 }

// SizeOf returns t.Size of a text.
func (t Traits) SizeOf(text string) int {
	if t.Size == nil {
		return utf8.RuneCountInString(text)
	}
	return t.Size(text)
}

// Cost returns what requests with so many units in all come to at least and
// at most. Both are the same where only the source is billed.
func (t Traits) Cost(requests, size int) (least, most USD) {
	size += requests * t.Overhead
	sent := t.Price.Of(size)
	back := func(yield float64) USD { return t.TargetPrice.Of(int(math.Ceil(yield * float64(size)))) }
	return sent + back(t.Yield.Least), sent + back(t.Yield.Most)
}

// A Request asks for translations. Texts are in transport form and not empty.
type Request struct {
	Direction Direction
	Texts     []string
	// Contexts says where each text stands. It is nil, or one per text.
	Contexts []Context
	// Again says that the texts were answered before and the answers doubted.
	Again bool
}

// Pick returns a request for some of the texts, by their places.
func (r Request) Pick(places []int) Request {
	picked := r
	picked.Texts, picked.Contexts = make([]string, len(places)), nil
	if r.Contexts != nil {
		picked.Contexts = make([]Context, len(places))
	}
	for k, i := range places {
		picked.Texts[k] = r.Texts[i]
		if r.Contexts != nil {
			picked.Contexts[k] = r.Contexts[i]
		}
	}
	return picked
}

// A Context is where a text stands. It is never translated itself; an engine
// whose Traits say so reads it to translate better.
type Context struct {
	Story         string   // Article.ID
	Version       [16]byte // Article.Version
	Headline      string   // of the story; empty for the headline itself
	Before, After string   // the sentences next to it; empty at the story's ends
}

// A Response answers a Request.
type Response struct {
	Translations []Translation // one per text, in order
	// Billed is how many units of Size the service says it took, and
	// BilledTarget how many it gave, where Traits.TargetPrice is set; 0 if it does not say.
	Billed, BilledTarget int
	// Signature is that of the answers, where another model gave them than was
	// asked; empty is that of the Traits.
	Signature Signature
}

// A Translation is one text of a Response. With Err, that text alone has none
// (its Kind is Missing, Invalid, TooLarge or Corrupt) and the rest stand.
type Translation struct {
	Text  string
	Flags []string // what a reader must know of it, sorted: names of package quality's rules
	Doubt Doubt    // what its flags call for
	Err   error
}

// A Doubt is what is to be done about a translation that may be wrong. It is
// believed in the end if nobody gives a better one, and then bears its flags.
type Doubt uint8

// The doubts, the mildest first.
const (
	Trusted  Doubt = iota
	AskAgain       // the same engine, with the text alone; after that as MoveOn
	MoveOn         // the next engine of the chain
)

// A Func translates any number of texts of any size, in order. It returns one
// Result per text, or an error that ends the run: a store that cannot be
// written, or ctx done (also as an *Underway). Request.Again is not set.
type Func func(ctx context.Context, req Request) ([]Result, error)

// An Underway is the error of a call whose context ended while texts of it were
// on their way to an engine, which nothing can call back: what is answered is
// saved and paid for. It unwraps to the context's error.
type Underway struct {
	Err    error
	Landed <-chan struct{} // closed when no text of the call is on its way any more
}

// Error is the context's.
func (u *Underway) Error() string { return u.Err.Error() }

// Unwrap returns the context's error.
func (u *Underway) Unwrap() error { return u.Err }

// A Result is the answer to one text. With Err it has none, and the rest stand.
type Result struct {
	Text   string
	Origin Origin
	Flags  []string // as in Translation
	Doubt  Doubt    // that remains
	// Recalled says that it was in memory before it was asked for.
	Recalled bool
	// Repeated says that the answer came to another asking of the same text, in
	// the same call or beside it: nothing was sent for this one.
	Repeated bool
	Err      error
}
