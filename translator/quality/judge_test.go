package quality_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/pseudo"
	"dragoman/translator/backend/tmx"
	"dragoman/translator/quality"
)

// engine answers as it is told.
type engine struct {
	answers []translator.Translation
	err     error
	closed  error
}

func (e engine) Traits() translator.Traits {
	return translator.Traits{Name: "engine", Signature: "engine:1"}
}

func (e engine) Translate(context.Context, translator.Request) (translator.Response, error) {
	return translator.Response{Translations: e.answers, Billed: 7}, e.err
}

func (e engine) Close() error { return e.closed }

const (
	closing = "أعلنت البلدية إغلاق الجسر غدا أمام 24 شاحنة."
	clean   = "The council said the bridge would close to 24 lorries tomorrow."
)

func ask(t *testing.T, b translator.Backend, again bool, texts ...string) translator.Response {
	t.Helper()
	resp, err := b.Translate(t.Context(), translator.Request{Direction: toEnglish, Texts: texts, Again: again})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// TestJudge wants flags sorted, the gravest doubt, and what the engine said kept.
func TestJudge(t *testing.T) {
	t.Parallel()
	broken := translator.NewError("engine", translator.Corrupt, nil)
	answers := []translator.Translation{
		{Text: clean},
		{Text: "The council said the <b>bridge would close to 42 lorries tomorrow."},
		{Text: "I'm sorry, but I cannot help with this request.", Flags: []string{"filtered"}, Doubt: translator.AskAgain},
		{Err: broken},
		{Text: "The council said the \u200fbridge would close to 24 lorries tomorrow."},
	}
	resp := ask(t, quality.Judge(engine{answers: answers}, nil), false, closing, closing, closing, closing, closing)
	want := []struct {
		flags []string
		doubt translator.Doubt
	}{
		{nil, translator.Trusted},
		{[]string{"added-markup", "numbers"}, translator.AskAgain},
		{[]string{"filtered", "numbers", "refusal"}, translator.MoveOn},
		{nil, translator.Trusted},
		{[]string{"hidden-characters"}, translator.Trusted},
	}
	for i, w := range want {
		if got := resp.Translations[i]; !slices.Equal(got.Flags, w.flags) || got.Doubt != w.doubt {
			t.Errorf("answer %d: %q and %v, want %q and %v", i, got.Flags, got.Doubt, w.flags, w.doubt)
		}
	}
	if resp.Billed != 7 || !errors.Is(resp.Translations[3].Err, translator.Corrupt) {
		t.Errorf("the rest of the answer became %+v", resp)
	}
	if answers[1].Flags != nil || len(answers[2].Flags) != 1 {
		t.Error("the engine's own answers were changed")
	}
}

// TestJudgeAgain wants the note on every answer to a question asked again.
func TestJudgeAgain(t *testing.T) {
	t.Parallel()
	b := quality.Judge(engine{answers: []translator.Translation{{Text: clean}, {Text: "A bridge would close to 42 lorries.", Flags: []string{"x"}}}}, nil)
	resp := ask(t, b, true, closing, closing)
	for i, want := range [][]string{{"asked-again"}, {"asked-again", "numbers", "x"}} {
		if got := resp.Translations[i].Flags; !slices.Equal(got, want) {
			t.Errorf("answer %d: %q, want %q", i, got, want)
		}
	}
	if resp.Translations[0].Doubt != translator.Trusted {
		t.Error("a clean answer is doubted because it was asked for again")
	}
}

// TestJudgeOrigins wants a person's translation flagged and believed, and a
// stand-in left alone.
func TestJudgeOrigins(t *testing.T) {
	t.Parallel()
	pairs := func(yield func(translator.Pair, error) bool) {
		yield(translator.Pair{
			Source: translator.Text{Lang: translator.Arabic, Text: closing},
			Target: translator.Text{Lang: translator.English, Text: "The council said the bridge would close to 42 lorries tomorrow."},
		}, nil)
	}
	seed, err := tmx.New(pairs, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := ask(t, quality.Judge(seed, nil), false, closing).Translations[0]
	if !slices.Equal(got.Flags, []string{"numbers"}) || got.Doubt != translator.Trusted {
		t.Errorf("a seed became %+v, want it flagged and trusted", got)
	}
	got = ask(t, quality.Judge(pseudo.New(nil), nil), false, closing).Translations[0]
	if got.Flags != nil || got.Doubt != translator.Trusted {
		t.Errorf("a stand-in became %+v, want it left alone", got)
	}
}

// TestJudgePasses wants errors, wrong counts and Close to go through.
func TestJudgePasses(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	b := quality.Judge(engine{err: translator.NewError("engine", translator.Denied, nil), closed: gone}, nil)
	if _, err := b.Translate(t.Context(), translator.Request{Direction: toEnglish, Texts: []string{closing}}); !errors.Is(err, translator.Denied) {
		t.Errorf("the error became %v", err)
	}
	if err := b.(io.Closer).Close(); !errors.Is(err, gone) {
		t.Errorf("Close returned %v", err)
	}
	short := quality.Judge(engine{answers: []translator.Translation{{Text: "x"}}}, nil)
	if resp := ask(t, short, false, closing, closing); len(resp.Translations) != 1 || resp.Translations[0].Flags != nil {
		t.Errorf("a wrong count became %+v", resp)
	}
	if err := quality.Judge(pseudo.New(nil), nil).(io.Closer).Close(); err != nil {
		t.Errorf("closing what cannot be closed: %v", err)
	}
}

// TestJudgeChecker wants the caller's Checker of the request's direction.
func TestJudgeChecker(t *testing.T) {
	t.Parallel()
	asked := []translator.Direction{}
	b := quality.Judge(engine{answers: []translator.Translation{{Text: clean}}}, func(dir translator.Direction) *quality.Checker {
		asked = append(asked, dir)
		return quality.New(dir, &quality.Options{Terms: func(string, string) []translator.Term {
			return []translator.Term{{Source: "البلدية", Target: "municipality"}}
		}})
	})
	if got := ask(t, b, false, closing).Translations[0]; !slices.Equal(got.Flags, []string{"glossary-term"}) {
		t.Errorf("flags are %q, want the glossary's", got.Flags)
	}
	if !slices.Equal(asked, []translator.Direction{toEnglish}) {
		t.Errorf("asked for the checkers of %v", asked)
	}
}
