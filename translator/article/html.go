package article

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"

	"dragoman/translator"
)

// maxElements bounds the work on a hostile page. News pages have a few thousand elements.
const maxElements = 200_000

// parseHTML reads a page: its main text by readability, its headline, byline,
// time and language by what the page says of itself.
func (r *reader) parseHTML(data []byte) (draft, error) {
	text, err := decodePage(data, r.Encoding)
	if err != nil {
		return draft{}, err
	}
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return draft{}, invalid("check that the file is an HTML page", "the page cannot be parsed: %v", err)
	}
	about := readAbout(doc)
	d := draft{page: true, published: parseTime(about.published), headline: about.headline(), meta: about.meta()}
	content, err := extract(doc)
	if err != nil {
		return draft{}, err
	}
	if d.byline = about.author; d.byline == "" {
		d.byline = content.byline
	}
	if strings.Contains(d.byline, "://") {
		d.byline = ""
	}
	d.paras = withoutRepeats(content.paras, d.headline, d.byline)
	d.lang = pageLang(about.lang, r.Lang, d.paras)
	return d, nil
}

var metaCharset = regexp.MustCompile(`(?i)<meta\s[^>]*charset\s*=\s*["']?\s*([\w:.-]+)`)

// decodePage turns a page's bytes into text: byte order mark, then claim (what the
// user said), then the page's own meta element in its first 1,024 bytes, then
// recognition. Valid UTF-8 wins over a claim of 8 bits a character.
func decodePage(data []byte, claim string) (string, error) {
	if claim == "" {
		if m := metaCharset.FindSubmatch(data[:min(len(data), 1024)]); m != nil {
			claim = string(m[1])
		}
		// A meta element that could be read is in no encoding of 16 bits (WHATWG, HTML, 13.2.3.2).
		if e, err := namedEncoding(claim); err != nil {
			claim = ""
		} else if !e.singleByte {
			claim = "utf-8"
		}
	}
	return decode(data, claim)
}

// A content is what readability found.
type content struct {
	paras  []para
	byline string
}

// extract finds the main text. Where readability finds none, as on very short
// pages, it is all text outside of navigation. A panic in the library is an
// error of this page.
func extract(doc *html.Node) (c content, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = content{}, invalid("give the story as plain text", "the page breaks the text extraction: %v", p)
		}
	}()
	parser := readability.NewParser()
	parser.MaxElemsToParse = maxElements
	found, err := parser.ParseDocument(doc, nil)
	if err != nil {
		return content{}, &translator.Error{Kind: translator.TooLarge, Hint: "give the story as plain text",
			Err: fmt.Errorf("the page has more than %d elements, or cannot be read: %w", maxElements, err)}
	}
	if found.Node != nil {
		c.paras = pageParas(found.Node, false)
		c.byline = found.Byline()
	}
	if len(c.paras) == 0 {
		c.paras = pageParas(doc, true)
	}
	return c, nil
}

// withoutRepeats drops the paragraphs that only say the headline or byline again.
func withoutRepeats(paras []para, headline, byline string) []para {
	h, b := fold(headline), fold(byline)
	kept := paras[:0]
	for _, p := range paras {
		if !longerThan(p.text, 400) {
			if f := fold(p.text); f != "" && (f == h || f == b) {
				continue
			}
		}
		kept = append(kept, p)
	}
	return kept
}

// pageLang returns the language a page claims, unless its text is in the other
// script: templates in English serve Arabic pages too. Then it is deflt, if
// that fits, and "" if not.
func pageLang(claim string, deflt translator.Lang, paras []para) translator.Lang {
	lang, err := parseLang(claim)
	if err != nil || lang == "" {
		return ""
	}
	arabic, latin := 0, 0
	for _, p := range paras {
		for _, r := range p.text {
			switch {
			case unicode.Is(unicode.Arabic, r):
				arabic++
			case unicode.Is(unicode.Latin, r):
				latin++
			}
		}
	}
	dir := "ltr"
	if arabic > latin {
		dir = "rtl"
	}
	if arabic != latin && lang.Dir() != dir && deflt.Dir() == dir {
		return ""
	}
	return lang
}

// Elements by what they do to text.
var (
	blockElements = wordSet(`address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption
		figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul`)
	silentElements = wordSet(`script style noscript template svg math iframe object embed canvas audio video select textarea button input head title`)
	frameElements  = wordSet(`nav header footer aside form menu`)
	crossheads     = wordSet(`h1 h2 h3 h4 h5 h6`)
)

// pageParas returns the paragraphs below a node. With bare, those in the
// page's frame (navigation, footer) are left out.
func pageParas(n *html.Node, bare bool) []para {
	w := pageWalker{bare: bare}
	w.walk(n, translator.Body, false)
	w.flush(translator.Body)
	return w.paras
}

// A pageWalker collects text between the borders of block elements.
type pageWalker struct {
	bare   bool
	paras  []para
	text   bytes.Buffer
	space  bool // white space is due before the next character
	breaks int  // br elements since the last text
	linked int  // bytes of text within links
}

func (w *pageWalker) walk(n *html.Node, kind translator.BlockKind, link bool) {
	if n.Type == html.TextNode {
		w.add(n.Data, link)
		return
	}
	name := n.Data
	if n.Type == html.ElementNode {
		switch {
		case silentElements[name], w.bare && (frameElements[name] || attr(n, "hidden") != nil):
			return
		case name == "br":
			w.lineBreak(kind)
			return
		case name == "a":
			link = true
		}
	}
	block := n.Type == html.ElementNode && blockElements[name]
	inner := kindOf(name, kind)
	if block {
		w.flush(kind)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.walk(c, inner, link)
	}
	if block {
		w.flush(inner)
	}
}

func kindOf(element string, outer translator.BlockKind) translator.BlockKind {
	switch {
	case crossheads[element]:
		return translator.Crosshead
	case element == "figcaption" || element == "caption":
		return translator.Caption
	}
	return outer
}

// add appends text, with one space for the white space of HTML; a no-break space is a character.
func (w *pageWalker) add(text string, link bool) {
	for _, r := range text {
		if isHTMLSpace(r) {
			w.space = true
			continue
		}
		if w.space && w.text.Len() > 0 {
			w.text.WriteByte(' ')
		}
		w.text.WriteRune(r)
		if link {
			w.linked += utf8.RuneLen(r)
		}
		w.space, w.breaks = false, 0
	}
}

func isHTMLSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }

// lineBreak is a space; two in a row end a paragraph.
func (w *pageWalker) lineBreak(kind translator.BlockKind) {
	w.space = true
	if w.breaks++; w.breaks == 2 {
		w.flush(kind)
	}
}

// flush ends a paragraph.
func (w *pageWalker) flush(kind translator.BlockKind) {
	if text := oneLine(w.text.String()); text != "" {
		w.paras = append(w.paras, para{kind: kind, text: text, links: w.linked*2 > len(text)})
	}
	w.text.Reset()
	w.space, w.breaks, w.linked = false, 0, 0
}

// attr returns an attribute's value, or nil.
func attr(n *html.Node, key string) *string {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return &n.Attr[i].Val
		}
	}
	return nil
}
