// Package libretranslate translates through a LibreTranslate server of one's
// own or a hosted one, over package jsonhttp, and repairs what the server's
// own formatting does to Arabic; see shield.
package libretranslate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// op begins the text of every error of the package.
const op = "libretranslate"

// Options says which server translates and what it bears. All may be left zero.
type Options struct {
	Endpoint  string   // empty is http://127.0.0.1:5000, where a server of one's own listens
	AllowHTTP []string // hosts other than this machine that may be asked in the clear
	Key       string   // secret; empty where the server asks for none
	// Model tells apart what several servers make of a sentence: the API does
	// not say which models it has. Change it when they are renewed; empty is "default".
	Model string

	CharLimit  int // code points of one text, the server's --char-limit; 0 is none
	BatchLimit int // texts of one request, the server's --batch-limit; 0 is 50, since the server has none by default

	Price          translator.Price // in dollars per million code points; a server of one's own costs none
	Connections    int              // requests at once; 2 if 0: each takes a core of the server
	RequestTimeout time.Duration    // of one request, 5 minutes if 0
	UserAgent      string           // "dragoman" if empty
}

// A Backend is one server. It is safe for concurrent use. Close it after use.
type Backend struct {
	client    *jsonhttp.Client
	key       func() string // behind a function, so that no print of the struct shows it
	traits    translator.Traits
	languages *jsonhttp.Once[[]language]
}

// language is one that the server has models for.
type language struct {
	Code    string   `json:"code"`
	Targets []string `json:"targets"`
}

// New checks the options and makes a client; it sends no request. Mistakes in
// the options are one Invalid error that lists them.
func New(opts *Options) (*Backend, error) {
	o, err := settle(opts)
	if err != nil {
		return nil, err
	}
	client, err := jsonhttp.New(&jsonhttp.Options{
		Name: op, Endpoint: o.Endpoint, AllowHTTP: o.AllowHTTP, Secrets: []string{o.Key}, UserAgent: o.UserAgent,
		Timeout: o.RequestTimeout, HeaderTimeout: o.RequestTimeout, Judge: judge,
	})
	if err != nil {
		return nil, err
	}
	return &Backend{
		client: client, key: func() string { return o.Key }, traits: traitsOf(o), languages: jsonhttp.NewOnce[[]language](),
	}, nil
}

// Describe returns the traits that a Backend of these options has.
func Describe(opts *Options) (translator.Traits, error) {
	o, err := settle(opts)
	return traitsOf(o), err
}

func settle(opts *Options) (Options, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	var wrong []string
	if o.CharLimit < 0 || o.BatchLimit < 0 {
		wrong = append(wrong, fmt.Sprintf("text_chars is %d and request_texts %d; neither may be below 0", o.CharLimit, o.BatchLimit))
	}
	if strings.ContainsFunc(o.Model, func(r rune) bool { return r <= ' ' || r == '|' || r > '~' }) {
		wrong = append(wrong, fmt.Sprintf("model %q must be letters, digits and signs of ASCII, without | and spaces", o.Model))
	}
	if err := jsonhttp.Mistakes(op, o.Price, o.Connections, wrong...); err != nil {
		return o, err
	}
	o.Endpoint, o.Model = cmp.Or(o.Endpoint, "http://127.0.0.1:5000"), cmp.Or(o.Model, "default")
	o.BatchLimit, o.Connections = cmp.Or(o.BatchLimit, 50), cmp.Or(o.Connections, 2)
	o.RequestTimeout = cmp.Or(o.RequestTimeout, 5*time.Minute)
	if o.Key != "" {
		return o, jsonhttp.CheckKey(op, o.Key)
	}
	return o, nil
}

func traitsOf(o Options) translator.Traits {
	return translator.Traits{
		Name:        op,
		Signature:   translator.Signature("libretranslate:v1|model:" + o.Model + "|shield:" + shieldVersion),
		Origin:      translator.Machine,
		MaxTexts:    o.BatchLimit,
		MaxTextSize: o.CharLimit,
		Connections: o.Connections,
		Price:       o.Price,
	}
}

// Traits returns what must be known of the backend before it is asked.
func (b *Backend) Traits() translator.Traits { return b.traits }

// Close closes the idle connections.
func (b *Backend) Close() error { return b.client.Close() }

// question is the body of a request (docs.libretranslate.com, "/translate").
type question struct {
	Q      []string `json:"q"`
	Source string   `json:"source"`
	Target string   `json:"target"`
	Format string   `json:"format"`
	APIKey string   `json:"api_key,omitempty"`
}

// Translate sends one request, and before the first one asks which languages the
// server has. An empty answer is that text's Corrupt error.
func (b *Backend) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if len(req.Texts) == 0 {
		return translator.Response{}, nil
	}
	if err := jsonhttp.CheckTexts(op, req.Texts); err != nil {
		return translator.Response{}, err
	}
	from, to, err := b.codes(ctx, req.Direction)
	if err != nil {
		return translator.Response{}, err
	}
	var answer struct {
		Texts []string `json:"translatedText"`
	}
	q := question{Q: req.Texts, Source: from, Target: to, Format: "text", APIKey: b.key()}
	if _, err := b.client.Post(ctx, "/translate", q, &answer); err != nil {
		return translator.Response{}, err
	}
	if err := b.client.CheckCount(len(req.Texts), len(answer.Texts)); err != nil {
		return translator.Response{}, err
	}
	out := translator.Response{Translations: make([]translator.Translation, len(req.Texts))}
	for i, text := range answer.Texts {
		t := b.client.Answer(text)
		if t.Err == nil {
			t.Text = shield(req.Direction, req.Texts[i], text)
		}
		out.Translations[i] = t
	}
	return out, nil
}

// aliases are the server's names of languages that differ from BCP 47, older
// servers' among them.
var aliases = map[translator.Lang][]string{
	"zh": {"zh-Hans"}, "zh-Hans": {"zh"}, "zh-Hant": {"zt"}, "zh-TW": {"zh-Hant", "zt"}, "pt-BR": {"pb"}, "no": {"nb"},
}

// codes returns the server's names of a direction's languages. One that it has
// no models for is Unsupported, and found before a text is sent.
func (b *Backend) codes(ctx context.Context, dir translator.Direction) (from, to string, err error) {
	languages, err := b.languages.Get(ctx, b.askLanguages)
	if err != nil {
		return "", "", err
	}
	for _, source := range namesOf(dir.From) {
		for _, l := range languages {
			for _, target := range namesOf(dir.To) {
				if l.Code == source && slices.Contains(l.Targets, target) {
					return source, target, nil
				}
			}
		}
	}
	return "", "", b.client.Fail(translator.Unsupported, "load the models of both languages on the server: --load-only, or its languages page",
		"the server does not translate %s", dir)
}

// namesOf returns what a language may be called, the likeliest first.
func namesOf(lang translator.Lang) []string {
	names := append([]string{string(lang)}, aliases[lang]...)
	return append(names, string(lang.Base()))
}

// askLanguages costs nothing: the server exempts it from its limits.
func (b *Backend) askLanguages(ctx context.Context) ([]language, error) {
	var languages []language
	_, err := b.client.Get(ctx, "/languages", &languages)
	return languages, err
}
