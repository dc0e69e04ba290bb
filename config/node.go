package config

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// section takes the keys of one mapping. It follows the schema and not the
// file, so neither nesting nor anchors can make it run long.
func (l *loader) section(path string, n *yaml.Node, name string, line int) {
	n = follow(n)
	names := known.sections[name]
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		l.add(Source{File: path, Line: line}, name, "this must hold keys with values", sectionRemedy(names))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := follow(n.Content[i]).Value
		at := Source{File: path, Line: n.Content[i].Line}
		full := strings.TrimPrefix(name+"."+key, ".")
		switch first, twice := seen[key]; {
		case twice:
			l.add(at, shown(full), "written twice, first in line "+strconv.Itoa(first), "keep one of them")
		case slices.Contains(names, key):
			l.entry(at, full, n.Content[i+1])
		default:
			l.unknown(at, name, key)
		}
		seen[key] = at.Line
	}
}

func sectionRemedy(names []string) string {
	if len(names) == 0 {
		return "it has no keys: write {}"
	}
	return "its keys are " + strings.Join(names, ", ")
}

// entry takes one key that there is, a section or a leaf.
func (l *loader) entry(at Source, full string, value *yaml.Node) {
	leaf, ok := known.byKey[full]
	if !ok {
		l.section(at.File, value, full, at.Line)
		return
	}
	v, lines, err := leaf.fromNode(follow(value))
	if err != nil {
		l.addWrong(at, full, err)
		return
	}
	if v == nil {
		return
	}
	l.file = put(l.file, leaf.path, v)
	l.sources[full], l.items[full] = at, lines
}

// unknown suggests a name of the same section, or the place of a name that
// stands in the wrong one.
func (l *loader) unknown(at Source, section, name string) {
	siblings := known.sections[section]
	remedy := sectionRemedy(siblings)
	if near := nearest(name, siblings); near != "" {
		remedy = "did you mean " + near + "?"
	} else if home, last := known.find(name); home != "" {
		remedy = "write " + last + " indented under " + home
	}
	l.add(at, shown(strings.TrimPrefix(section+"."+name, ".")), "there is no such key", remedy)
}

// find returns the section and the name of the first key that is, or ends in,
// what was written, or "".
func (s *schema) find(written string) (section, name string) {
	for _, leaf := range s.leaves {
		last := len(leaf.path) - 1
		if last > 0 && (leaf.path[last] == written || leaf.key() == written) {
			return strings.Join(leaf.path[:last], "."), leaf.path[last]
		}
	}
	return "", ""
}

// fromNode returns the value written, nil if it is left empty, and the lines
// of a list's items.
func (l leaf) fromNode(n *yaml.Node) (any, []int, error) {
	if isNull(n) {
		return nil, nil, nil
	}
	switch l.written() {
	case yaml.SequenceNode:
		return l.items(n)
	case yaml.MappingNode:
		m, err := l.pairs(n)
		return m, nil, err
	}
	if n.Kind != yaml.ScalarNode {
		return nil, nil, l.mismatch(n)
	}
	v, err := l.parse(n.Value)
	return v, nil, err
}

func (l leaf) items(n *yaml.Node) (any, []int, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, nil, l.mismatch(n)
	}
	items, lines := make([]string, len(n.Content)), make([]int, len(n.Content))
	for i, item := range n.Content {
		lines[i] = item.Line
		item = follow(item)
		if item.Kind != yaml.ScalarNode || isNull(item) {
			return nil, nil, &wrong{"item " + strconv.Itoa(i+1) + " is not a single value", "write one value for each item"}
		}
		items[i] = item.Value
	}
	return items, lines, nil
}

func (l leaf) pairs(n *yaml.Node) (any, error) {
	if n.Kind != yaml.MappingNode {
		return nil, l.mismatch(n)
	}
	m := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := follow(n.Content[i]), joined(follow(n.Content[i+1]))
		if name.Kind != yaml.ScalarNode || value.Kind != yaml.ScalarNode {
			return nil, &wrong{"entry " + strconv.Itoa(i/2+1) + " is not a name and a single value", "write name: value"}
		}
		if _, twice := m[name.Value]; twice {
			return nil, &wrong{quote(name.Value) + " is written twice", "keep one of them"}
		}
		m[name.Value] = value.Value
	}
	return m, nil
}

// joined turns a list of single values into one, "a, b", as the environment has it.
func joined(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.SequenceNode {
		return n
	}
	items := make([]string, len(n.Content))
	for i, item := range n.Content {
		if item = follow(item); item.Kind != yaml.ScalarNode || isNull(item) {
			return n
		}
		items[i] = item.Value
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: strings.Join(items, ", ")}
}

// mismatch says what is written and what is wanted.
func (l leaf) mismatch(n *yaml.Node) error {
	is := map[yaml.Kind]string{
		yaml.ScalarNode: "a single value", yaml.SequenceNode: "a list", yaml.MappingNode: "a map",
	}[n.Kind]
	wants, remedy := l.wants()
	return &wrong{"this is " + is + " and must be " + wants, remedy}
}

// follow returns what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isNull tells whether nothing is written, which leaves a default in place.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// shown bounds a key that was not ours to choose.
func shown(key string) string {
	if len(key) <= 80 {
		return key
	}
	return strings.ToValidUTF8(key[:80], "") + "..."
}
