package openai_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/backend/jsonhttp/scripted"
	"dragoman/translator/backend/openai"
	"dragoman/translator/backend/openai/openaitest"
)

// TestMispairs is B8, 200 times each: nothing is taken for the translation of a
// text that is of another, and order says nothing.
func TestMispairs(t *testing.T) {
	t.Parallel()
	type l = []openaitest.Translated
	server := start(t)
	b := open(t, server, nil)
	texts := backend.Samples()
	for name, c := range map[string]struct {
		change  func(l) l
		refused bool // the whole reply
		good    int  // texts that still have an answer
	}{
		"reordered":       {func(l l) l { slices.Reverse(l); return l }, false, 4},
		"one less, first": {func(l l) l { return l[1:] }, false, 2},
		"one less, last":  {func(l l) l { return l[:3] }, false, 2},
		"two less":        {func(l l) l { return l[2:] }, true, 0},
		"none":            {func(l) l { return nil }, true, 0},
		"one more":        {func(l l) l { return append(l, openaitest.Translated{ID: "000000", Text: "x"}) }, true, 0},
		"doubled":         {func(l l) l { return append(l, l[0]) }, true, 0},
		"doubled for one": {func(l l) l { l[1] = l[0]; return l }, true, 0},
		"ids missing":     {func(l l) l { l[1].ID, l[2].ID = "", ""; return l }, true, 0},
		"ids counted":     {func(l l) l { return number(l) }, true, 0},
		"ids swapped":     {func(l l) l { l[0].ID, l[1].ID = l[1].ID, l[0].ID; return l }, true, 0},
		"ids shifted": {func(l l) l {
			l[0].ID, l[1].ID, l[2].ID, l[3].ID = l[1].ID, l[2].ID, l[3].ID, l[0].ID
			return l
		}, true, 0},
		"two merged": {func(l l) l { l[1].Text += " " + l[2].Text; return append(l[:2:2], l[3]) }, false, 1},
		"one split": {func(l l) l {
			return append(l, openaitest.Translated{ID: l[0].ID, Text: "the rest"})
		}, true, 0},
	} {
		for range 200 {
			server.Plant(list(c.change), 1)
			resp, err := backend.Check(b).Translate(t.Context(), ask(texts...))
			e, ok := errors.AsType[*translator.Error](err)
			if (err != nil) != c.refused || err != nil && (!ok || e.Kind != translator.Corrupt || !e.MaybePaid) {
				t.Fatalf("%s: %v", name, err)
			}
			good := 0
			for i, tr := range resp.Translations {
				if tr.Err == nil && tr.Text != scripted.Token(texts[i]) {
					t.Fatalf("%s: %q was taken for the translation of %q", name, tr.Text, texts[i])
				}
				if tr.Err == nil {
					good++
				} else if !errors.Is(tr.Err, translator.Corrupt) {
					t.Fatalf("%s: %v", name, tr.Err)
				}
			}
			if good != c.good {
				t.Fatalf("%s: %d texts have an answer, want %d", name, good, c.good)
			}
		}
	}
}

func number(l []openaitest.Translated) []openaitest.Translated {
	for i := range l {
		l[i].ID = fmt.Sprint(i + 1)
	}
	return l
}

// Figures that an engine writes its own way are no swap.
func TestFiguresWrittenAnew(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"وصل ١٧ وزيرا.":        "17 ministers arrived.",
		"تضرر 2450 منزلا.":     "2,450 houses were damaged.",
		"مات ثلاثة أشخاص.":     "3 people died.",
		"جرح 3 أشخاص في 2024.": "Three people were injured in 2024.",
		"ارتفع ٣٫٥ بالمئة.":    "It rose 3.5 percent.",
	}
	server := openaitest.New(t, openaitest.Options{Translate: func(s string) string { return answers[s] }})
	var texts []string
	for text := range answers {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	resp, err := open(t, server, nil).Translate(t.Context(), ask(texts...))
	if err != nil {
		t.Fatal(err)
	}
	for i, tr := range resp.Translations {
		if tr.Text != answers[texts[i]] {
			t.Errorf("%q: %q, %v", texts[i], tr.Text, tr.Err)
		}
	}
}

