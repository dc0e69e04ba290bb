package google

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator"
)

// An answer is one translation as the service gave it.
type answer struct {
	text  string // empty where the service failed on this text alone
	model string // full name; empty where the service does not say
}

// answers takes the translations of a response. With a glossary those that
// went through it are taken, not the plain ones beside them.
func (b *Backend) answers(resp *translatepb.TranslateTextResponse) []answer {
	translations := resp.GetTranslations()
	if b.names.glossary != "" {
		translations = resp.GetGlossaryTranslations()
	}
	answers := make([]answer, len(translations))
	for i, t := range translations {
		answers[i] = answer{text: t.GetTranslatedText(), model: t.GetModel()}
	}
	return answers
}

// response turns the answers to n texts into ours.
func (b *Backend) response(answers []answer, n int) (translator.Response, error) {
	if len(answers) != n {
		e := translator.NewError(op, translator.Corrupt, fmt.Errorf("%d texts were sent and %d answers came", n, len(answers)))
		e.MaybePaid = true // an answer came, but for what?
		return translator.Response{}, e
	}
	out := translator.Response{Translations: make([]translator.Translation, n), Signature: b.answered(answers)}
	for i, a := range answers {
		out.Translations[i] = translation(a.text)
		if b.traits.TargetPrice > 0 {
			// The service does not report what it bills; this is the rule that
			// it publishes.
			out.BilledTarget += utf8.RuneCountInString(a.text)
		}
	}
	return out, nil
}

// translation returns one answer. Google leaves the text out when it failed on
// that text alone (the comment on Translation.translated_text).
func translation(text string) translator.Translation {
	if strings.TrimSpace(text) == "" {
		return translator.Translation{Err: translator.NewError(op, translator.Corrupt, errors.New("the answer to this text is empty"))}
	}
	return translator.Translation{Text: text}
}

// answered returns the signature of the answers if other models than the one
// asked for gave any of them, and empty otherwise; the first such model is
// reported too. A response has one signature, so where several models answered
// it names them all: nobody who asks for one of them gets another's answers.
func (b *Backend) answered(answers []answer) translator.Signature {
	asked := identity(b.names.model)
	var models []string
	for _, a := range answers {
		id := identity(a.model)
		if a.model == "" {
			id = asked
		}
		if slices.Contains(models, id) {
			continue
		}
		if id != asked && b.opts.OnModel != nil && !slices.ContainsFunc(models, func(m string) bool { return m != asked }) {
			b.opts.OnModel(afterProject(b.names.model), clean(afterProject(a.model), nil))
		}
		models = append(models, id)
	}
	if len(models) == 0 || len(models) == 1 && models[0] == asked {
		return ""
	}
	n := b.names
	n.model = strings.Join(models, "+")
	return b.opts.signatureOf(n)
}

// modelName is what may stand in a signature: it comes from outside.
var modelName = regexp.MustCompile(`^[A-Za-z0-9/_.:-]{1,200}$`)

// identity returns what tells one model from another: "general/nmt", wherever
// and for whomever it runs, or "us-central1/models/ID". The project is left
// out: Google answers with its number where its id was sent.
func identity(model string) string {
	id := general(afterProject(model))
	if !modelName.MatchString(id) {
		return fmt.Sprintf("unknown-%x", sha256.Sum256([]byte(model)))[:24]
	}
	return id
}

// afterProject returns "global/models/general/nmt" of a model's full name.
func afterProject(name string) string {
	if _, rest, ok := strings.Cut(name, "/locations/"); ok {
		return rest
	}
	return name
}
