// Package article reads stories: plain text, JSON lines and HTML pages, each
// also compressed with gzip, into blocks that say what they are.
//
// A story keeps its own characters. What is taken out of the body is
// structure (headline, dateline, byline) or stays in the story as a block of
// kind Boilerplate with the name of the rule that found it, so nothing is
// lost in silence.
//
// The sequence that [Read] returns holds one file in memory at a time, of JSON
// lines one line, whatever the number of stories.
package article

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"dragoman/translator"
)

// Limits that hold where Options says nothing.
const (
	DefaultMaxFile   = 32 << 20 // bytes of a text or HTML file, decompressed
	DefaultMaxStory  = 8 << 20  // bytes of one JSON line
	DefaultMaxBlocks = 100_000  // blocks of one story
)

// Options say how stories are read. Nil, and the zero value of each field, is the default.
type Options struct {
	// Lang is the language of a story that does not name its own; "" is Arabic.
	Lang translator.Lang
	// Encoding is how files are encoded: "windows-1256", "iso-8859-6", "utf-16le",
	// "utf-8" or another name of the WHATWG list of single-byte encodings. "" recognises it.
	// A byte order mark, and text that is valid UTF-8, win over it.
	Encoding string
	// MaxFile is how many bytes a text or HTML file may have, decompressed. 0 is
	// DefaultMaxFile. Files of JSON lines have no such limit: they are a stream.
	MaxFile int64
	// MaxStory is how many bytes a JSON line may have. 0 is DefaultMaxStory.
	MaxStory int
	// MaxBlocks is how many blocks a story may have. 0 is DefaultMaxBlocks.
	MaxBlocks int
	// KeepBoilerplate switches off every rule that makes Boilerplate of a block.
	KeepBoilerplate bool
	// Disable switches off single rules by name: see RuleNames.
	Disable []string
	// Skip is a folder whose files are no stories, wherever it is met: the one
	// that the translations are written to. "" is none.
	Skip string
	// Stdin is what the path "-" reads; nil is os.Stdin.
	Stdin io.Reader
}

// Read returns the stories at paths: files, folders, patterns as of
// filepath.Match, and "-" for standard input, in the order given; a folder in
// the order of its names.
//
// The names of files decide the format: .txt and .text; .jsonl and .ndjson;
// .html and .htm; each with .gz too, in any case. A named file with another
// extension, and standard input, are recognised by content. In a folder other
// files, names with a leading dot or "~$" and linked folders are passed over,
// and a link is not followed out of the folder.
//
// What cannot be read is an *translator.ItemError (Invalid or TooLarge, with a
// hint) and the sequence goes on. An option that makes no sense and the end of
// ctx are errors that end it.
func Read(ctx context.Context, paths []string, opts *Options) translator.Articles {
	return func(yield func(translator.Article, error) bool) {
		r, err := newReader(opts)
		if err != nil {
			yield(translator.Article{}, err)
			return
		}
		for src, err := range r.sources(paths) {
			if ctx.Err() != nil {
				yield(translator.Article{}, context.Cause(ctx))
				return
			}
			if err != nil {
				if !yield(translator.Article{}, err) {
					return
				}
				continue
			}
			if !r.read(ctx, src, yield) {
				return
			}
		}
	}
}

// A reader is Options with its defaults filled in.
type reader struct {
	Options
	rules []rule
}

func newReader(opts *Options) (*reader, error) {
	r := &reader{}
	if opts != nil {
		r.Options = *opts
	}
	if r.Lang == "" {
		r.Lang = translator.Arabic
	}
	if r.MaxFile <= 0 {
		r.MaxFile = DefaultMaxFile
	}
	r.MaxFile = min(r.MaxFile, math.MaxInt64-1) // one byte more is read, to see that there is one
	if r.MaxStory <= 0 {
		r.MaxStory = DefaultMaxStory
	}
	if r.MaxBlocks <= 0 {
		r.MaxBlocks = DefaultMaxBlocks
	}
	if r.Stdin == nil {
		r.Stdin = os.Stdin
	}
	return r, r.check()
}

// check finds options that make no sense and fills in the rules.
func (r *reader) check() error {
	if r.Encoding != "" {
		if _, err := namedEncoding(r.Encoding); err != nil {
			return err
		}
	}
	for _, name := range r.Disable {
		if !slices.Contains(RuleNames(), name) {
			return &translator.Error{Op: "boilerplate rules", Kind: translator.Invalid,
				Hint: fmt.Sprintf("the rules are %q", RuleNames()),
				Err:  fmt.Errorf("there is no rule %q to switch off", name)}
		}
	}
	for _, rule := range rules {
		if !r.off(rule.name) {
			r.rules = append(r.rules, rule)
		}
	}
	return nil
}

// off tells whether a rule is switched off.
func (r *reader) off(rule string) bool {
	return r.KeepBoilerplate || slices.Contains(r.Disable, rule)
}

// read yields the stories of one source and tells whether to go on.
func (r *reader) read(ctx context.Context, src source, yield func(translator.Article, error) bool) bool {
	in, err := src.open()
	if err != nil {
		return yield(translator.Article{}, src.failed(err))
	}
	defer in.Close()
	body, kind, err := unpack(in, src)
	if err != nil {
		return yield(translator.Article{}, src.failed(err))
	}
	if kind == jsonLines {
		return r.readLines(ctx, src, body, yield)
	}
	a, err := r.readFile(src, kind, body)
	if err != nil {
		return yield(translator.Article{}, src.failed(err))
	}
	return yield(a, nil)
}

// readFile reads a file that is one story.
func (r *reader) readFile(src source, kind format, body io.Reader) (translator.Article, error) {
	data, err := io.ReadAll(io.LimitReader(body, r.MaxFile+1))
	switch {
	case err != nil:
		return translator.Article{}, readError(err)
	case int64(len(data)) > r.MaxFile:
		return translator.Article{}, &translator.Error{Kind: translator.TooLarge,
			Hint: "split the file, or raise the limit on a file's size",
			Err:  fmt.Errorf("the file has more than %d bytes", r.MaxFile)}
	case len(data) == 0:
		return translator.Article{}, errEmpty
	}
	var d draft
	if kind == htmlPage {
		d, err = r.parseHTML(data)
	} else {
		d, err = r.parseText(data)
	}
	if err != nil {
		return translator.Article{}, err
	}
	return r.finish(d, src.id, src.path)
}

// invalid returns an error of kind Invalid with what to do about it.
func invalid(hint, msg string, args ...any) error {
	return &translator.Error{Kind: translator.Invalid, Hint: hint, Err: fmt.Errorf(msg, args...)}
}

// errEmpty is about a file of no bytes, or one that unpacks to none.
var errEmpty = invalid("check how the file was delivered", "the file is empty")

// readError gives an error of the file system or of gzip its kind.
func readError(err error) error {
	if _, ok := errors.AsType[*translator.Error](err); ok {
		return err
	}
	return &translator.Error{Kind: translator.Invalid, Hint: readHint(err), Err: err}
}
