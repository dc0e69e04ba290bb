package config

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Services returns the sections that have what every service over HTTP has, by
// the backend's name.
func (c *Config) Services() map[string]Service { return partsOf[Service](c.Backends) }

// rates returns the sections that have prices, by the backend's name.
func (c *Config) rates() map[string]Rates { return partsOf[Rates](c.Backends) }

// partsOf returns of each backend's section the part of a type that it is or
// holds, so that a new section is read off the struct like all others.
func partsOf[T any](b Backends) map[string]T {
	parts := map[string]T{}
	sections := reflect.ValueOf(b)
	for i := range sections.NumField() {
		name := sections.Type().Field(i).Tag.Get("mapstructure")
		if part, ok := partOf[T](sections.Field(i)); ok {
			parts[name] = part
		}
	}
	return parts
}

func partOf[T any](v reflect.Value) (part T, ok bool) {
	if part, ok = v.Interface().(T); ok || v.Kind() != reflect.Struct {
		return part, ok
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous {
			if part, ok = partOf[T](v.Field(i)); ok {
				return part, ok
			}
		}
	}
	return part, false
}

// Secret returns the key of a service: from the environment, or else from its
// file, which its owner alone may read. Both empty is an empty Secret.
func (s Service) Secret() (Secret, error) {
	if s.Key.Reveal() != "" || s.KeyFile == "" {
		return s.Key, nil
	}
	return ReadSecret(s.KeyFile)
}

// PriceOf returns what a million units cost that are sent and that come back,
// in dollars, where Prices has a line for the direction and model: the line
// that says most counts, of equals the last. Without one sent is
// USDPerMillion and back is -1, "not said".
func (r Rates) PriceOf(from, to, model string) (sent, back float64) {
	sent, back = r.USDPerMillion, -1
	best := 0
	for _, line := range r.Prices {
		p, err := parsePrice(line)
		if err != nil {
			continue // check has told of it
		}
		if n := p.fits(from, to, model); n >= best && n > 0 {
			best, sent, back = n, p.sent, p.back
		}
	}
	return sent, back
}

// A price is one line of Prices. A direction or model that is empty is any.
type price struct {
	direction, model string
	sent, back       float64 // back is -1 if it is not said
}

// parsePrice reads "DIRECTION MODEL SENT/BACK" without any but the last word.
func parsePrice(line string) (price, error) {
	words := strings.Fields(line)
	p := price{back: -1}
	if len(words) < 2 || len(words) > 3 {
		return p, &wrong{quote(line) + " is no price", `write what it is of and dollars per million, as "en-ar 10" or "gpt-5-mini 0.25/2"`}
	}
	for _, word := range words[:len(words)-1] {
		if p.direction == "" && isDirection(word) && !strings.ContainsAny(word, "0123456789./") {
			p.direction = word
		} else if p.model == "" {
			p.model = word
		}
	}
	sent, back, both := strings.Cut(words[len(words)-1], "/")
	var err error
	if p.sent, err = parseNumber(sent); err == nil && both {
		p.back, err = parseNumber(back)
	}
	switch {
	case err != nil:
	case p.sent < 0 || both && p.back < 0:
		err = &wrong{quote(line) + " is below 0", "write dollars per million"}
	case !isAmount(p.sent) || both && !isAmount(p.back):
		err = &wrong{quote(line) + " is not from a millionth of a dollar to a billion dollars", "write dollars per million, or 0 for what costs nothing"}
	}
	return p, err
}

// fits returns 0 for a price of something else, and otherwise how much it says.
func (p price) fits(from, to, model string) int {
	n := 0
	if p.direction != "" {
		if key, _ := forDirection(map[string]string{p.direction: ""}, from, to); key == "" {
			return 0
		}
		n++
	}
	if p.model != "" {
		if !strings.EqualFold(p.model, model) {
			return 0
		}
		n += 2
	}
	return n
}

// checkServices looks at what the services have in common.
func (l *loader) checkServices(c *Config) {
	services := c.Services()
	for _, name := range BackendNames() {
		section := "backends." + name + "."
		if s, ok := services[name]; ok {
			l.checkEndpoint(section+"endpoint", s.Endpoint)
			if at := l.sources[section+"key"]; at.File != "" {
				l.add(at, section+"key", "a key does not belong in this file",
					"put it into a file of its own, readable by you alone, and name that in key_file, or set "+known.byKey[section+"key"].env())
			}
		}
		for i, line := range c.rates()[name].Prices {
			if _, err := parsePrice(line); err != nil {
				l.addWrong(l.place(section+"prices", i), section+"prices", err)
			}
		}
	}
}

// checkEndpoint wants an http or https URL with a host and nothing secret.
func (l *loader) checkEndpoint(key, text string) {
	if text == "" || l.bad[key] {
		return
	}
	u, err := url.Parse(text)
	if err != nil || !slices.Contains([]string{"http", "https"}, u.Scheme) || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		l.add(l.sources[key], key, "this is no URL of a service", "write https://HOST or https://HOST/PATH, without a key, user or query")
	}
}

// checkAlarms wants whole percentages.
func (l *loader) checkAlarms(b Budget) {
	const key = "budget.alarms"
	for i, text := range b.Alarms {
		if n, err := strconv.Atoi(text); err != nil || n < 1 || n > 100 {
			l.add(l.place(key, i), key, quote(text)+" is no percentage", "write whole numbers from 1 to 100, as [50, 80, 95]")
		}
	}
}

// Shares returns Alarms as parts of one.
func (b Budget) Shares() []float64 {
	shares := make([]float64, 0, len(b.Alarms))
	for _, text := range b.Alarms {
		if n, err := strconv.Atoi(text); err == nil {
			shares = append(shares, float64(n)/100)
		}
	}
	return shares
}

// service reports what a service over HTTP lacks.
func (r *requirements) service(name string, needsKey bool) {
	if !r.credentials {
		return
	}
	s, section := r.c.Services()[name], "backends."+name+"."
	if s.KeyFile != "" && s.Key.Reveal() == "" {
		if _, err := ReadSecret(s.KeyFile); err != nil {
			r.addWrong(r.c.sources[section+"key_file"], section+"key_file", err)
		}
		return
	}
	if needsKey && s.Key.Reveal() == "" {
		r.add(r.c.sources[section+"key_file"], section+"key_file", fmt.Sprintf("the %s backend needs a key", name),
			"set "+known.byKey[section+"key"].env()+", or name a file that holds it and that you alone can read")
	}
}
