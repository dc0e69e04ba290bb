package google

import (
	"fmt"
	"unicode/utf8"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator"
)

// valid refuses what cannot be put into a protobuf string.
func valid(texts []string) error {
	for i, text := range texts {
		if !utf8.ValidString(text) {
			return translator.NewError(op, translator.Invalid, fmt.Errorf("text %d of %d is not UTF-8", i+1, len(texts)))
		}
	}
	return nil
}

func (b *Backend) message(req translator.Request) *translatepb.TranslateTextRequest {
	msg := &translatepb.TranslateTextRequest{
		Parent:             b.names.parent,
		Model:              b.names.model,
		Contents:           req.Texts,
		MimeType:           "text/plain",
		SourceLanguageCode: code(req.Direction.From),
		TargetLanguageCode: code(req.Direction.To),
		Labels:             b.opts.Labels,
	}
	if b.names.glossary != "" {
		msg.GlossaryConfig = &translatepb.TranslateTextGlossaryConfig{
			Glossary: b.names.glossary, IgnoreCase: b.opts.GlossaryIgnoreCase, ContextualTranslationEnabled: b.opts.GlossaryContextual,
		}
	}
	return msg
}

// googleCodes are the languages that Google names differently than BCP 47's
// canonical form (cloud.google.com/translate/docs/languages).
var googleCodes = map[translator.Lang]string{"zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "nb": "no"}

func code(lang translator.Lang) string {
	if c, ok := googleCodes[lang]; ok {
		return c
	}
	return string(lang)
}
