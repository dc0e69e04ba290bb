package format

import (
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"dragoman/translator"
)

// A JSONL writes one JSON object a line: translator.Pair as encoding/json
// decodes it, and nothing else. It is written by hand because a run that
// recalls a million pairs would spend most of its time in reflection.
type JSONL struct {
	out  sink
	time timeText
}

// NewJSONL returns a writer of JSON lines.
func NewJSONL(w io.Writer) *JSONL { return &JSONL{out: newSink(w)} }

// WritePair writes a line.
func (j *JSONL) WritePair(p translator.Pair) error {
	b := j.out.buf
	b = appendField(b, `{"id":`, p.ID)
	b = appendField(b, `,"story":`, p.Story)
	b = strconv.AppendInt(append(b, `,"block":`...), int64(p.Block), 10)
	b = strconv.AppendInt(append(b, `,"sentence":`...), int64(p.Sentence), 10)
	b = appendField(b, `,"kind":`, string(p.Kind))
	b = appendJSONText(b, `,"source":`, p.Source)
	b = appendJSONText(b, `,"target":`, p.Target)
	b = appendField(b, `,"origin":{"kind":`, string(p.Origin.Kind))
	b = appendField(b, `,"signature":`, string(p.Origin.Signature))
	b = append(append(b, `,"time":"`...), j.time.rfc3339(p.Origin.Time)...)
	b = append(b, `"},"flags":[`...)
	for i, flag := range p.Flags {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONString(b, flag)
	}
	j.out.buf = append(b, "]}\n"...)
	return j.out.full()
}

// Close writes what is still due.
func (j *JSONL) Close() error { return j.out.flush() }

func appendField(b []byte, name, value string) []byte {
	return appendJSONString(append(b, name...), value)
}

func appendJSONText(b []byte, name string, t translator.Text) []byte {
	b = appendField(append(b, name...), `{"lang":`, string(t.Lang))
	return append(appendField(b, `,"text":`, t.Text), '}')
}

var jsonScan = newScan(func(c byte) bool { return c < ' ' || c == '"' || c == '\\' })

// appendJSONString appends a JSON string. Broken UTF-8 becomes U+FFFD.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	plain := 0
	for i := jsonScan.next(s, 0); i < len(s); {
		escape, size := jsonEscape(s[i:])
		if escape != "" {
			b = append(append(b, s[plain:i]...), escape...)
			plain = i + size
		}
		i = jsonScan.next(s, i+size)
	}
	return append(append(b, s[plain:]...), '"')
}

// jsonEscape returns the escape of the first character of s, "" if it needs
// none, and its size in bytes. U+2028 and U+2029 end a line in JavaScript.
func jsonEscape(s string) (escape string, size int) {
	switch c := s[0]; {
	case c == '"':
		return `\"`, 1
	case c == '\\':
		return `\\`, 1
	case c == '\n':
		return `\n`, 1
	case c == '\r':
		return `\r`, 1
	case c == '\t':
		return `\t`, 1
	case c < ' ':
		return `\u00` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]), 1
	}
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == 0x2028:
		return `\u2028`, size
	case r == 0x2029:
		return `\u2029`, size
	case r == utf8.RuneError && size == 1:
		return "\uFFFD", size
	}
	return "", size
}

// A timeText writes times, keeping the last one: pairs that follow each other
// often have the same.
type timeText struct {
	last time.Time
	text string
}

// rfc3339 returns a time in UTC to the second.
func (t *timeText) rfc3339(at time.Time) string {
	if t.text == "" || !t.last.Equal(at) {
		t.last, t.text = at, at.UTC().Format("2006-01-02T15:04:05Z")
	}
	return t.text
}
