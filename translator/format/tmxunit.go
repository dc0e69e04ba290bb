package format

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"dragoman/translator"
)

// A tmxUnit is a tu as read.
type tmxUnit struct {
	line     int
	id       string
	srclang  string
	date     string
	props    map[string]string
	variants []tmxVariant
}

// A tmxVariant is a tuv as read.
type tmxVariant struct{ lang, date, text string }

// pair returns the unit's pair in a direction.
func (u *tmxUnit) pair(dir translator.Direction) (translator.Pair, error) {
	source, target := u.variant(dir.From), u.variant(dir.To)
	if source == nil || target == nil {
		return translator.Pair{}, translator.NewError("", translator.Unsupported,
			fmt.Errorf("the unit has %s, not both %s and %s", u.languages(), dir.From, dir.To))
	}
	p := translator.Pair{
		ID:     u.id,
		Source: translator.Text{Lang: dir.From, Text: source.text},
		Target: translator.Text{Lang: dir.To, Text: target.text},
		Origin: translator.Origin{Time: u.time(target)},
	}
	if matchesLang(u.srclang, dir.From) {
		if err := u.provenance(&p); err != nil {
			return p, err
		}
	} else if kind := translator.OriginKind(u.props[propOrigin]); kind == translator.Pseudo {
		// A stand-in is no translation in either direction.
		p.Origin.Kind, p.Origin.Signature = kind, translator.Signature(u.props[propSignature])
	}
	return complete(p)
}

// variant returns the first text of a language, or the first of a narrower one.
func (u *tmxUnit) variant(lang translator.Lang) *tmxVariant {
	var narrower *tmxVariant
	for i := range u.variants {
		v := &u.variants[i]
		if strings.EqualFold(v.lang, string(lang)) {
			return v
		}
		if narrower == nil && matchesLang(v.lang, lang) {
			narrower = v
		}
	}
	return narrower
}

func (u *tmxUnit) languages() string {
	if len(u.variants) == 0 {
		return "no text"
	}
	langs := make([]string, len(u.variants))
	for i, v := range u.variants {
		langs[i] = v.lang
	}
	return strings.Join(langs, ", ")
}

// provenance sets what the properties say.
func (u *tmxUnit) provenance(p *translator.Pair) (err error) {
	p.Story, p.Kind = u.props[propStory], translator.BlockKind(u.props[propKind])
	p.Origin.Kind = translator.OriginKind(u.props[propOrigin])
	p.Origin.Signature = translator.Signature(u.props[propSignature])
	p.Flags = splitFlags(u.props[propFlags])
	if p.Block, err = parseCount(propBlock, u.props[propBlock]); err != nil {
		return err
	}
	if p.Sentence, err = parseCount(propSentence, u.props[propSentence]); err != nil {
		return err
	}
	if p.Story != "" {
		p.ID = translator.PairID(p.Story, p.Block, p.Sentence)
	}
	return nil
}

// time returns when the target was made, or the zero time if that cannot be
// read: a wrong date is no reason to lose a translation.
func (u *tmxUnit) time(target *tmxVariant) time.Time {
	date := target.date
	if date == "" {
		date = u.date
	}
	at, err := time.Parse(tmxTime, date)
	if err != nil {
		return time.Time{}
	}
	return at
}

// isCode picks the elements whose content is no text of the sentence: the
// inline elements of TMX 1.4b but for hi, and ut, which older versions have.
func isCode(e xml.StartElement) bool {
	switch e.Name.Local {
	case "bpt", "ept", "ph", "it", "ut", "sub":
		return true
	}
	return false
}

func isBreak(e xml.StartElement) bool {
	switch attr(e, "type") {
	case "lb", "cb", "pb":
		return e.Name.Local == "ph"
	}
	return false
}

// attr returns an attribute by its name, with or without a namespace: lang
// is xml:lang since TMX 1.3. The one with a namespace goes first.
func attr(e xml.StartElement, name string) (value string) {
	for _, a := range e.Attr {
		if a.Name.Local == name && (value == "" || a.Name.Space != "") {
			value = a.Value
		}
	}
	return value
}

// stamp returns the time of an element: of its last change, or its making.
func stamp(e xml.StartElement) string {
	if at := attr(e, "changedate"); at != "" {
		return at
	}
	return attr(e, "creationdate")
}
