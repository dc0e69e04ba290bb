package backend

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
)

// replying answers every request with the same translations.
type replying struct {
	resp   translator.Response
	err    error
	closed *bool
}

func (r replying) Traits() translator.Traits { return translator.Traits{Name: "reply"} }
func (r replying) Translate(context.Context, translator.Request) (translator.Response, error) {
	return r.resp, r.err
}
func (r replying) Close() error { *r.closed = true; return nil }

func translations(texts ...string) translator.Response {
	resp := translator.Response{Billed: 7}
	for _, text := range texts {
		resp.Translations = append(resp.Translations, translator.Translation{Text: text})
	}
	return resp
}

// Row B8 of the fault tables: no count but the right one is believed.
func TestCheckCounts(t *testing.T) {
	t.Parallel()
	req := translator.Request{Texts: []string{"a", "b", "c"}}
	for _, resp := range []translator.Response{translations(), translations("1", "2"), translations("1", "2", "3", "4")} {
		got, err := Check(replying{resp: resp}).Translate(t.Context(), req)
		if !errors.Is(err, translator.Corrupt) || got.Translations != nil || !strings.Contains(err.Error(), "3 texts") {
			t.Errorf("%d translations: %+v, %v", len(resp.Translations), got, err)
		}
	}
	got, err := Check(replying{resp: translations("1", "2", "3")}).Translate(t.Context(), req)
	if err != nil || got.Billed != 7 || got.Translations[2].Text != "3" {
		t.Errorf("a good answer became %+v, %v", got, err)
	}
}

// breaking panics at a text.
type breaking struct{ replying }

func (breaking) Translate(_ context.Context, req translator.Request) (translator.Response, error) {
	var parts []string
	if slices.Contains(req.Texts, "سر") {
		parts = parts[:len(req.Texts[0])]
	}
	return translations(append(parts, req.Texts...)...), nil
}

// TestCheckPanic: the text that a driver breaks down at is found, and costs the others nothing.
func TestCheckPanic(t *testing.T) {
	t.Parallel()
	inBubble(t, Check(breaking{}), nil, func(t *testing.T, c *Client) {
		results := ask(t, c, "a", "b", "سر", "c", "d")
		for i, r := range results {
			if i != 2 && (r.Err != nil || r.Text == "") {
				t.Errorf("%d: %+v", i, r)
			}
		}
		err := results[2].Err
		if !errors.Is(err, translator.Corrupt) || !strings.Contains(err.Error(), "breaking.Translate (check_test.go:") || translator.HintOf(err) == "" {
			t.Errorf("the text itself: %v", err)
		}
	})
}

func TestCheckTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, answer string
		ok           bool
	}{
		{"a", "b", true}, {"a", "", false}, {"a", " \t\u2003", false}, {"a", "x\xc3", false}, {"a", "x\x00", false},
		{"a", "x\uFFFD", false}, {"a\uFFFD", "x\uFFFD", true}, {" ", "", true},
	} {
		resp := translations("fine", c.answer)
		got, err := Check(replying{resp: resp}).Translate(t.Context(), translator.Request{Texts: []string{"fine", c.text}})
		if err != nil || got.Translations[0].Err != nil {
			t.Fatalf("%q: %+v, %v", c.answer, got, err)
		}
		tr := got.Translations[1]
		if c.ok != (tr.Err == nil) || !c.ok && (!errors.Is(tr.Err, translator.Corrupt) || tr.Text != "") {
			t.Errorf("%q for %q: %+v", c.answer, c.text, tr)
		}
		if resp.Translations[1].Err != nil {
			t.Error("the driver's own slice was changed")
		}
	}
}

func TestCheckPassesErrorsAndCloseThrough(t *testing.T) {
	t.Parallel()
	closed := false
	b := Check(replying{err: io.ErrUnexpectedEOF, closed: &closed})
	if _, err := b.Translate(t.Context(), translator.Request{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	if err := b.(io.Closer).Close(); err != nil || !closed {
		t.Errorf("Close: %v, passed through: %v", err, closed)
	}
	if err := Check(&service{}).(io.Closer).Close(); err != nil {
		t.Errorf("Close of what cannot be closed: %v", err)
	}
}
