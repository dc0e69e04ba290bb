package quality_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/quality"
)

// A fault is a row of table B9: what an engine does to an answer, and the rules
// of which one must find it. make returns false for a pair it cannot spoil.
type fault struct {
	name  string
	rules []string
	make  func(dir translator.Direction, p twoTexts, k int) (twoTexts, bool)
}

// faults are the content faults of B9. Half the pairs of each are English to
// Arabic, so texts of the fault's own are there in both languages.
var faults = []fault{
	{"echo", []string{"same-as-source"}, func(_ translator.Direction, p twoTexts, _ int) (twoTexts, bool) {
		return twoTexts{p.source, p.source}, len(p.source) > 40
	}},
	{"empty", []string{"empty"}, func(_ translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		return twoTexts{p.source, strings.Repeat(" ", k%3)}, true
	}},
	{"refusal text", []string{"refusal"}, func(dir translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		return twoTexts{p.source, pick(dir, k, refusalTexts)}, true
	}},
	{"prompt leak", []string{"prompt-leak"}, func(dir translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		return twoTexts{p.source, fmt.Sprintf(pick(dir, k, leakTexts), p.target)}, true
	}},
	{"wrong language", []string{"wrong-script", "wrong-language"}, func(dir translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		return twoTexts{p.source, pick(dir, k, strangeTexts)}, true
	}},
	{"lost placeholder", []string{"lost-placeholder"}, func(_ translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		token := tokenTexts[k%len(tokenTexts)]
		return twoTexts{p.source + " " + token, p.target}, !strings.Contains(p.source, token)
	}},
	{"number changed", []string{"numbers"}, changeNumber},
	{"cut at token limit", []string{"truncated", "too-short"}, func(_ translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		runes := []rune(p.target)
		kept := strings.TrimRight(string(runes[:len(runes)*(30+k%60)/100]), " .!?؟")
		return twoTexts{p.source, kept}, strings.HasSuffix(p.source, ".") && len(runes) > 40
	}},
	{"summary", []string{"too-short"}, func(dir translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		return twoTexts{p.source, pick(dir, k, summaryTexts)}, len([]rune(p.source)) >= 90
	}},
	{"repetition loop", []string{"repetition"}, func(_ translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		words := strings.Fields(p.target)
		if len(words) < 6 {
			return p, false
		}
		at := 1 + k%(len(words)-4)
		loop := " " + strings.Join(words[at:at+1+k%4], " ")
		return twoTexts{p.source, strings.Join(words[:at], " ") + strings.Repeat(loop, 3+k%20)}, len(loop) > 4
	}},
	{"added bidi controls", []string{"hidden-characters"}, func(_ translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		controls := []rune("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
		return twoTexts{p.source, insert(p.target, k, string(controls[k%len(controls)]))}, true
	}},
	{"added markup", []string{"added-markup"}, func(_ translator.Direction, p twoTexts, k int) (twoTexts, bool) {
		markup := []string{"<b>", "</p>", "<br/>", "&amp;", "&#39;", "&quot;", "**", "<span class=\"x\">"}
		return twoTexts{p.source, insert(p.target, k, markup[k%len(markup)])}, true
	}},
}

// changeNumber changes one digit of a figure with two digits or more, which is
// put behind both texts if they have none.
func changeNumber(_ translator.Direction, p twoTexts, k int) (twoTexts, bool) {
	i := strings.IndexAny(p.target, "0123456789")
	if i < 0 || i+1 >= len(p.target) || p.target[i+1] < '0' || p.target[i+1] > '9' || p.target[i] == '0' {
		figure := fmt.Sprint(13 + 7*k)
		p = twoTexts{p.source + " (" + figure + ")", p.target + " (" + figure + ")"}
		i = len(p.target) - len(figure) - 1
	}
	other := '1' + (p.target[i]-'1'+byte(1+k%8))%9
	return twoTexts{p.source, p.target[:i] + string(rune(other)) + p.target[i+1:]}, true
}

// insert puts a piece between two words, which k picks.
func insert(text string, k int, piece string) string {
	words := strings.Split(text, " ")
	at := k % len(words)
	words[at] = piece + words[at]
	return strings.Join(words, " ")
}

func pick(dir translator.Direction, k int, texts map[translator.Lang][]string) string {
	of := texts[dir.To]
	return of[k%len(of)]
}

var refusalTexts = map[translator.Lang][]string{
	"en": {
		"I'm sorry, but I can't assist with that request.", "I cannot translate this text because it describes violence.",
		"As an AI language model, I am not able to take sides in a conflict.", "Sorry, I can’t help with translating this kind of content.",
		"I apologize, but I am unable to provide a translation of this passage.", "Unfortunately, I cannot comply with this request.",
		"I must decline to translate this material.",
	},
	"ar": {
		"عذرا، لا يمكنني ترجمة هذا النص.", "آسف، لا أستطيع المساعدة في هذا الطلب.", "بصفتي نموذجا لغويا، لا أقدم رأيا في هذه المسألة.",
		"أعتذر، فهذا المحتوى يخالف السياسات.", "لا أستطيع تقديم ترجمة لهذا المحتوى.", "I'm sorry, but I can't assist with that request.",
	},
}

var leakTexts = map[translator.Lang][]string{
	"en": {
		"Here is the translation: %s", "Here's the English translation of the sentence:\n\n%s", "Translation: %s", "Sure! Here is the translated text: %s",
		"```\n%s\n```", "{\"translation\": \"%s\"}", "<translation>%s</translation>", "%s\n\n(Note: I kept the names as they are.)",
		"Translate the following sentence from Arabic: %s", "[{\"id\": 4, \"text\": \"%s\"}]", "You are a translator at a news agency. %s", "%s<|im_end|>",
	},
	"ar": {
		"إليك الترجمة: %s", "الترجمة: %s", "فيما يلي ترجمة الجملة: %s", "بالتأكيد، هذه هي الترجمة: %s", "Here is the translation: %s",
		"```\n%s\n```", "{\"translation\": \"%s\"}", "<target>%s</target>", "%s\n(ملاحظة: أبقيت الأسماء كما هي.)", "أنت مترجم محترف. %s",
	},
}

// strangeTexts are sentences in languages that nobody asked for.
var strangeTexts = map[translator.Lang][]string{
	"en": {
		"Le ministère a annoncé que les bateaux vont revenir dans le port après la tempête.", "Der Minister sagte, dass die Schiffe nach dem Sturm wieder in den Hafen kommen.",
		"El ministerio dijo que los barcos van a volver al puerto después de la tormenta.", "Il ministro ha detto che le navi sono tornate nel porto dopo la tempesta.",
		"O ministro disse que os barcos vão voltar para o porto depois da tempestade.", "Министр сообщил, что корабли вернутся в порт после бури.",
		"أعلن الوزير أن السفن ستعود إلى الميناء بعد العاصفة.", "部长说，船只将在暴风雨过后返回港口。",
	},
	"ar": {
		"وزیر اعلام کرد که کشتی\u200cها پس از پایان توفان به بندر باز می\u200cگردند.", "وزیر نے کہا کہ طوفان کے بعد جہاز بندرگاہ پر واپس آئیں گے۔",
		"The minister said the ships would return to the port after the storm.", "Le ministre a annoncé le retour des bateaux dans le port.",
		"השר אמר שהספינות יחזרו לנמל אחרי הסערה.", "Министр сообщил, что корабли вернутся в порт.",
	},
}

var tokenTexts = []string{
	"https://desk.example/a/7?b=c", "www.harbour.example", "port@harbour.example", "@harbour_news", "#harbour", "{0}", "{{name}}", "%s", "%1$d", "%(count)d",
	"${total}", "<x id=\"4\"/>", "</g>", "turtles.example",
}

var summaryTexts = map[translator.Lang][]string{
	"en": {"A report on the news.", "Officials commented.", "The text is about a local event.", "It was announced."},
	"ar": {"خبر عن حدث محلي.", "علق المسؤولون.", "أعلن ذلك الأحد."},
}

// TestContentFaults is row B9 of the fault tables: a hundred pairs with each
// fault, each found by the rule that the table above names, which has nothing
// to say of the same pair without it.
func TestContentFaults(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for _, dir := range []translator.Direction{toEnglish, toArabic} {
				spoil(t, f, dir, 50)
			}
		})
	}
}

func spoil(t *testing.T, f fault, dir translator.Direction, times int) {
	t.Helper()
	c, k := quality.New(dir, nil), 0
	for _, p := range samples(t, dir) {
		if k == times {
			return
		}
		spoiled, ok := f.make(dir, p, k)
		if !ok || anyOf(names(c.Check(p.source, p.target)), f.rules) {
			continue
		}
		k++
		if found := names(c.Check(spoiled.source, spoiled.target)); !anyOf(found, f.rules) {
			t.Errorf("%s: found %q, want one of %q\n\t%s\n\t%s", dir, found, f.rules, spoiled.source, spoiled.target)
		}
	}
	if k < times {
		t.Errorf("%s: only %d pairs could be spoiled", dir, k)
	}
}

func anyOf(found, wanted []string) bool {
	return slices.ContainsFunc(found, func(name string) bool { return slices.Contains(wanted, name) })
}
