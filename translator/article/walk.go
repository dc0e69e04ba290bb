package article

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"dragoman/translator"
)

// A format is how a file writes its stories down.
type format string

const (
	plainText format = "text"
	jsonLines format = "JSON lines"
	htmlPage  format = "HTML"
	unknown   format = "" // to be recognised by content
)

var extensions = map[string]format{
	".txt": plainText, ".text": plainText,
	".jsonl": jsonLines, ".ndjson": jsonLines,
	".html": htmlPage, ".htm": htmlPage,
}

const readable = ".txt, .text, .jsonl, .ndjson, .html, .htm, each also with .gz"

// A source is a file or standard input, not yet opened.
type source struct {
	id     string // Article.ID of a file with one story
	path   string // for people
	format format
	gzip   bool // by its name
	open   func() (io.ReadCloser, error)
}

// failed puts the source's names to an error.
func (s source) failed(err error) error {
	return &translator.ItemError{Path: s.path, ID: s.id, Err: readError(err)}
}

// named returns a source with the id and format that its name tells.
func named(id, path string, open func() (io.ReadCloser, error)) source {
	s := source{path: strings.ToValidUTF8(path, "\uFFFD"), open: open}
	id = strings.ToValidUTF8(filepath.ToSlash(id), "\uFFFD")
	if cut, ok := cutExtension(id, ".gz"); ok {
		id, s.gzip = cut, true
	}
	for ext, f := range extensions {
		if cut, ok := cutExtension(id, ext); ok {
			id, s.format = cut, f
		}
	}
	if s.format == unknown {
		id, _ = cutExtension(id, filepath.Ext(id))
	}
	s.id = id
	return s
}

// cutExtension takes an extension off in any case, but never leaves an empty name.
func cutExtension(name, ext string) (string, bool) {
	n := len(name) - len(ext)
	if n < 1 || name[n-1] == '/' || !strings.EqualFold(name[n:], ext) {
		return name, false
	}
	return name[:n], true
}

// sources yields what paths name, in order. An error is an *translator.ItemError.
func (r *reader) sources(paths []string) iter.Seq2[source, error] {
	return func(yield func(source, error) bool) {
		for _, path := range paths {
			if !r.expand(path, yield) {
				return
			}
		}
	}
}

// expand yields the sources of one path and tells whether to go on.
func (r *reader) expand(path string, yield func(source, error) bool) bool {
	if path == "-" {
		return yield(source{id: "stdin", path: "standard input", open: func() (io.ReadCloser, error) {
			return io.NopCloser(r.Stdin), nil
		}}, nil)
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return r.folder(path, yield)
	case err == nil:
		return yield(file(path), nil)
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(path, "*?["):
		return r.pattern(path, yield)
	case errors.Is(err, fs.ErrNotExist):
		err = invalid("check the path", "there is no file or folder %s", path)
	}
	return yield(source{}, file(path).failed(err))
}

// file is the source of a file that was named by the user.
func file(path string) source {
	return named(filepath.Base(path), path, func() (io.ReadCloser, error) {
		return openRegular(func() (fs.FileInfo, error) { return os.Stat(path) }, func() (*os.File, error) { return os.Open(path) })
	})
}

// openRegular opens what is a regular file, and nothing else: opening a named
// pipe would wait for a writer that may never come.
func openRegular(stat func() (fs.FileInfo, error), open func() (*os.File, error)) (io.ReadCloser, error) {
	info, err := stat()
	switch {
	case err != nil && strings.Contains(err.Error(), "escapes"):
		return nil, invalid("name the target of the link as a path of its own", "a link that leads out of its folder, or to nothing")
	case errors.Is(err, fs.ErrNotExist):
		return nil, invalid("check where it leads, or take it away", "a link to nothing, or a file that has gone")
	case err != nil:
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, invalid("give a regular file, or pipe it to standard input and give -", "not a regular file (%s)", info.Mode().Type())
	}
	return open()
}

// pattern yields what a pattern matches. As in a folder, files of other kinds
// are passed over.
func (r *reader) pattern(glob string, yield func(source, error) bool) bool {
	matches, err := filepath.Glob(glob)
	if err != nil {
		return yield(source{}, file(glob).failed(invalid("write the pattern as in *.txt, with [ and ] in pairs", "%v", err)))
	}
	found := 0
	for _, path := range matches {
		info, err := os.Stat(path)
		isDir := err == nil && info.IsDir()
		if hidden(filepath.Base(path)) || isDir && r.skips(info) || !isDir && file(path).format == unknown {
			continue
		}
		found++
		if isDir && !r.folder(path, yield) || !isDir && !yield(file(path), nil) {
			return false
		}
	}
	if found == 0 {
		return yield(source{}, file(glob).failed(invalid("check the pattern; files that are read: "+readable, "the pattern matches no story")))
	}
	return true
}

