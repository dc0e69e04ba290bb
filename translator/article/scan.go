package article

import (
	"bytes"
	"encoding/json"
	"unicode/utf16"
	"unicode/utf8"
)

// A jsonScanner walks over one JSON object or array and gives its members out
// as they are written. encoding/json would do, but for three things: it takes
// the last of two equal keys, puts U+FFFD for what is no character, and is
// four times slower on long strings.
type jsonScanner struct {
	data []byte
	at   int
}

// object calls member for each member of an object that is all of the data.
// A key that comes twice is an error: nobody can tell which value was meant.
func (s *jsonScanner) object(member func(key string, value []byte) error) error {
	seen := make(map[string]bool, 8)
	return s.list('{', '}', func() error {
		raw, ok := s.str()
		if !ok {
			return s.broken("a name in quotes")
		}
		key, err := unquote(raw)
		if err != nil {
			return err
		}
		if seen[key] {
			return invalid("write each field once", "the field %q comes twice", key)
		}
		seen[key] = true
		if s.space(); !s.take(':') {
			return s.broken("a colon")
		}
		value, err := s.value()
		if err != nil {
			return err
		}
		return member(key, value)
	})
}

// array calls item for each value of an array that is all of the data.
func (s *jsonScanner) array(item func(value []byte) error) error {
	return s.list('[', ']', func() error {
		value, err := s.value()
		if err != nil {
			return err
		}
		return item(value)
	})
}

// list reads what is between two brackets, with commas between its elements.
func (s *jsonScanner) list(open, end byte, element func() error) error {
	if s.space(); !s.take(open) {
		return s.broken(string(open))
	}
	s.space()
	for empty := true; empty || !s.take(end); empty = false {
		if empty && s.take(end) {
			break
		}
		if !empty && !s.take(',') {
			return s.broken("a comma or " + string(end))
		}
		s.space()
		if err := element(); err != nil {
			return err
		}
		s.space()
	}
	if s.space(); s.at < len(s.data) {
		return s.broken("the end")
	}
	return nil
}

// value returns the next value as it is written.
func (s *jsonScanner) value() ([]byte, error) {
	s.space()
	if s.at < len(s.data) && s.data[s.at] == '"' {
		if raw, ok := s.str(); ok {
			return raw, nil
		}
		return nil, s.broken("the end of a string")
	}
	start := s.at
	s.skip()
	if value := s.data[start:s.at]; json.Valid(value) {
		return bytes.TrimSpace(value), nil
	}
	s.at = start
	return nil, s.broken("a value")
}

// skip goes to the comma or bracket after a value that is no string.
func (s *jsonScanner) skip() {
	for depth := 0; s.at < len(s.data); {
		switch s.data[s.at] {
		case '"':
			if _, ok := s.str(); !ok {
				return
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return
			}
		case ',':
			if depth == 0 {
				return
			}
		}
		s.at++
	}
}

// str returns the string at the scanner's place with its quotes. Its escapes
// are checked by unquote.
func (s *jsonScanner) str() ([]byte, bool) {
	start := s.at
	if !s.take('"') {
		return nil, false
	}
	for i := s.at; i < len(s.data); i++ {
		c := s.data[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		s.at = i
		switch c {
		case '"':
			s.at++
			return s.data[start:s.at], true
		case '\\':
			i++
		default:
			return nil, false
		}
	}
	s.at = len(s.data)
	return nil, false
}

func (s *jsonScanner) space() {
	for s.at < len(s.data) && (s.data[s.at] == ' ' || s.data[s.at] == '\t' || s.data[s.at] == '\r' || s.data[s.at] == '\n') {
		s.at++
	}
}

func (s *jsonScanner) take(c byte) bool {
	if s.at < len(s.data) && s.data[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *jsonScanner) broken(want string) error {
	const hint = "correct the line, or leave it out; jq -c . finds such lines too"
	if s.at >= len(s.data) {
		return invalid(hint, "broken JSON: the line ends where %s is wanted", want)
	}
	return invalid(hint, "broken JSON at byte %d of the line: %q where %s is wanted", s.at+1, cut(s.data[s.at:], 12), want)
}

// cut returns at most n bytes of b, for a message.
func cut(b []byte, n int) []byte {
	if len(b) <= n {
		return b
	}
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return b[:n]
}

var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape returns the character that an escape at the start of b stands for
// and the escape's length, or 0 if it stands for none.
func unescape(b []byte) (rune, int) {
	if len(b) < 2 {
		return 0, 0
	}
	if b[1] != 'u' {
		r, ok := escapes[b[1]]
		return r, 2 * count(ok)
	}
	r, ok := hex4(b[2:])
	if !ok || !utf16.IsSurrogate(r) {
		return r, 6 * count(ok)
	}
	if len(b) < 12 || b[6] != '\\' || b[7] != 'u' {
		return 0, 0
	}
	low, ok := hex4(b[8:])
	r = utf16.DecodeRune(r, low)
	return r, 12 * count(ok && r != utf8.RuneError)
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
