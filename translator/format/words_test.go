package format

import (
	"html"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
)

func TestBreaks(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                      "",
		"samples/ar/alert.txt":  "samples/<wbr>ar/<wbr>alert.<wbr>txt",
		"a:1.2":                 "a:<wbr>1.<wbr>2",
		"<b>&/":                 "&lt;b&gt;&amp;<wbr>/<wbr>",
		strings.Repeat("x", 30): strings.Repeat("x", 24) + "<wbr>" + strings.Repeat("x", 6),
	} {
		if got := string(breaks(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Whatever stands in a name, its breaks change nothing of it and make no element but their own.
func TestBreaksKeepTheText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := strings.ToValidUTF8(rapid.String().Draw(t, "in"), "\ufffd")
		in = strings.ReplaceAll(in, "\x00", "")
		pieces := strings.Split(string(breaks(in)), "<wbr>")
		if got := html.UnescapeString(strings.Join(pieces, "")); got != in {
			t.Fatalf("%q became %q", in, got)
		}
		for _, piece := range pieces {
			if strings.ContainsAny(piece, "<>") || len([]rune(html.UnescapeString(piece))) > maxUnbroken {
				t.Fatalf("a piece %q of %q", piece, in)
			}
		}
	})
}

func TestCountOf(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 requests", 1: "1 request", 2: "2 requests"} {
		if got := countOf(n, "request"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestBackendName(t *testing.T) {
	t.Parallel()
	for in, want := range map[translator.Signature]string{google: "google", "human": "human", "": "", "a\u202eb:x": `a\u202eb`} {
		if got := backendName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
