package config

import (
	"strings"

	"golang.org/x/text/language"
)

// forDirection returns what a map by direction holds for a direction: under
// its own tags, or else under its languages without regions.
func forDirection(m map[string]string, from, to string) (key, value string) {
	for _, wanted := range []string{tag(from) + "-" + tag(to), base(from) + "-" + base(to)} {
		for _, key := range sortedKeys(m) {
			if strings.EqualFold(key, wanted) {
				return key, m[key]
			}
		}
	}
	return "", ""
}

// tag returns the canonical form of a tag, or the text itself if it is none.
func tag(text string) string {
	t, err := language.Parse(text)
	if err != nil {
		return text
	}
	return t.String()
}

func base(text string) string {
	b, _, _ := strings.Cut(tag(text), "-")
	return b
}

// isDirection tells whether a key names two languages: any way to part it
// into two tags will do, since the tags hold hyphens too.
func isDirection(key string) bool {
	for i, r := range key {
		if r != '-' {
			continue
		}
		from, err := language.Parse(key[:i])
		to, err2 := language.Parse(key[i+1:])
		if err == nil && err2 == nil && from != to {
			return true
		}
	}
	return false
}

// Glossary returns the path of the direction's glossary, or "".
func (c *Config) Glossary() string {
	_, path := forDirection(c.Glossaries, c.From, c.To)
	return path
}

// chooseChain puts the direction's own chain into Chain, unless Chain was set
// where it counts for more, as by a flag.
func (l *loader) chooseChain(c *Config) {
	c.common, c.pinned = c.Chain, compareSources(l.sources["chain"], l.sources["chains"]) > 0
	if c.ownChain() {
		l.sources["chain"] = l.sources["chains"]
	}
}

// ownChain puts the direction's own chain into Chain, if it has one that counts.
func (c *Config) ownChain() bool {
	key, text := forDirection(c.Chains, c.From, c.To)
	if key == "" || c.pinned {
		return false
	}
	c.Chain = splitNames(text)
	return true
}

// For returns the same settings for another direction, with its chain. They are
// checked but for that the direction's tags are two languages.
func (c *Config) For(from, to string) *Config {
	d := *c
	d.From, d.To, d.Chain = from, to, c.common
	d.ownChain()
	return &d
}

// splitNames reads "deepl, google".
func splitNames(text string) []string {
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// checkDirections looks at the maps whose keys are directions.
func (l *loader) checkDirections(c *Config) {
	for _, key := range sortedKeys(c.Chains) {
		l.checkDirectionKey("chains", key)
		names := splitNames(c.Chains[key])
		if len(names) == 0 {
			l.add(l.sources["chains"], "chains", quote(key)+" names no backend", oneOf(BackendNames()))
		}
		for _, mistake := range l.namesOf(names, BackendNames()) {
			l.add(l.sources["chains"], "chains", mistake.problem, mistake.remedy)
		}
	}
	for _, key := range sortedKeys(c.Glossaries) {
		l.checkDirectionKey("glossaries", key)
		if c.Glossaries[key] == "" {
			l.add(l.sources["glossaries"], "glossaries", quote(key)+" names no file", "name a TSV file: see dragoman glossary --help")
		}
	}
}

func (l *loader) checkDirectionKey(setting, key string) {
	if !isDirection(key) {
		l.add(l.sources[setting], setting, quote(key)+" is no direction", "write two language tags with a hyphen, as ar-en")
	}
}

// namesOf returns what is wrong with a list of names of which only some are known.
func (l *loader) namesOf(names, allowed []string) (mistakes []wrong) {
	seen := map[string]bool{}
	for _, name := range names {
		known := false
		for _, a := range allowed {
			known = known || a == name
		}
		switch {
		case !known:
			mistakes = append(mistakes, wrong{quote(name) + " is not known", didYouMean(name, allowed, oneOf(allowed))})
		case seen[name]:
			mistakes = append(mistakes, wrong{quote(name) + " is named twice", "keep one of them"})
		}
		seen[name] = true
	}
	return mistakes
}
