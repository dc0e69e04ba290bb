package config

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// Options says where to look. The zero value reads the working directory's or
// the user's file, if there is one, and the process's environment.
type Options struct {
	// File is the file to read, which must exist; empty is dragoman.yaml in
	// Dir or else in $XDG_CONFIG_HOME/dragoman (~/.config/dragoman), if either exists.
	File string
	// Dir is where dragoman.yaml is looked for; empty is the working directory.
	Dir string
	// Environ is the environment as NAME=value; nil is the process's own.
	Environ []string
	// Flags is the parsed command line; of it, the flags that FlagKeys maps to
	// a key and that were given count.
	Flags    *pflag.FlagSet
	FlagKeys map[string]string // flag name -> key, as "budget-usd": "budget.run_usd"
	// Known holds the values that other packages define, by key, as "formats"
	// and "disable_rules"; a key that is not here is not checked against a list.
	Known map[string][]string
}

// Load reads and checks the settings. Its error is an *Error with all
// mistakes, unless the program itself is wrong: Options.FlagKeys maps to no key.
func Load(opts Options) (*Config, error) {
	env := opts.environ()
	l := &loader{listed: opts.Known, sources: map[string]Source{}, items: map[string][]int{}}
	path, data, err := findFile(opts, env)
	if err != nil {
		l.addWrong(Source{File: path}, "", err)
	} else {
		l.readFile(path, data)
	}
	l.readEnv(env)
	c, err := l.merge(opts.Flags, opts.FlagKeys)
	if err != nil {
		return nil, err
	}
	c.File, c.sources = path, l.sources
	l.check(c)
	if err := l.err(); err != nil {
		return nil, err
	}
	l.chooseChain(c)
	return c, nil
}

// environ returns the variables by name; of one given twice, the last.
func (o Options) environ() map[string]string {
	list := o.Environ
	if list == nil {
		list = os.Environ()
	}
	env := make(map[string]string, len(list))
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

// A loader gathers the layers, where each value stands, and the mistakes.
type loader struct {
	list
	listed    map[string][]string // Options.Known
	file, env map[string]any      // nested as the file is
	sources   map[string]Source   // by key, of the strongest layer that has it
	items     map[string][]int    // the lines of the file's list items, by key
}

// readEnv takes the variables that name a key. All others with the prefix are mistakes.
func (l *loader) readEnv(env map[string]string) {
	names := make([]string, len(known.leaves)) // without the prefix, which is always near
	for i, leaf := range known.leaves {
		name := leaf.env()
		names[i] = strings.TrimPrefix(name, envPrefix)
		if env[name] == "" {
			continue
		}
		at := Source{Env: name}
		value, err := leaf.parse(env[name])
		if err != nil {
			l.addWrong(at, leaf.key(), err)
			continue
		}
		l.env = put(l.env, leaf.path, value)
		l.sources[leaf.key()] = at
	}
	for _, name := range sortedKeys(env) {
		typed, ok := strings.CutPrefix(name, envPrefix)
		if ok && !slices.Contains(names, typed) && !strings.HasPrefix(typed, testPrefix) {
			remedy := "unset it: the prefix " + envPrefix + " is for settings alone"
			if near := nearest(typed, names); near != "" {
				remedy = "did you mean " + envPrefix + near + "?"
			}
			l.add(Source{Env: name}, "", "the variable names no key", remedy)
		}
	}
}

// put sets a value in a nested map, which it makes where it is nil.
func put(m map[string]any, path []string, value any) map[string]any {
	if m == nil {
		m = map[string]any{}
	}
	if len(path) == 1 {
		m[path[0]] = value
		return m
	}
	below, _ := m[path[0]].(map[string]any)
	m[path[0]] = put(below, path[1:], value)
	return m
}

// merge lays the layers over each other. Its error is a fault of the program:
// a flag mapped to no key, or of another type than its key.
func (l *loader) merge(flags *pflag.FlagSet, flagKeys map[string]string) (*Config, error) {
	v := viper.NewWithOptions(viper.KeyDelimiter(delimiter))
	defaults := Default()
	for _, leaf := range known.leaves {
		v.SetDefault(leaf.viperKey(), leaf.in(defaults).Interface())
	}
	for _, layer := range []map[string]any{l.file, l.env} {
		if err := v.MergeConfigMap(layer); err != nil {
			return nil, err
		}
	}
	for name, key := range flagKeys {
		if err := l.bind(v, flags, name, key); err != nil {
			return nil, err
		}
	}
	c := new(Config)
	if err := v.UnmarshalExact(c); err != nil {
		return nil, err
	}
	return c, nil
}

func (l *loader) bind(v *viper.Viper, flags *pflag.FlagSet, name, key string) error {
	leaf, ok := known.byKey[key]
	if !ok {
		return fmt.Errorf("flag --%s is mapped to %q, which is no key", name, key)
	}
	if flags == nil || !flags.Changed(name) {
		return nil
	}
	l.sources[key] = Source{Flag: name}
	return v.BindPFlag(leaf.viperKey(), flags.Lookup(name))
}

// place returns where a key's value, or the i-th item of it, stands.
func (l *loader) place(key string, i int) Source {
	at := l.sources[key]
	if lines := l.items[key]; at.File != "" && i < len(lines) {
		at.Line = lines[i]
	}
	return at
}

// allowed returns the values that a key may have, or nil for any.
func (l *loader) allowed(leaf leaf) []string {
	if leaf.key() == "chain" {
		return BackendNames()
	}
	if words, ok := l.listed[leaf.key()]; ok {
		return slices.Clone(words)
	}
	return leaf.oneOf
}
