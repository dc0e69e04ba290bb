package openai_test

import (
	"fmt"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/openai"
)

func TestContext(t *testing.T) {
	t.Parallel()
	story := func(id, headline, before, after string) translator.Context {
		return translator.Context{Story: id, Headline: headline, Before: before, After: after}
	}
	contexts := []translator.Context{
		story("1", "", "", "جملة أولى."), story("1", "عنوان", "عنوان", "جملة ثانية."), story("1", "عنوان", "جملة أولى.", "جملة ثالثة."),
		story("2", "آخر", "قبلها.", "بعدها."),
	}
	texts := []string{"عنوان", "جملة أولى.", "جملة ثانية.", "خبر مفرد."}
	for _, on := range []bool{true, false} {
		server := start(t)
		b := open(t, server, func(o *openai.Options) { o.Context = on })
		req := ask(texts...)
		req.Contexts = contexts
		if _, err := b.Translate(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		_, d := sent(t, server)
		var got []string
		for _, s := range d.Stories {
			got = append(got, "#"+s.Headline)
			for _, i := range s.Items {
				got = append(got, i.Before+"<"+i.Text+">"+i.After)
			}
		}
		want := "# | <عنوان> | <جملة أولى.> | <جملة ثانية.>جملة ثالثة. | #آخر | قبلها.<خبر مفرد.>بعدها."
		if !on {
			want = "# | <عنوان> | <جملة أولى.> | <جملة ثانية.> | <خبر مفرد.>"
		}
		if s := strings.Join(got, " | "); s != want {
			t.Errorf("context %v: %s", on, s)
		}
		if b.Traits().Context != on {
			t.Errorf("context %v: the traits say otherwise", on)
		}
	}
}

// Terms are found by whoever knows how, and as they are written otherwise.
func TestTerms(t *testing.T) {
	t.Parallel()
	server := start(t)
	found := func(texts []string) []translator.Term { return terms.Terms[1:] }
	other := &translator.Glossary{Direction: translator.Direction{From: "en", To: "ar"}, Terms: []translator.Term{{Source: "خبر", Target: "x"}}}
	many := &translator.Glossary{Direction: arEn}
	for i := range 500 {
		many.Terms = append(many.Terms, translator.Term{Source: "خبر", Target: fmt.Sprint("news ", i)})
	}
	for name, c := range map[string]struct {
		change func(*openai.Options)
		least  int
		most   int
	}{
		"given":           {func(o *openai.Options) { o.Glossary, o.Terms = terms, found }, 1, 1},
		"none stands":     {func(o *openai.Options) { o.Glossary = terms }, 0, 0},
		"other direction": {func(o *openai.Options) { o.Glossary = other }, 0, 0},
		"too many":        {func(o *openai.Options) { o.Glossary = many }, 20, 60},
	} {
		if _, err := open(t, server, c.change).Translate(t.Context(), ask("خبر")); err != nil {
			t.Fatal(err)
		}
		if _, d := sent(t, server); len(d.Glossary) < c.least || len(d.Glossary) > c.most {
			t.Errorf("%s: %d terms", name, len(d.Glossary))
		}
	}
}
