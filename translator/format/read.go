package format

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"dragoman/translator"
)

type yieldPair = func(translator.Pair, error) bool

// ReadJSONL reads JSON lines as JSONL writes them. Only source.text and
// target.text must be there: an absent language is the direction's, an absent
// origin is Seed. A line that cannot be used, or is of another direction, is an
// ItemError of its line; the zero Direction takes every line.
func ReadJSONL(path string, r io.Reader, dir translator.Direction, opts *ReadOptions) translator.Pairs {
	return func(yield func(translator.Pair, error) bool) {
		newLines(path, r, opts).each(yield, func(line []byte) (translator.Pair, error) { return parseJSON(line, dir) })
	}
}

func parseJSON(line []byte, dir translator.Direction) (translator.Pair, error) {
	var p translator.Pair
	if err := json.Unmarshal(line, &p); err != nil {
		return p, invalidf("not a JSON object of a pair: %w", err)
	}
	var err error
	if p.Source.Lang, err = takeLang(p.Source.Lang, dir.From); err != nil {
		return p, err
	}
	if p.Target.Lang, err = takeLang(p.Target.Lang, dir.To); err != nil {
		return p, err
	}
	return complete(p)
}

// takeLang returns the language that a text is to be taken for: the one that is
// wanted, if it has none or a narrower one.
func takeLang(has, wanted translator.Lang) (translator.Lang, error) {
	switch {
	case wanted == "" && has == "":
		return "", invalidf("a text has no language")
	case wanted == "":
		return has, nil
	case has == "" || matchesLang(string(has), wanted):
		return wanted, nil
	}
	return "", translator.NewError("", translator.Unsupported, fmt.Errorf("a text is in %q, not %s", has, wanted))
}

// matchesLang tells whether a tag names the wanted language or a narrower one:
// "ar-EG" is ar, "ar" is not ar-EG.
func matchesLang(tag string, wanted translator.Lang) bool {
	tag = strings.ReplaceAll(tag, "_", "-")
	n := len(wanted)
	return len(tag) >= n && strings.EqualFold(tag[:n], string(wanted)) && (len(tag) == n || tag[n] == '-')
}

// complete checks a pair that was read and fills what may be left out.
func complete(p translator.Pair) (translator.Pair, error) {
	if oneLine(p.Source.Text) == "" || oneLine(p.Target.Text) == "" {
		return p, invalidf("the source or the target is empty")
	}
	switch p.Origin.Kind {
	case "":
		p.Origin.Kind = translator.Seed
	case translator.Human, translator.Seed, translator.Machine, translator.Aligned, translator.Pseudo:
	default:
		return p, invalidf("unknown origin %q: it is human, seed, machine, aligned or pseudo", p.Origin.Kind)
	}
	if p.Origin.Signature == "" {
		switch p.Origin.Kind {
		case translator.Human:
			p.Origin.Signature = translator.HumanSignature
		case translator.Seed:
			p.Origin.Signature = translator.SeedSignature
		default:
			return p, invalidf("a pair of origin %s has no signature", p.Origin.Kind)
		}
	}
	if p.Flags == nil {
		p.Flags = []string{}
	}
	slices.Sort(p.Flags)
	p.Origin.Time = p.Origin.Time.UTC().Truncate(time.Second)
	return p, nil
}

func place(path string, line int) string { return path + ":" + strconv.Itoa(line) }

func invalidf(message string, args ...any) error {
	return translator.NewError("", translator.Invalid, fmt.Errorf(message, args...))
}

func parseCount(name, value string) (int, error) {
	if value == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0, invalidf("%s is %q, not a number", name, value)
	}
	return n, nil
}

func parseTime(value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return at, invalidf("time is %q, not like 2026-01-31T04:05:06Z", value)
	}
	return at, nil
}

func splitFlags(value string) []string {
	if value == "" {
		return []string{}
	}
	return strings.Split(value, ",")
}
