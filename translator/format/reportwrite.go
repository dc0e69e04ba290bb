package format

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"dragoman/translator"
)

// A rowSpool keeps the story rows of report.json on the disk until the totals
// that stand before them are known.
type rowSpool struct {
	file *File
	out  sink
	rows int
}

// newRowSpool opens the spool: a file that is never committed.
func newRowSpool(dir *Dir) (*rowSpool, error) {
	f, err := dir.Create("report.rows")
	if err != nil {
		return nil, err
	}
	return &rowSpool{file: f, out: newSink(f)}, nil
}

func (s *rowSpool) add(row StoryRow) error {
	b, err := json.Marshal(row)
	if err != nil {
		return err
	}
	if s.rows++; s.rows > 1 {
		s.out.buf = append(s.out.buf, ",\n"...)
	}
	s.out.buf = append(s.out.buf, escapeHidden(b)...)
	return s.out.full()
}

func (s *rowSpool) close() error { return s.file.Abort() }

// writeJSON writes the report with the rows as its last field, "stories".
func (s *rowSpool) writeJSON(w io.Writer, report Report) error {
	head, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	head = escapeHidden(bytes.TrimSuffix(head, []byte("\n}")))
	if err := s.out.flush(); err != nil {
		return err
	}
	if _, err := s.file.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, sinkSize)
	// A bufio.Writer keeps its first error for Flush.
	_, _ = out.Write(head)
	_, _ = out.WriteString(",\n  \"stories\": [\n")
	if _, err := io.Copy(out, s.file.f); err != nil {
		return err
	}
	_, _ = out.WriteString("\n  ]\n}\n")
	return out.Flush()
}

// escapeHidden writes the hidden characters of a JSON text as \u escapes: the
// same data, but nothing that could turn a terminal's or editor's line around.
func escapeHidden(b []byte) []byte {
	if !bytes.ContainsFunc(b, func(r rune) bool { return r >= utf8.RuneSelf && hidden(r) }) {
		return b
	}
	var out bytes.Buffer
	for _, r := range string(b) {
		if r < utf8.RuneSelf || !hidden(r) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.Bytes()
}

// A reportPage is what report.html shows.
type reportPage struct {
	frame
	Report
	Seconds       string
	People        int      // stories that need a person
	Needs         needList // of them
	Waits         needList // stories that need nothing but another run
	Faults, Notes []FlagCount
	FlaggedPairs  []flaggedView
	Rows          []rowView
	RowsLeftOut   int
}

// A needList is what a table of stories that are not done shows.
type needList struct {
	Rows    []needView
	LeftOut int
}

type rowView struct {
	StoryRow
	Head cell
	Name string // the ID, made visible
	From string // the path, made visible
}

type needView struct {
	Row   rowView
	Need  Need
	Cells []needCell
}

type needCell struct {
	cell
	ID, Reason string
}

// A flaggedView is a pair in which something may be wrong.
type flaggedView struct {
	Source, Target cell
	ID, Page       string
	Backend        string // its name
	Signature      string
	Faults, Notes  []string
}

func newFlaggedView(p FlaggedPair) flaggedView {
	shown := func(t translator.Text) cell { return cell{string(t.Lang), t.Lang.Dir(), visible(t.Text)} }
	v := flaggedView{
		Source: shown(p.Source), Target: shown(p.Target), ID: visible(p.ID), Page: p.Page,
		Backend: backendName(p.Backend), Signature: visible(string(p.Backend)),
	}
	v.Faults, v.Notes = parted(p.Flags)
	return v
}

// writeReportPage writes report.html.
func writeReportPage(w io.Writer, r Report, rows []StoryRow) error {
	out := bufio.NewWriterSize(w, sinkSize)
	if err := pages.ExecuteTemplate(out, "report", newReportPage(r, rows)); err != nil {
		return err
	}
	return out.Flush()
}

func newReportPage(r Report, rows []StoryRow) reportPage {
	p := reportPage{
		frame: pageFrame, Report: r, Seconds: strconv.FormatFloat(r.Totals.Seconds, 'f', 1, 64),
		RowsLeftOut: r.Totals.Stories.All() - len(rows), People: r.Totals.Stories.Failed + r.Totals.Stories.Partial,
	}
	for _, n := range r.NeedHuman {
		list := &p.Needs
		if n.Status == translator.Held {
			list = &p.Waits
		}
		list.Rows = append(list.Rows, newNeedView(n))
	}
	p.Needs.LeftOut = p.People - len(p.Needs.Rows)
	p.Waits.LeftOut = r.Totals.Stories.Held - len(p.Waits.Rows)
	for _, f := range r.Flags {
		if f.Note() {
			p.Notes = append(p.Notes, f)
		} else {
			p.Faults = append(p.Faults, f)
		}
	}
	for _, f := range r.Flagged {
		p.FlaggedPairs = append(p.FlaggedPairs, newFlaggedView(f))
	}
	for _, row := range rows {
		p.Rows = append(p.Rows, newRowView(row))
	}
	return p
}

func newRowView(r StoryRow) rowView {
	v := rowView{StoryRow: r, Name: shorten(visible(r.ID), 120), From: shorten(visible(r.Path), 300)}
	v.Head = cell{string(r.Headline.Lang), r.Headline.Lang.Dir(), r.Headline.Text}
	if r.Headline.Text == "" {
		v.Head = cell{string(translator.English), "ltr", v.Name}
	}
	return v
}

func newNeedView(n Need) needView {
	n.Reason, n.Remedy = visible(n.Reason), visible(n.Remedy)
	v := needView{Row: newRowView(n.StoryRow), Need: n}
	for _, s := range n.Missing {
		v.Cells = append(v.Cells, needCell{cell{string(s.Lang), s.Lang.Dir(), s.Text}, visible(s.ID), visible(s.Reason)})
	}
	return v
}
