package article_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"dragoman/translator"
	"dragoman/translator/article"
)

// A result is one element of the sequence.
type result struct {
	a   translator.Article
	err error
}

func readAll(t testing.TB, opts *article.Options, paths ...string) []result {
	t.Helper()
	var all []result
	for a, err := range article.Read(t.Context(), paths, opts) {
		all = append(all, result{a, err})
	}
	return all
}

// write puts a file into a folder of the test's own and returns its path.
func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// one reads a file that must hold exactly one story.
func one(t testing.TB, opts *article.Options, name, content string) translator.Article {
	t.Helper()
	got := readAll(t, opts, write(t, name, content))
	if len(got) != 1 || got[0].err != nil {
		t.Fatalf("read %s: %d results, want one story: %+v", name, len(got), got)
	}
	return got[0].a
}

// show writes blocks one a line, "kind[rule]: text".
func show(blocks []translator.Block) string {
	var b strings.Builder
	for _, bl := range blocks {
		rule := ""
		if bl.Rule != "" {
			rule = "[" + bl.Rule + "]"
		}
		fmt.Fprintf(&b, "%s%s: %s\n", bl.Kind, rule, bl.Text)
	}
	return b.String()
}

func wantBlocks(t *testing.T, a translator.Article, want ...string) {
	t.Helper()
	if got, want := show(a.Blocks), strings.Join(want, "\n")+"\n"; got != want {
		t.Errorf("blocks of %s:\n%swant:\n%s", a.ID, got, want)
	}
}

// wantItemError checks what every error about one story must be.
func wantItemError(t *testing.T, err error, kind translator.Kind, path, says string) {
	t.Helper()
	item, ok := errors.AsType[*translator.ItemError](err)
	if !ok {
		t.Fatalf("got %T %v, want an *ItemError", err, err)
	}
	if translator.KindOf(err) != kind || !strings.Contains(err.Error(), says) {
		t.Errorf("got kind %q, %q; want %q and %q in it", translator.KindOf(err), err, kind, says)
	}
	if !strings.HasSuffix(item.Path, path) || item.ID == "" {
		t.Errorf("error is about path %q, id %q; want path %q", item.Path, item.ID, path)
	}
	if translator.HintOf(err) == "" {
		t.Errorf("%v has no hint", err)
	}
}

// wantSound checks what holds for every story, whatever was read.
func wantSound(t interface{ Errorf(string, ...any) }, a translator.Article) {
	body := false
	for i, b := range a.Blocks {
		if strings.TrimSpace(b.Text) != b.Text || b.Text == "" || !utf8.ValidString(b.Text) || strings.ContainsAny(b.Text, "\r\n\u2028\u2029") {
			t.Errorf("block %d is not one trimmed line of UTF-8: %q", i, b.Text)
		}
		if (b.Rule != "") != (b.Kind == translator.Boilerplate) {
			t.Errorf("block %d is of kind %s and has rule %q", i, b.Kind, b.Rule)
		}
		body = body || b.Kind != translator.Boilerplate
	}
	if !body || a.ID == "" || a.Path == "" || a.Lang == "" {
		t.Errorf("a story without text, id, path or language: %+v", a)
	}
}

func gzipped(content string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(content))
	_ = z.Close()
	return b.String()
}

func TestFormatsByName(t *testing.T) {
	t.Parallel()
	const page = "<html lang=ar><body><article><h1>عنوان الصفحة</h1><p>أعلنت الوزارة أن العمل في الطريق الجديد انتهى.</p></article></body></html>"
	const line = `{"id":"n1","text":"انتهى العمل في الطريق."}` + "\n"
	for _, tc := range []struct{ name, content, id string }{
		{"a.txt", "انتهى العمل.\n", "a"},
		{"a.TEXT", "انتهى العمل.\n", "a"},
		{"night.v2.txt.gz", gzipped("انتهى العمل.\n"), "night.v2"},
		{"b.jsonl", line, "n1"},
		{"b.NDJSON.GZ", gzipped(line), "n1"},
		{"c.html", page, "c"},
		{"c.htm.gz", gzipped(page), "c"},
		{"no-extension", "انتهى العمل.\n", "no-extension"},
		{"story.dat", line, "n1"},
		{"story.bin", gzipped(page), "story"},
		{".txt", "انتهى العمل.\n", ".txt"},
	} {
		a := one(t, nil, tc.name, tc.content)
		if a.ID != tc.id || a.Lang != translator.Arabic {
			t.Errorf("%s: id %q, lang %q; want id %q, lang ar", tc.name, a.ID, a.Lang, tc.id)
		}
		wantSound(t, a)
	}
}

