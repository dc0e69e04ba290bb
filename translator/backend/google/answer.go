package google

import (
	"errors"
	"fmt"
	"strings"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator"
)

// response turns an answer to n texts into ours. With a glossary the
// translations that went through it are taken, not the plain ones beside them.
func (b *Backend) response(resp *translatepb.TranslateTextResponse, n int) (translator.Response, error) {
	answers := resp.GetTranslations()
	if b.names.glossary != "" {
		answers = resp.GetGlossaryTranslations()
	}
	if len(answers) != n {
		e := translator.NewError(op, translator.Corrupt, fmt.Errorf("%d texts were sent and %d answers came", n, len(answers)))
		e.MaybePaid = true // an answer came, but for what?
		return translator.Response{}, e
	}
	b.compareModel(answers)
	out := translator.Response{Translations: make([]translator.Translation, n)}
	for i, answer := range answers {
		out.Translations[i] = translation(answer)
	}
	return out, nil
}

// translation returns one answer. Google leaves the text out when it failed on
// that text alone (the comment on Translation.translated_text).
func translation(answer *translatepb.Translation) translator.Translation {
	text := answer.GetTranslatedText()
	if strings.TrimSpace(text) == "" {
		return translator.Translation{Err: translator.NewError(op, translator.Corrupt, errors.New("the answer to this text is empty"))}
	}
	return translator.Translation{Text: text}
}

// compareModel reports the first answer that another model made. The project
// is left out: Google answers with its number where its id was sent.
func (b *Backend) compareModel(answers []*translatepb.Translation) {
	if b.onModel == nil {
		return
	}
	asked := afterProject(b.names.model)
	for _, answer := range answers {
		if got := afterProject(answer.GetModel()); got != "" && got != asked {
			b.onModel(asked, clean(got, nil))
			return
		}
	}
}

// afterProject returns "global/models/general/nmt" of a model's full name.
func afterProject(name string) string {
	if _, rest, ok := strings.Cut(name, "/locations/"); ok {
		return rest
	}
	return name
}