// A reply that is not whole or not a translation is never one.
func TestNotATranslation(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, nil)
	finish := func(reason string) scripted.Fault {
		return reply(func(choice, _ map[string]any) { choice["finish_reason"] = reason })
	}
	for name, c := range map[string]struct {
		fault scripted.Fault
		kind  translator.Kind
	}{
		"cut off":      {finish("length"), translator.TooLarge},
		"filtered":     {finish("content_filter"), translator.Invalid},
		"tool call":    {finish("tool_calls"), translator.Corrupt},
		"refused":      {reply(func(c, _ map[string]any) { c["message"].(map[string]any)["refusal"] = "I can't help with that." }), translator.Invalid},
		"no choices":   {reply(func(_, whole map[string]any) { whole["choices"] = []any{} }), translator.Corrupt},
		"two choices":  {reply(func(c, whole map[string]any) { whole["choices"] = []any{c, c} }), translator.Corrupt},
		"null content": {reply(func(c, _ map[string]any) { c["message"].(map[string]any)["content"] = nil }), translator.Corrupt},
		"prose":        {content(func(string) string { return "EN I cannot translate this." }), translator.Corrupt},
		"fenced":       {content(func(s string) string { return "```json\n" + s + "\n```" }), translator.Corrupt},
		"truncated":    {content(func(s string) string { return s[:len(s)-3] }), translator.Corrupt},
		"a key twice":  {content(func(s string) string { return strings.Replace(s, `"text":`, `"text":"first","text":`, 1) }), translator.Corrupt},
		"a list":       {content(func(string) string { return "[]" }), translator.Corrupt},
	} {
		server.Plant(c.fault, 1)
		resp, err := b.Translate(t.Context(), ask("وصل 17 وزيرا.", "خبر 4"))
		e, ok := errors.AsType[*translator.Error](err)
		if !ok || e.Kind != c.kind || !e.MaybePaid || len(resp.Translations) != 0 {
			t.Errorf("%s: %+v, %v; want %v, maybe paid", name, resp, err, c.kind)
		}
		if err != nil && strings.Contains(err.Error(), "EN") {
			t.Errorf("%s: the error quotes the answer: %v", name, err)
		}
	}
}

// TestOtherModel is B11, 50 times each.
func TestOtherModel(t *testing.T) {
	t.Parallel()
	for asked, answers := range map[string]map[string]string{ // what follows the host in the signature; "" is the same
		"gpt-4.1-mini":            {"gpt-4.1-mini": "", "gpt-4.1-mini-2025-04-14": "", "gpt-4.1-nano-2025-04-14": "gpt-4.1-nano-2025-04-14", "gpt-4.1": "gpt-4.1", "gpt-4.1-mini-turbo": "gpt-4.1-mini-turbo"},
		"gpt-4.1-mini-2025-04-14": {"gpt-4.1-mini-2025-04-14": "", "gpt-4.1-mini-2026-01-01": "gpt-4.1-mini-2026-01-01", "gpt-4.1-mini": "gpt-4.1-mini"},
		"openai/gpt-4.1":          {"gpt-4.1-2025-04-14": "", "openai/gpt-4.1": ""},
		"qwen3:8b":                {"/models/my model|x\u202e.gguf": "/models/my_model_x_.gguf"},
	} {
		for answered, want := range answers {
			b := open(t, openaitest.New(t, openaitest.Options{AnswerModel: answered}), func(o *openai.Options) { o.Model = asked })
			for range 50 {
				resp, err := b.Translate(t.Context(), ask("خبر"))
				if err != nil {
					t.Fatal(err)
				}
				if want == "" && resp.Signature != "" || want != "" && !strings.HasPrefix(string(resp.Signature), "openai:v1|127.0.0.1|"+want+"|prompt:") {
					t.Fatalf("asked %s, answered %s: signature %q", asked, answered, resp.Signature)
				}
			}
		}
	}
}

// TestAnyReply: whatever becomes of a reply's list, no answer is taken for
// another text's, and each text has an answer or an error.
func TestAnyReply(t *testing.T) {
	t.Parallel()
	server := start(t)
	b := open(t, server, nil)
	rapid.Check(t, func(r *rapid.T) {
		texts := make([]string, rapid.IntRange(1, 12).Draw(r, "texts"))
		for i := range texts {
			texts[i] = fmt.Sprintf("وصل %d وزيرا.", 100+i)
		}
		places := rapid.SliceOfN(rapid.IntRange(-1, len(texts)-1), 0, 14).Draw(r, "places")
		server.Plant(list(func(l []openaitest.Translated) []openaitest.Translated {
			var out []openaitest.Translated
			for _, i := range places {
				if i < 0 {
					out = append(out, openaitest.Translated{ID: "unsent", Text: "x"})
				} else {
					out = append(out, l[i])
				}
			}
			return out
		}), 1)
		resp, err := backend.Check(b).Translate(r.Context(), ask(texts...))
		whole := len(slices.Compact(slices.Sorted(slices.Values(places)))) == len(places) && !slices.Contains(places, -1) && 4*len(places) >= 3*len(texts)
		if (err == nil) != whole {
			r.Fatalf("%d texts, %v: %v", len(texts), places, err)
		}
		for i, tr := range resp.Translations {
			beside := slices.Contains(places, i) && (i == 0 || slices.Contains(places, i-1)) && (i+1 == len(texts) || slices.Contains(places, i+1))
			if (tr.Err == nil) != beside || tr.Err == nil && tr.Text != scripted.Token(texts[i]) {
				r.Fatalf("%d texts, %v: text %d has %q, %v", len(texts), places, i, tr.Text, tr.Err)
			}
		}
	})
}
