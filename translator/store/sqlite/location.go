package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dragoman/translator"
)

// fileHeader begins every SQLite database file (sqlite.org/fileformat.html, 1.3).
const fileHeader = "SQLite format 3\x00"

// parseLocation returns the absolute path that a path or sqlite: URL names:
// "dragoman.db", "sqlite:dragoman.db" or "sqlite:///var/lib/dragoman.db".
func parseLocation(location string) (string, error) {
	path := location
	if scheme, rest, ok := strings.Cut(location, ":"); ok && isScheme(scheme) {
		if scheme != "sqlite" {
			return "", invalid(scheme+":", "write a path, sqlite:PATH, postgres://USER@HOST/DATABASE, or ram: to keep nothing", // what follows may hold a password
				errors.New("there is no such kind of store"))
		}
		var err error
		if path, err = parseURL(rest); err != nil {
			return "", invalid("sqlite:", "write sqlite:PATH or sqlite:///PATH", err)
		}
	}
	if isAddress(path) {
		return "", invalid("(not shown: it may hold a password)", "write a path, or postgres://USER@HOST/DATABASE for PostgreSQL",
			errors.New("it is a database's address in a form that is not known, and no path"))
	}
	if path == "" || path == ":memory:" || strings.ContainsRune(path, 0) {
		return "", invalid(location, "write a path such as dragoman.db, or ram: to keep nothing",
			errors.New("it names no file"))
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", invalid(location, "", err)
	}
	return abs, nil
}

// isScheme tells a URL's scheme from a drive letter or a colon in a file's name.
func isScheme(s string) bool {
	return len(s) > 1 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// isAddress tells what is meant for another kind of database from a path: taken
// as one, it would make a file whose name shows a password.
func isAddress(path string) bool {
	_, after, ok := strings.Cut(path, ":")
	for word := range strings.FieldsSeq(path) { // as libpq takes them
		key, _, _ := strings.Cut(word, "=")
		if slices.Contains([]string{"host", "hostaddr", "dbname", "user", "password"}, key) && key != word {
			return true
		}
	}
	return strings.Contains(path, "://") || ok && strings.Contains(after, "@")
}

// parseURL reads what follows "sqlite:".
func parseURL(rest string) (string, error) {
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		if !strings.HasPrefix(authority, "/") {
			return "", errors.New("a SQLite file is on this machine: the URL must name no host")
		}
		rest = authority
	}
	if strings.ContainsAny(rest, "?#") {
		return "", errors.New("the URL takes no parameters; write %3F for ? and %23 for #")
	}
	return url.PathUnescape(rest)
}

// prepareFile makes the file if it is missing, or refuses to, and sees that it
// can be used, because SQLite's own words for these mistakes help nobody.
func prepareFile(path string, existing bool) error {
	how := os.O_RDWR | os.O_CREATE
	if existing {
		how = os.O_RDWR
	}
	f, err := os.OpenFile(path, how, 0o600)
	if existing && errors.Is(err, fs.ErrNotExist) {
		return invalid(path, "name the store of your runs with --store, or make one with dragoman translate, submit or serve",
			fmt.Errorf("there is no such store: %w", fs.ErrNotExist))
	}
	if err != nil {
		return fileError(path, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() { // reading a pipe would wait for ever
		return notAStore(path, errors.Join(errors.New("it is a pipe or device"), err))
	} else if links(info) > 1 {
		return invalid(path, "copy the file, and put the copy in its place: cp FILE COPY && mv COPY FILE",
			errors.New("the file has a second name (a hard link): SQLite would keep a log for each, and damage it"))
	}
	first := make([]byte, 64<<10) // the largest first page
	n, err := io.ReadFull(f, first)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fileError(path, err)
	}
	if n > 0 && !bytes.HasPrefix(first[:n], []byte(fileHeader)) {
		return notAStore(path, errors.New("the file is no SQLite database"))
	}
	if isForeign(first[:n]) {
		return notAStore(path, errForeign)
	}
	return nil
}

// isForeign tells from a database's first page that another program made it,
// before SQLite is given the file and changes its journal. Where the page does
// not tell, refuseForeign does later. The application id is at byte 68, the
// number of tables and indexes at byte 103 if they fit the page
// (sqlite.org/fileformat.html, 1.3 and 1.6).
func isForeign(page []byte) bool {
	const sizeAt, idAt, kindAt, cellsAt, leaf, inner = 16, 68, 100, 103, 0x0D, 0x05
	if len(page) < cellsAt+2 || page[sizeAt] > 0x80 { // no page has such a size: the file is damaged
		return false
	}
	if id := binary.BigEndian.Uint32(page[idAt:]); id != 0 {
		return id != applicationID
	}
	some := page[kindAt] == inner || page[kindAt] == leaf && binary.BigEndian.Uint16(page[cellsAt:]) > 0
	return some && !bytes.Contains(page, []byte("goose_db_version")) // which a crash in the first migration leaves
}

func fileError(path string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err // the path stands in Op
	}
	hint := "name a file in a folder that you may write to"
	if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
		hint = fmt.Sprintf("name a file in it, as %s", filepath.Join(path, "dragoman.db"))
	} else if _, statErr := os.Stat(filepath.Dir(path)); errors.Is(statErr, fs.ErrNotExist) {
		hint = fmt.Sprintf("make the folder first: mkdir -p %s", filepath.Dir(path))
	}
	return invalid(path, hint, err)
}

func notAStore(path string, cause error) error {
	return invalid(path, "name another file, or move this one away and a new store is made", cause)
}

func invalid(location, hint string, cause error) error {
	return &translator.Error{Op: "store " + location, Kind: translator.Invalid, Hint: hint, Err: cause}
}
