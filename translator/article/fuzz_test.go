package article_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"dragoman/translator"
	"dragoman/translator/article"
)

// fuzz checks what holds for any bytes: no panic, sound stories, and errors
// that are about one story, of a kind, with a hint.
func fuzz(f *testing.F, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), name)
	f.Fuzz(func(t *testing.T, data []byte) {
		opts := &article.Options{MaxFile: 1 << 20, MaxStory: 1 << 16, MaxBlocks: 1000, Stdin: bytes.NewReader(data)}
		from := "-"
		if name != "-" {
			if from = path; os.WriteFile(path, data, 0o644) != nil {
				t.Fatal("cannot write ", path)
			}
		}
		for a, err := range article.Read(t.Context(), []string{from}, opts) {
			if err == nil {
				wantSound(t, a)
				continue
			}
			if _, ok := errors.AsType[*translator.ItemError](err); !ok || translator.HintOf(err) == "" {
				t.Errorf("%q: error %v without story or hint", data, err)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	fuzz(f, "a.txt", arabicStory, "title: x\n y\n\nنص", "\xff\xfea\x00", "\xc7\xe1\xc3\xe3\xd1", "القاهرة (أ ف ب) - نص\n\nبور/جص\n", "  a\nb\n\tc")
}

func FuzzJSONLines(f *testing.F) {
	fuzz(f, "a.jsonl", `{"id":1,"text":"a\u0041\ud83d\ude00"}`, `{"paragraphs":["a",null],"x":{"y":[1,"}"]}}`, "{\n", `{"text":"\ud800"}`, `[{}]`)
}

func FuzzHTML(f *testing.F) {
	fuzz(f, "a.html", page, "<p>a<br><br>b", `<meta charset=windows-1256><p>`+"\xc7\xe1", `<script type="application/ld+json">{"@type":"Article","author":[{}]}</script>x`)
}

func FuzzStandardInput(f *testing.F) {
	fuzz(f, "-", gzipped(arabicStory), `{"text":"a"}`, "<p>a", "", "\x1f\x8b", "\ufeff[ {")
}
