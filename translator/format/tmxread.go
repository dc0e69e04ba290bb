package format

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"dragoman/translator"
)

// ReadTMX reads a memory of TMX 1.1 to 1.4b: one pair for every unit that has
// both languages of the direction, whatever the header calls its source. A
// narrower tag serves (ar-EG for ar), the exact one first. Inline codes are
// dropped, the text inside hi is kept, and a break (ph of type lb, cb or pb) is
// a space.
//
// A unit that Dragoman wrote keeps its place and origin; read against its own
// direction, or from another program, it is Seed. A unit without one of the
// languages is an ItemError of kind Unsupported, an unusable one Invalid. What
// is no well-formed XML ends the sequence. Nothing outside the file is read,
// and entities of its own are refused.
func ReadTMX(path string, r io.Reader, dir translator.Direction, opts *ReadOptions) translator.Pairs {
	return func(yield func(translator.Pair, error) bool) {
		d := newTMXReader(path, r, dir, opts.withDefaults())
		for {
			unit, err := d.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(translator.Pair{}, d.fail(err))
				return
			}
			pair, err := unit.pair(dir)
			if err != nil {
				pair, err = translator.Pair{}, &translator.ItemError{Path: place(path, unit.line), ID: unit.id, Err: err}
			}
			if !yield(pair, err) {
				return
			}
		}
	}
}

// A tmxReader walks the elements of a memory.
type tmxReader struct {
	path    string
	xml     *xml.Decoder
	meter   *meter
	limits  ReadOptions
	depth   int
	srclang string
	started bool
	ended   bool
}

func newTMXReader(path string, r io.Reader, dir translator.Direction, limits ReadOptions) *tmxReader {
	m := newMeter(toUTF8(r), limits.MaxItem)
	d := xml.NewDecoder(m)
	d.CharsetReader = decodeCharset
	return &tmxReader{path: path, xml: d, meter: m, limits: limits, srclang: string(dir.From)}
}

// decodeCharset reads the encoding that an XML declaration names. UTF-16 has
// been read already: nobody could read the declaration otherwise.
func decodeCharset(label string, r io.Reader) (io.Reader, error) {
	if strings.HasPrefix(strings.ToLower(label), "utf-16") {
		return r, nil
	}
	encoding, err := htmlindex.Get(label)
	if err != nil {
		return nil, fmt.Errorf("unknown encoding %q", label)
	}
	return encoding.NewDecoder().Reader(r), nil
}

// next returns the next unit, or io.EOF after the last.
func (d *tmxReader) next() (*tmxUnit, error) {
	for {
		d.meter.reset()
		token, err := d.token()
		if err == io.EOF && !d.ended {
			return nil, errors.New("the file ends before </tmx>")
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch err := d.enter(start); {
		case err != nil:
			return nil, err
		case start.Name.Local == "tu":
			return d.unit(start)
		}
	}
}

// token returns the next token and keeps count of the open elements.
func (d *tmxReader) token() (xml.Token, error) {
	token, err := d.xml.Token()
	if err != nil {
		return nil, err
	}
	switch token.(type) {
	case xml.StartElement:
		if d.depth++; d.depth > d.limits.MaxDepth {
			return nil, translator.NewError("", translator.TooLarge, fmt.Errorf("more than %d elements inside each other", d.limits.MaxDepth))
		}
	case xml.EndElement:
		d.depth--
		d.ended = d.depth == 0
	}
	return token, nil
}

// enter checks an element outside the units.
func (d *tmxReader) enter(e xml.StartElement) error {
	switch {
	case d.ended:
		return fmt.Errorf("<%s> after </tmx>", e.Name.Local)
	case !d.started && e.Name.Local != "tmx":
		return fmt.Errorf("a memory begins with <tmx>, not with <%s>", e.Name.Local)
	case e.Name.Local == "header" && attr(e, "srclang") != "":
		d.srclang = attr(e, "srclang")
	}
	d.started = true
	return nil
}

// unit reads a tu up to its end.
func (d *tmxReader) unit(e xml.StartElement) (*tmxUnit, error) {
	line, _ := d.xml.InputPos()
	u := &tmxUnit{line: line, id: attr(e, "tuid"), srclang: attr(e, "srclang"), date: stamp(e), props: map[string]string{}}
	if u.srclang == "" {
		u.srclang = d.srclang
	}
	return u, d.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "prop":
			return d.prop(e, u.props)
		case "tuv":
			v, err := d.variant(e)
			u.variants = append(u.variants, v)
			return err
		}
		return d.children(nil)
	})
}

func (d *tmxReader) prop(e xml.StartElement, props map[string]string) error {
	var text strings.Builder
	err := d.text(&text, true)
	props[attr(e, "type")] = text.String()
	return err
}

// variant reads a tuv up to its end.
func (d *tmxReader) variant(e xml.StartElement) (tmxVariant, error) {
	v := tmxVariant{lang: attr(e, "lang"), date: stamp(e)}
	return v, d.children(func(e xml.StartElement) error {
		if e.Name.Local != "seg" {
			return d.children(nil)
		}
		var text strings.Builder
		err := d.text(&text, true)
		v.text = text.String()
		return err
	})
}

// children calls do for every child of the open element, which reads up to the
// child's end. A nil do skips them.
func (d *tmxReader) children(do func(xml.StartElement) error) error {
	if do == nil {
		do = func(xml.StartElement) error { return d.children(nil) }
	}
	for {
		token, err := d.token()
		if err != nil {
			return noEOF(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := do(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// text gathers the text of the open element, or passes over it if it is not to
// be kept: codes, and the texts inside codes, are no part of the sentence.
func (d *tmxReader) text(out *strings.Builder, keep bool) error {
	for {
		token, err := d.token()
		if err != nil {
			return noEOF(err)
		}
		switch t := token.(type) {
		case xml.CharData:
			if keep {
				out.Write(t)
			}
		case xml.StartElement:
			if keep && isBreak(t) {
				out.WriteByte(' ')
			}
			if err := d.text(out, keep && !isCode(t)); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// fail returns the error that ends the sequence, with its line.
func (d *tmxReader) fail(cause error) error {
	line, _ := d.xml.InputPos()
	err := translator.NewError("", translator.Invalid, cause)
	err.Hint = "see whether the file is complete: xmllint --noout " + d.path
	if limit, ok := errors.AsType[*translator.Error](cause); ok {
		err.Kind, err.Err, err.Hint = limit.Kind, limit.Err, ""
	} else if syntax, ok := errors.AsType[*xml.SyntaxError](cause); ok {
		line, err.Err = syntax.Line, errors.New(syntax.Msg)
	} else if d.meter.err != nil && d.meter.err != io.EOF {
		err.Kind, err.Hint = translator.Other, ""
	}
	err.Op = "read " + place(d.path, line)
	return err
}

// noEOF tells a file that ends inside a unit from one that ends.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
