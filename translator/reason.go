package translator

import "cmp"

// ReasonOf writes an error down; of nil it is the zero Reason. Of one that says
// nothing it keeps the word for its kind, so that it does not become no error.
func ReasonOf(err error) Reason {
	if err == nil {
		return Reason{}
	}
	return Reason{Kind: KindOf(err), Text: cmp.Or(err.Error(), KindOf(err).Error()), Hint: HintOf(err)}
}

// Err returns an error that says what the one said that was written down, and
// has its kind and hint; of the zero Reason it is nil.
func (r Reason) Err() error {
	if r == (Reason{}) {
		return nil
	}
	return &told{r.Text, Error{Kind: r.Kind, Hint: r.Hint}}
}

// KindWords returns the words for the kind of a reason, as KindNamed takes them;
// of the zero Reason, which is no reason, it is empty.
func (r Reason) KindWords() string {
	if r == (Reason{}) {
		return ""
	}
	return r.Kind.Error()
}

// A told error is what is left of one that was written down. Its text holds the
// words for the kind already, where they belong.
type told struct {
	text string
	what Error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return &t.what }
