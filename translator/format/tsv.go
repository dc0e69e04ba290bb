package format

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"dragoman/translator"
)

// tsvColumns is the header line. Read finds columns by these names, in any order.
var tsvColumns = []string{"id", "story", "block", "sentence", "kind", "source", "target", "origin", "signature", "time", "flags"}

// A TSV writes a header line and one line a pair, columns parted by TAB,
// without quoting: in every field a run of TABs, line ends and other controls
// becomes one space. A field may begin with =, + or -, so the file is for
// programs; a spreadsheet would take such a sentence for a formula.
type TSV struct {
	out  sink
	time timeText
}

// NewTSV returns a writer of tab-separated values.
func NewTSV(w io.Writer) *TSV {
	t := &TSV{out: newSink(w)}
	t.out.buf = append(append(t.out.buf, strings.Join(tsvColumns, "\t")...), '\n')
	return t
}

// WritePair writes a line.
func (t *TSV) WritePair(p translator.Pair) error {
	b := appendLine(t.out.buf, p.ID)
	b = appendLine(append(b, '\t'), p.Story)
	b = strconv.AppendInt(append(b, '\t'), int64(p.Block), 10)
	b = strconv.AppendInt(append(b, '\t'), int64(p.Sentence), 10)
	b = appendLine(append(b, '\t'), string(p.Kind))
	b = appendLine(append(b, '\t'), p.Source.Text)
	b = appendLine(append(b, '\t'), p.Target.Text)
	b = appendLine(append(b, '\t'), string(p.Origin.Kind))
	b = appendLine(append(b, '\t'), string(p.Origin.Signature))
	b = append(append(b, '\t'), t.time.rfc3339(p.Origin.Time)...)
	b = appendLine(append(b, '\t'), strings.Join(p.Flags, ","))
	t.out.buf = append(b, '\n')
	return t.out.full()
}

// Close writes what is still due.
func (t *TSV) Close() error { return t.out.flush() }

// ReadTSV reads a file of tab-separated values whose first line names its
// columns; source and target must be among them. A line that cannot be used is
// an ItemError of its line.
func ReadTSV(path string, r io.Reader, dir translator.Direction, opts *ReadOptions) translator.Pairs {
	return func(yield func(translator.Pair, error) bool) {
		lines := newLines(path, r, opts)
		head, ok, err := lines.next()
		if err != nil || !ok {
			yieldEnd(yield, lines, err, "the file is empty")
			return
		}
		columns := strings.Split(string(head), "\t")
		if !slices.Contains(columns, "source") || !slices.Contains(columns, "target") {
			yield(translator.Pair{}, lines.fail("the first line names no columns source and target",
				"put a first line above the pairs, with a TAB between names: source, target"))
			return
		}
		lines.each(yield, func(line []byte) (translator.Pair, error) { return parseTSV(columns, string(line), dir) })
	}
}

// parseTSV reads one line.
func parseTSV(columns []string, line string, dir translator.Direction) (translator.Pair, error) {
	fields := strings.Split(line, "\t")
	if len(fields) != len(columns) {
		return translator.Pair{}, invalidf("%d columns where the first line has %d", len(fields), len(columns))
	}
	p := translator.Pair{Source: translator.Text{Lang: dir.From}, Target: translator.Text{Lang: dir.To}}
	for i, name := range columns {
		if err := setColumn(&p, name, fields[i]); err != nil {
			return p, err
		}
	}
	return complete(p)
}

// setColumn sets the field of p that a column holds. An unknown column is left alone.
func setColumn(p *translator.Pair, name, value string) (err error) {
	switch name {
	case "id":
		p.ID = value
	case "story":
		p.Story = value
	case "block":
		p.Block, err = parseCount(name, value)
	case "sentence":
		p.Sentence, err = parseCount(name, value)
	case "kind":
		p.Kind = translator.BlockKind(value)
	case "source":
		p.Source.Text = value
	case "target":
		p.Target.Text = value
	case "origin":
		p.Origin.Kind = translator.OriginKind(value)
	case "signature":
		p.Origin.Signature = translator.Signature(value)
	case "time":
		p.Origin.Time, err = parseTime(value)
	case "flags":
		p.Flags = splitFlags(value)
	}
	return err
}
