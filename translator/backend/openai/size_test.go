package openai_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/backend/openai"
	"dragoman/translator/backend/openai/openaitest"
)

// words are what random sentences are made of.
var words = strings.Fields("أعلن الوزير اليوم أن 2450 منزلا تضررت من السيول، في NATO قال: \"نعم\" مُدرِّب The minister said on Tuesday that R&D <ألف> 3.5% https://example.org/a?b=1 ؟")

func sentence() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom(words), 1, 40), func(w []string) string { return strings.Join(w, " ") })
}

// TestReserved: no request costs more than is reserved for it, however long
// what stands around its texts and however much the model writes.
func TestReserved(t *testing.T) {
	t.Parallel()
	verbose := openaitest.Options{Translate: func(s string) string { return strings.Repeat(s+" ", 1+len(s)%19) }}
	rapid.Check(t, func(r *rapid.T) {
		server := openaitest.New(t, verbose)
		o := &openai.Options{Endpoint: server.Endpoint(), Model: "gpt-4.1-mini", Price: 0.4, TargetPrice: 1.6, Glossary: terms, Context: rapid.Bool().Draw(r, "context")}
		if rapid.Bool().Draw(r, "style") {
			o.Style = sentence().Draw(r, "style text")
		}
		b, err := openai.New(o)
		if err != nil {
			r.Fatal(err)
		}
		defer b.Close()
		req := ask(rapid.SliceOfN(sentence(), 1, 12).Draw(r, "texts")...)
		traits, size := b.Traits(), 0
		for range req.Texts {
			req.Contexts = append(req.Contexts, translator.Context{
				Story: fmt.Sprint(rapid.IntRange(0, 3).Draw(r, "story")), Headline: sentence().Draw(r, "headline"),
				Before: sentence().Draw(r, "before"), After: sentence().Draw(r, "after"),
			})
		}
		for _, text := range req.Texts {
			size += traits.SizeOf(text)
		}
		resp, err := b.Translate(r.Context(), req)
		if err != nil && !errors.Is(err, translator.TooLarge) && !errors.Is(err, translator.Corrupt) {
			r.Fatal(err)
		}
		prompt, completion := server.Billed()
		if resp.Billed != 0 && (resp.Billed != prompt || resp.BilledTarget != completion) {
			r.Fatalf("billed %d and %d, the service says %d and %d", resp.Billed, resp.BilledTarget, prompt, completion)
		}
		_, most := traits.Cost(1, size)
		if prompt > size+traits.Overhead || float64(completion) > traits.Yield.Most*float64(size+traits.Overhead) {
			r.Fatalf("%d and %d tokens, reserved for %d and %d", prompt, completion, size, traits.Overhead)
		}
		if bill := traits.Price.Of(prompt) + traits.TargetPrice.Of(completion); bill > most {
			r.Fatalf("the bill is %s, %s was reserved", bill, most)
		}
	})
}

// Tokens of o200k and cl100k, counted with OpenAI's vocabularies; no text may
// have more than its size.
func TestSize(t *testing.T) {
	t.Parallel()
	size := func(model, text string) int {
		traits, err := openai.Describe(&openai.Options{Endpoint: "http://127.0.0.1:1/v1", Model: model})
		if err != nil {
			t.Fatal(err)
		}
		return traits.SizeOf(text) - traits.SizeOf("")
	}
	for _, c := range counted {
		today, before := size("gpt-4o", c.text), size("gpt-4", c.text)
		if today < c.o200k || before < c.cl100k || before < today {
			t.Errorf("%q: %d and %d, counted %d and %d", c.text, today, before, c.o200k, c.cl100k)
		}
		if today > 5*c.o200k {
			t.Errorf("%q: %d is too far from %d", c.text, today, c.o200k)
		}
	}
}

var counted = []struct {
	text          string
	o200k, cl100k int
}{
	{`وصل 17 وزيرا إلى العاصمة صباح اليوم.`, 10, 26},
	{`أعلنت الوزارة أن 2450 منزلا تضررت من السيول.`, 16, 29},
	{`قال المُدرِّب: "فريق R&D <ألف> جاهز"، وارتفع سعر 'iPhone 15' بنسبة ٣٫٥٪.`, 36, 56},
	{`بغداد (وكالات) - أكد مصدر أمني، الثلاثاء، مقتل ٣ أشخاص وإصابة ١٢ آخرين!`, 30, 59},
	{`إِنَّ الْعِلْمَ نُورٌ`, 12, 18},
	{`17 ministers arrived in the capital this morning.`, 9, 9},
	{`The Qatari-brokered talks (Doha, 3.5 hours) ended without a deal, Reuters/AFP said.`, 28, 27},
	{`NATO, OPEC and UNRWA: see https://example.org/news?id=1234&lang=ar`, 24, 24},
	{`Министр заявил: переговоры продолжаются.`, 9, 20},
	{`部长周二表示谈判将继续。`, 9, 15},
	{`ﷺ 😀 …`, 4, 5},
}
