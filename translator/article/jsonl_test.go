package article_test

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/article"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	a := one(t, nil, "night.jsonl", "\ufeff"+`{"id":"wire/7", "title":"جسر \"جديد\"", "text":"انتهى العمل.\n\nوبدأ\u0020غيره \ud83d\ude00.",`+
		`"lang":"ar-EG","published":"2026-03-04T05:06:07+02:00","dateline":"القاهرة (رويترز)","byline":"سلمى حداد",`+
		`"desk":"الخليج","tags":[ "a", "b" ],"rank":1.50,"gone":null,"nested":{"x": {"y":1}}}`+"\r\n")
	wantBlocks(t, a, `headline: جسر "جديد"`, "byline: سلمى حداد", "dateline: القاهرة (رويترز)", "body: انتهى العمل.", "body: وبدأ غيره 😀.")
	if a.ID != "wire/7" || a.Lang != "ar-EG" || !strings.HasSuffix(a.Path, "night.jsonl:1") {
		t.Errorf("id %q, lang %q, path %q", a.ID, a.Lang, a.Path)
	}
	if want := time.Date(2026, 3, 4, 3, 6, 7, 0, time.UTC); !a.Published.Equal(want) {
		t.Errorf("published %v, want %v", a.Published, want)
	}
	want := map[string]string{"desk": "الخليج", "tags": `["a","b"]`, "rank": "1.50", "nested": `{"x":{"y":1}}`, "agency": "Reuters"}
	if fmt.Sprint(a.Meta) != fmt.Sprint(want) {
		t.Errorf("meta %v, want %v", a.Meta, want)
	}
}

func TestParagraphsField(t *testing.T) {
	t.Parallel()
	// Paragraphs are apart whatever they hold, and win over the text.
	a := one(t, nil, "a.jsonl", `{"id":12,"title":null,"paragraphs":["سطر\nثان","", "  فقرة ثالثة "],"text":"غيره"}`)
	wantBlocks(t, a, "body: سطر ثان", "body: فقرة ثالثة")
	if a.ID != "12" {
		t.Errorf("id %q, want 12", a.ID)
	}
}

func TestRecordIDs(t *testing.T) {
	t.Parallel()
	path := write(t, "night.v1.jsonl", `{"text":"أ"}`+"\n\n"+`{"id":"","text":"ب"}`+"\n"+`{"id":"x","text":"ج"}`)
	if got := fmt.Sprint(ids(readAll(t, nil, path))); got != "[night.v1:1 night.v1:3 x]" {
		t.Errorf("ids %s", got)
	}
}

func TestBadRecords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ line, says string }{
		{`{"text":"a"`, "the line ends where a comma or } is wanted"},
		{`{"text":"a",}`, `byte 13 of the line: "}" where a name in quotes is wanted`},
		{`{"text":"a"} x`, "where the end is wanted"},
		{`{"text":"a" "b":1}`, "a comma or }"},
		{`{"text" "a"}`, "a colon"},
		{`{"text":}`, "a value"},
		{`{"text":"a` + "\t" + `b"}`, "the end of a string"},
		{`{"x":tru,"text":"a"}`, "a value"},
		{`{"x":[1,}],"text":"a"}`, "a value"},
		{`{"x":` + strings.Repeat("[", 20000) + `}`, "a value"},
		{`"text"`, "{ is wanted"},
		{`null`, "{ is wanted"},
		{`{"text":"a","text":"b"}`, `"text" comes twice`},
		{`{"x":1,"\u0078":2,"text":"a"}`, `"x" comes twice`},
		{`{"text":"\ud800"}`, "stands for no character"},
		{`{"text":"\udc00\ud800"}`, "stands for no character"},
		{`{"text":"\ud800\u0041"}`, "stands for no character"},
		{`{"text":"\x41"}`, "stands for no character"},
		{`{"text":"\u00g0"}`, "stands for no character"},
		{"{\"text\":\"a\xffb\"}", "byte 11 of the line (0xff) is not UTF-8"},
		{`{"text":1}`, `"text" is not a string`},
		{`{"title":{},"text":"a"}`, `"title" is not a string`},
		{`{"id":[1],"text":"a"}`, `"id" is not a string`},
		{`{"paragraphs":"a"}`, "[ is wanted"},
		{`{"paragraphs":[1]}`, `"paragraphs" is not a string`},
		{`{"lang":"??","text":"a"}`, "no language"},
		{`{"title":""}`, "no text"},
		{`{}`, "no text"},
		{`{"text":"` + strings.Repeat("a", 300_000) + `"}`, "200000 bytes"},
	} {
		path := write(t, "a.jsonl", `{"id":"before","text":"نص"}`+"\n"+tc.line+"\n"+`{"id":"after","text":"نص"}`)
		got := readAll(t, &article.Options{MaxStory: 200_000}, path)
		if len(got) != 3 || got[0].err != nil || got[2].err != nil {
			t.Fatalf("%.40q: %+v", tc.line, got)
		}
		kind := translator.Invalid
		if strings.HasSuffix(tc.says, "bytes") {
			kind = translator.TooLarge
		}
		wantItemError(t, got[1].err, kind, "a.jsonl:2", tc.says)
	}
}

func TestLimitOfALine(t *testing.T) {
	t.Parallel()
	line := `{"text":"` + strings.Repeat("a", 100_000) + `"}`
	for limit, ok := range map[int]bool{len(line): true, len(line) - 1: false} {
		for _, end := range []string{"", "\n"} {
			got := readAll(t, &article.Options{MaxStory: limit}, write(t, "a.jsonl", line+end))
			if len(got) != 1 || (got[0].err == nil) != ok {
				t.Errorf("a line of %d bytes with a limit of %d: %v", len(line), limit, got[0].err)
			}
		}
	}
}

func TestFilesThatAreNotLines(t *testing.T) {
	t.Parallel()
	for content, says := range map[string]string{
		"{\n \"text\": \"a\"\n}\n":              "several lines",
		"[{\"text\":\"a\"}]":                    "JSON array",
		"[\n{\"text\":\"a\"},\n{}\n]":           "JSON array",
		"\xff\xfe{\x00}\x00":                    "UTF-16",
		"{\x00\"\x00t\x00\"\x00:\x001\x00}\x00": "UTF-16",
		"%PDF-1.7\n%%\n%%\n":                    "a PDF document",
		"\ufeff{\n\"id\": 1\n}\n{\n}\n{\n":      "several lines",
	} {
		got := readAll(t, nil, write(t, "a.jsonl", content))
		if len(got) != 1 {
			t.Fatalf("%q gives %d results, want one error", content, len(got))
		}
		wantItemError(t, got[0].err, translator.Invalid, "a.jsonl", says)
	}
}

func TestBrokenGzipOfLines(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, `{"id":"n%d","text":"نص %d"}`+"\n", i, i*7919)
	}
	packed := gzipped(b.String())
	got := readAll(t, nil, write(t, "a.jsonl.gz", packed[:len(packed)/2]))
	if len(got) < 100 {
		t.Fatalf("only %d results of the first half", len(got))
	}
	last := got[len(got)-1]
	wantItemError(t, last.err, translator.Invalid, fmt.Sprintf("a.jsonl.gz:%d", len(got)), "the compressed file ends too early")
}

func TestLinesInA8BitEncoding(t *testing.T) {
	t.Parallel()
	a := one(t, &article.Options{Encoding: "windows-1256"}, "a.jsonl", encode(t, "windows-1256", `{"text":"نص قديم"}`))
	wantBlocks(t, a, "body: نص قديم")
}

// Every object that encoding/json writes comes back as it was.
func TestRecordsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.OneOf(rapid.String(), rapid.StringMatching(`[\pL\s\\/"<>&\x{1F600}]{0,20}`))
		want := rapid.MapOf(rapid.StringMatching(`x[\PC]{0,6}`), value).Draw(rt, "fields")
		want["paragraphs"] = "" // a place for the text
		record := map[string]any{}
		for k, v := range want {
			record[k] = v
		}
		record["paragraphs"] = []string{"نص", value.Draw(rt, "text")}
		line, err := json.Marshal(record)
		if err != nil {
			rt.Skip(err)
		}
		opts := &article.Options{Stdin: strings.NewReader(string(line))}
		for a, err := range article.Read(t.Context(), []string{"-"}, opts) {
			if err != nil {
				rt.Fatalf("%s: %v", line, err)
			}
			wantSound(rt, a)
			for k, v := range want {
				if a.Meta[k] != v {
					rt.Fatalf("field %q is %q, want %q", k, a.Meta[k], v)
				}
			}
		}
	})
}

