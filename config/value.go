package config

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A wrong is what is wrong with a value, before it is known where it stands.
type wrong struct{ problem, remedy string }

func (w *wrong) Error() string { return w.problem + "; " + w.remedy }

// parse reads the text of a variable, or of one scalar in the file, as the
// leaf's type. Its error is a *wrong.
func (l leaf) parse(text string) (any, error) {
	switch l.typ {
	case reflect.TypeFor[int]():
		n, err := parseWhole(text, strconv.IntSize)
		return int(n), err
	case reflect.TypeFor[int64]():
		return parseWhole(text, 64)
	case reflect.TypeFor[float64]():
		return parseNumber(text)
	case reflect.TypeFor[bool]():
		return parseBool(text)
	case reflect.TypeFor[time.Duration]():
		return parseDuration(text)
	case reflect.TypeFor[[]string]():
		return parseList(text)
	case reflect.TypeFor[map[string]string]():
		return parseMap(text)
	case reflect.TypeFor[Secret]():
		return NewSecret(text), nil
	}
	return text, nil
}

func parseWhole(text string, bits int) (int64, error) {
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, bits)
	if errors.Is(err, strconv.ErrRange) {
		return 0, &wrong{quote(text) + " is too large a number", "write a smaller one"}
	}
	if err != nil {
		return 0, &wrong{quote(text) + " is not a whole number", "write digits only, as 500000"}
	}
	return n, nil
}

func parseNumber(text string) (float64, error) {
	f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, &wrong{quote(text) + " is not a number", "write it with a decimal point, as 12.50"}
	}
	return f, nil
}

func parseBool(text string) (bool, error) {
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, &wrong{quote(text) + " is not true or false", "write true or false"}
	}
	return b, nil
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, &wrong{quote(text) + " is not a duration", "write a number and its unit, as 90s or 2m"}
	}
	return d, nil
}

// parseList reads one line of comma-separated values, quoted where they hold a comma.
func parseList(text string) ([]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.TrimLeadingSpace = true
	items, err := r.Read()
	if err == nil {
		_, err = r.Read()
	}
	if !errors.Is(err, io.EOF) {
		return nil, &wrong{quote(text) + " is not a list", `separate the items by commas and quote one that holds a comma, as "a,b",c`}
	}
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
	}
	return items, nil
}

func parseMap(text string) (map[string]string, error) {
	items, err := parseList(text)
	if err != nil {
		return nil, err
	}
	m := map[string]string{}
	for _, item := range items {
		name, value, ok := strings.Cut(item, "=")
		if _, twice := m[name]; !ok || name == "" || twice {
			return nil, &wrong{quote(item) + " is not one name=value", "write each name once, as team=desk,shift=night"}
		}
		m[name] = value
	}
	return m, nil
}

// quote shows a value inside a mistake: on one line, escaped, not too long.
func quote(s string) string {
	const longest = 60
	if r := []rune(s[:min(len(s), 4*longest+4)]); len(r) > longest {
		return strconv.Quote(string(r[:longest])) + "..."
	}
	return strconv.Quote(s)
}

// written is how the leaf's type is written in YAML.
func (l leaf) written() yaml.Kind {
	switch l.typ.Kind() {
	case reflect.Slice:
		return yaml.SequenceNode
	case reflect.Map:
		return yaml.MappingNode
	}
	return yaml.ScalarNode
}

// wants says in words what the leaf's value must be, and how that is written.
func (l leaf) wants() (string, string) {
	switch l.written() {
	case yaml.SequenceNode:
		return "a list", fmt.Sprintf("write %s: [a, b]", l.path[len(l.path)-1])
	case yaml.MappingNode:
		return "a map of names to values", fmt.Sprintf("write %s: {name: value}", l.path[len(l.path)-1])
	}
	return "a single value", fmt.Sprintf("write %s: VALUE", l.path[len(l.path)-1])
}
