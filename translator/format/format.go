package format

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"dragoman/translator"
)

// A Format is one way to write pairs or stories down. A field is nil where the
// format has no such thing: Moses is not read, a page holds no pair list.
type Format struct {
	Name    string // as in the configuration: "jsonl"
	Summary string // one line for people
	// Extensions are those of the files that Read takes, in lower case: ".jsonl".
	Extensions []string
	// Files names the pair files of a direction, all in the output folder.
	Files func(dir translator.Direction) []string
	// Write returns a writer of pairs over one writer for each of Files.
	Write func(dir translator.Direction, files []io.Writer) translator.PairWriter
	// Read yields the pairs of a file in a direction. The path is for errors
	// only. A nil opts is the defaults.
	Read func(path string, r io.Reader, dir translator.Direction, opts *ReadOptions) translator.Pairs
	// Page and Text say which files it writes for every story.
	Page, Text bool
}

// ReadOptions bounds what a reader takes in. A zero field is its default.
type ReadOptions struct {
	MaxItem  int // bytes of one line or translation unit; 0 is 8 MiB
	MaxDepth int // open XML elements at once; 0 is 256
}

// The limits follow the ones that news feeds are read with: 8 MiB of text, 256 levels.
const (
	defaultMaxItem  = 8 << 20
	defaultMaxDepth = 256
)

func (o *ReadOptions) withDefaults() ReadOptions {
	out := ReadOptions{MaxItem: defaultMaxItem, MaxDepth: defaultMaxDepth}
	if o != nil && o.MaxItem > 0 {
		out.MaxItem = o.MaxItem
	}
	if o != nil && o.MaxDepth > 0 {
		out.MaxDepth = o.MaxDepth
	}
	return out
}

// Formats returns every format, in the order in which people are told of them.
func Formats() []Format {
	return []Format{
		{
			Name: "jsonl", Summary: "pairs.jsonl: one JSON object a pair, with everything known of it",
			Extensions: []string{".jsonl", ".ndjson"}, Files: named("pairs.jsonl"), Write: writeOne(NewJSONL), Read: ReadJSONL,
		},
		{
			Name: "tsv", Summary: "pairs.tsv: one line a pair, columns parted by TAB; for programs, not for spreadsheets",
			Extensions: []string{".tsv"}, Files: named("pairs.tsv"), Write: writeOne(NewTSV), Read: ReadTSV,
		},
		{
			Name: "tmx", Summary: "pairs.tmx: a TMX 1.4b memory for translators' tools",
			Extensions: []string{".tmx"}, Files: named("pairs.tmx"), Read: ReadTMX,
			Write: func(dir translator.Direction, files []io.Writer) translator.PairWriter { return NewTMX(files[0], dir) },
		},
		{
			Name: "moses", Summary: "pairs.ar and pairs.en, named by the languages: one sentence a line, for training",
			Files: mosesFiles,
			Write: func(_ translator.Direction, files []io.Writer) translator.PairWriter {
				return NewMoses(files[0], files[1])
			},
		},
		{Name: "html", Summary: "stories/NAME.html side by side, and the translation as text beside it", Page: true, Text: true},
		{Name: "text", Summary: "stories/NAME.en.txt: the translated story alone", Text: true},
	}
}

// ByName returns the format of a name. Its error is Invalid and lists the known names.
func ByName(name string) (Format, error) {
	all := Formats()
	if i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name }); i >= 0 {
		return all[i], nil
	}
	err := translator.NewError("format", translator.Invalid, fmt.Errorf("unknown format %q", name))
	err.Hint = "choose from " + strings.Join(names(all), ", ")
	return Format{}, err
}

// ByExtension returns the format that reads files of a name's ending. Its error
// is Invalid and lists the endings.
func ByExtension(file string) (Format, error) {
	var known []string
	for _, f := range Formats() {
		for _, ext := range f.Extensions {
			if strings.HasSuffix(strings.ToLower(file), ext) {
				return f, nil
			}
			known = append(known, ext)
		}
	}
	err := translator.NewError("format", translator.Invalid, fmt.Errorf("%q does not end like a file of pairs", file))
	err.Hint = "name it " + strings.Join(known, ", ") + " after what it holds"
	return Format{}, err
}

func names(formats []Format) []string {
	out := make([]string, len(formats))
	for i, f := range formats {
		out[i] = f.Name
	}
	return out
}

func named(file string) func(translator.Direction) []string {
	return func(translator.Direction) []string { return []string{file} }
}

func mosesFiles(dir translator.Direction) []string {
	return []string{"pairs." + string(dir.From), "pairs." + string(dir.To)}
}

func writeOne[W translator.PairWriter](open func(io.Writer) W) func(translator.Direction, []io.Writer) translator.PairWriter {
	return func(_ translator.Direction, files []io.Writer) translator.PairWriter { return open(files[0]) }
}
