package glossary

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dragoman/translator"
)

// The limits of a file. A term of MaxTerm characters has at most 800 bytes,
// which every service takes: DeepL, the strictest, allows 1,024.
const (
	MaxTerm = 200      // code points of a term's side
	maxLine = 64 << 10 // bytes
	maxFile = 64 << 20 // bytes: six times what DeepL and Azure take
)

// Read reads a glossary for a direction from a file of that name:
//
//	ar<TAB>en<TAB>notes
//	القاهرة<TAB>Cairo<TAB>never "Al-Qahira"
//
// The encoding is UTF-8. The first line names the languages; notes are
// optional. Empty lines and those that begin with # are passed over. Source
// sides are put into transport form, targets into NFC with plain spaces.
//
// If anything is wrong the error is Invalid, holds Mistakes with everything
// that is, and no glossary is returned: half a glossary would be a silent gap.
func Read(name string, r io.Reader, dir translator.Direction) (*translator.Glossary, error) {
	f := reader{name: name, dir: dir, seen: map[string]entry{}}
	if err := f.lines(r); err != nil {
		return nil, translator.NewError("read "+name, translator.Other, err)
	}
	if len(f.terms) == 0 && len(f.mistakes) == 0 {
		f.mistake(f.line, "the file has no terms", f.headRemedy()+", and a term a line below that")
	}
	if len(f.mistakes) > 0 {
		return nil, translator.NewError("glossary", translator.Invalid, f.mistakes)
	}
	slices.SortFunc(f.terms, func(a, b translator.Term) int { return strings.Compare(a.Source, b.Source) })
	return &translator.Glossary{Direction: dir, Terms: f.terms, Digest: digest(dir, f.terms)}, nil
}

// schema changes when Read or a Matcher's rules change what of a glossary is sent.
const schema = "dragoman glossary 1"

// digest returns the first 12 hexadecimal digits of SHA-256 over the schema,
// both tags and both sides of every term, each with its length before it.
func digest(dir translator.Direction, terms []translator.Term) string {
	var buf []byte
	part := func(s string) {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	part(schema)
	part(string(dir.From))
	part(string(dir.To))
	for _, t := range terms {
		part(t.Source)
		part(t.Target)
	}
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:6])
}

// A reader is a file being read.
type reader struct {
	name     string
	dir      translator.Direction
	line     int  // being read, from 1
	columns  int  // of the first line; 0 before it
	hopeless bool // the file is in another encoding: every line would be a mistake
	terms    []translator.Term
	seen     map[string]entry // by what a Matcher tells sources apart by
	mistakes Mistakes
}

// An entry is where a source was first seen, and its target.
type entry struct {
	line   int
	target string
}

// lines reads every line. Its error is one of r; mistakes are gathered.
func (f *reader) lines(r io.Reader) error {
	limited := &io.LimitedReader{R: r, N: maxFile + 1}
	in := bufio.NewReaderSize(limited, maxLine)
	for {
		f.line++
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			f.mistake(f.line, fmt.Sprintf("the line is longer than %d bytes", maxLine), "see that this is a glossary: a term a line, TAB between its columns")
			err = skipLine(in)
		} else {
			f.oneLine(string(line))
		}
		if limited.N == 0 {
			f.mistake(f.line, fmt.Sprintf("the file is larger than %d MiB", maxFile>>20), "split it, or take out the terms that are not needed")
			return nil
		}
		if errors.Is(err, io.EOF) || f.hopeless {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func skipLine(in *bufio.Reader) error {
	for {
		if _, err := in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// oneLine reads a line with its end.
func (f *reader) oneLine(line string) {
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if f.line == 1 {
		if strings.HasPrefix(line, "\xff\xfe") || strings.HasPrefix(line, "\xfe\xff") {
			f.mistake(1, "the file is UTF-16", "save it as UTF-8")
			f.hopeless = true
			return
		}
		line = strings.TrimPrefix(line, "\uFEFF")
	}
	switch {
	case strings.TrimSpace(line) == "", strings.HasPrefix(line, "#"):
	case !utf8.ValidString(line):
		f.mistake(f.line, "the line is not UTF-8", "save the file as UTF-8")
	case f.columns == 0:
		f.head(strings.Split(line, "\t"))
	default:
		f.term(strings.Split(line, "\t"))
	}
}

// term reads a line below the first.
func (f *reader) term(fields []string) {
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	for len(fields) > f.columns && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	switch {
	case len(fields) < 2:
		f.mistake(f.line, "there is no second column", "put a TAB, not spaces, between a term and its translation")
		return
	case len(fields) > f.columns:
		f.mistake(f.line, fmt.Sprintf("there are %d columns where the first line has %d", len(fields), f.columns), "take out the TABs too many, or name the third column notes")
		return
	}
	source, ok1 := f.side("source", fields[0])
	target, ok2 := f.side("target", fields[1])
	if !ok1 || !ok2 {
		return
	}
	t := translator.Term{Source: translator.Transport(f.dir.From, source), Target: strings.Join(strings.Fields(norm.NFC.String(target)), " ")}
	if len(fields) > 2 {
		t.Note = fields[2]
	}
	f.add(t)
}

// add takes a term in, unless its source is there already.
func (f *reader) add(t translator.Term) {
	key := languageOf(f.dir.From).key(t.Source)
	if key == "" || languageOf(f.dir.To).key(translator.Transport(f.dir.To, t.Target)) == "" {
		f.mistake(f.line, "a term has no letter and no digit", "write at least one word on both sides")
		return
	}
	first, twice := f.seen[key]
	switch {
	case !twice:
		f.seen[key] = entry{f.line, t.Target}
		f.terms = append(f.terms, t)
	case first.target != t.Target:
		f.mistake(f.line, fmt.Sprintf("%q stands in line %d already, as %q", t.Source, first.line, first.target),
			"keep the line that is right, or tell the two apart by another word; vowel marks do not")
	}
}
