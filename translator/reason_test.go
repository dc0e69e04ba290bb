package translator_test

import (
	"testing"

	"dragoman/translator"
)

// A kind that is written down is read back, and one of a newer program is Other.
func TestKindsByTheirWords(t *testing.T) {
	t.Parallel()
	for kind := translator.Other; kind <= translator.Interrupted; kind++ {
		if got := translator.KindNamed(kind.Error()); got != kind {
			t.Errorf("%q is read as %v", kind.Error(), got)
		}
		r := translator.Reason{Kind: kind, Text: "text"}
		if r.KindWords() != kind.Error() {
			t.Errorf("%+v is written as %q", r, r.KindWords())
		}
	}
	if got := translator.KindNamed("eaten by the dog"); got != translator.Other {
		t.Errorf("unknown words are %v", got)
	}
	if words := (translator.Reason{}).KindWords(); words != "" {
		t.Errorf("no reason is written as %q", words)
	}
}
