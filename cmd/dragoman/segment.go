package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

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
around sentences is changed. Memory holds one line at a time.`,
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
	return do(f)
}

// A splitting writes the sentences of lines.
type splitting struct {
	lang  translator.Lang
	split segment.Splitter
	write func(sentence) error
	out   *bufio.Writer
	line  int
	blank bool // empty lines stand for themselves
}

// A sentence is one line of output. Line and Sentence count from 1; Start and
// End are byte offsets in the line.
type sentence struct {
	Line     int    `json:"line"`
	Sentence int    `json:"sentence"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Text     string `json:"text"`
}

func newSplitting(lang translator.Lang, as string, explain bool, out io.Writer) (*splitting, error) {
	s := &splitting{lang: lang, split: segment.For(lang), out: bufio.NewWriterSize(out, 1<<16)}
	switch {
	case explain:
		s.split, s.write = nil, nil
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
	for {
		line, err := r.ReadString('\n')
		if line != "" {
			s.line++
			if err := s.one(strings.TrimRight(line, "\r\n")); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return s.out.Flush()
		}
		if err != nil {
			return err
		}
	}
}

// one writes the sentences of one line, or how they were found.
func (s *splitting) one(line string) error {
	if s.write == nil {
		return s.explain(line)
	}
	n := 0
	for span := range s.split(line) {
		text := line[span.Start:span.End]
		start := span.Start + len(text) - len(strings.TrimLeft(text, space))
		text = strings.Trim(text, space)
		if text == "" {
			continue
		}
		n++
		if err := s.write(sentence{s.line, n, start, start + len(text), text}); err != nil {
			return err
		}
	}
	if n == 0 && s.blank {
		return s.lineOf("")
	}
	return nil
}

// space is what stands between sentences.
const space = " \t\r\n\v\f\u0085\u00A0\u2028\u2029"

func (s *splitting) lineOf(text string) error {
	s.out.WriteString(text) // the error is sticky
	return s.out.WriteByte('\n')
}

// explain writes the line, and below it each candidate stop with the text on
// both sides of it, what was decided, and by which rule.
func (s *splitting) explain(line string) error {
	for d := range segment.Explain(s.lang, line) {
		verdict := "goes on"
		if d.Break {
			verdict = "break"
		}
		fmt.Fprintf(s.out, "%d:%d\t%-8s\t%-22s\t%s⟦%s⟧%s\n", s.line, d.At.Start, verdict, d.Rule,
			tail(line[:d.At.Start]), line[d.At.Start:d.At.End], head(line[d.At.End:]))
	}
	return s.out.Flush()
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
