package quality

import (
	"slices"
	"strings"
)

// talk is what an engine says that speaks about its task.
type talk struct {
	opens   []string // phrases of which the text begins with one
	follows []string // words of which one must follow; nil if the phrase says enough
	unless  []string // words of a source that says such things itself
}

var (
	refusals = []talk{
		{unless: []string{" AI", "language model", "ذكاء", "نموذج"}, opens: []string{
			"As an AI", "As a language model", "As a large language model", "I'm just an AI", "I am an AI", "I'm an AI",
			"بصفتي نموذج", "كنموذج لغ", "بصفتي مساعد", "أنا نموذج لغ", "أنا مساعد ذكاء", "باعتباري نموذج",
		}},
		{
			opens: []string{
				"I'm sorry", "I’m sorry", "I am sorry", "Sorry,", "Sorry ", "I cannot", "I can't", "I can’t", "I can not", "I am unable", "I'm unable", "I’m unable",
				"I am not able", "I'm not able", "I won't", "I’m not able", "I apologi", "My apologies", "Apologies", "Unfortunately, I", "I must decline", "I do not feel comfortable",
				"This content violates", "This request", "The provided text", "The text you provided",
				"عذرا", "عذراً", "آسف", "أنا آسف", "أعتذر", "نعتذر", "لا أستطيع", "لا يمكنني", "لا أقدر", "للأسف، لا", "لا نستطيع ترجمة",
			},
			follows: []string{
				"translat", "assist", "help with", "provide", "content", "request", "comply", "fulfil", "generate", "policy", "guideline", " AI", "language model",
				"ترجم", "مساعد", "محتوى", "طلب", "نموذج", "ذكاء", "سياس",
			},
			unless: []string{
				"آسف", "عذرا", "عتذر", "لا أستطيع", "لا يمكنني", "للأسف", "لا نستطيع", "لا أقدر",
				"orry", "polog", "nfortunately", "annot", "can't", "can’t", "unable", "decline", "won't", "not able", "iolates",
			},
		},
	}
	leads = []talk{
		{unless: aboutTask, opens: []string{
			"Translation:", "Translated text:", "Translated:", "English translation", "Arabic translation", "English:", "Arabic:", "Target:", "Output:", "Answer:",
			"الترجمة:", "الترجمة :", "النص المترجم:", "الترجمة العربية", "الترجمة الإنجليزية", "الترجمة إلى", "العربية:", "الإنجليزية:",
		}},
		{
			opens: []string{
				"Here is", "Here's", "Here’s", "Sure, ", "Sure! ", "Sure. ", "Certainly", "Of course", "Below is", "The translation", "This is the translation",
				"إليك", "إليكم", "فيما يلي", "في ما يلي", "بالتأكيد", "بالطبع", "هذه ترجمة", "هذه هي الترجمة",
			},
			follows: []string{"translat", "ترجم"},
			unless:  aboutTask,
		},
	}
)

// aboutTask is in every text that speaks of translating.
var aboutTask = []string{"ranslat", "ترجم"}

// findRefusal looks at how the text opens. What a person in the news says stands
// in quotation marks, and is in the source.
func findRefusal(_ *Checker, p pair) string {
	return said(refusals, p)
}

// said returns the phrase by which a text gives one of the talks away, or "".
func said(talks []talk, p pair) string {
	text := p.target.text
	if len(text) < openerLength || !openers[openerHash(text)] {
		return ""
	}
	for _, t := range talks {
		phrase := t.opening(text)
		if phrase == "" || t.follows != nil && !containsAny(text[len(phrase):], t.follows) {
			continue
		}
		if !containsAny(p.source.text, t.unless) && !strings.Contains(p.source.text, phrase) {
			return phrase
		}
	}
	return ""
}

func (t talk) opening(text string) string {
	for _, phrase := range t.opens {
		if strings.HasPrefix(text, phrase) {
			return phrase
		}
	}
	return ""
}

// openers holds the hashes of how the phrases begin, so that most texts need
// not be held against any.
var openers = func() (set [1 << openerBits]bool) {
	for _, t := range slices.Concat(refusals, leads) {
		for _, phrase := range t.opens {
			set[openerHash(phrase)] = true
		}
	}
	return set
}()

const (
	openerLength = 6 // bytes of the shortest phrase
	openerBits   = 12
)

// openerHash looks at bytes that differ: in Arabic every other one is 0xD8 or 0xD9.
func openerHash(text string) uint32 {
	h := uint32(text[0])
	for _, b := range [...]byte{text[1], text[3], text[5]} {
		h = h*0x01000193 ^ uint32(b)
	}
	return h * 0x9E3779B1 >> (32 - openerBits)
}

func containsAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// promptParts are what prompts are made of, and the marks that language models
// put around and between their turns, by the sign that a text with one has.
var promptParts = []struct {
	sign  mark
	parts []string
}{
	{fence, []string{"```"}},
	{angle, []string{"<|", "<<SYS>>", "</s>", "<source", "</source", "<target", "</target", "<text>", "</text>", "<translation", "</translation", "<sentence", "</sentence", "<glossary"}},
	{brace, []string{"{\"id\"", "{\"translation\"", "{\"text\"", "{ \"", "{\n"}},
	{bracket, []string{"[INST]", "[/INST]", "[{\"", "[\""}},
	{hash, []string{"### "}},
	{colon, []string{"(Note:", "Note: I ", "Note: The trans", "Note: the trans", "(ملاحظة:"}},
}

// taskWords speak of the task in a text that speaks of translating.
var taskWords = []string{
	"ranslate the following", "ranslate this", "ranslate from", "ranslate the text", "ranslate into", "rofessional translator", "ou are a transl", "ranslator's note", "ranslated from the Arabic", "o not translate",
	"ترجم النص", "ترجم الجملة", "ترجم ما يلي", "أنت مترجم", "مترجم محترف", "ملاحظة المترجم", "ملاحظة: الترجمة",
}

// findLeak looks for a lead-in and for parts of a prompt.
func findLeak(_ *Checker, p pair) string {
	if phrase := said(leads, p); phrase != "" {
		return phrase
	}
	t := p.target.text
	for _, g := range promptParts {
		if p.target.has(g.sign) {
			if part := firstOnlyIn(t, p.source.text, g.parts); part != "" {
				return part
			}
		}
	}
	if containsAny(t, aboutTask) && !containsAny(p.source.text, aboutTask) {
		return firstOnlyIn(t, p.source.text, taskWords)
	}
	return ""
}

// firstOnlyIn returns the first part that a text has and its source has not, or "".
func firstOnlyIn(text, source string, parts []string) string {
	for _, part := range parts {
		if strings.Contains(text, part) && !strings.Contains(source, part) {
			return part
		}
	}
	return ""
}
