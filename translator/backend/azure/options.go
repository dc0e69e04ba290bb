package azure

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
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
	return o, jsonhttp.Mistakes(op, o.Price, o.Connections, wrong...)
}

func (o *Options) fill() {
	list := customPrice
	if o.Category == "" || o.Category == "general" {
		o.Category, list = "", ListPrice
	}
	o.Endpoint = cmp.Or(o.Endpoint, "https://api.cognitive.microsofttranslator.com")
	o.RequestSize = min(cmp.Or(o.RequestSize, usualSize), maxSize)
	o.Price, o.Connections = cmp.Or(o.Price, list), cmp.Or(o.Connections, 8)
	o.RequestTimeout = cmp.Or(o.RequestTimeout, 2*time.Minute)
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
	add(o.RequestSize < 0, "the request size is %d; it must be 1 or more", o.RequestSize)
	add(o.RequestTimeout < 0, "the request timeout is %v; it must be positive", o.RequestTimeout)
	return wrong
}

// signature names all that can change an answer. A category names a model of
// one resource and is the only name that it has.
func (o *Options) signature(category string) translator.Signature {
	glossary := "none"
	if o.Glossary != nil {
		glossary = o.Glossary.Digest
	}
	return translator.Signature("azure:v3|" + cmp.Or(category, "general") + "|glossary:" + glossary)
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
