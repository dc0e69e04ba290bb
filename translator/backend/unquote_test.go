package backend_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/backend"
)

// A gossip says back what it is asked.
type gossip struct{ err error }

func (g gossip) Traits() translator.Traits { return translator.Traits{Name: "gossip"} }

func (g gossip) Translate(context.Context, translator.Request) (translator.Response, error) {
	return translator.Response{}, g.err
}

// checkedError returns what becomes of an error that is about texts.
func checkedError(err error, texts ...string) error {
	_, err = backend.Check(gossip{err}).Translate(context.Background(), translator.Request{Texts: texts})
	return err
}

func TestErrorsDoNotQuoteTexts(t *testing.T) {
	t.Parallel()
	const bread, ferry = "ارتفع سعر الخبز في العاصمة أمس.", "عادت العبّارة إلى الميناء."
	for _, tt := range []struct{ said, want string }{
		{"busy", "busy"},
		{"cannot take " + bread, "cannot take [text]"},
		{"'" + ferry + "' and '" + bread + "'", "'[text]' and '[text]'"},
		{"cannot take ارتفع سعر الخبز...", "cannot take [text]..."},
		{"cannot take سعر الخبز في العاصمة!", "cannot take[text]!"},
		{"no short text", "no [text] text"},
		{"the model is down", "the model is down"},
		{"", ""},
	} {
		err := checkedError(translator.NewError("gossip", translator.Unavailable, errors.New(tt.said)), bread, ferry, "short", "the")
		if e, ok := errors.AsType[*translator.Error](err); !ok || e.Err.Error() != tt.want {
			t.Errorf("%q became %v", tt.said, err)
		}
	}
}

func TestAnErrorWithoutQuotesIsTheSameOtherwise(t *testing.T) {
	t.Parallel()
	const text = "ارتفع سعر الخبز في العاصمة أمس."
	e := &translator.Error{Op: "gossip", Kind: translator.Throttled, After: 7, Hint: "wait", MaybePaid: true, Err: fmt.Errorf("%s: %w", text, io.ErrUnexpectedEOF)}
	got := checkedError(e, text)
	kept, ok := errors.AsType[*translator.Error](got)
	if !ok || kept.Kind != e.Kind || kept.After != e.After || kept.Hint != e.Hint || !kept.MaybePaid || !errors.Is(got, io.ErrUnexpectedEOF) || strings.Contains(got.Error(), "سعر") {
		t.Errorf("it became %#v", got)
	}
	for _, plain := range []error{context.Canceled, io.EOF, translator.Denied, translator.NewError("x", translator.Denied, nil)} {
		if got := checkedError(plain, text); got != plain {
			t.Errorf("%v became %v", plain, got)
		}
	}
	if !strings.Contains(e.Error(), text) {
		t.Error("the driver's own error was changed")
	}
}

// TestNoQuotationIsLeft looks at messages made of pieces of texts.
func TestNoQuotationIsLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("ابتث abc.")), 12, 60, -1), 1, 4).Draw(t, "texts")
		var said strings.Builder
		for range rapid.IntRange(0, 4).Draw(t, "pieces") {
			text := []rune(rapid.SampledFrom(texts).Draw(t, "text"))
			from := rapid.IntRange(0, len(text)).Draw(t, "from")
			said.WriteString(string(text[from:rapid.IntRange(from, len(text)).Draw(t, "to")]) + "|")
		}
		err := checkedError(translator.NewError("gossip", translator.Invalid, errors.New(said.String())), texts...)
		left := strings.Split(strings.TrimPrefix(err.Error(), "gossip: "), "[text]")
		for _, piece := range left {
			r := []rune(piece)
			for i := 0; i+12 <= len(r); i++ {
				for _, text := range texts {
					if strings.Contains(text, string(r[i:i+12])) {
						t.Fatalf("%q is left of %q", string(r[i:i+12]), &said)
					}
				}
			}
		}
	})
}
