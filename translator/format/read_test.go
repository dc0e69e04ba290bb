package format

import (
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"dragoman/translator"
)

const twoTexts = `"source":{"lang":"ar","text":"نعم"},"target":{"lang":"en","text":"Yes"}`

func TestReadJSONLLines(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		line string
		kind translator.Kind // of the ItemError; Other means that the line is a pair
	}{
		"least":           {`{"source":{"text":"نعم"},"target":{"text":"Yes"}}`, translator.Other},
		"region":          {`{"source":{"lang":"ar-EG","text":"نعم"},"target":{"lang":"en-x-mtfrom-ar","text":"Yes"}}`, translator.Other},
		"unknown field":   {`{` + twoTexts + `,"score":1}`, translator.Other},
		"human":           {`{` + twoTexts + `,"origin":{"kind":"human"}}`, translator.Other},
		"other direction": {`{"source":{"lang":"en","text":"Yes"},"target":{"lang":"ar","text":"نعم"}}`, translator.Unsupported},
		"no source":       {`{"target":{"text":"Yes"}}`, translator.Invalid},
		"null":            {`null`, translator.Invalid},
		"not JSON":        {`{"source":`, translator.Invalid},
		"two values":      {`{} {}`, translator.Invalid},
		"wrong type":      {`{"source":"نعم"}`, translator.Invalid},
		"broken UTF-8":    {"{\"source\":{\"text\":\"\xff\"},\"target\":{\"text\":\"Yes\"}}", translator.Invalid},
		"unsigned":        {`{` + twoTexts + `,"origin":{"kind":"machine"}}`, translator.Invalid},
		"unknown origin":  {`{` + twoTexts + `,"origin":{"kind":"oracle","signature":"o"}}`, translator.Invalid},
		"bad time":        {`{` + twoTexts + `,"origin":{"kind":"seed","time":"noon"}}`, translator.Invalid},
		"too long":        {`{` + twoTexts + strings.Repeat(" ", 70000) + `}`, translator.TooLarge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := "\n\r\n" + tt.line + "\n{" + twoTexts + "}"
			pairs, errs := read(ReadJSONL("p.jsonl", strings.NewReader(file), arEn, &ReadOptions{MaxItem: 1000}))
			if tt.kind == translator.Other {
				if len(errs) > 0 || len(pairs) != 2 || pairs[0].Source != (translator.Text{Lang: "ar", Text: "نعم"}) || pairs[0].Target.Lang != "en" {
					t.Errorf("%+v, %v", pairs, errs)
				}
				return
			}
			if len(pairs) != 1 || len(errs) != 1 {
				t.Fatalf("%v, %v", pairs, errs)
			}
			item, ok := errors.AsType[*translator.ItemError](errs[0])
			if !ok || item.Path != "p.jsonl:3" || !errors.Is(item, tt.kind) {
				t.Errorf("%v, want %v at line 3", errs[0], tt.kind)
			}
		})
	}
}

func TestReadLineOfTheLimit(t *testing.T) {
	t.Parallel()
	line := `{` + twoTexts + `}`
	for extra, want := range map[int]int{0: 1, -1: 0} {
		pairs, _ := read(ReadJSONL("p", strings.NewReader(line+"\n"), arEn, &ReadOptions{MaxItem: len(line) + extra}))
		if len(pairs) != want {
			t.Errorf("limit %+d: %d pairs, want %d", extra, len(pairs), want)
		}
	}
}

func TestReadJSONLOfAnyDirection(t *testing.T) {
	t.Parallel()
	file := `{"source":{"lang":"fr","text":"oui"},"target":{"lang":"de","text":"ja"}}` + "\n" + `{"source":{"text":"a"},"target":{"text":"b"}}`
	pairs, errs := read(ReadJSONL("p", strings.NewReader(file), translator.Direction{}, nil))
	if len(pairs) != 1 || pairs[0].Target.Lang != "de" || len(errs) != 1 {
		t.Errorf("%v, %v", pairs, errs)
	}
}

