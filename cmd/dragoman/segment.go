package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"dragoman/translator"
	"dragoman/translator/segment"
)

func (a *app) segmentCommand() *cobra.Command {
	var lang, as string
	var explain bool
	cmd := &cobra.Command{
		Use:   "segment [FILE]",
		Short: "Split text into sentences",
		Long: `Reads one paragraph a line, from a file or standard input, and writes one
sentence a line. An empty line stays an empty line. No character but white space
around sentences is changed. Memory holds a few megabytes, however long the text.`,
		Example: `  dragoman segment --lang ar story.txt
  dragoman segment --lang ar --format tsv < story.txt
  dragoman segment --lang en --explain story.txt`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := translator.ParseLang(lang)
			if err != nil {
				return usageError{err}
			}
			if a.json {
				as = "jsonl"
			}
			s, err := newSplitting(l, as, explain, a.out)
			if err != nil {
				return err
			}
			s.strange = func(line int) {
				fmt.Fprintf(a.err, "line %d is no UTF-8 text and is passed on as it is; translate recognises other encodings and .gz\n", line)
			}
			return a.withInput(args, s.run)
		},
	}
	cmd.Flags().StringVar(&lang, "lang", "ar", "language of the text, a BCP 47 tag")
	cmd.Flags().StringVar(&as, "format", "text", "text, tsv or jsonl; the latter two with byte offsets in the line")
	cmd.Flags().BoolVar(&explain, "explain", false, "show for every stop which rule decided it")
	return cmd
}

// withInput runs do on the named file or, without one, on standard input.
func (a *app) withInput(args []string, do func(io.Reader) error) error {
	if len(args) == 0 || args[0] == "-" {
		return do(a.in)
	}
	f, err := os.Open(args[0])
	if err != nil {
		return usageError{err}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return usageError{fmt.Errorf("%s is a folder: name a file", args[0])}
	}
	return do(f)
}

// A splitting writes the sentences of lines.
type splitting struct {
	lang    translator.Lang
	split   segment.Splitter
	write   func(sentence) error // nil to explain
	decided func(decision) error // explains in JSON lines; nil for people
	out     *bufio.Writer
	strange func(line int) // told of the first line that is no UTF-8; may be nil

	hold  int  // bytes of a line that are held before its whole sentences are written
	blank bool // empty lines stand for themselves

	line  int // being read, from 1
	base  int // bytes of it that are written
	count int // sentences of it that are written
}

// holdLine is enough for any paragraph; a book in one line is read in parts.
const holdLine = 8 << 20

// A sentence is one line of output. Line and Sentence count from 1; Start and
// End are byte offsets in the line.
type sentence struct {
	Line     int    `json:"line"`
	Sentence int    `json:"sentence"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Text     string `json:"text"`
}

// A decision is one line of --explain --json: a candidate stop, its byte
// offsets in the line, and what was decided by which rule.
type decision struct {
	Line  int    `json:"line"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
	Break bool   `json:"break"`
	Rule  string `json:"rule"`
}

func newSplitting(lang translator.Lang, as string, explain bool, out io.Writer) (*splitting, error) {
	s := &splitting{lang: lang, split: segment.For(lang), out: bufio.NewWriterSize(out, 1<<16), hold: holdLine, line: 1}
	switch {
	case explain && as == "text":
	case explain && as == "jsonl":
		s.decided = func(x decision) error { return writeJSON(s.out, x) }
	case explain:
		return nil, usageError{errors.New("--explain is written as text, or as JSON lines with --json")}
	case as == "text":
		s.blank = true
		s.write = func(x sentence) error { return s.lineOf(x.Text) }
	case as == "tsv":
		s.write = func(x sentence) error {
			_, err := fmt.Fprintf(s.out, "%d\t%d\t%d\t%d\t%s\n", x.Line, x.Sentence, x.Start, x.End, strings.ReplaceAll(x.Text, "\t", " "))
			return err
		}
	case as == "jsonl":
		s.write = func(x sentence) error { return writeJSON(s.out, x) }
	default:
		return nil, usageError{fmt.Errorf("--format is text, tsv or jsonl, not %q", as)}
	}
	return s, nil
}

