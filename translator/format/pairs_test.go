package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dragoman/translator"
)

// drawPair draws a pair with any text, broken UTF-8 and controls among it.
func drawPair(t *rapid.T) translator.Pair {
	text := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("\x00\t\n\r\v\u0085\u2028\u2029\u202e\ufffe\"\\<>&]a ب")), 0, 20, -1),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 12), func(b []byte) string { return string(b) }))
	return translator.Pair{
		ID: text.Draw(t, "id"), Story: text.Draw(t, "story"),
		Block: rapid.IntRange(0, 1000).Draw(t, "block"), Sentence: rapid.IntRange(0, 1000).Draw(t, "sentence"),
		Kind:   translator.BlockKind(text.Draw(t, "kind")),
		Source: translator.Text{Lang: "ar", Text: text.Draw(t, "source")},
		Target: translator.Text{Lang: "en", Text: text.Draw(t, "target")},
		Origin: translator.Origin{Kind: translator.Machine, Signature: translator.Signature(text.Draw(t, "signature")), Time: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "time"), 0).UTC()},
		Flags:  rapid.SliceOfN(text, 0, 3).Draw(t, "flags"),
	}
}

func TestJSONLDecodesAsEncodingJSONWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPair(rt)
		line := write(t, "jsonl", arEn, []translator.Pair{p})[0]
		if strings.ContainsAny(line[:len(line)-1], "\n\u2028\u2029") || !utf8.ValidString(line) {
			rt.Fatalf("not one line: %q", line)
		}
		std, err := json.Marshal(p)
		if err != nil {
			rt.Fatal(err)
		}
		var got, want translator.Pair
		if err := errors.Join(json.Unmarshal([]byte(line), &got), json.Unmarshal(std, &want)); err != nil {
			rt.Fatalf("%v: %s", err, line)
		}
		if !reflect.DeepEqual(got, want) {
			rt.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestJSONLWritesTheDocumentedLine(t *testing.T) {
	t.Parallel()
	p := translator.Pair{
		ID: "a:1.2", Story: "a", Block: 1, Sentence: 2, Kind: translator.Body,
		Source: translator.Text{Lang: "ar", Text: "قال \"نعم\""}, Target: translator.Text{Lang: "en", Text: "<b> & \u2028\x01\x1f"},
		Origin: translator.Origin{Kind: translator.Machine, Signature: "s", Time: time.Date(2026, 1, 2, 5, 4, 5, 9e8, time.FixedZone("", 7200))},
	}
	want := `{"id":"a:1.2","story":"a","block":1,"sentence":2,"kind":"body","source":{"lang":"ar","text":"قال \"نعم\""},` +
		`"target":{"lang":"en","text":"<b> & \u2028\u0001\u001f"},"origin":{"kind":"machine","signature":"s","time":"2026-01-02T03:04:05Z"},"flags":[]}` + "\n"
	if got := write(t, "jsonl", arEn, []translator.Pair{p})[0]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"jsonl", "tsv", "tmx"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _ := ByName(name)
			pairs := pairsOf(samples()[:1])
			pairs[0].Origin.Time = time.Time{}
			got, errs := read(f.Read("x", strings.NewReader(write(t, name, arEn, pairs)[0]), arEn, nil))
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			if !reflect.DeepEqual(got, pairs) {
				t.Errorf("got  %+v\nwant %+v", got, pairs)
			}
		})
	}
}

// What cannot be written as it is must still come back as that many pairs.
func TestHostilePairsComeBack(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"jsonl", "tsv", "tmx"} {
		f, _ := ByName(name)
		rapid.Check(t, func(rt *rapid.T) {
			pairs := rapid.SliceOfN(rapid.Custom(drawPair), 1, 4).Draw(rt, "pairs")
			for i := range pairs {
				pairs[i].Source.Text, pairs[i].Target.Text = "s"+pairs[i].Source.Text+"s", "t"+pairs[i].Target.Text+"t"
				pairs[i].Origin.Signature += "s"
			}
			got, errs := read(f.Read("x", strings.NewReader(write(t, name, arEn, pairs)[0]), arEn, nil))
			if len(errs) > 0 || len(got) != len(pairs) {
				rt.Fatalf("%s: %d pairs of %d, %v", name, len(got), len(pairs), errs)
			}
		})
	}
}

func TestLineFormatsKeepOnePairALine(t *testing.T) {
	t.Parallel()
	pairs := pairsOf(samples())
	pairs = append(pairs, translator.Pair{Source: translator.Text{Text: " \u2029 "}, Target: translator.Text{Text: "kept by TSV alone"}})
	files := append(write(t, "moses", arEn, pairs), write(t, "tsv", arEn, pairs)...)
	want := []int{len(pairs) - 1, len(pairs) - 1, len(pairs) + 1}
	for i, file := range files {
		if strings.ContainsAny(file, "\r\v\f\x00\x1c\u0085\u2028\u2029") || !utf8.ValidString(file) {
			t.Errorf("file %d holds a line separator: %q", i, file)
		}
		if n := strings.Count(file, "\n"); n != want[i] {
			t.Errorf("file %d has %d lines, want %d", i, n, want[i])
		}
		if strings.Contains(file, "\n\n") {
			t.Errorf("file %d has an empty line", i)
		}
	}
	for line := range strings.Lines(files[2]) {
		if strings.Count(line, "\t") != len(tsvColumns)-1 {
			t.Errorf("TSV line has a wrong number of columns: %q", line)
		}
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                         "",
		"plain نص":                 "plain نص",
		"a\r\n\tb":                 "a b",
		"a\u2028\u2029\u0085\x1eb": "a b",
		"\x00a\xffb\n":             "a\uFFFDb",
		" kept \u00a0 inside ":     "kept \u00a0 inside",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"خبر.txt":       "خبر.txt",
		"a\u202ecod":    `a\u202ecod`,
		"a\x00\n\u200b": `a\x00\n\u200b`,
		"\U000e0041":    `\U000e0041`,
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWriteErrorsStay(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for _, w := range []translator.PairWriter{
		NewJSONL(brokenWriter{full}), NewTSV(brokenWriter{full}), NewTMX(brokenWriter{full}, arEn), NewMoses(&bytes.Buffer{}, brokenWriter{full}),
	} {
		p := translator.Pair{Source: translator.Text{Text: "a"}, Target: translator.Text{Text: strings.Repeat("x", sinkSize)}}
		if err := w.WritePair(p); !errors.Is(err, full) {
			t.Errorf("%T.WritePair: %v", w, err)
		}
		if err := w.Close(); !errors.Is(err, full) {
			t.Errorf("%T.Close: %v", w, err)
		}
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestFormatNames(t *testing.T) {
	t.Parallel()
	if got := strings.Join(names(Formats()), " "); got != "jsonl tsv tmx moses html text" {
		t.Error(got)
	}
	_, err := ByName("docx")
	if !errors.Is(err, translator.Invalid) || !strings.Contains(translator.HintOf(err), "jsonl, tsv, tmx, moses, html, text") {
		t.Errorf("%v (%s)", err, translator.HintOf(err))
	}
	for file, want := range map[string]string{"a.TMX": "tmx", "b.jsonl": "jsonl", "c.d.tsv": "tsv", "e.docx": ""} {
		if f, err := ByExtension(file); f.Name != want || (err == nil) != (want != "") {
			t.Errorf("ByExtension(%q) = %q, %v", file, f.Name, err)
		}
	}
}