// hidden tells a name that folders and patterns pass over: hidden files and
// the lock files of office programs. Files in transfer (.tmp, .part, .filepart)
// have an extension that is not read, and need no rule.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$")
}

// skips tells whether a folder is the one that Options.Skip names.
func (r *reader) skips(folder fs.FileInfo) bool {
	if r.Skip == "" {
		return false
	}
	skip, err := os.Stat(r.Skip)
	return err == nil && os.SameFile(skip, folder)
}

func (r *reader) skipsEntry(d fs.DirEntry) bool {
	info, err := d.Info()
	return err == nil && r.skips(info)
}

// folder yields the files of a folder and of those in it. Everything goes
// through an os.Root, so that no link leads out.
func (r *reader) folder(dir string, yield func(source, error) bool) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return yield(source{}, file(dir).failed(err))
	}
	defer root.Close()
	goOn, found := true, 0
	give := func(s source, err error) error {
		found++
		if goOn = yield(s, err); !goOn {
			return fs.SkipAll
		}
		return nil
	}
	_ = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		s := inFolder(root, dir, name)
		switch {
		case err != nil:
			return give(source{}, s.failed(err))
		case name != "." && hidden(d.Name()):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() && name != "." && r.skipsEntry(d):
			return fs.SkipDir
		case d.IsDir(), s.format == unknown, linkedFolder(root, name, d):
			return nil
		}
		return give(s, nil)
	})
	if found == 0 && goOn {
		return yield(source{}, file(dir).failed(invalid("files that are read: "+readable, "the folder holds no story")))
	}
	return goOn
}

// inFolder is the source of a file found in a folder.
func inFolder(root *os.Root, dir, name string) source {
	return named(name, filepath.Join(dir, filepath.FromSlash(name)), func() (io.ReadCloser, error) {
		return openRegular(func() (fs.FileInfo, error) { return root.Stat(name) }, func() (*os.File, error) { return root.Open(name) })
	})
}

func linkedFolder(root *os.Root, name string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := root.Stat(name)
	return err == nil && info.IsDir()
}

// unpack takes gzip off and recognises the format where the name does not tell.
func unpack(in io.Reader, src source) (io.Reader, format, error) {
	buf := bufio.NewReaderSize(in, 64<<10)
	head, _ := buf.Peek(2)
	if src.gzip || src.format == unknown && bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(buf)
		if err == io.EOF {
			return nil, unknown, errEmpty
		}
		if err != nil {
			return nil, unknown, cutShort(err)
		}
		buf = bufio.NewReaderSize(unzipped{z}, 64<<10)
	}
	if src.format != unknown {
		return buf, src.format, nil
	}
	head, _ = buf.Peek(4 << 10)
	return buf, sniff(head), nil
}

// unzipped is the content of a gzip file. Where the file is cut short, its
// error says so, which "unexpected EOF" does not.
type unzipped struct{ z *gzip.Reader }

func (u unzipped) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	return n, cutShort(err)
}

func cutShort(err error) error {
	if err == io.ErrUnexpectedEOF {
		return invalid("fetch the file again: its end is missing", "the compressed file ends too early")
	}
	return err
}

// sniff recognises a format by the start of its content. What is neither JSON
// nor HTML is text, and may still turn out to be binary.
func sniff(head []byte) format {
	head = bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte(bomUTF8)), " \t\r\n"))
	if bytes.HasPrefix(head, []byte("{")) || bytes.HasPrefix(bytes.Join(bytes.Fields(head), nil), []byte("[{")) {
		return jsonLines
	}
	if bytes.HasPrefix(head, []byte("<")) {
		for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<article", "<p>", "<p "} {
			if bytes.Contains(head, []byte(tag)) {
				return htmlPage
			}
		}
	}
	return plainText
}

// readHint says what to do about an error of the file system or of gzip.
func readHint(err error) string {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "check the path"
	case errors.Is(err, fs.ErrPermission):
		return "give this user the right to read it"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return "fetch the file again: it is not whole, or not gzip"
	case strings.Contains(err.Error(), "escapes"):
		return "a link leads out of the folder: name its target as a path of its own"
	}
	return "check that the file can be read"
}
