package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
)

func TestReadSentences(t *testing.T) {
	t.Parallel()
	want := []string{"The ferry left.", "", "غادرت العبّارة."}
	text := strings.Join(want, "\n")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(text + "\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"a new line at the end": text + "\n", "none": text, "byte order mark": "\ufeff" + text, "gzip": packed.String(),
	} {
		file := filepath.Join(t.TempDir(), "text")
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readSentences(file, nil)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if got, err = readSentences("-", strings.NewReader(data)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s, from standard input: %q, %v", name, got, err)
		}
	}
	for data, said := range map[string]string{
		"": "standard input is empty", "\ufeff": "standard input is empty",
		"one\ntwo \xff\n": "standard input:2: not UTF-8", packed.String()[:30]: "standard input: unexpected EOF",
	} {
		_, err := readSentences("-", strings.NewReader(data))
		if !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" || err.Error() != said {
			t.Errorf("%q: %v, want %s", data, err, said)
		}
	}
}

// A few bytes of gzip hold any number of lines: what is unpacked is bounded.
func TestSentencesAreBounded(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(make([]byte, most+1)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := unzip(packed.Bytes(), most); err == nil || err.Error() != "more than 1 MiB of text" {
		t.Errorf("got %v", err)
	}
	if data, err := unzip(packed.Bytes(), most+1); err != nil || len(data) != most+1 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if _, err := readBounded(strings.NewReader("abc"), 2); err == nil {
		t.Error("more than the bound was read")
	}
}
