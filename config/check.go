package config

import (
	"fmt"
	"net"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// check looks at what the settings mean, each where its value came from. A
// value that could not be read is not here: what it hid is in its place.
func (l *loader) check(c *Config) {
	for _, leaf := range known.leaves {
		l.checkLeaf(leaf, leaf.in(c))
	}
	l.checkDirection(c)
	l.checkDirections(c)
	l.checkServices(c)
	l.checkAlarms(c.Budget)
	l.checkProcess(c)
	l.checkGoogle(c.Backends.Google)
}

// Money is counted in millionths of a dollar: a smaller limit would be none.
// A price beyond the largest would be a cost that no int64 holds, which is none too.
const minUSD, maxUSD = 1e-6, 1e9

// isAmount tells whether dollars from 0 up can be counted.
func isAmount(usd float64) bool { return usd == 0 || usd >= minUSD && usd <= maxUSD }

func (l *loader) checkLeaf(leaf leaf, v reflect.Value) {
	key := leaf.key()
	switch {
	case v.CanInt() && v.Int() < 0, v.CanFloat() && !(v.Float() >= 0):
		l.add(l.sources[key], key, fmt.Sprintf("%v is not a number from 0 up", v), "write 0 or more")
	case v.CanFloat() && key != "traces.ratio" && !isAmount(v.Float()):
		l.add(l.sources[key], key, fmt.Sprintf("%v is not from a millionth of a dollar to a billion dollars", v), "write an amount in dollars, or 0 for none")
	case v.Kind() == reflect.Slice:
		l.checkItems(leaf, v.Interface().([]string))
	case v.Kind() == reflect.String:
		l.checkText(leaf, v.String())
	}
}

func (l *loader) checkText(leaf leaf, text string) {
	key := leaf.key()
	allowed := l.allowed(leaf)
	switch {
	case text == "" && slices.Contains(mustHave, key):
		l.add(l.sources[key], key, "this is empty", "give it a value, or remove the line for the default")
	case text != "" && strings.ContainsFunc(text, unicode.IsControl):
		l.add(l.sources[key], key, "this holds a control character", "remove it")
	case text != "" && allowed != nil && !slices.Contains(allowed, text):
		l.add(l.sources[key], key, quote(text)+" is not known", didYouMean(text, allowed, oneOf(allowed)))
	}
}

// mustHave are the keys that may not be set to nothing.
var mustHave = []string{"store", "out", "log.level", "log.format", "backends.command.protocol", "backends.deepl.formality"}

func (l *loader) checkItems(leaf leaf, items []string) {
	key := leaf.key()
	if key == "chain" && len(items) == 0 {
		l.add(l.sources[key], key, "no backend is named", oneOf(BackendNames()))
	}
	allowed := l.allowed(leaf)
	for i, item := range items {
		switch {
		case allowed == nil: // argv: any items, any number of times
		case !slices.Contains(allowed, item):
			l.add(l.place(key, i), key, quote(item)+" is not known", didYouMean(item, allowed, oneOf(allowed)))
		case slices.Contains(items[:i], item):
			l.add(l.place(key, i), key, quote(item)+" is named twice", "keep one of them")
		}
	}
}

func oneOf(words []string) string { return "write one of " + strings.Join(words, ", ") }

// checkDirection wants two BCP 47 tags that differ.
func (l *loader) checkDirection(c *Config) {
	from, to := l.language("from", c.From), l.language("to", c.To)
	if from != to || from == "" {
		return
	}
	key := "to"
	if compareSources(l.sources["from"], l.sources["to"]) > 0 {
		key = "from"
	}
	l.add(l.sources[key], key, "from and to are both "+to, "translate between two languages, as from: ar, to: en")
}

// language returns the canonical form of a tag, or "" if it has a mistake.
func (l *loader) language(key, text string) string {
	if l.bad[key] {
		return ""
	}
	tag, err := language.Parse(text)
	if err != nil || tag == language.Und {
		l.add(l.sources[key], key, quote(text)+" is no language tag", "write a BCP 47 tag such as ar, en or en-GB")
		return ""
	}
	return tag.String()
}

func (l *loader) checkGoogle(g Google) {
	const endpoint, insecure, labels = "backends.google.endpoint", "backends.google.insecure", "backends.google.labels"
	if g.Endpoint != "" && !l.bad[endpoint] && !isHostPort(g.Endpoint) {
		l.add(l.sources[endpoint], endpoint, "this is not HOST or HOST:PORT",
			"leave out the scheme and the path, as translate-eu.googleapis.com:443; it is asked over TLS, unless insecure is true")
	}
	if g.Insecure && !l.bad[endpoint] && !l.bad[insecure] && !isLoopback(g.Endpoint) {
		l.add(l.sources[insecure], insecure, "the stories would leave this machine without encryption",
			"set endpoint to an emulator here, as 127.0.0.1:8080, or insecure to false")
	}
	for _, name := range sortedKeys(g.Labels) {
		if !isLabel(name, true) || !isLabel(g.Labels[name], false) {
			l.add(l.sources[labels], labels, quote(name+": "+g.Labels[name])+" is no label that Google accepts",
				"use lower-case letters, digits, - and _, at most 63, the name beginning with a letter")
		}
	}
}

// hostPort is a name or address and perhaps a port: no scheme, user or path,
// so that nothing but a connection can be meant.
var hostPort = regexp.MustCompile(`^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?$`)

func isHostPort(s string) bool {
	m := hostPort.FindStringSubmatch(s)
	if m == nil || m[1] == "" {
		return m != nil
	}
	port, err := strconv.Atoi(m[1])
	return err == nil && port >= 1 && port <= 65535
}

// isLoopback tells whether HOST:PORT is on this machine. A name other than
// localhost is not: whoever answers for it may change.
func isLoopback(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return false
	}
	return isLoopbackHost(host)
}

func isLoopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isLabel follows cloud.google.com/translate/docs/advanced/labels: at most 63
// code points of lower-case letters of any script, digits, dashes and underscores.
func isLabel(s string, isName bool) bool {
	first, _ := utf8.DecodeRuneInString(s)
	if isName && !unicode.IsLetter(first) || utf8.RuneCountInString(s) > 63 {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		letter := unicode.IsLetter(r) && !unicode.IsUpper(r) && !unicode.IsTitle(r)
		return !letter && !unicode.IsDigit(r) && r != '-' && r != '_'
	})
}
