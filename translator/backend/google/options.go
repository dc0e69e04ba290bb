package google

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// Options says whose account translates and how. All but Project may be left
// zero; Glossary, Dataset and custom models need a regional Location too.
type Options struct {
	Project  string // id or number of the Google Cloud project that pays
	Location string // "global" if empty, or a region such as "us-central1"
	// Model is "general/nmt" if empty, "general/translation-llm", or a custom
	// model's id or full name.
	Model string
	// Glossary is a glossary's id or full name; empty is none. One whose
	// entries change should get a new id: the Signature knows no more of it.
	Glossary string
	// GlossaryIgnoreCase finds the glossary's terms in any case, and
	// GlossaryContextual lets the service inflect them to fit the sentence.
	GlossaryIgnoreCase, GlossaryContextual bool
	// Dataset is the id or full name of an Adaptive MT data set of example
	// pairs, which then translates in the place of Model; empty is none. It
	// serves the one direction that its pairs have. One whose pairs change
	// should get a new id, as a Glossary.
	Dataset string
	Labels  map[string]string // tag the requests in Google's bills; not with a Dataset

	Endpoint string // host:port; empty is Google's own
	// Insecure speaks plaintext without authentication, to an emulator on this
	// machine: Endpoint must be a loopback address.
	Insecure bool

	// CredentialsFile is the path of a JSON key or credential configuration;
	// empty is application default credentials.
	CredentialsFile string

	// RequestSize is how many code points a request holds; 0, and more than
	// Google takes, is 30,000, or 5,000 with a Dataset. A longer text goes alone.
	RequestSize int

	// Price is in dollars per million code points sent, and TargetPrice per
	// million that come back; 0 is the model's list price: see listPrices.
	Price, TargetPrice translator.Price

	Connections    int           // requests at once; 8 if 0, or 1 with a Dataset
	RequestTimeout time.Duration // of one request, a minute if 0
	UserAgent      string        // "dragoman" if empty

	// OnModel is told when an answer names another model than was asked for;
	// both are names after "locations/". It may be called concurrently.
	OnModel func(asked, answered string)
}

// settle fills in the defaults, makes the names, and lists every mistake.
func settle(opts *Options) (Options, names, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	o.fill()
	wrong := o.mistakes()
	n, more := o.names()
	wrong = append(wrong, more...)
	if len(wrong) > 0 {
		e := translator.NewError(op, translator.Invalid, errors.New(strings.Join(wrong, "; ")))
		e.Hint = "correct these settings of the google backend"
		return o, n, e
	}
	price, target := listPrices(n)
	if o.Price == 0 {
		o.Price = price
	}
	if o.TargetPrice == 0 {
		o.TargetPrice = target
	}
	return o, n, nil
}

func (o *Options) fill() {
	if o.Location == "" {
		o.Location = "global"
	}
	if o.Model == "" {
		o.Model = nmt
	}
	size, connections := maxSize, 8
	if o.Dataset != "" {
		size, connections = adaptiveSize, 1
	}
	if o.RequestSize <= 0 || o.RequestSize > size {
		o.RequestSize = size
	}
	if o.Connections == 0 {
		o.Connections = connections
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = time.Minute
	}
	if o.UserAgent == "" {
		o.UserAgent = "dragoman"
	}
}

// mistakes lists what is wrong with the settings that are not names.
func (o *Options) mistakes() []string {
	var wrong []string
	if !o.Price.Valid() {
		wrong = append(wrong, fmt.Sprintf("usd_per_million is %v; it must be a price of 0 or more", float64(o.Price)))
	}
	if !o.TargetPrice.Valid() {
		wrong = append(wrong, fmt.Sprintf("target_usd_per_million is %v; it must be a price of 0 or more", float64(o.TargetPrice)))
	}
	wrong = append(wrong, o.unfit()...)
	if o.Connections < 0 {
		wrong = append(wrong, fmt.Sprintf("connections is %d; it must be 1 or more", o.Connections))
	}
	if o.RequestTimeout < 0 {
		wrong = append(wrong, fmt.Sprintf("the request timeout is %v; it must be positive", o.RequestTimeout))
	}
	wrong = append(wrong, endpointMistakes(o.Endpoint, o.Insecure)...)
	return append(wrong, labelMistakes(o.Labels)...)
}

// unfit lists the settings that do not go together. What cannot be sent must
// not look as if it were.
func (o *Options) unfit() []string {
	var wrong []string
	if o.Glossary == "" && (o.GlossaryIgnoreCase || o.GlossaryContextual) {
		wrong = append(wrong, "glossary is empty; glossary_ignore_case and glossary_contextual need one")
	}
	if o.Dataset == "" {
		return wrong
	}
	if o.Model != nmt { // what the configuration says when nobody set it
		wrong = append(wrong, fmt.Sprintf("dataset and model %q exclude each other; a dataset has a model of its own", o.Model))
	}
	if len(o.Labels) > 0 {
		wrong = append(wrong, "labels cannot be sent with a dataset: Adaptive MT takes none")
	}
	return wrong
}

// hostPort is a host name or address with an optional port: no scheme, path or
// user, so that nothing but a connection can be meant by it.
var hostPort = regexp.MustCompile(`^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$`)

func endpointMistakes(endpoint string, insecure bool) []string {
	if endpoint != "" && !hostPort.MatchString(endpoint) {
		return []string{fmt.Sprintf("endpoint %q is not host:port, as translate-eu.googleapis.com:443", endpoint)}
	}
	if insecure && !loopback(endpoint) {
		return []string{fmt.Sprintf("insecure is only for an endpoint on this machine, as 127.0.0.1:8080, and endpoint is %q", endpoint)}
	}
	return nil
}

// loopback tells whether host:port is on this machine. A name other than
// localhost is not: whoever answers for it may change.
func loopback(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// maxLabels is how many labels one request bears
// (cloud.google.com/translate/docs/advanced/labels).
const maxLabels = 64

func labelMistakes(labels map[string]string) []string {
	var wrong []string
	if len(labels) > maxLabels {
		wrong = append(wrong, fmt.Sprintf("there are %d labels; Google takes %d", len(labels), maxLabels))
	}
	for key, value := range labels {
		first, _ := utf8.DecodeRuneInString(key)
		switch {
		case !unicode.IsLetter(first) || !labelText(key):
			wrong = append(wrong, fmt.Sprintf("label %q: a name begins with a letter and has at most 63 lowercase letters, digits, _ and -", key))
		case !labelText(value):
			wrong = append(wrong, fmt.Sprintf("label %s: its value has at most 63 lowercase letters, digits, _ and -", key))
		}
	}
	slices.Sort(wrong) // a map has no order
	return wrong
}

// labelText tells whether text is made of what labels are made of: the
// comments on TranslateTextRequest.labels in translation_service.proto.
func labelText(text string) bool {
	for _, r := range text {
		letter := unicode.IsLetter(r) && !unicode.IsUpper(r) && !unicode.IsTitle(r)
		if !letter && !unicode.IsNumber(r) && r != '_' && r != '-' {
			return false
		}
	}
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= 63
}
