package article

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"dragoman/translator"
)

// readLines yields one story for each line of JSON and tells whether to go on.
// A broken line is one error, and the next line is read.
func (r *reader) readLines(ctx context.Context, src source, body io.Reader, yield func(translator.Article, error) bool) bool {
	lines := &lineReader{in: bufio.NewReaderSize(body, 64<<10), limit: r.MaxStory}
	found := false
	for {
		line, err := lines.next()
		if err == io.EOF {
			break
		}
		if ctx.Err() != nil {
			yield(translator.Article{}, context.Cause(ctx))
			return false
		}
		place := src
		place.path = fmt.Sprintf("%s:%d", src.path, lines.number)
		place.id = fmt.Sprintf("%s:%d", src.id, lines.number)
		if err == nil && lines.number == 1 {
			line = bytes.TrimPrefix(line, []byte(bomUTF8))
			if err := notLines(line); err != nil {
				return yield(translator.Article{}, src.failed(err))
			}
		}
		line = bytes.TrimSpace(line)
		if err == nil && len(line) == 0 {
			continue
		}
		found = true
		var a translator.Article
		if err == nil {
			a, err = r.record(line, place)
		}
		if err != nil {
			a, err = translator.Article{}, place.failed(err)
		}
		if !yield(a, err) {
			return false
		}
		if lines.failed {
			return true
		}
	}
	if !found {
		return yield(translator.Article{}, src.failed(errEmpty))
	}
	return true
}

// notLines recognises by its first line a file that is JSON, but not a line a
// record, or in an encoding that JSON does not have: one error instead of one a line.
func notLines(first []byte) error {
	const hint = "write one JSON object a line, as jq -c . does (jq -c '.[]' for an array)"
	switch first := bytes.TrimSpace(first); {
	case magic(first) != "":
		return invalid(hint, "the file is %s, not JSON lines", magic(first))
	case bytes.HasPrefix(first, []byte(bomLE)), bytes.HasPrefix(first, []byte(bomBE)), utf16Order(first) != nil:
		return invalid("convert it, as with iconv -f utf-16 -t utf-8", "the file is UTF-16; JSON lines are UTF-8")
	case len(first) > 0 && first[0] == '[':
		return invalid(hint, "the file is one JSON array, not JSON lines")
	case string(first) == "{":
		return invalid(hint, "an object goes over several lines")
	}
	return nil
}

// A lineReader reads lines of bounded length. A line is valid until the next.
type lineReader struct {
	in     *bufio.Reader
	limit  int
	buf    []byte
	number int  // of the line last read, from 1
	failed bool // the input broke: there is no next line
}

// next returns a line without its end, io.EOF, a TooLarge error after which
// the next line can be read, or an error of the input.
func (l *lineReader) next() ([]byte, error) {
	l.number++
	l.buf = l.buf[:0]
	size := 0
	for {
		part, err := l.in.ReadSlice('\n')
		size += len(part)
		if errors.Is(err, bufio.ErrBufferFull) {
			if size <= l.limit {
				l.buf = append(l.buf, part...)
			}
			continue
		}
		if err != nil && err != io.EOF {
			l.failed = true
			return nil, fmt.Errorf("reading stopped here: %w", err)
		}
		if size == 0 {
			return nil, io.EOF
		}
		if size-count(err == nil) > l.limit { // the line end does not count
			return nil, &translator.Error{Kind: translator.TooLarge, Hint: "split the story, or raise the limit on a story's size",
				Err: fmt.Errorf("the line has more than %d bytes", l.limit)}
		}
		if len(l.buf) == 0 {
			return part, nil
		}
		l.buf = append(l.buf, part...)
		return l.buf, nil
	}
}

// record makes an article of one line.
func (r *reader) record(line []byte, src source) (translator.Article, error) {
	line, err := r.toUTF8(line)
	if err != nil {
		return translator.Article{}, err
	}
	rec := record{id: src.id}
	rec.meta = make(map[string]string)
	scan := jsonScanner{data: line}
	if err := scan.object(rec.set); err != nil {
		return translator.Article{}, err
	}
	if len(rec.paras) == 0 {
		rec.paras = bodyParas(paragraphs(splitLines(rec.text)))
	}
	return r.finish(rec.draft, rec.id, src.path)
}

