package azure

import (
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strings"
	"time"

	"dragoman/translator"
)

// Options says whose resource translates and how. All but Key may be left zero.
type Options struct {
	Key string // secret: it is in no error and in no dump of a Backend
	// Endpoint is what stands before /translate; empty is the global one. A
	// resource's own is https://NAME.cognitiveservices.azure.com/translator/text/v3.0.
	Endpoint string
	// AllowHTTP are hosts other than this machine that may be asked in the clear.
	AllowHTTP []string
	Region    string // of the resource, as "westeurope"; empty for a global one
	Category  string // of a custom model; empty is the general one

	// Glossary holds for requests of its direction, where its terms stand as
	// they are written. What it adds to a text is billed.
	Glossary *translator.Glossary

	// Price is in dollars for a million code points sent; 0 is ListPrice.
	Price          translator.Price
	RequestSize    int           // code points of one request; 30,000 if 0, 50,000 at most
	Connections    int           // requests at once; 8 if 0
	RequestTimeout time.Duration // of one request; 2 minutes if 0, which a custom model may need
	UserAgent      string        // "dragoman" if empty

	RootCAs   *x509.CertPool  // who vouches for the host; nil is the system's
	Transport *http.Transport // replaces the network in tests
}

// ListPrice is that of tier S1 in dollars for a million code points, as of
// November 2026: half of Google's, by a public comparison of bills, since no
// stored copy of Azure's price page has the figure. Custom models cost four
// times as much; a price in the configuration knows better.
const (
	ListPrice   translator.Price = 10
	customPrice translator.Price = 40
)

// settle fills in the defaults and lists every mistake.
func settle(opts *Options) (Options, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	wrong := o.mistakes()
	o.fill()
	if len(wrong) > 0 {
		e := translator.NewError(op, translator.Invalid, errors.New(strings.Join(wrong, "; ")))
		e.Hint = "correct these settings of the azure backend"
		return o, e
	}
	return o, nil
}

func (o *Options) fill() {
	if o.Endpoint == "" {
		o.Endpoint = "https://api.cognitive.microsofttranslator.com"
	}
	if o.Category == "general" {
		o.Category = ""
	}
	if o.Price == 0 {
		o.Price = ListPrice
		if o.Category != "" {
			o.Price = customPrice
		}
	}
	if o.RequestSize == 0 {
		o.RequestSize = usualSize
	}
	o.RequestSize = min(o.RequestSize, maxSize)
	if o.Connections == 0 {
		o.Connections = 8
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = 2 * time.Minute
	}
}

var (
	regionName = regexp.MustCompile(`^[a-z0-9]{1,40}$`)
	categoryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)
)

func (o *Options) mistakes() []string {
	var wrong []string
	add := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	add(o.Region != "" && !regionName.MatchString(o.Region), "region %q is none; write it as westeurope, without spaces and capitals", o.Region)
	add(o.Category != "" && !categoryID.MatchString(o.Category), "category %q is none of a custom model", o.Category)
	p := float64(o.Price)
	add(p < 0 || math.IsNaN(p) || math.IsInf(p, 0), "usd_per_million is %v; it must be a price of 0 or more", p)
	add(o.RequestSize < 0, "the request size is %d; it must be 1 or more", o.RequestSize)
	add(o.Connections < 0, "connections is %d; it must be 1 or more", o.Connections)
	add(o.RequestTimeout < 0, "the request timeout is %v; it must be positive", o.RequestTimeout)
	return wrong
}

// checkKey refuses what cannot be a key, without showing it.
func checkKey(key string) error {
	wrong := ""
	switch {
	case key == "":
		wrong = "there is no key"
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		wrong = "the key has white space in it, or characters that no key has"
	default:
		return nil
	}
	e := translator.NewError(op, translator.Denied, errors.New(wrong))
	e.Hint = "put the key into the file of backends.azure.key_file or into DRAGOMAN_BACKENDS_AZURE_KEY"
	return e
}

// signature names all that can change an answer. A category names a model of
// one resource and is the only name that it has.
func (o *Options) signature(category string) translator.Signature {
	glossary := "none"
	if o.Glossary != nil {
		glossary = o.Glossary.Digest
	}
	if category == "" {
		category = "general"
	}
	return translator.Signature("azure:v3|" + category + "|glossary:" + glossary)
}

// codes are the languages whose name at Azure is not their base
// (learn.microsoft.com, "Language support").
var codes = map[translator.Lang]string{
	"zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-SG": "zh-Hans", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "no": "nb",
	"pt-PT": "pt-pt", "fr-CA": "fr-ca", "sr": "sr-Cyrl", "mn": "mn-Cyrl",
}

// scripted are the languages that Azure has in more than one script.
var scripted = regexp.MustCompile(`^(?:zh-Han[st]|sr-(?:Cyrl|Latn)|mn-(?:Cyrl|Mong)|iu-Latn)`)

func code(lang translator.Lang) string {
	if c, ok := codes[lang]; ok {
		return c
	}
	if name := scripted.FindString(string(lang)); name != "" {
		return name
	}
	return string(lang.Base())
}
