package openai

import (
	"errors"
	"slices"
	"strings"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// reply is what comes back (developers.openai.com, "The chat completion object").
type reply struct {
	Model   string `json:"model"`
	Choices []struct {
		Finish  string `json:"finish_reason"`
		Message struct {
			Content string `json:"content"`
			Refusal string `json:"refusal"`
		} `json:"message"`
	} `json:"choices"`
	// Usage counts tokens that were read from a cache, which cost less, in full.
	Usage struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
	} `json:"usage"`
}

// translations is the content of a reply.
type translations struct {
	Translations []translated `json:"translations"`
}

type translated struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// response turns a reply to texts into ours. An id that is not of the request,
// or comes twice, puts the whole reply into doubt. A text whose id is missing
// may have been merged into its neighbour's answer, so that it and the texts
// beside it have none, and the rest stand. Beyond a quarter of them the whole
// reply is in doubt.
//
// That a model puts two translations under each other's ids is seen where the
// figures show it, and cannot be seen here otherwise.
func (b *Backend) response(answer reply, texts, ids []string) (translator.Response, error) {
	content, err := b.content(answer)
	if err != nil {
		return translator.Response{}, err
	}
	var list translations
	if jsonhttp.Decode([]byte(content), &list) != nil { // whose error may quote the stories
		return translator.Response{}, b.client.Fail(translator.Corrupt, plainHint, "the model's reply is not the JSON that was asked for")
	}
	answers, err := b.byID(list.Translations, ids)
	if err != nil {
		return translator.Response{}, err
	}
	if swapped(texts, answers) {
		return translator.Response{}, b.client.Fail(translator.Corrupt, "", "translations bear the figures of each other's texts")
	}
	out := translator.Response{
		Translations: b.translations(answers, list.Translations, ids), Billed: answer.Usage.Prompt, BilledTarget: answer.Usage.Completion,
	}
	if !sameModel(b.opts.Model, answer.Model) {
		out.Signature = b.opts.signature(answer.Model, b.model)
	}
	return out, nil
}

// content returns what the model wrote, if it wrote all of it and did not refuse.
func (b *Backend) content(answer reply) (string, error) {
	if len(answer.Choices) != 1 {
		return "", b.client.Fail(translator.Corrupt, "check endpoint: these are no chat completions", "%d choices came where one was asked for", len(answer.Choices))
	}
	choice := answer.Choices[0]
	fail := func(kind translator.Kind, cause string) (string, error) {
		e := b.client.Fail(kind, "", "%s", cause)
		e.MaybePaid = true // what was written so far is billed
		return "", e
	}
	switch {
	case choice.Finish == "content_filter":
		return fail(translator.Invalid, "the service's filter cut the reply off")
	case strings.TrimSpace(choice.Message.Refusal) != "":
		return fail(translator.Invalid, "the model refused to translate")
	case choice.Finish == "length":
		return fail(translator.TooLarge, "the reply did not fit into max_output or the model's context")
	case choice.Finish != "stop" && choice.Finish != "":
		return fail(translator.Corrupt, "the model stopped for another reason than that it was done")
	}
	return choice.Message.Content, nil
}

// byID puts the answers into the order of the ids, "" where there is none.
func (b *Backend) byID(list []translated, ids []string) ([]string, error) {
	answers, seen := make([]string, len(ids)), map[string]bool{}
	for _, t := range list {
		i := slices.Index(ids, t.ID)
		if i < 0 || seen[t.ID] {
			return nil, b.client.Fail(translator.Corrupt, "", "the reply has an id twice or one that was not sent")
		}
		answers[i], seen[t.ID] = t.Text, true
	}
	if lost := len(ids) - len(seen); lost*4 > len(ids) {
		return nil, b.client.Fail(translator.Corrupt, "", "%d texts were sent and %d answers came", len(ids), len(seen))
	}
	return answers, nil
}

var errMissed = errors.New("the reply left out this text or the one beside it")

// translations returns one Translation per id.
func (b *Backend) translations(answers []string, list []translated, ids []string) []translator.Translation {
	out := make([]translator.Translation, len(ids))
	for i, text := range answers {
		out[i] = b.client.Answer(text)
	}
	for i, id := range ids {
		if slices.ContainsFunc(list, func(t translated) bool { return t.ID == id }) {
			continue
		}
		for k := max(i-1, 0); k <= min(i+1, len(ids)-1); k++ {
			out[k] = translator.Translation{Err: translator.NewError(op, translator.Corrupt, errMissed)}
		}
	}
	return out
}

// swapped tells whether an answer has all the figures of another text, and
// not all of its own, while that text's answer has not its own either.
func swapped(texts, answers []string) bool {
	asked, got := make([][]string, len(texts)), make([][]string, len(texts))
	for i := range texts {
		asked[i], got[i] = figures(texts[i]), figures(answers[i])
	}
	for k, own := range asked {
		if len(own) == 0 || answers[k] == "" || within(own, got[k]) {
			continue
		}
		for i := range texts {
			if within(own, got[i]) && (len(asked[i]) == 0 || !within(asked[i], got[i])) {
				return true
			}
		}
	}
	return false
}

// within tells whether all has each of some.
func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// figures returns a text's numbers in any digits, without what parts thousands.
// Those of one digit are left out: translators write them in words.
func figures(text string) []string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		case r == ',' || r == '٬' || r == '\u00A0' || r == '\u202F':
			return -1
		}
		return r
	}, text)
	numbers := strings.FieldsFunc(plain, func(r rune) bool { return r < '0' || r > '9' })
	return slices.DeleteFunc(numbers, func(s string) bool { return len(s) < 2 })
}
