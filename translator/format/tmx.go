package format

import (
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// tmxTime is how TMX writes a time: ISO 8601, basic form, UTC.
const tmxTime = "20060102T150405Z"

// tmxTool names the program in a memory's header, and tmxProfile the version of
// what it writes there; it changes when the properties below change.
const (
	tmxTool    = "Dragoman"
	tmxProfile = "1"
)

// The properties of a unit hold what TMX has no attribute for.
const (
	propStory     = "x-story"
	propBlock     = "x-block"
	propSentence  = "x-sentence"
	propKind      = "x-kind"
	propOrigin    = "x-origin"
	propSignature = "x-signature"
	propFlags     = "x-flags"
)

// A TMX writes a memory in Translation Memory eXchange 1.4b. There is no
// DOCTYPE in it: many readers would look for the DTD in the file's folder and fail.
type TMX struct {
	out  sink
	time time.Time
	text string // time as tmxTime
}

// NewTMX returns a writer of a memory whose source language is dir.From.
func NewTMX(w io.Writer, dir translator.Direction) *TMX {
	t := &TMX{out: newSink(w)}
	b := append(t.out.buf, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<tmx version="1.4">`+"\n"...)
	b = append(b, `<header creationtool="`+tmxTool+`" creationtoolversion="`+tmxProfile+
		`" segtype="sentence" o-tmf="`+tmxTool+`" adminlang="en" srclang="`...)
	b = appendXML(b, string(dir.From))
	t.out.buf = append(b, `" datatype="plaintext" o-encoding="UTF-8"/>`+"\n<body>\n"...)
	return t
}

// WritePair writes a unit.
func (t *TMX) WritePair(p translator.Pair) error {
	b := append(t.out.buf, `<tu tuid="`...)
	b = append(appendXML(b, noSpace(p.ID)), `">`...)
	if p.Story != "" {
		b = appendProp(b, propStory, p.Story)
		b = appendProp(b, propBlock, strconv.Itoa(p.Block))
		b = appendProp(b, propSentence, strconv.Itoa(p.Sentence))
	}
	b = appendProp(b, propKind, string(p.Kind))
	b = appendProp(b, propOrigin, string(p.Origin.Kind))
	b = appendProp(b, propSignature, string(p.Origin.Signature))
	b = appendProp(b, propFlags, strings.Join(p.Flags, ","))
	b = appendSeg(append(b, "\n<tuv"...), p.Source)
	b = append(b, "\n<tuv"...)
	if !p.Origin.Time.IsZero() {
		b = append(append(append(b, ` creationdate="`...), t.stamp(p.Origin.Time)...), '"')
	}
	if p.Origin.Signature != "" {
		b = append(appendXML(append(b, ` creationid="`...), string(p.Origin.Signature)), '"')
	}
	t.out.buf = append(appendSeg(b, p.Target), "\n</tu>\n"...)
	return t.out.full()
}

// Close ends the memory and writes what is still due.
func (t *TMX) Close() error {
	t.out.buf = append(t.out.buf, "</body>\n</tmx>\n"...)
	return t.out.flush()
}

func (t *TMX) stamp(at time.Time) string {
	if t.text == "" || !t.time.Equal(at) {
		t.time, t.text = at, at.UTC().Format(tmxTime)
	}
	return t.text
}

// appendProp appends a property, unless it is empty.
func appendProp(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(append(append(b, `<prop type="`...), name...), `">`...)
	return append(appendXML(b, value), `</prop>`...)
}

// appendSeg appends the rest of a variant after "<tuv".
func appendSeg(b []byte, t translator.Text) []byte {
	b = appendXML(append(b, ` xml:lang="`...), string(t.Lang))
	b = appendXML(append(b, `"><seg>`...), t.Text)
	return append(b, `</seg></tuv>`...)
}

// noSpace returns text with "_" for white space, which a tuid must not hold.
func noSpace(text string) string {
	if !strings.ContainsFunc(text, unicode.IsSpace) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return '_'
		}
		return r
	}, text)
}

// appendXML appends text as XML content or an attribute's value. TAB, LF and
// CR are written as references, for a reader may change them otherwise. What
// XML 1.0 cannot hold (section 2.2, Char) and broken UTF-8 become U+FFFD.
func appendXML(b []byte, text string) []byte {
	plain := 0
	for i := xmlScan.next(text, 0); i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if escape := xmlEscape(r, size); escape != "" {
			b = append(append(b, text[plain:i]...), escape...)
			plain = i + size
		}
		i = xmlScan.next(text, i+size)
	}
	return append(b, text[plain:]...)
}

var xmlScan = newScan(func(c byte) bool { return c < ' ' || c == '&' || c == '<' || c == '>' || c == '"' })

func xmlEscape(r rune, size int) string {
	switch {
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '"':
		return "&quot;"
	case r == '\t':
		return "&#9;"
	case r == '\n':
		return "&#10;"
	case r == '\r':
		return "&#13;"
	case r < ' ', r == 0xFFFE, r == 0xFFFF, r == utf8.RuneError && size == 1:
		return "\uFFFD"
	}
	return ""
}
