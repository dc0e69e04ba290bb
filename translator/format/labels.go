package format

import "dragoman/translator"

// labels are the words of a page that are not the story's, in the language of
// its readers.
type labels struct {
	Lang                            translator.Lang
	Caption, NoHeadline             string
	Machine, AllHuman, FromMemory   string
	StandIn, SomeStandIns           string
	Status                          map[translator.Status]string
	Origin                          map[translator.OriginKind]string
	Kind                            map[translator.BlockKind]string
	Untranslated, Reason, Published string
	Source, AsText, Dropped         string
	Langs                           map[translator.Lang]string
}

var pageLabels = map[translator.Lang]*labels{
	translator.English: {
		Lang:       translator.English,
		Caption:    "The story, sentence by sentence, in both languages",
		NoHeadline: "Story without a headline",
		Machine:    "Machine translation, not reviewed by a person. Check it against the original before you publish it.",
		AllHuman:   "Every sentence was written, approved or supplied by people.",
		FromMemory: "Every sentence is from people or from an earlier memory, which may hold machine translations.",
		StandIn:    "Stand-in text for trying things out: this is no translation.", SomeStandIns: "Some sentences are stand-in text for trying things out, and no translation.",
		Status: map[translator.Status]string{
			translator.Done: "Complete", translator.Partial: "Incomplete: some sentences are not translated",
			translator.Failed: "Failed: no sentence could be translated", translator.Held: "On hold: a later run goes on with it",
		},
		Origin: map[translator.OriginKind]string{
			translator.Human: "human", translator.Seed: "from an earlier memory", translator.Machine: "machine",
			translator.Aligned: "found in a translated document", translator.Pseudo: "stand-in, no translation",
		},
		Kind: map[translator.BlockKind]string{
			translator.Headline: "headline", translator.Dateline: "dateline", translator.Byline: "byline",
			translator.Crosshead: "crosshead", translator.Caption: "caption",
		},
		Untranslated: "not translated", Reason: "reason", Published: "Published", Source: "Read from",
		AsText: "The translation as plain text", Dropped: "Left out of the story",
		Langs: map[translator.Lang]string{"ar": "Arabic", "en": "English", "fr": "French", "fa": "Persian", "he": "Hebrew", "ur": "Urdu"},
	},
	translator.Arabic: {
		Lang:       translator.Arabic,
		Caption:    "النص جملة بعد جملة باللغتين",
		NoHeadline: "نص بلا عنوان",
		Machine:    "ترجمة آلية لم يراجعها أحد. قارنها بالأصل قبل النشر.",
		AllHuman:   "كل الجمل كتبها أو أقرها أو وفرها بشر.",
		FromMemory: "كل الجمل من بشر أو من ذاكرة سابقة، وقد تكون في الذاكرة ترجمات آلية.",
		StandIn:    "نص بديل للتجربة: ليس هذا ترجمة.", SomeStandIns: "بعض الجمل نص بديل للتجربة وليست ترجمة.",
		Status: map[translator.Status]string{
			translator.Done: "مكتمل", translator.Partial: "ناقص: بعض الجمل لم تترجم",
			translator.Failed: "تعذرت ترجمته", translator.Held: "مؤجل: يستكمل في تشغيل لاحق",
		},
		Origin: map[translator.OriginKind]string{
			translator.Human: "بشرية", translator.Seed: "من ذاكرة سابقة", translator.Machine: "آلية",
			translator.Aligned: "من وثيقة مترجمة", translator.Pseudo: "نص بديل لا ترجمة",
		},
		Kind: map[translator.BlockKind]string{
			translator.Headline: "عنوان", translator.Dateline: "مكان الخبر", translator.Byline: "الكاتب",
			translator.Crosshead: "عنوان فرعي", translator.Caption: "تعليق صورة",
		},
		Untranslated: "لم تترجم", Reason: "السبب", Published: "نشر في", Source: "المصدر",
		AsText: "الترجمة نصا عاديا", Dropped: "حذف من النص",
		Langs: map[translator.Lang]string{"ar": "العربية", "en": "الإنجليزية", "fr": "الفرنسية", "fa": "الفارسية", "he": "العبرية", "ur": "الأردية"},
	},
}

// labelsFor returns the labels for readers of a language, in English where
// there are none in theirs.
func labelsFor(lang translator.Lang) *labels {
	if l, ok := pageLabels[lang.Base()]; ok {
		return l
	}
	return pageLabels[translator.English]
}

// name returns what a language is called, or its tag.
func (l *labels) name(lang translator.Lang) string {
	name, ok := l.Langs[lang.Base()]
	if !ok {
		return string(lang)
	}
	if lang != lang.Base() {
		return name + " (" + string(lang) + ")"
	}
	return name
}