// endless gives the same lines again and again.
func endless(lines string, n int) io.Reader {
	readers := make([]io.Reader, n)
	for i := range readers {
		readers[i] = strings.NewReader(lines)
	}
	return io.MultiReader(readers...)
}

func TestMemoryDoesNotGrowWithStories(t *testing.T) {
	lines := benchLines()
	peak := func(n int) uint64 {
		var most uint64
		var m runtime.MemStats
		count := 0
		for range article.Read(t.Context(), []string{"-"}, &article.Options{Stdin: endless(lines, n)}) {
			if count++; count%200 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		return most
	}
	few, many := peak(10), peak(100)
	if many > few+2<<20 {
		t.Errorf("the heap is %d KiB after 10 parts and %d KiB after 100", few>>10, many>>10)
	}
}

// benchLines returns 100 records of ten sentences of our own, as a wire sends them.
func benchLines() string {
	var b strings.Builder
	for i := range 100 {
		record, _ := json.Marshal(map[string]any{"id": fmt.Sprint("n", i), "title": "جسر جديد فوق النهر", "lang": "ar",
			"text": "القاهرة (أ ف ب) - " + strings.Join(append(append(lorem, lorem...), lorem...), "\n\n") + "\n\nبور/جص"})
		b.Write(record)
		b.WriteByte('\n')
	}
	return b.String()
}

func BenchmarkJSONLines(b *testing.B) {
	lines := benchLines()
	b.SetBytes(int64(len(lines)))
	b.ReportAllocs()
	for b.Loop() {
		stories := 0
		for _, err := range article.Read(b.Context(), []string{"-"}, &article.Options{Stdin: strings.NewReader(lines)}) {
			if err != nil {
				b.Fatal(err)
			}
			stories++
		}
		if stories != 100 {
			b.Fatal(stories)
		}
	}
}

// BenchmarkUnmarshal is the yardstick: encoding/json on the same lines, which
// neither checks what we check nor makes blocks.
func BenchmarkUnmarshal(b *testing.B) {
	lines := benchLines()
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
			var r struct{ ID, Title, Text, Lang string }
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				b.Fatal(err)
			}
		}
	}
}