// A record is a draft that is being read from a JSON object.
type record struct {
	draft
	id, text string
}

// set takes one field of the object.
func (rec *record) set(key string, value []byte) (err error) {
	switch key {
	case "id":
		var id string
		if id, err = stringOrNumber(key, value); id != "" {
			rec.id = id
		}
	case "title":
		rec.headline, err = stringField(key, value)
	case "text":
		rec.text, err = stringField(key, value)
	case "paragraphs":
		rec.paras, err = paragraphsField(value)
	case "byline":
		rec.byline, err = stringField(key, value)
	case "dateline":
		rec.dateline, err = stringField(key, value)
	case "lang":
		var tag string
		if tag, err = stringField(key, value); err == nil {
			rec.lang, err = parseLang(tag)
		}
	case "published":
		err = rec.setPublished(value)
	default:
		err = rec.setField(key, value)
	}
	return err
}

// toUTF8 checks a line. JSON is UTF-8 (RFC 8259, section 8.1); a file in a
// single-byte encoding is read if Options names it.
func (r *reader) toUTF8(line []byte) ([]byte, error) {
	if utf8.Valid(line) {
		return line, nil
	}
	if named, err := namedEncoding(r.Encoding); err == nil && named.singleByte {
		text, err := named.read(line)
		return []byte(text), err
	}
	at := invalidUTF8(line)
	return nil, invalid("convert the file to UTF-8: JSON has no other encoding", "byte %d of the line (%#02x) is not UTF-8", at+1, line[at])
}

func (d *draft) setPublished(value []byte) error {
	s, err := stringOrNumber("published", value)
	if d.published = parseTime(s); d.published.IsZero() {
		d.setMeta("published", s)
	}
	return err
}

// setField keeps a field that has no meaning here: a string as it is, any
// other value as compact JSON.
func (d *draft) setField(key string, value []byte) error {
	if value[0] == '"' {
		s, err := unquote(value)
		d.setMeta(key, s)
		return err
	}
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil {
		return badField(key, "JSON")
	}
	if s := b.String(); s != "null" {
		d.setMeta(key, s)
	}
	return nil
}

func badField(key, want string) error {
	return invalid("see the fields of a record in the documentation", "the field %q is not %s", key, want)
}

func isNull(value []byte) bool { return string(value) == "null" }

func stringField(key string, value []byte) (string, error) {
	if isNull(value) {
		return "", nil
	}
	if value[0] != '"' {
		return "", badField(key, "a string")
	}
	return unquote(value)
}

func stringOrNumber(key string, value []byte) (string, error) {
	if c := value[0]; c == '-' || c >= '0' && c <= '9' {
		if !json.Valid(value) {
			return "", badField(key, "a number")
		}
		return string(value), nil
	}
	return stringField(key, value)
}

// paragraphsField reads an array of strings; each is a paragraph, whatever it holds.
func paragraphsField(value []byte) ([]para, error) {
	if isNull(value) {
		return nil, nil
	}
	var paras []para
	scan := jsonScanner{data: value}
	err := scan.array(func(item []byte) error {
		text, err := stringField("paragraphs", item)
		paras = append(paras, para{kind: translator.Body, text: text})
		return err
	})
	return paras, err
}

// unquote reads a JSON string with its quotes. Half a surrogate pair is an error: it is no character.
func unquote(value []byte) (string, error) {
	inner := value[1 : len(value)-1]
	at := bytes.IndexByte(inner, '\\')
	if at < 0 {
		return string(inner), nil
	}
	var b strings.Builder
	b.Grow(len(inner))
	for at >= 0 {
		b.Write(inner[:at])
		r, n := unescape(inner[at:])
		if n == 0 {
			return "", invalid("escape it as RFC 8259 says, or write the character itself",
				"a string has the escape %q, which stands for no character", cut(inner[at:], 6))
		}
		b.WriteRune(r)
		inner = inner[at+n:]
		at = bytes.IndexByte(inner, '\\')
	}
	b.Write(inner)
	return b.String(), nil
}
