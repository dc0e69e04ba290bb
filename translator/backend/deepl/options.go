package deepl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

// Options says whose account translates and how. All but Key may be left zero.
type Options struct {
	Key      string // secret: it is in no error and in no dump of a Backend
	Endpoint string // empty is the host of the key's plan: see endpointOf
	// AllowHTTP are hosts other than this machine that may be asked in the clear.
	AllowHTTP []string

	// Glossary is made a glossary of the account named "dragoman-" and its
	// digest, unless there is one of that name already. It holds for requests
	// of its direction. GlossaryID names one that the account has, and is used
	// instead; when its entries change it should be another: the Signature knows no
	// more of it. "none" sends no glossary at all.
	Glossary   *translator.Glossary
	GlossaryID string
	Formality  string // "default", "more", "less", "prefer_more", "prefer_less"; empty is "default"
	Model      string // DeepL's model_type; empty is "quality_optimized"
	// Context sends what stands around the texts of one story. It can change
	// an answer, and the same sentence may then be answered differently.
	Context bool

	// Price is in dollars per million code points sent; 0 is ListPrice.
	Price          translator.Price
	RequestSize    int           // code points a request holds; 0 and above 28,000 is that. A longer text goes alone.
	Connections    int           // requests at once; 8 if 0
	RequestTimeout time.Duration // of one request, a minute if 0
	UserAgent      string        // "dragoman" if empty
}

// ListPrice is DeepL API Pro's price in dollars for a million code points, as
// of November 2026. In euros it is 20 (support.deepl.com, "Usage count and
// billing"); the dollar price is from a price comparison of that year, and the
// higher one, so that an estimate errs on the safe side. DeepL bills in the
// account's currency: a price in the configuration knows better.
const ListPrice translator.Price = 25

var (
	formalities = []string{"default", "more", "less", "prefer_more", "prefer_less"}
	models      = []string{"quality_optimized", "prefer_quality_optimized", "latency_optimized"}
)

// settle fills in the defaults and lists every mistake.
func settle(opts *Options) (Options, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	o.fill()
	wrong := o.mistakes()
	if o.Glossary != nil {
		wrong = append(wrong, glossaryMistakes(o.Glossary)...)
	}
	return o, jsonhttp.Mistakes(op, o.Price, o.Connections, wrong...)
}

func (o *Options) fill() {
	o.Endpoint, o.Model = cmp.Or(o.Endpoint, endpointOf(o.Key)), cmp.Or(o.Model, models[0])
	o.Price, o.Connections = cmp.Or(o.Price, ListPrice), cmp.Or(o.Connections, 8)
	o.RequestTimeout = cmp.Or(o.RequestTimeout, time.Minute)
	if o.Formality == "default" {
		o.Formality = ""
	}
	if o.GlossaryID != "" {
		o.Glossary = nil
	}
	if o.GlossaryID == "none" {
		o.GlossaryID = ""
	}
	if o.RequestSize <= 0 || o.RequestSize > maxSize {
		o.RequestSize = maxSize
	}
}

// endpointOf returns where a key is valid: those of the free plan end in ":fx"
// (developers.deepl.com, "Authentication").
func endpointOf(key string) string {
	if strings.HasSuffix(key, ":fx") {
		return "https://api-free.deepl.com"
	}
	return "https://api.deepl.com"
}

func (o *Options) mistakes() []string {
	var wrong []string
	if o.Formality != "" && !slices.Contains(formalities, o.Formality) {
		wrong = append(wrong, fmt.Sprintf("formality %q is none of %s", o.Formality, strings.Join(formalities, ", ")))
	}
	if !slices.Contains(models, o.Model) {
		wrong = append(wrong, fmt.Sprintf("model_type %q is none of %s", o.Model, strings.Join(models, ", ")))
	}
	if strings.ContainsFunc(o.GlossaryID, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '|' }) {
		wrong = append(wrong, fmt.Sprintf("glossary %q is no id of a glossary", o.GlossaryID))
	}
	return wrong
}

// signature names all that can change an answer.
func (o *Options) signature(model string) translator.Signature {
	glossary, around, formality := "none", "off", "default"
	switch {
	case o.GlossaryID != "":
		glossary = o.GlossaryID
	case o.Glossary != nil:
		glossary = o.Glossary.Digest
	}
	if o.Context {
		around = "on"
	}
	if o.Formality != "" {
		formality = o.Formality
	}
	return translator.Signature("deepl:v2|" + model + "|formality:" + formality + "|glossary:" + glossary + "|context:" + around)
}

// targets are the languages whose name as a target is not their base in capitals
// (developers.deepl.com, "Languages supported"). English and Portuguese must be of
// a country; without one, the larger is taken.
var targets = map[translator.Lang]string{
	"en": "EN-US", "en-US": "EN-US", "pt": "PT-BR", "pt-BR": "PT-BR", "es-419": "ES-419", "no": "NB",
	"zh": "ZH-HANS", "zh-CN": "ZH-HANS", "zh-Hant": "ZH-HANT", "zh-TW": "ZH-HANT", "zh-HK": "ZH-HANT",
}

// targetCode returns DeepL's name of a language to translate into. English and
// Portuguese of other countries are those of Britain and Portugal.
func targetCode(lang translator.Lang) string {
	if code, ok := targets[lang]; ok {
		return code
	}
	switch base := lang.Base(); base {
	case "en":
		return "EN-GB"
	case "pt":
		return "PT-PT"
	case "zh", "no":
		return targets[base]
	default:
		return strings.ToUpper(string(base))
	}
}

// sourceCode returns DeepL's name of a language to translate from, which is of
// no country.
func sourceCode(lang translator.Lang) string {
	if lang.Base() == "no" {
		return "NB"
	}
	return strings.ToUpper(string(lang.Base()))
}
