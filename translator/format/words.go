package format

import (
	"html/template"
	"strconv"
	"strings"

	"dragoman/translator"
)

// pageFuncs are what the templates of all pages call.
var pageFuncs = template.FuncMap{"count": countOf[int], "chars": charsOf, "breaks": breaks, "shown": visible}

// countOf returns a number with its noun: "1 sentence", "0 sentences".
func countOf[N int | int64](n N, one string) string {
	if n != 1 {
		one += "s"
	}
	return strconv.FormatInt(int64(n), 10) + " " + one
}

func charsOf(n int64) string { return countOf(n, "character") }

// backendName returns the engine's name, with which every signature begins.
func backendName(s translator.Signature) string {
	name, _, _ := strings.Cut(string(s), ":")
	return visible(name)
}

// maxUnbroken is the most characters that breaks leaves in one piece. Pieces
// of 24 in the small type of a page stay below half of a telephone's width.
const maxUnbroken = 24

// breaks escapes a path, ID or signature for a page, with a place for a line
// break after each separator. A browser left to itself breaks such a string
// nowhere, and the page scrolls sideways, or anywhere, and cuts words in two.
// A piece without a separator is cut all the same where it is very long.
func breaks(s string) template.HTML {
	var b strings.Builder
	piece := 0
	for _, r := range s {
		if piece == maxUnbroken {
			b.WriteString("<wbr>")
			piece = 0
		}
		b.WriteString(template.HTMLEscapeString(string(r)))
		if piece++; strings.ContainsRune("/.:-_|,=&?", r) {
			b.WriteString("<wbr>")
			piece = 0
		}
	}
	return template.HTML(b.String())
}
