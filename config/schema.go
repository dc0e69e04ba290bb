package config

import (
	"reflect"
	"strings"
)

// envPrefix begins the name of every variable.
const envPrefix = "DRAGOMAN_"

// testPrefix begins, after envPrefix, what the project's own tests are told:
// they start this program in the environment that they have.
const testPrefix = "TEST_"

// delimiter parts the levels of a key inside viper. With viper's own, a dot,
// a label such as "cost.centre" would be taken for two levels.
const delimiter = "::"

// squash is the tag of a struct whose keys stand among those around it.
const squash = ",squash"

// A leaf is one key that has a value: a field of Config that is no section.
type leaf struct {
	path  []string // as {"budget", "run_usd"}
	index []int    // for reflect's FieldByIndex on Config
	typ   reflect.Type
	oneOf []string // the values it may have; nil is any
}

func (l leaf) key() string { return strings.Join(l.path, ".") }

func (l leaf) env() string { return envPrefix + strings.ToUpper(strings.Join(l.path, "_")) }

func (l leaf) viperKey() string { return strings.Join(l.path, delimiter) }

func (l leaf) in(c *Config) reflect.Value { return reflect.ValueOf(c).Elem().FieldByIndex(l.index) }

// A schema is what may be written in a file, read off a struct's tags, so that
// a new backend's section is its struct and nothing else.
type schema struct {
	leaves   []leaf // in the fields' order
	byKey    map[string]leaf
	sections map[string][]string // the names in a section, by its key; "" is the file itself
}

var known = newSchema(reflect.TypeFor[Config]())

func newSchema(t reflect.Type) *schema {
	s := &schema{byKey: map[string]leaf{}, sections: map[string][]string{}}
	s.add(t, nil, nil)
	return s
}

func (s *schema) add(t reflect.Type, path []string, index []int) {
	section := strings.Join(path, ".")
	if _, there := s.sections[section]; !there {
		s.sections[section] = nil // a section without keys is one too
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, at := f.Tag.Get("mapstructure"), append(index[:len(index):len(index)], i)
		switch name {
		case "", "-":
			continue
		case squash:
			s.add(f.Type, path, at)
			continue
		}
		s.sections[section] = append(s.sections[section], name)
		below := append(path[:len(path):len(path)], name)
		if isSection(f.Type) {
			s.add(f.Type, below, at)
			continue
		}
		l := leaf{path: below, index: at, typ: f.Type}
		if words := f.Tag.Get("oneof"); words != "" {
			l.oneOf = strings.Split(words, ",")
		}
		s.leaves = append(s.leaves, l)
		s.byKey[l.key()] = l
	}
}

func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[Secret]()
}

// BackendNames returns the names that a chain may hold, in a fixed order.
func BackendNames() []string { return append([]string(nil), known.sections["backends"]...) }
