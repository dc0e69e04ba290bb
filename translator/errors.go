package translator

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// A Kind is the class of an error, and itself an error, so that
// errors.Is(err, translator.Throttled) holds through any wrapping.
type Kind uint8

// The kinds of error. What to do about each is written in translator/docs/errors.md.
const (
	Other       Kind = iota
	Invalid          // it can never work as asked: a bad file, setting or request
	Unsupported      // not this direction or feature, on this engine
	TooLarge         // one text or request above a limit
	Denied           // credentials or permission
	Exhausted        // a quota of the service that lasts for hours: a day's, a month's, an account's
	Throttled        // too fast; later
	Unavailable      // no answer, perhaps later
	Corrupt          // the answer does not fit the question
	Missing          // the engine has no translation of this text
	OverBudget       // the user's own limit on spending
	Interrupted      // the user stopped the run
)

var kindWords = [...]string{
	Other: "error", Invalid: "invalid", Unsupported: "unsupported", TooLarge: "too large", Denied: "denied",
	Exhausted: "quota exhausted", Throttled: "rate limited", Unavailable: "unavailable", Corrupt: "corrupt answer",
	Missing: "no translation", OverBudget: "over budget", Interrupted: "interrupted",
}

// Error returns the kind in words.
func (k Kind) Error() string {
	if int(k) < len(kindWords) {
		return kindWords[k]
	}
	return kindWords[Other]
}

// KindNamed returns the kind of some words, as they stand where the number of a
// Kind would not outlive the next one; of words that it does not know, Other.
func KindNamed(words string) Kind {
	if i := slices.Index(kindWords[:], words); i >= 0 {
		return Kind(i)
	}
	return Other
}

// Temporary tells whether the same request may succeed within minutes.
func (k Kind) Temporary() bool { return k == Throttled || k == Unavailable }

// Holds tells whether an error of this kind leaves the sentence for a later
// run, rather than saying something about the sentence itself.
func (k Kind) Holds() bool {
	switch k {
	case Denied, Exhausted, Throttled, Unavailable, OverBudget, Interrupted:
		return true
	}
	return false
}

// KindOf returns the kind of the first error in err's tree that has one, in the
// order in which errors.Is looks at it, or Other.
func KindOf(err error) Kind {
	k, _ := kindOf(err)
	return k
}

func kindOf(err error) (Kind, bool) {
	switch e := err.(type) {
	case Kind:
		return e, true
	case *Error:
		return e.Kind, true
	case interface{ Unwrap() error }:
		return kindOf(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if k, ok := kindOf(err); ok {
				return k, true
			}
		}
	}
	return Other, false
}

// An Error is an error of a kind. Its cause never holds a credential.
type Error struct {
	Op    string // what failed, as "google" or "read samples/ar/a.txt"
	Kind  Kind
	After time.Duration // Throttled, Unavailable: how long the service asked to wait; 0 if it did not say
	Hint  string        // what the user can do, one sentence; may be empty
	// MaybePaid says that the request may have been carried out and billed
	// although no answer came.
	MaybePaid bool
	Err       error // the cause; may be nil
}

// NewError returns an *Error of a kind.
func NewError(op string, kind Kind, cause error) *Error {
	return &Error{Op: op, Kind: kind, Err: cause}
}

// Error returns "google: rate limited: cause", leaving out what is empty and
// the kind's words where the cause says enough.
func (e *Error) Error() string {
	s := e.Op
	if e.Kind != Other && e.Kind != Invalid || e.Err == nil {
		s = join(s, e.Kind.Error())
	}
	if e.Err != nil {
		s = join(s, e.Err.Error())
	}
	return s
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + ": " + b
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// HintOf returns the first hint in err's tree, or "".
func HintOf(err error) string {
	for err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// An ItemError is about one item of a sequence, which goes on after it.
type ItemError struct {
	Path string // where the item was read, as Article.Path
	ID   string // the item's name in its batch, as Article.ID
	Err  error
}

// Name returns what people call the item: its path, for its ID may be that of one
// that can be read.
func (e *ItemError) Name() string { return cmp.Or(e.Path, e.ID) }

// Error returns the path and the cause.
func (e *ItemError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ItemError) Unwrap() error { return e.Err }
