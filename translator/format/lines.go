package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"dragoman/translator"
)

// lines reads a file by lines, each of a bounded length.
type lines struct {
	path   string
	r      *bufio.Reader
	number int
	max    int
}

func newLines(path string, r io.Reader, opts *ReadOptions) *lines {
	return &lines{path: path, r: bufio.NewReaderSize(toUTF8(r), 64<<10), max: opts.withDefaults().MaxItem}
}

// errLongLine is about a line over the limit, which has been skipped.
var errLongLine = errors.New("line too long")

// next returns the next line that is not blank, without its end, and false
// after the last. The bytes are good until the next call.
func (l *lines) next() ([]byte, bool, error) {
	for {
		line, err := l.line()
		if err != nil && err != io.EOF {
			return nil, false, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(bytes.TrimSpace(line)) > 0 {
			return line, true, nil
		}
		if err == io.EOF {
			return nil, false, nil
		}
	}
}

// line returns the next line with its end.
func (l *lines) line() ([]byte, error) {
	l.number++
	line, err := l.r.ReadSlice('\n')
	if err != bufio.ErrBufferFull {
		return l.check(line, err)
	}
	var long []byte
	for err == bufio.ErrBufferFull {
		if len(long) <= l.max {
			long = append(long, line...)
		}
		line, err = l.r.ReadSlice('\n')
	}
	return l.check(append(long, line...), err)
}

func (l *lines) check(line []byte, err error) ([]byte, error) {
	if (err == nil || err == io.EOF) && len(bytes.TrimRight(line, "\r\n")) > l.max {
		return nil, errLongLine
	}
	return line, err
}

// each yields what parse makes of every line.
func (l *lines) each(yield yieldPair, parse func([]byte) (translator.Pair, error)) {
	for {
		line, ok, err := l.next()
		switch {
		case err == errLongLine:
			hint := translator.NewError("", translator.TooLarge, fmt.Errorf("the line is longer than %d bytes", l.max))
			if !yield(translator.Pair{}, l.item("", hint)) {
				return
			}
			continue
		case err != nil || !ok:
			yieldEnd(yield, l, err, "")
			return
		}
		pair, err := parseValid(line, parse)
		if err != nil {
			pair, err = translator.Pair{}, l.item(pair.ID, err)
		}
		if !yield(pair, err) {
			return
		}
	}
}

func parseValid(line []byte, parse func([]byte) (translator.Pair, error)) (translator.Pair, error) {
	if !utf8.Valid(line) {
		return translator.Pair{}, invalidf("the line is not UTF-8")
	}
	return parse(line)
}

// item returns err as the error of the current line.
func (l *lines) item(id string, err error) error {
	return &translator.ItemError{Path: place(l.path, l.number), ID: id, Err: err}
}

// fail returns the error that ends the sequence at the current line.
func (l *lines) fail(what, hint string) error {
	err := translator.NewError("read "+place(l.path, l.number), translator.Invalid, errors.New(what))
	err.Hint = hint
	return err
}

// yieldEnd yields the error that ends a sequence, if there is one, or that
// there was nothing, if that is one.
func yieldEnd(yield yieldPair, l *lines, err error, nothing string) {
	switch {
	case err == errLongLine:
		yield(translator.Pair{}, l.fail(fmt.Sprintf("the first line is longer than %d bytes", l.max), ""))
	case err != nil:
		yield(translator.Pair{}, translator.NewError("read "+place(l.path, l.number), translator.Other, err))
	case nothing != "":
		yield(translator.Pair{}, l.fail(nothing, ""))
	}
}

// toUTF8 returns r without a byte order mark, and from UTF-16 if the mark or a
// first "<" in two bytes says so.
func toUTF8(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 64<<10)
	head, _ := b.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = b.Discard(3)
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{'<', 0}):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(b)
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}), bytes.HasPrefix(head, []byte{0, '<'}):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(b)
	}
	return b
}