func TestReadTSV(t *testing.T) {
	t.Parallel()
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("target\tsource\r\nYes\tنعم\r\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"two columns":   "target\tsource\nYes\tنعم\n",
		"unknown ones":  "note\tsource\ttarget\nx\tنعم\tYes",
		"mark and CRLF": "\xEF\xBB\xBFsource\ttarget\r\nنعم\tYes\r\n",
		"UTF-16":        utf16,
	} {
		pairs, errs := read(ReadTSV("p.tsv", strings.NewReader(file), arEn, nil))
		if len(errs) > 0 || len(pairs) != 1 || pairs[0].Source.Text != "نعم" || pairs[0].Target != (translator.Text{Lang: "en", Text: "Yes"}) {
			t.Errorf("%s: %+v, %v", name, pairs, errs)
		}
	}
}

func TestReadTSVErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, says string
		item       bool
	}{
		"empty":       {"\n \n", "empty", false},
		"no header":   {"نعم\tYes\n", "names no columns", false},
		"one column":  {"source\ttarget\nنعم\n", "1 columns where", true},
		"no target":   {"source\ttarget\nنعم\t\n", "empty", true},
		"controls":    {"source\ttarget\n\x00\x10\tYes\n", "empty", true},
		"bad number":  {"source\ttarget\tblock\nنعم\tYes\t-1\n", "block is", true},
		"bad time":    {"source\ttarget\ttime\nنعم\tYes\tnoon\n", "time is", true},
		"long header": {"source\ttarget" + strings.Repeat("x", 1000), "longer than 100", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errs := read(ReadTSV("p.tsv", strings.NewReader(tt.file), arEn, &ReadOptions{MaxItem: 100}))
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), tt.says) || !strings.Contains(errs[0].Error(), "p.tsv:") {
				t.Fatalf("got %v, want %q", errs, tt.says)
			}
			if _, item := errors.AsType[*translator.ItemError](errs[0]); item != tt.item {
				t.Errorf("item error: %v", item)
			}
		})
	}
}

func TestReadersPassReadErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	for _, f := range Formats() {
		if f.Read == nil {
			continue
		}
		_, errs := read(f.Read("p", io.MultiReader(strings.NewReader("source\ttarget\n"), errReader{broken}), arEn, nil))
		if f.Name != "tmx" && (len(errs) == 0 || !errors.Is(errs[len(errs)-1], broken)) {
			t.Errorf("%s: %v", f.Name, errs)
		}
	}
}

func TestReadersStopWhenAsked(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		if f.Read == nil {
			continue
		}
		n := 0
		for range f.Read("p", strings.NewReader(write(t, f.Name, arEn, pairsOf(samples()))[0]), arEn, nil) {
			if n++; n == 2 {
				break
			}
		}
		if n != 2 {
			t.Errorf("%s: %d", f.Name, n)
		}
	}
}

// fuzzReader feeds a reader with anything: it must end, and yield only pairs
// that can be written and read again.
func fuzzReader(f *testing.F, name string, seeds ...string) {
	format, err := ByName(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(write(f, name, arEn, pairsOf(samples()))[0]))
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		pairs, errs := read(format.Read("f", strings.NewReader(string(file)), arEn, &ReadOptions{MaxItem: 1 << 16}))
		for _, err := range errs {
			if err.Error() == "" {
				t.Error("an error without words")
			}
		}
		again, errs := read(format.Read("g", strings.NewReader(write(t, name, arEn, pairs)[0]), arEn, nil))
		if len(errs) > 0 || len(again) != len(pairs) {
			t.Errorf("%d pairs came back of %d: %v", len(again), len(pairs), errs)
		}
	})
}

func FuzzReadJSONL(f *testing.F) { fuzzReader(f, "jsonl", "{"+twoTexts+"}") }

func FuzzReadTSV(f *testing.F) { fuzzReader(f, "tsv", "source\ttarget\n\"a\tb\n") }

func FuzzReadTMX(f *testing.F) {
	fuzzReader(f, "tmx", tmxFile(`<tu><tuv lang="ar"><seg>a<ph>x</ph></seg></tuv><tuv lang="en"><seg><hi>b</hi></seg></tuv></tu>`))
}
