package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// FileName is the file's name where no path is given.
const FileName = "dragoman.yaml"

// maxFile bounds the file, in bytes.
const maxFile = 1 << 20

// findFile returns the path and the contents of the file to read, or "" if
// there is none.
func findFile(opts Options, env map[string]string) (string, []byte, error) {
	if opts.File != "" {
		data, err := readBounded(opts.File)
		if errors.Is(err, fs.ErrNotExist) {
			err = &wrong{"there is no such file", "check the path, or leave it out to run with the defaults"}
		}
		return opts.File, data, readable(err)
	}
	for _, path := range usualPlaces(opts.Dir, env) {
		// A folder that may not be searched, as /root for a container's user,
		// is no place where anybody keeps a file for this run.
		if _, err := os.Stat(path); err != nil {
			continue
		}
		data, err := readBounded(path)
		return path, data, readable(err)
	}
	return "", nil, nil
}

// usualPlaces follows the XDG Base Directory Specification, by which a
// relative XDG_CONFIG_HOME is ignored.
func usualPlaces(dir string, env map[string]string) []string {
	places := []string{filepath.Join(dir, FileName)}
	home := env["XDG_CONFIG_HOME"]
	if !filepath.IsAbs(home) && env["HOME"] != "" {
		home = filepath.Join(env["HOME"], ".config")
	}
	if filepath.IsAbs(home) {
		places = append(places, filepath.Join(home, "dragoman", FileName))
	}
	return places
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = &wrong{fmt.Sprintf("the file is larger than %d bytes", maxFile), "name the configuration file, not a file of stories"}
	}
	return data, err
}

// readable takes the path out of an error of the system.
func readable(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("the file cannot be read: %w", e.Err)
	}
	return err
}

// readFile takes the values of one YAML document.
func (l *loader) readFile(path string, data []byte) {
	if line, problem := badText(data); problem != "" {
		l.add(Source{File: path, Line: line}, "", problem, "save the file as plain UTF-8 text")
		return
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return // nothing but comments
	case err != nil:
		l.addYAML(path, data, err)
		return
	}
	root := &doc
	if doc.Kind == yaml.DocumentNode {
		root = doc.Content[0]
	}
	l.section(path, root, "", root.Line)
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		l.addYAML(path, data, err)
	default:
		l.add(Source{File: path, Line: second.Line}, "", "a second document begins here, which would be ignored",
			"remove the line --- and what follows it")
	}
}

// badText returns the line and the name of the first thing that is no text.
func badText(data []byte) (int, string) {
	line := 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == '\n':
			line++
		case r == utf8.RuneError && size == 1:
			return line, "the text is not UTF-8"
		case unicode.IsControl(r) && !strings.ContainsRune("\t\r\u0085", r):
			return line, fmt.Sprintf("there is a control character, %U", r)
		}
		rest = rest[size:]
	}
	return 0, ""
}

var yamlError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// addYAML reports a syntax error. The library counts lines from 0 in errors of
// its parser ("did not find expected ..."), from 1 in those of its scanner, and
// leaves the first line out.
func (l *loader) addYAML(path string, data []byte, err error) {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		l.add(Source{File: path}, "", err.Error(), "write the file as YAML")
		return
	}
	problem := m[2]
	line, err := strconv.Atoi(m[1])
	switch name, isAnchor := strings.CutPrefix(problem, "unknown anchor '"); {
	case isAnchor:
		name, _, _ = strings.Cut(name, "'")
		line = 1 + bytes.Count(data[:max(0, bytes.Index(data, []byte("*"+name)))], []byte("\n"))
	case err != nil:
		line = 1
	case strings.HasPrefix(problem, "did not find expected"):
		line++
	}
	remedy := "correct the line or the one before it: one key: value a line, a list as [a, b]"
	if isTabbed(data, line) {
		remedy = "indent with spaces: YAML allows no tabs there"
	}
	l.add(Source{File: path, Line: line}, "", "not YAML: "+problem, remedy)
}

// isTabbed tells whether a line, counted from 1, is indented with a tab.
func isTabbed(data []byte, line int) bool {
	for text := range bytes.Lines(data) {
		if line--; line == 0 {
			return bytes.HasPrefix(bytes.TrimLeft(text, " "), []byte("\t"))
		}
	}
	return false
}