func TestStandardInput(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, id, path string }{
		{"وصل الوفد.", "stdin", "standard input"},
		{`{"text":"وصل الوفد."}`, "stdin:1", "standard input:1"},
		{gzipped(`{"text":"وصل الوفد."}`), "stdin:1", "standard input:1"},
		{"<!DOCTYPE html><p>وصل الوفد إلى المدينة.</p>", "stdin", "standard input"},
	} {
		got := readAll(t, &article.Options{Stdin: strings.NewReader(tc.in)}, "-")
		if len(got) != 1 || got[0].err != nil || got[0].a.ID != tc.id || got[0].a.Path != tc.path {
			t.Errorf("standard input %.20q gives %+v; want id %q, path %q", tc.in, got, tc.id, tc.path)
		}
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	small := &article.Options{MaxFile: 64, MaxStory: 64, MaxBlocks: 3}
	for _, tc := range []struct {
		name, content string
		opts          *article.Options
		kind          translator.Kind
		says          string
	}{
		{"empty.txt", "", nil, translator.Invalid, "empty"},
		{"empty.jsonl", "", nil, translator.Invalid, "empty"},
		{"empty.html", "", nil, translator.Invalid, "empty"},
		{"empty.txt.gz", gzipped(""), nil, translator.Invalid, "empty"},
		{"spaces.txt", " \n\u00a0\n\u200f\n", nil, translator.Invalid, "no text"},
		{"nothing.html", "<html><body><img src=x></body></html>", nil, translator.Invalid, "no text"},
		{"only-noise.html", "<p>اترك ردك</p>", nil, translator.Invalid, "rule comments"},
		{"big.txt", strings.Repeat("كلمة ", 20), small, translator.TooLarge, "64 bytes"},
		{"bomb.txt.gz", gzipped(strings.Repeat("a", 1<<20)), small, translator.TooLarge, "64 bytes"},
		{"many.txt", "a\n\nb\n\nc\n\nd\n\ne\n", small, translator.TooLarge, "paragraphs"},
		{"nul.txt", "abc\x00def", nil, translator.Invalid, "NUL at offset 3"},
		{"soup.txt", "ab\x01\x02\x03\x04cd", nil, translator.Invalid, "controls"},
		{"paper.txt", "%PDF-1.7\n", nil, translator.Invalid, "PDF"},
		{"office.txt", "PK\x03\x04rest", nil, translator.Invalid, "office"},
		{"packed.txt", gzipped("text"), nil, translator.Invalid, "gzip"},
		{"broken.txt", "هذا نص عربي طويل ثم بايت \xff خاطئ فيه", nil, translator.Invalid, "byte 44 (0xff) is not UTF-8"},
		{"bom.txt", "\ufeffabc \xff", nil, translator.Invalid, "byte 7 (0xff)"},
		{"utf32.txt", "\xff\xfe\x00\x00a\x00\x00\x00", nil, translator.Invalid, "UTF-32"},
		{"half.txt", "\xff\xfea\x00b", nil, translator.Invalid, "breaks off"},
		{"surrogate.txt", "\xff\xfea\x00\x00\xd8b\x00", nil, translator.Invalid, "half a character"},
		{"noise.txt", "\x80\x81\xff\xfe\x90\x9f", nil, translator.Invalid, "cannot be recognised"},
		{"twice.txt", "Ø£Ø¹Ù„Ù†Øª Ø§Ù„ÙˆØ²Ø§Ø±Ø©", nil, translator.Invalid, "encoded twice"},
		{"cut.txt.gz", gzipped(strings.Repeat("نص طويل. ", 99))[:40], nil, translator.Invalid, "the compressed file ends too early"},
		{"stub.txt.gz", gzipped("نص.")[:5], nil, translator.Invalid, "the compressed file ends too early"},
		{"zero.txt.gz", "", nil, translator.Invalid, "the file is empty"},
		{"zero.jsonl.gz", "", nil, translator.Invalid, "the file is empty"},
		{"fake.txt.gz", "not gzip at all", nil, translator.Invalid, "gzip"},
		{"lang.txt", "lang: !!\n\nنص.", nil, translator.Invalid, "no language"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, tc.name, tc.content)
			good := write(t, "good.txt", "نص سليم.")
			got := readAll(t, tc.opts, path, good)
			if len(got) != 2 {
				t.Fatalf("%d results, want an error and the story after it: %+v", len(got), got)
			}
			wantItemError(t, got[0].err, tc.kind, tc.name, tc.says)
			if got[1].err != nil {
				t.Errorf("the story after it: %v", got[1].err)
			}
		})
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		opts article.Options
		says string
	}{
		{article.Options{Encoding: "klingon-8"}, "klingon-8"},
		{article.Options{Encoding: "shift_jis"}, "shift_jis"},
		{article.Options{Disable: []string{"no-such-rule"}}, "no-such-rule"},
	} {
		got := readAll(t, &tc.opts, write(t, "a.txt", "نص."))
		if len(got) != 1 || translator.KindOf(got[0].err) != translator.Invalid || !strings.Contains(got[0].err.Error(), tc.says) {
			t.Errorf("%+v gives %+v", tc.opts, got)
		}
		if _, ok := errors.AsType[*translator.ItemError](got[0].err); ok {
			t.Errorf("%v is about one story; it must end the run", got[0].err)
		}
	}
}

func TestContextEndsTheSequence(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for _, name := range []string{"a.jsonl", "a.txt"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		path := write(t, name, strings.Repeat(`{"text":"نص."}`+"\n", 5))
		var last error
		n := 0
		for _, err := range article.Read(ctx, []string{path, path}, nil) {
			n++
			last = err
			cancel(stop)
		}
		if n != 2 || !errors.Is(last, stop) {
			t.Errorf("%s: %d results, the last %v; want a story, then the context's cause", name, n, last)
		}
	}
}

func TestBreakingOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 3 {
		_ = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.jsonl", i)), []byte(strings.Repeat(`{"text":"نص."}`+"\n", 3)), 0o644)
	}
	for after := 1; after <= 9; after++ {
		n := 0
		for range article.Read(t.Context(), []string{dir, filepath.Join(dir, "*.jsonl")}, nil) {
			if n++; n == after {
				break
			}
		}
		if n != after {
			t.Errorf("the loop ran %d times, want %d", n, after)
		}
	}
}
