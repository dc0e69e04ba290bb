package google

import (
	"context"
	"fmt"
	"strings"

	"cloud.google.com/go/translate/apiv3/translatepb"

	"dragoman/translator"
)

// The size of one Adaptive MT request. The service has limits of its own on
// what it reads and writes, and leaves away without a word what would be
// written beyond them (docs.cloud.google.com/translate/docs/advanced/
// adaptive-translation), but the figures are not in the API's comments. So
// requests keep to 5,000 code points, what Google recommends for any request
// (cloud.google.com/translate/quotas), and a longer text is refused here.
// Several texts are allowed since the comment on AdaptiveMtTranslateRequest.content
// no longer says "only one sentence"; more than a few would gain nothing.
const (
	adaptiveTexts = 32
	adaptiveSize  = 5_000
)

// adaptiveMessage has no languages: the data set's are meant, see fits.
func (b *Backend) adaptiveMessage(req translator.Request) *translatepb.AdaptiveMtTranslateRequest {
	msg := &translatepb.AdaptiveMtTranslateRequest{
		Parent: b.names.parent, Dataset: b.names.dataset, Content: req.Texts, MimeType: "text/plain",
	}
	if b.names.glossary != "" {
		msg.GlossaryConfig = &translatepb.AdaptiveMtTranslateRequest_GlossaryConfig{
			Glossary: b.names.glossary, IgnoreCase: b.opts.GlossaryIgnoreCase, ContextualTranslationEnabled: b.opts.GlossaryContextual,
		}
	}
	return msg
}

// adaptiveAnswers takes the translations as answers does. They name no model.
func (b *Backend) adaptiveAnswers(resp *translatepb.AdaptiveMtTranslateResponse) []answer {
	translations := resp.GetTranslations()
	if b.names.glossary != "" {
		translations = resp.GetGlossaryTranslations()
	}
	answers := make([]answer, len(translations))
	for i, t := range translations {
		answers[i].text = t.GetTranslatedText()
	}
	return answers
}

// fits refuses a request for another direction than the data set has, before
// anything is paid: an Adaptive MT request cannot say what it wants, and would
// be answered in the data set's language. The data set is asked for once, which
// is free.
func (b *Backend) fits(ctx, call context.Context, req translator.Request) error {
	if b.names.dataset == "" {
		return nil
	}
	set := b.dataset.Load()
	if set == nil {
		var err error
		set, err = b.client.GetAdaptiveMtDataset(call, &translatepb.GetAdaptiveMtDatasetRequest{Name: b.names.dataset})
		if err != nil {
			return unpaid(b.failure(ctx, err, &sight{}, translator.Request{Direction: req.Direction}))
		}
		b.dataset.Store(set)
	}
	from, to := set.GetSourceLanguageCode(), set.GetTargetLanguageCode()
	if serves(from, req.Direction.From) && serves(to, req.Direction.To) {
		return nil
	}
	e := translator.NewError(op, translator.Unsupported,
		fmt.Errorf("%s: dataset %s translates from %q to %q", req.Direction, last(b.names.dataset), from, to))
	e.Hint = "name a dataset of that direction, or leave dataset out"
	return e
}

// unpaid marks a failure of a call that costs nothing whatever came of it.
func unpaid(err error) error {
	if e, ok := err.(*translator.Error); ok {
		e.MaybePaid = false
	}
	return err
}

// serves tells whether a data set's language will do for what is asked: "en"
// for "en-GB" too, but not the other way round.
func serves(have string, want translator.Lang) bool {
	asked := strings.ToLower(code(want)) + "-"
	return strings.HasPrefix(asked, strings.ToLower(have)+"-")
}

// last returns the id at the end of a full name.
func last(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
