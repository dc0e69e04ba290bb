package backend

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
)

// link answers the texts that have no error planned, and notes what it is asked.
func link(name string, asked *[]string, bad map[string]error) Link {
	return Link{Name: name, Func: func(_ context.Context, req translator.Request) ([]translator.Result, error) {
		*asked = append(*asked, req.Texts...)
		out := make([]translator.Result, len(req.Texts))
		for i, text := range req.Texts {
			if out[i].Err = bad[text]; out[i].Err == nil {
				out[i].Text = name + ":" + text
			}
		}
		return out, nil
	}}
}

func TestFallbackAsksTheNextForWhatIsOpen(t *testing.T) {
	t.Parallel()
	var one, two []string
	chain := Fallback(
		link("tmx", &one, map[string]error{"b": kind(translator.Missing), "d": kind(translator.Unsupported)}),
		link("google", &two, nil))
	results, err := chain(t.Context(), translator.Request{Direction: arEn, Texts: []string{"a", "b", "c", "d"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"tmx:a", "google:b", "tmx:c", "google:d"} {
		if results[i].Text != want || results[i].Err != nil {
			t.Errorf("result %d: %+v, want %q", i, results[i], want)
		}
	}
	if !slices.Equal(two, []string{"b", "d"}) || len(one) != 4 {
		t.Errorf("asked: %q, then %q", one, two)
	}
}

func TestWhatMovesOn(t *testing.T) {
	t.Parallel()
	stays := []translator.Kind{translator.OverBudget, translator.Interrupted, translator.Other}
	for k := translator.Other; k <= translator.Interrupted; k++ {
		var one, two []string
		chain := Fallback(link("a", &one, map[string]error{"x": kind(k)}), link("b", &two, nil))
		results, err := chain(t.Context(), translator.Request{Direction: arEn, Texts: []string{"x"}})
		if err != nil {
			t.Fatal(err)
		}
		if moved := results[0].Err == nil; moved == slices.Contains(stays, k) || moved != (len(two) == 1) {
			t.Errorf("%v: moved on %v, %v", k, moved, results[0].Err)
		}
	}
}

func TestFallbackNamesEveryReason(t *testing.T) {
	t.Parallel()
	quota := &translator.Error{Op: "google", Kind: translator.Exhausted, Hint: "wait until midnight"}
	for _, c := range []struct {
		errs []error
		kind translator.Kind
	}{
		{[]error{kind(translator.Missing), quota, kind(translator.Unsupported)}, translator.Exhausted},
		{[]error{kind(translator.Missing), kind(translator.Invalid)}, translator.Invalid},
		{[]error{quota, kind(translator.OverBudget)}, translator.OverBudget},
		{[]error{quota, kind(translator.Throttled), kind(translator.Missing)}, translator.Throttled},
	} {
		var asked []string
		var links []Link
		for i, err := range c.errs {
			links = append(links, link("link"+string(rune('A'+i)), &asked, map[string]error{"x": err}))
		}
		results, err := Fallback(links...)(t.Context(), translator.Request{Direction: arEn, Texts: []string{"x"}})
		if err != nil {
			t.Fatal(err)
		}
		got := results[0].Err
		if translator.KindOf(got) != c.kind || results[0].Text != "" {
			t.Errorf("kind %v of %v, want %v", translator.KindOf(got), got, c.kind)
		}
		for i, reason := range c.errs {
			if name := "link" + string(rune('A'+i)); !errors.Is(got, reason) || !strings.Contains(got.Error(), name) {
				t.Errorf("%v does not name %s: %v", got, name, reason)
			}
		}
		if c.kind == translator.Exhausted && translator.HintOf(got) != quota.Hint {
			t.Errorf("hint %q", translator.HintOf(got))
		}
	}
}

func TestFallbackPassesAFuncsErrorOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk full")
	chain := Fallback(Link{Name: "a", Func: func(context.Context, translator.Request) ([]translator.Result, error) {
		return nil, broken
	}})
	if _, err := chain(t.Context(), translator.Request{Direction: arEn, Texts: []string{"x"}}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	results, err := Fallback()(t.Context(), translator.Request{Direction: arEn, Texts: []string{"x"}})
	if err != nil || !errors.Is(results[0].Err, translator.Unsupported) {
		t.Errorf("an empty chain: %+v, %v", results, err)
	}
}

// answered is a link that gives every text the same flags and doubt.
func answered(name string, doubt translator.Doubt, flags ...string) Link {
	return Link{Name: name, Func: func(_ context.Context, req translator.Request) ([]translator.Result, error) {
		out := make([]translator.Result, len(req.Texts))
		for i, text := range req.Texts {
			out[i] = translator.Result{Text: name + ":" + text, Flags: flags, Doubt: doubt}
		}
		return out, nil
	}}
}

func TestFallbackMovesOnFromDoubt(t *testing.T) {
	t.Parallel()
	var asked []string
	refuses := func(k translator.Kind) Link {
		return link("refuses", &asked, map[string]error{"x": translator.NewError("refuses", k, nil)})
	}
	doubted := answered("a", translator.MoveOn, "echo", "length")
	for name, c := range map[string]struct {
		links []Link
		text  string
		flags []string
	}{
		"a trusted one is found":      {[]Link{doubted, answered("b", translator.Trusted, "quotes")}, "b:x", []string{"moved-on", "quotes"}},
		"the next is better":          {[]Link{doubted, answered("b", translator.MoveOn, "echo")}, "b:x", []string{"echo", "moved-on"}},
		"the next is no better":       {[]Link{doubted, answered("b", translator.MoveOn, "echo", "numbers")}, "a:x", []string{"echo", "length"}},
		"the next fails":              {[]Link{doubted, refuses(translator.Invalid)}, "a:x", []string{"echo", "length"}},
		"the next has no budget":      {[]Link{doubted, refuses(translator.OverBudget), answered("c", translator.Trusted)}, "a:x", []string{"echo", "length"}},
		"the one after the next":      {[]Link{doubted, refuses(translator.Unavailable), answered("c", translator.Trusted)}, "c:x", []string{"moved-on"}},
		"an error is no doubt":        {[]Link{refuses(translator.Unavailable), answered("c", translator.Trusted)}, "c:x", nil},
		"flags that call for nothing": {[]Link{answered("a", translator.Trusted, "quotes"), answered("b", translator.Trusted)}, "a:x", []string{"quotes"}},
		"the last is doubted too":     {[]Link{refuses(translator.Invalid), doubted}, "a:x", []string{"echo", "length"}},
	} {
		results, err := Fallback(c.links...)(t.Context(), translator.Request{Direction: arEn, Texts: []string{"x"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := results[0]; got.Err != nil || got.Text != c.text || !slices.Equal(got.Flags, c.flags) {
			t.Errorf("%s: %+v, want %s with %q", name, got, c.text, c.flags)
		}
	}
}
