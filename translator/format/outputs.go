package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"dragoman/translator"
)

// storiesFolder holds the files of single stories.
const storiesFolder = "stories"

// Outputs writes a run's stories in several formats into one folder, and a
// report at the end. It holds no story after Add, so its memory does not grow
// with their number. It is not safe for concurrent use: stories are written in
// the order in which they are added.
type Outputs struct {
	dir       *Dir
	direction translator.Direction
	page      bool
	text      bool
	files     []*File
	writers   []translator.PairWriter
	names     []string
	tally     *tally
	rows      *rowSpool
	buf       bytes.Buffer // of one story file, reused
	stories   bool         // some story file was written
}

// NewOutputs opens the pair files of the named formats. An unknown name is
// Invalid, and nothing is written then.
func NewOutputs(dir *Dir, direction translator.Direction, formats []string) (*Outputs, error) {
	chosen, err := choose(formats)
	if err != nil {
		return nil, err
	}
	o := &Outputs{dir: dir, direction: direction, tally: newTally()}
	if err := o.open(chosen); err != nil {
		return nil, errors.Join(err, o.Abort())
	}
	return o, nil
}

// choose returns the formats of the names, each once. All unknown names are told.
func choose(names []string) ([]Format, error) {
	var chosen []Format
	var errs []error
	for i, name := range names {
		f, err := ByName(name)
		switch {
		case err != nil:
			errs = append(errs, err)
		case !slices.Contains(names[:i], name):
			chosen = append(chosen, f)
		}
	}
	return chosen, errors.Join(errs...)
}

func (o *Outputs) open(chosen []Format) error {
	for _, f := range chosen {
		o.page, o.text = o.page || f.Page, o.text || f.Text
		if f.Files == nil {
			continue
		}
		files, err := o.create(f.Files(o.direction))
		if err != nil {
			return err
		}
		o.writers = append(o.writers, f.Write(o.direction, files))
	}
	spool, err := newRowSpool(o.dir)
	o.rows = spool
	return err
}

func (o *Outputs) create(names []string) ([]io.Writer, error) {
	out := make([]io.Writer, 0, len(names))
	for _, name := range names {
		f, err := o.dir.Create(name)
		if err != nil {
			return nil, err
		}
		o.files, o.names, out = append(o.files, f), append(o.names, name), append(out, f)
	}
	return out, nil
}

// Add writes a story: its pairs into every pair file, its page and text, its
// line in the report. A sentence without a translation makes no pair, and a
// story without sentences no page. Two stories of one ID, which article never
// yields, would share their page: the later one's stays.
func (o *Outputs) Add(story translator.Story) error {
	for _, s := range story.Sentences {
		if s.Err != nil {
			continue
		}
		for _, w := range o.writers {
			if err := w.WritePair(s.Pair); err != nil {
				return err
			}
		}
	}
	page, err := o.storyFiles(story)
	if err != nil {
		return err
	}
	row := newStoryRow(story, page)
	o.tally.add(story, row)
	return o.rows.add(row)
}

// storyFiles writes what a story has of its own, and returns the name of the
// file to show for it.
func (o *Outputs) storyFiles(story translator.Story) (string, error) {
	if len(story.Sentences) == 0 || !o.page && !o.text {
		return "", nil
	}
	o.stories = true
	name := SafeName(story.Article.ID)
	text := name + "." + string(o.direction.To) + ".txt"
	err := o.storyFile(text, func(w io.Writer) error { return WriteText(w, story) })
	if err != nil || !o.page {
		return storiesFolder + "/" + text, err
	}
	page := name + ".html"
	err = o.storyFile(page, func(w io.Writer) error { return WritePage(w, story, o.direction, text) })
	return storiesFolder + "/" + page, err
}

// storyFile writes one file in one piece.
func (o *Outputs) storyFile(name string, write func(io.Writer) error) error {
	o.buf.Reset()
	if err := write(&o.buf); err != nil {
		return err
	}
	f, err := o.dir.Create(storiesFolder + "/" + name)
	if err != nil {
		return err
	}
	if _, err := f.Write(o.buf.Bytes()); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}

// Filled returns a report with what Outputs knows of it, and writes nothing;
// Files is empty. So a run that came to nothing can be told of and aborted,
// and the files of an earlier run stay.
func (o *Outputs) Filled(report Report) Report {
	o.tally.fill(&report)
	report.From, report.To, report.Files = o.direction.From, o.direction.To, []string{}
	return report
}

// Close ends the pair files, writes the report, and puts everything in its
// place. It returns the report with what Outputs knows filled in; Files names
// the folder of the stories once, not each of its files. The report takes its
// place last: after an error, the report of an earlier run is still there.
// Then the pair files go that an earlier run of other formats left: what is
// called pairs.* is of the latest run.
func (o *Outputs) Close(report Report) (Report, error) {
	report = o.Filled(report)
	report.Files = append(report.Files, o.names...)
	if o.stories {
		report.Files = append(report.Files, storiesFolder+"/")
	}
	report.Files = append(report.Files, "report.json", "report.html")
	if err := o.finish(report); err != nil {
		return report, errors.Join(err, o.Abort())
	}
	return report, nil
}

func (o *Outputs) finish(report Report) error {
	for _, w := range o.writers {
		if err := w.Close(); err != nil {
			return err
		}
	}
	files, err := o.create([]string{"report.json", "report.html"})
	if err != nil {
		return err
	}
	if err := o.rows.writeJSON(files[0], report); err != nil {
		return fmt.Errorf("report.json: %w", err)
	}
	if err := writeReportPage(files[1], report, o.tally.rows); err != nil {
		return fmt.Errorf("report.html: %w", err)
	}
	for _, f := range o.files {
		if err := f.Commit(); err != nil {
			return err
		}
	}
	if err := errors.Join(o.rows.close(), o.dir.Sync()); err != nil {
		return err
	}
	return o.removeStale()
}

// removeStale removes the pair files of the formats that this run does not write.
func (o *Outputs) removeStale() error {
	for _, f := range Formats() {
		if f.Files == nil {
			continue
		}
		for _, name := range f.Files(o.direction) {
			if slices.Contains(o.names, name) {
				continue
			}
			if err := o.dir.Remove(name); err != nil {
				return err
			}
		}
	}
	return o.dir.Sync()
}

// Abort drops all files that are not in their place yet. After Close it does nothing.
func (o *Outputs) Abort() error {
	var errs []error
	for _, f := range o.files {
		errs = append(errs, f.Abort())
	}
	if o.rows != nil {
		errs = append(errs, o.rows.close())
	}
	return errors.Join(append(errs, o.dir.Sync())...)
}
