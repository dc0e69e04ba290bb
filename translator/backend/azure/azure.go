// Package azure translates through Azure AI Translator's text API, version 3.
//
// Texts always go as plain text. Sizes are Unicode code points, as Azure counts
// and bills them, with the markup that a glossary adds. The service names no
// model and gives answers no ids; see response for what can still be seen.
package azure

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// op begins the text of every error of the package.
const op = "azure"

// The limits of one request (learn.microsoft.com, "Service limits for Azure
// Translator", read in November 2026).
const (
	maxTexts = 1_000
	maxSize  = 50_000
	// usualSize is what a request holds unless more is asked for. The quota of an
	// hour must be used evenly by the minute, and the free tier's is 33,300 code
	// points: a request above that would be refused for ever as too fast.
	usualSize = 30_000
)

// A Backend is one Translator resource. It is safe for concurrent use. Close it
// after use.
type Backend struct {
	client *jsonhttp.Client
	opts   Options // without the key
	marker *marker
	traits translator.Traits
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
	header := http.Header{"Ocp-Apim-Subscription-Key": {o.Key}}
	if o.Region != "" {
		header.Set("Ocp-Apim-Subscription-Region", o.Region)
	}
	client, err := jsonhttp.New(&jsonhttp.Options{
		Name: op, Endpoint: o.Endpoint, AllowHTTP: o.AllowHTTP, UserAgent: o.UserAgent, Timeout: o.RequestTimeout,
		RootCAs: o.RootCAs, Transport: o.Transport, Header: header, Secrets: []string{o.Key}, Judge: judge,
	})
	if err != nil {
		return nil, err
	}
	o.Key = ""
	m := newMarker(o.Glossary)
	return &Backend{client: client, opts: o, marker: m, traits: traitsOf(o, m)}, nil
}

// Describe returns the traits that a Backend of these options has, without
// needing a key.
func Describe(opts *Options) (translator.Traits, error) {
	o, err := settle(opts)
	if err != nil {
		return translator.Traits{}, err
	}
	return traitsOf(o, newMarker(o.Glossary)), nil
}

func traitsOf(o Options, m *marker) translator.Traits {
	t := translator.Traits{
		Name:        op,
		Signature:   o.signature(o.Category),
		Origin:      translator.Machine,
		MaxTexts:    maxTexts,
		MaxSize:     o.RequestSize,
		MaxTextSize: o.RequestSize,
		Connections: o.Connections,
		Price:       o.Price,
	}
	if o.Glossary != nil {
		t.Size = func(text string) int { return utf8.RuneCountInString(m.mark(text)) }
	}
	return t
}

// Traits returns what must be known of the backend before it is asked.
func (b *Backend) Traits() translator.Traits { return b.traits }

// Close closes the idle connections.
func (b *Backend) Close() error { return b.client.Close() }

// question is one text of a request's body.
type question struct {
	Text string `json:"Text"`
}

// reply is the answer to one text (learn.microsoft.com, "Translator 3.0: Translate").
type reply struct {
	Translations []struct {
		Text    string `json:"text"`
		To      string `json:"to"`
		SentLen struct {
			Source []int `json:"srcSentLen"`
		} `json:"sentLen"`
	} `json:"translations"`
}

// Translate sends one request. An empty answer is that text's Corrupt error.
func (b *Backend) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if len(req.Texts) == 0 {
		return translator.Response{}, nil
	}
	if err := jsonhttp.CheckTexts(op, req.Texts); err != nil {
		return translator.Response{}, err
	}
	body := b.body(req)
	to := code(req.Direction.To)
	var answers []reply
	header, err := b.client.Post(ctx, "/translate?"+b.query(code(req.Direction.From), to), body, &answers)
	if err != nil {
		return translator.Response{}, err
	}
	return b.response(answers, header, body, to)
}

// body holds the texts, marked where the glossary is of their direction. Azure
// has the dictionary from and to English only.
func (b *Backend) body(req translator.Request) []question {
	g, dir := b.opts.Glossary, req.Direction
	marks := g != nil && g.Direction == dir && (dir.From.Base() == translator.English || dir.To.Base() == translator.English)
	body := make([]question, len(req.Texts))
	for i, text := range req.Texts {
		body[i].Text = text
		if marks {
			body[i].Text = b.marker.mark(text)
		}
	}
	return body
}

// query says what a request asks for. A custom model that does not exist is an
// error and not the general one in silence.
func (b *Backend) query(from, to string) string {
	q := url.Values{
		"api-version": {"3.0"}, "from": {from}, "to": {to}, "textType": {"plain"}, "includeSentenceLength": {"true"},
		"ClientTraceId": {traceID()},
	}
	if b.opts.Category != "" {
		q.Set("category", b.opts.Category)
		q.Set("allowFallback", "false")
	}
	return q.Encode()
}

// traceID returns a random GUID, by which Microsoft's support finds a request.
func traceID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0F|0x40, id[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

var errMarkup = errors.New("the answer holds the glossary's markup")

// response turns an answer to texts into ours. Answers have their place and
// nothing else; the lengths of their sources, which Azure gives, show when they
// stand in another order, unless two texts are equally long.
func (b *Backend) response(answers []reply, header http.Header, sent []question, to string) (translator.Response, error) {
	if err := b.client.CheckCount(len(sent), len(answers)); err != nil {
		return translator.Response{}, err
	}
	out := translator.Response{Translations: make([]translator.Translation, len(sent)), Billed: billed(header)}
	for i, answer := range answers {
		if len(answer.Translations) != 1 {
			return translator.Response{}, b.client.Fail(translator.Corrupt, "", "a text has %d translations and not one", len(answer.Translations))
		}
		t := answer.Translations[0]
		if t.To != "" && !strings.EqualFold(t.To, to) {
			return translator.Response{}, b.client.Fail(translator.Corrupt, "", "an answer is not in the language that was asked for")
		}
		out.Translations[i] = b.translation(t.Text, sent[i].Text)
	}
	if shuffled(answers, sent) {
		return translator.Response{}, b.client.Fail(translator.Corrupt, "", "the answers are to the texts in another order")
	}
	if b.opts.Category != "" && strings.EqualFold(header.Get("X-MT-System"), "Team") {
		out.Signature = b.opts.signature("") // the general model's, asked for or not
	}
	return out, nil
}

// translation returns one answer, which must hold no markup of ours.
func (b *Backend) translation(answer, sent string) translator.Translation {
	if strings.Contains(sent, markOpen) && strings.Contains(strings.ToLower(answer), "mstrans:") {
		return translator.Translation{Err: translator.NewError(op, translator.Corrupt, errMarkup)}
	}
	return b.client.Answer(answer)
}

// billed returns what the service says that it took, or 0.
func billed(header http.Header) int {
	n, err := strconv.Atoi(header.Get("X-Metered-Usage"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// shuffled compares the texts' lengths with those that Azure says they have.
func shuffled(answers []reply, sent []question) bool {
	sizes, said := make([]int, len(sent)), make([]int, len(sent))
	for i := range sent {
		sizes[i] = utf8.RuneCountInString(sent[i].Text)
		for _, n := range answers[i].Translations[0].SentLen.Source {
			said[i] += n
		}
	}
	return jsonhttp.Shuffled(sizes, said)
}
