package format

import (
	"errors"
	"io"

	"dragoman/translator"
)

// A Moses writes two files, a sentence a line, line n of one the translation
// of line n of the other. A pair that has an empty side is left out of both.
type Moses struct{ source, target sink }

// NewMoses returns a writer over the two files.
func NewMoses(source, target io.Writer) *Moses {
	return &Moses{source: newSink(source), target: newSink(target)}
}

// WritePair writes a line to each file.
func (m *Moses) WritePair(p translator.Pair) error {
	source, target := oneLine(p.Source.Text), oneLine(p.Target.Text)
	if source != "" && target != "" {
		m.source.buf = append(append(m.source.buf, source...), '\n')
		m.target.buf = append(append(m.target.buf, target...), '\n')
	}
	return errors.Join(m.source.full(), m.target.full())
}

// Close writes what is still due.
func (m *Moses) Close() error { return errors.Join(m.source.flush(), m.target.flush()) }
