package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"dragoman/translator"
)

// maxSentences is how many bytes a file of sentences may hold, unpacked: some
// ten times the largest test sets. A small .gz can hold any number.
const maxSentences = 1 << 30

// readSentences reads a file of one sentence a line, or stdin if the file is
// "-". It may be gzip, whatever its name. A byte order mark at its beginning is
// dropped. Errors are Invalid: no such file, an empty one, one that is no UTF-8 or
// larger than maxSentences.
func readSentences(file string, stdin io.Reader) ([]string, error) {
	data, err := readWhole(file, stdin)
	if err == nil && bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		if data, err = unzip(data, maxSentences); err != nil {
			err = fmt.Errorf("%s: %w", inputName(file), err) // gzip does not know its file
		}
	}
	if err != nil {
		return nil, badSentences(err, "name a readable file of one sentence a line, plain or gzip")
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	if text == "" {
		return nil, badSentences(fmt.Errorf("%s is empty", inputName(file)), "it must hold one sentence a line; see whether the command that wrote it failed")
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		if !utf8.ValidString(line) {
			return nil, badSentences(fmt.Errorf("%s:%d: not UTF-8", inputName(file), i+1),
				"convert it, as with: iconv -f WINDOWS-1256 -t UTF-8 FILE")
		}
	}
	return lines, nil
}

func badSentences(err error, hint string) error {
	return &translator.Error{Kind: translator.Invalid, Err: err, Hint: hint}
}

// inputName is what errors call a file.
func inputName(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}

func readWhole(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return readBounded(stdin, maxSentences)
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBounded(f, maxSentences)
}

// readBounded reads all of r, which may not be more than most bytes.
func readBounded(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(data)) > most {
		return nil, fmt.Errorf("more than %d MiB of text", most>>20)
	}
	return data, err
}

func unzip(data []byte, most int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return readBounded(z, most)
}
