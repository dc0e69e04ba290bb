package config

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Setting is one key with its effective value.
type Setting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"` // of the field's type, a duration as text; secrets masked
	Source Source `json:"source"`
}

// Settings returns all settings in the order of Config's fields.
func Settings(c *Config) []Setting {
	list := make([]Setting, len(known.leaves))
	for i, leaf := range known.leaves {
		list[i] = Setting{Key: leaf.key(), Value: display(leaf.in(c).Interface()), Source: c.sources[leaf.key()]}
	}
	return list
}

// display makes a value fit to be shown: durations as they are written, lists
// and maps never null, passwords in URLs masked.
func display(v any) any {
	switch v := v.(type) {
	case string:
		return WithoutSecrets(v, "xxxxx")
	case []string:
		return append([]string{}, v...)
	case map[string]string:
		if v == nil {
			return map[string]string{}
		}
		return maps.Clone(v)
	case fmt.Stringer: // time.Duration, Secret
		return v.String()
	}
	return v
}

// Text returns the value as it is written in the file.
func (s Setting) Text() string {
	switch v := s.Value.(type) {
	case string:
		return plain(v)
	case []string:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = plain(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]string:
		items := make([]string, 0, len(v))
		for _, name := range sortedKeys(v) {
			items = append(items, plain(name)+": "+plain(v[name]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	return fmt.Sprint(s.Value)
}

// plain quotes a string that YAML, a terminal or a reader could take for
// something else. What strconv.Quote writes, YAML reads back.
func plain(s string) string {
	strange := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-./", r)
	}
	first := strings.IndexFunc(s, unicode.IsLetter) == 0 || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "/")
	if !first || strings.ContainsFunc(s, strange) || slices.Contains(notText, strings.ToLower(s)) {
		return strconv.Quote(s)
	}
	return s
}

// notText are the words that YAML takes for something other than text.
var notText = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// WithoutSecrets returns a text that may be a URL with mask in the place of its
// password, and of every value in its query that is one, as libpq's password and
// sslpassword; an empty mask takes them out. Of what looks like a URL and is none,
// the scheme alone is left: nobody can tell where its password stands.
func WithoutSecrets(s, mask string) string {
	scheme, rest, is := strings.Cut(s, "://")
	if !is || !strings.ContainsAny(rest, "@=") { // no place for a password
		return s
	}
	u, err := url.Parse(s)
	if err != nil {
		return scheme + "://..."
	}
	if _, set := u.User.Password(); set {
		u.User = url.User(u.User.Username())
		if mask != "" {
			u.User = url.UserPassword(u.User.Username(), mask)
		}
	}
	var kept []string
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		key, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(key); err == nil && !strings.Contains(strings.ToLower(plain), "password") {
			kept = append(kept, part)
		} else if mask != "" {
			kept = append(kept, key+"="+mask)
		}
	}
	u.RawQuery = strings.Join(kept, "&")
	return u.String()
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
