// Package openai translates through any service with OpenAI's chat completions:
// OpenAI itself, a gateway, or a server on this machine (llama.cpp, vLLM, Ollama).
//
// A request is one system message, the same for all requests of a direction,
// and one user message, which is a JSON object and holds everything that comes
// from stories. The reply is JSON whose translations are keyed by id: their
// order says nothing. Sizes are tokens, estimated from above; what a reply may
// take is bounded by max_completion_tokens, so that no bill passes its reserve.
package openai

import (
	"context"
	"net/http"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// op begins the text of every error of the package.
const op = "openai"

// A Backend is one account and model. It is safe for concurrent use. Close it
// after use.
type Backend struct {
	client *jsonhttp.Client
	opts   Options // without the key
	model  model
	traits translator.Traits
}

// New checks the options and makes a client; it sends no request. Mistakes in
// the options are one Invalid error that lists them; a missing key is Denied.
func New(opts *Options) (*Backend, error) {
	o, m, err := settle(opts)
	if err != nil {
		return nil, err
	}
	if err := o.checkKey(); err != nil {
		return nil, err
	}
	header := http.Header{}
	if o.Key != "" {
		header.Set("Authorization", "Bearer "+o.Key)
	}
	client, err := jsonhttp.New(&jsonhttp.Options{
		Name: op, Endpoint: o.Endpoint, AllowHTTP: o.AllowHTTP, UserAgent: o.UserAgent, RootCAs: o.RootCAs, Transport: o.Transport,
		// A reply that is not streamed has its head when the model is done.
		Timeout: o.RequestTimeout, HeaderTimeout: o.RequestTimeout,
		Header: header, Secrets: []string{o.Key}, Judge: judge,
	})
	if err != nil {
		return nil, err
	}
	o.Key = ""
	return &Backend{client: client, opts: o, model: m, traits: traitsOf(o, m)}, nil
}

// Describe returns the traits that a Backend of these options has, without
// needing a key.
func Describe(opts *Options) (translator.Traits, error) {
	o, m, err := settle(opts)
	if err != nil {
		return translator.Traits{}, err
	}
	return traitsOf(o, m), nil
}

func traitsOf(o Options, m model) translator.Traits {
	fits := int(float64(o.MaxOutput) / yield.Most)
	return translator.Traits{
		Name:        op,
		Signature:   o.signature(o.Model, m),
		Origin:      translator.Machine,
		MaxTexts:    o.RequestTexts,
		MaxSize:     fits,
		MaxTextSize: fits,
		Size:        m.size,
		Unit:        "tokens",
		Connections: o.Connections,
		Context:     o.Context,
		Price:       o.Price,
		TargetPrice: o.TargetPrice,
		Yield:       yield,
		Overhead:    o.overhead(m),
	}
}

// Traits returns what must be known of the backend before it is asked.
func (b *Backend) Traits() translator.Traits { return b.traits }

// Close closes the idle connections.
func (b *Backend) Close() error { return b.client.Close() }

// question is the body of a request (developers.openai.com, "Create chat completion").
type question struct {
	Model       string    `json:"model"`
	Messages    []message `json:"messages"`
	Format      any       `json:"response_format"`
	MaxTokens   int       `json:"max_completion_tokens,omitempty"`
	OldMax      int       `json:"max_tokens,omitempty"` // its name before 2024, which other servers know
	Temperature *float64  `json:"temperature,omitempty"`
	Effort      string    `json:"reasoning_effort,omitempty"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Translate sends one request. A text without an answer of its own has a
// Corrupt error, and so have its neighbours: see response.
func (b *Backend) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if len(req.Texts) == 0 {
		return translator.Response{}, nil
	}
	if err := jsonhttp.CheckTexts(op, req.Texts); err != nil {
		return translator.Response{}, err
	}
	ids := idsOf(req.Texts)
	q, err := b.question(req, ids)
	if err != nil {
		return translator.Response{}, err
	}
	var answer reply
	if _, err := b.client.Post(ctx, "/chat/completions", q, &answer); err != nil {
		return translator.Response{}, withoutTexts(err, req.Texts)
	}
	return b.response(answer, req.Texts, ids)
}

// question puts a request together: what is the same every time comes first,
// so that a service that remembers prompts by their beginning finds it.
func (b *Backend) question(req translator.Request, ids []string) (question, error) {
	data, err := b.data(req, ids)
	if err != nil {
		return question{}, translator.NewError(op, translator.Invalid, err)
	}
	q := question{
		Model:    b.opts.Model,
		Messages: []message{{"system", b.opts.prompt(req.Direction)}, {"user", string(data)}},
		Format:   format, MaxTokens: b.ceiling(req.Texts),
		Temperature: b.model.temperature, Effort: b.model.effort,
	}
	if b.opts.Plain {
		q.Format, q.OldMax, q.MaxTokens, q.Effort = plainFormat, q.MaxTokens, 0, ""
	}
	return q, nil
}

// ceiling is how many tokens may come back: as many as Traits.Cost reserves for
// the request at most, within what the model can.
func (b *Backend) ceiling(texts []string) int {
	size := b.traits.Overhead
	for _, text := range texts {
		size += b.traits.SizeOf(text)
	}
	return min(int(yield.Most*float64(size)), b.opts.MaxOutput)
}
