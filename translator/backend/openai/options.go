package openai

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// Options says whose model translates and how. All but Key may be left zero,
// and Key too for a server that asks for none.
type Options struct {
	Key      string // secret: it is in no error and in no dump of a Backend
	Endpoint string // what stands before /chat/completions; empty is OpenAI's own
	// AllowHTTP are hosts other than this machine that may be asked in the clear.
	AllowHTTP []string
	Model     string // empty is gpt-4.1-mini at OpenAI; elsewhere it must be said

	// Price and TargetPrice are in dollars for a million tokens, in and out. 0 is
	// the model's at OpenAI, and none on this machine; anywhere else both must be said.
	Price, TargetPrice translator.Price
	// MaxOutput is how many tokens a reply may have; 0 is the model's own ceiling
	// up to 16,384, or 4,096 where that is not known.
	MaxOutput    int
	RequestTexts int // texts of one request; 40 if 0

	// Style is a sentence or two on how to translate, for the prompt.
	Style string
	// Glossary holds for requests of its direction. Terms finds those of its
	// terms that stand in any of some texts, in one order for the same texts; nil
	// finds them as they are written.
	Glossary *translator.Glossary
	Terms    func(texts []string) []translator.Term
	// Context sends headline and neighbouring sentences along, which is billed.
	Context bool
	// Plain is for servers that know neither json_schema nor
	// max_completion_tokens: it asks for any JSON object, and for max_tokens.
	Plain bool

	Connections    int           // requests at once; 4 if 0
	RequestTimeout time.Duration // of one request; 5 minutes if 0
	UserAgent      string        // "dragoman" if empty

	RootCAs   *x509.CertPool  // who vouches for the host; nil is the system's
	Transport *http.Transport // replaces the network in tests
}

// openAI is OpenAI's own host.
const openAI = "api.openai.com"

// maxStyle bounds Options.Style in code points: it is billed with each request.
const maxStyle = 2_000

// settle fills in the defaults and lists every mistake.
func settle(opts *Options) (Options, model, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	o.Endpoint = cmp.Or(o.Endpoint, "https://"+openAI+"/v1")
	atOpenAI := o.host() == openAI
	if o.Model == "" && atOpenAI {
		o.Model = defaultModel
	}
	m := modelOf(o.Model, atOpenAI)
	o.fill(m)
	return o, m, jsonhttp.Mistakes(op, o.Price, o.Connections, o.mistakes(atOpenAI)...)
}

func (o *Options) fill(m model) {
	o.Price, o.TargetPrice = cmp.Or(o.Price, m.price), cmp.Or(o.TargetPrice, m.target)
	o.MaxOutput = cmp.Or(o.MaxOutput, min(cmp.Or(m.maxOutput, unknownMaxOutput), maxOutput))
	o.RequestTexts, o.Connections = cmp.Or(o.RequestTexts, 40), cmp.Or(o.Connections, 4)
	o.RequestTimeout = cmp.Or(o.RequestTimeout, 5*time.Minute)
}

// host returns the endpoint's, or "" where it is no address.
func (o *Options) host() string {
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// modelName is a name as services have them: "gpt-4.1-mini", "org/model:tag".
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$`)

func (o *Options) mistakes(atOpenAI bool) []string {
	var wrong []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	add(o.Model == "", "model is empty; name one that %s has", o.host())
	add(o.Model != "" && !modelName.MatchString(o.Model), "model %q is no name of a model", o.Model)
	add(atOpenAI && thinker.MatchString(alias(o.Model)), "model %q reasons before it answers, at a cost that nobody can bound; take one that need not, as %s", o.Model, defaultModel)
	add(!o.TargetPrice.Valid(), "target_usd_per_million is %v; it must be a price of 0 or more", float64(o.TargetPrice))
	unknown := (o.Price == 0 || o.TargetPrice == 0) && !jsonhttp.Loopback(o.host())
	add(o.Model != "" && unknown, "the price of model %q is not known, and without one no budget holds; set usd_per_million and target_usd_per_million", o.Model)
	add(o.MaxOutput < 4*perItem, "max_output is %d; it must be %d tokens or more", o.MaxOutput, 4*perItem)
	add(o.RequestTexts < 0, "request_texts is %d; it must be 1 or more", o.RequestTexts)
	add(o.RequestTimeout < 0, "the request timeout is %v; it must be positive", o.RequestTimeout)
	add(!utf8.ValidString(o.Style) || utf8.RuneCountInString(o.Style) > maxStyle || strings.ContainsRune(o.Style, 0),
		"style is longer than %d characters, or no text", maxStyle)
	return wrong
}

// checkKey wants a key only where OpenAI itself is asked.
func (o *Options) checkKey() error {
	if o.Key == "" && o.host() != openAI {
		return nil
	}
	return jsonhttp.CheckKey(op, o.Key)
}

// signature names all that can change an answer. Two services may have models
// of one name, so that it says whose, but for OpenAI's own.
func (o *Options) signature(answered string, m model) translator.Signature {
	parts := []string{"openai:v1"}
	if host := o.host(); host != openAI {
		parts = append(parts, host)
	}
	glossary := "none"
	if o.Glossary != nil {
		glossary = o.Glossary.Digest
	}
	parts = append(parts, printable(answered), "prompt:"+o.digest(m), "glossary:"+glossary)
	return translator.Signature(strings.Join(parts, "|"))
}

// printable makes a model's name, which a reply may fill with anything, fit
// for a signature.
func printable(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r == '|' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if runes := []rune(clean); len(runes) > 200 {
		return string(runes[:200])
	}
	return clean
}
