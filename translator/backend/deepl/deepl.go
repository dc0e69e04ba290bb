// Package deepl translates through DeepL's API, v2 for texts and v3 for
// glossaries, over package jsonhttp.
//
// Sizes are Unicode code points of the source, as DeepL bills them. A request
// is bounded by 50 texts and by its body's bytes; see maxSize for how the one
// is made to keep the other.
package deepl

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// op begins the text of every error of the package.
const op = "deepl"

// The limits of one request (developers.deepl.com, "Translating large volumes"
// and "Usage and limits", read in November 2026).
const (
	maxTexts = 50
	maxBody  = 128 << 10 // bytes of raw UTF-8
)

const (
	// maxSize is how many code points a request holds. No script needs more
	// than four bytes for one, JSON doubles only what has one byte, and the
	// context and the rest of the body have what is left: no request of texts
	// in transport form can be refused for its size. 50 sentences of news are a
	// quarter of it, so that nothing is gained by measuring bytes.
	maxSize = 28_000
	// maxContext is how many code points of context a request carries.
	maxContext = 4_000
)

// A Backend is one DeepL account with one glossary at most. It is safe for
// concurrent use. Close it after use.
type Backend struct {
	client     *jsonhttp.Client
	opts       Options // without the key
	traits     translator.Traits
	glossaryID *jsonhttp.Once[string]
}

// New checks the options and makes a client; it sends no request. Mistakes in
// the options are one Invalid error that lists them; a missing key is Denied.
func New(opts *Options) (*Backend, error) {
	o, err := settle(opts)
	if err != nil {
		return nil, err
	}
	if err := jsonhttp.CheckKey(op, o.Key); err != nil {
		return nil, err
	}
	client, err := jsonhttp.New(&jsonhttp.Options{
		Name: op, Endpoint: o.Endpoint, AllowHTTP: o.AllowHTTP, UserAgent: o.UserAgent, Timeout: o.RequestTimeout,
		Header: http.Header{"Authorization": {"DeepL-Auth-Key " + o.Key}}, Secrets: []string{o.Key}, Judge: judge,
	})
	if err != nil {
		return nil, err
	}
	o.Key = ""
	return &Backend{client: client, opts: o, traits: traitsOf(o), glossaryID: jsonhttp.NewOnce[string]()}, nil
}

// Describe returns the traits that a Backend of these options has, without
// needing a key.
func Describe(opts *Options) (translator.Traits, error) {
	o, err := settle(opts)
	if err != nil {
		return translator.Traits{}, err
	}
	return traitsOf(o), nil
}

func traitsOf(o Options) translator.Traits {
	return translator.Traits{
		Name:        op,
		Signature:   o.signature(o.Model),
		Origin:      translator.Machine,
		MaxTexts:    maxTexts,
		MaxSize:     o.RequestSize,
		MaxTextSize: maxSize,
		Connections: o.Connections,
		Context:     o.Context,
		Price:       o.Price,
	}
}

// Traits returns what must be known of the backend before it is asked.
func (b *Backend) Traits() translator.Traits { return b.traits }

// Close closes the idle connections.
func (b *Backend) Close() error { return b.client.Close() }

// question is the body of a request (developers.deepl.com, "Request Translation").
type question struct {
	Text               []string `json:"text"`
	SourceLang         string   `json:"source_lang"`
	TargetLang         string   `json:"target_lang"`
	Context            string   `json:"context,omitempty"`
	ShowBilled         bool     `json:"show_billed_characters"`
	SplitSentences     string   `json:"split_sentences"` // "0": a text is one sentence already
	PreserveFormatting bool     `json:"preserve_formatting"`
	Formality          string   `json:"formality,omitempty"`
	ModelType          string   `json:"model_type"`
	GlossaryID         string   `json:"glossary_id,omitempty"`
}

// reply is what comes back.
type reply struct {
	Translations []struct {
		Text      string `json:"text"`
		Billed    *int   `json:"billed_characters"`
		ModelUsed string `json:"model_type_used"`
	} `json:"translations"`
}

