package jsonhttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"dragoman/translator"
)

// Encode returns v as JSON in raw UTF-8, without HTML's escapes: an Arabic
// letter is two bytes and not six, which counts where a service bounds the body.
func Encode(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// CheckTexts refuses what encoding/json would send as U+FFFD without a word. Its
// error is Invalid and begins with name.
func CheckTexts(name string, texts []string) error {
	for i, text := range texts {
		if !utf8.ValidString(text) {
			return translator.NewError(name, translator.Invalid, fmt.Errorf("text %d of %d is not UTF-8", i+1, len(texts)))
		}
	}
	return nil
}

// maxDepth bounds how deep arrays and objects of a reply may nest. No service
// here needs ten; encoding/json's own bound is 10,000.
const maxDepth = 64

var (
	errNull  = errors.New("the reply is null")
	errUTF8  = errors.New("the reply is not UTF-8")
	errDepth = fmt.Errorf("the reply nests deeper than %d", maxDepth)
)

// Decode reads exactly one JSON value, which must not be null, from UTF-8, a
// byte order mark before it or not. It refuses what encoding/json lets pass: an
// object with two keys that it would take for one, of which it keeps the last
// in silence, and invalid UTF-8, which it replaces. Errors are of no kind.
func Decode(data []byte, v any) error {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(data) {
		return errUTF8
	}
	var value json.RawMessage
	if err := json.Unmarshal(data, &value); err != nil {
		return fmt.Errorf("the reply is not JSON: %w", err)
	}
	if bytes.Equal(value, []byte("null")) {
		return errNull
	}
	if err := (&scanner{data: value}).scan(); err != nil {
		return err
	}
	if err := json.Unmarshal(value, v); err != nil {
		return fmt.Errorf("the reply has another form than agreed: %w", err)
	}
	return nil
}

// decode reads a reply whose status was 2xx. A web page or nothing at all came
// from something that stands before the service: the request can be sent again
// whole. Anything else that cannot be read is Corrupt.
func (c *Client) decode(reply []byte, out any) error {
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(reply, []byte("\xEF\xBB\xBF")))
	e := c.Fail(translator.Unavailable, "", "the reply is empty")
	e.MaybePaid = true
	switch {
	case len(trimmed) == 0:
		return e
	case trimmed[0] == '<':
		e.Hint = "check endpoint, and whether a proxy or a log-in page stands before it"
		e.Err = errors.New("the server answered with a web page in place of JSON")
		return e
	}
	if err := Decode(reply, out); err != nil {
		return c.Fail(translator.Corrupt, "", "%s", c.clean(err.Error(), nil))
	}
	return nil
}

// A scanner walks over valid JSON for what encoding/json does not look at.
type scanner struct {
	data []byte
	open []level // arrays and objects around the place
}

// A level is an open array, whose keys are nil, or object.
type level struct {
	keys  map[string]bool // as encoding/json compares them
	named bool            // a key was read, and its value follows
}

func (s *scanner) scan() error {
	for i := 0; i < len(s.data); i++ {
		switch s.data[i] {
		case '{', '[':
			if len(s.open) == maxDepth {
				return errDepth
			}
			s.push(s.data[i] == '{')
		case '}', ']':
			s.open = s.open[:len(s.open)-1]
		case ',':
			s.open[len(s.open)-1].named = false
		case '"':
			end := stringEnd(s.data, i)
			if err := s.key(s.data[i:end]); err != nil {
				return err
			}
			i = end - 1
		}
	}
	return nil
}

func (s *scanner) push(object bool) {
	l := level{}
	if object {
		l.keys = map[string]bool{}
	}
	s.open = append(s.open, l)
}

// key notes a string where it is a key.
func (s *scanner) key(quoted []byte) error {
	if len(s.open) == 0 {
		return nil
	}
	top := &s.open[len(s.open)-1]
	if top.keys == nil || top.named {
		return nil
	}
	var name string
	if err := json.Unmarshal(quoted, &name); err != nil {
		return err
	}
	folded := strings.ToLower(strings.ToUpper(name)) // encoding/json ignores case
	if top.keys[folded] {
		return fmt.Errorf("the reply has key %q twice in one object", name)
	}
	top.keys[folded], top.named = true, true
	return nil
}

// stringEnd returns where the string that begins at i ends, behind its quote.
func stringEnd(data []byte, i int) int {
	for i++; data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i + 1
}