func (s *splitting) run(in io.Reader) error {
	r := bufio.NewReaderSize(in, 1<<16)
	var line []byte
	full := s.hold // when to write out what is whole of a line
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			if len(line) < full {
				continue
			}
			done, err := s.whole(string(line))
			if err != nil {
				return err
			}
			line = append(line[:0], line[done:]...)
			full = max(s.hold, 2*len(line)) // one long sentence is not split again and again
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(line) > 0 || s.base > 0 {
			if err := s.rest(strings.TrimRight(string(line), "\r\n")); err != nil {
				return err
			}
		}
		line, full = line[:0], s.hold
		if err != nil {
			return s.out.Flush()
		}
	}
}

// whole writes the sentences of the beginning of a line that what follows
// cannot change, and returns how many bytes they are: all but the last two,
// since the last may not be whole and the one before it was ended in its sight.
func (s *splitting) whole(part string) (done int, err error) {
	var behind [2]int
	n := 0
	for span := range s.split(part) {
		if n++; n > 2 {
			done = behind[0]
		}
		behind[0], behind[1] = behind[1], span.End
	}
	if done == 0 {
		return 0, nil
	}
	err = s.some(part[:done])
	s.base += done
	return done, err
}

// rest writes what is left of a line and goes to the next.
func (s *splitting) rest(part string) error {
	if err := s.some(part); err != nil {
		return err
	}
	empty := s.count == 0
	s.line, s.base, s.count = s.line+1, 0, 0
	if empty && s.blank {
		return s.lineOf("")
	}
	return nil
}

// some writes the sentences of a part of a line, or how they were found.
func (s *splitting) some(part string) error {
	if s.strange != nil && !utf8.ValidString(part) {
		s.strange(s.line)
		s.strange = nil
	}
	if s.write == nil {
		return s.explain(part)
	}
	for span := range s.split(part) {
		text := part[span.Start:span.End]
		start := s.base + span.Start + len(text) - len(strings.TrimLeft(text, space))
		if text = strings.Trim(text, space); text == "" {
			continue
		}
		s.count++
		if err := s.write(sentence{s.line, s.count, start, start + len(text), text}); err != nil {
			return err
		}
	}
	return nil
}

// space is what stands between sentences.
const space = " \t\r\n\v\f\u0085\u00A0\u2028\u2029"

func (s *splitting) lineOf(text string) error {
	s.out.WriteString(text) // the error is sticky
	return s.out.WriteByte('\n')
}

// explain writes each candidate stop of a text with what stands on both sides of it, what was decided, and by which rule.
func (s *splitting) explain(line string) error {
	for d := range segment.Explain(s.lang, line) {
		if s.decided != nil {
			at := line[d.At.Start:d.At.End]
			if err := s.decided(decision{s.line, s.base + d.At.Start, s.base + d.At.End, at, d.Break, d.Rule}); err != nil {
				return err
			}
			continue
		}
		verdict := "goes on"
		if d.Break {
			verdict = "break"
		}
		fmt.Fprintf(s.out, "%d:%d\t%-8s\t%-22s\t%s⟦%s⟧%s\n", s.line, s.base+d.At.Start, verdict, d.Rule,
			tail(line[:d.At.Start]), line[d.At.Start:d.At.End], head(line[d.At.End:]))
	}
	return nil
}

// around is how many characters explain shows on either side of a stop.
const around = 24

func tail(s string) string {
	r := []rune(s)
	return string(r[max(0, len(r)-around):])
}

func head(s string) string {
	n := 0
	for i := range s {
		if n++; n > around {
			return s[:i]
		}
	}
	return s
}