// Translate sends one request, and before the first one finds or makes the
// glossary, which costs nothing. An empty answer is that text's Corrupt error.
func (b *Backend) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if len(req.Texts) == 0 {
		return translator.Response{}, nil
	}
	if err := jsonhttp.CheckTexts(op, req.Texts); err != nil {
		return translator.Response{}, err
	}
	glossary, err := b.glossary(ctx, req.Direction)
	if err != nil {
		return translator.Response{}, err
	}
	body, err := b.body(req, glossary)
	if err != nil {
		return translator.Response{}, err
	}
	var answer reply
	if _, err := b.client.Post(ctx, "/v2/translate", body, &answer); err != nil {
		return translator.Response{}, err
	}
	return b.response(answer, req.Texts)
}

func (b *Backend) body(req translator.Request, glossary string) ([]byte, error) {
	q := question{
		Text: req.Texts, SourceLang: sourceCode(req.Direction.From), TargetLang: targetCode(req.Direction.To),
		ShowBilled: true, SplitSentences: "0", PreserveFormatting: true,
		Formality: b.opts.Formality, ModelType: b.opts.Model, GlossaryID: glossary,
	}
	if b.opts.Context {
		q.Context = contextOf(req)
	}
	body, err := jsonhttp.Encode(q)
	if err != nil {
		return nil, translator.NewError(op, translator.Invalid, err)
	}
	if len(body) > maxBody {
		return nil, b.client.Fail(translator.TooLarge, "", "the request has %d bytes and DeepL takes %d", len(body), maxBody)
	}
	return body, nil
}

// contextOf returns what stands around a request's texts, which DeepL reads and
// does not bill: headline, the sentence before, the texts themselves, since it
// reads none of them for the other, and the sentence after. DeepL has one
// context for a whole request, so that one whose texts are of several stories
// has none.
func contextOf(req translator.Request) string {
	if len(req.Contexts) == 0 {
		return ""
	}
	first, last := req.Contexts[0], req.Contexts[len(req.Contexts)-1]
	for _, c := range req.Contexts {
		if c.Story != first.Story {
			return ""
		}
	}
	around := slices.Concat([]string{first.Headline, first.Before}, req.Texts, []string{last.After})
	around = slices.Compact(slices.DeleteFunc(around, func(s string) bool { return s == "" }))
	if len(around) == 1 { // the text, and nothing around it
		return ""
	}
	context := []rune(strings.Join(around, "\n"))
	return string(context[:min(len(context), maxContext)])
}

// response turns an answer to texts into ours. Answers have their place and
// nothing else; what each is billed shows when they stand in another order,
// unless two texts are equally long.
func (b *Backend) response(answer reply, texts []string) (translator.Response, error) {
	if err := b.client.CheckCount(len(texts), len(answer.Translations)); err != nil {
		return translator.Response{}, err
	}
	out := translator.Response{Translations: make([]translator.Translation, len(texts))}
	sizes, billed, said, used := make([]int, len(texts)), make([]int, len(texts)), true, ""
	for i, t := range answer.Translations {
		out.Translations[i], sizes[i] = b.client.Answer(t.Text), b.traits.SizeOf(texts[i])
		if said = said && t.Billed != nil; said {
			billed[i], out.Billed = *t.Billed, out.Billed+*t.Billed
		}
		used = cmp.Or(used, t.ModelUsed)
		if t.ModelUsed != "" && t.ModelUsed != used {
			used = "mixed"
		}
	}
	if !said {
		out.Billed = 0
	} else if jsonhttp.Shuffled(sizes, billed) {
		return translator.Response{}, b.client.Fail(translator.Corrupt, "", "the answers are billed in another order than their texts were sent")
	}
	if used != "" && !sameModel(used, b.opts.Model) {
		out.Signature = b.opts.signature(used)
	}
	return out, nil
}

// sameModel knows that DeepL serves both names of the better model alike
// ("Understanding model types").
func sameModel(used, asked string) bool {
	return strings.TrimPrefix(used, "prefer_") == strings.TrimPrefix(asked, "prefer_")
}
