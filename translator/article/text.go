package article

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dragoman/translator"
)

// parseText reads a plain text file: header lines if it has any, then paragraphs.
func (r *reader) parseText(data []byte) (draft, error) {
	text, err := decode(data, r.Encoding)
	if err != nil {
		return draft{}, err
	}
	lines := splitLines(text)
	d := draft{}
	headers, body := cutHeaders(lines)
	named, err := d.setHeaders(headers)
	if err != nil {
		return draft{}, err
	}
	if !named {
		d.headline, body = cutHeadline(body)
	}
	d.paras = bodyParas(paragraphs(body))
	return d, nil
}

func bodyParas(texts []string) []para {
	paras := make([]para, len(texts))
	for i, t := range texts {
		paras[i] = para{kind: translator.Body, text: t}
	}
	return paras
}

// splitLines splits at every line end that text files use: LF, CRLF, CR,
// form feed, vertical tab, NEL and the Unicode separators.
func splitLines(text string) []string {
	if oddLineEnd(text) {
		text = lineEnds.Replace(text)
	}
	return strings.Split(text, "\n")
}

// oddLineEnd tells whether a text has a line end other than LF. It looks at
// bytes, for every story passes here twice.
func oddLineEnd(text string) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '\v' && c <= '\r':
			return true
		case c == 0xc2 && strings.HasPrefix(text[i:], "\u0085"),
			c == 0xe2 && (strings.HasPrefix(text[i:], "\u2028") || strings.HasPrefix(text[i:], "\u2029")):
			return true
		}
	}
	return false
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n\n")

// headerKeys are the keys that make a block of "Key: value" lines a header,
// and what each is called in a story's metadata.
var headerKeys = map[string]string{
	"id": "id", "guid": "id", "المعرف": "id",
	"version": "version", "الإصدار": "version",
	"lang": "lang", "language": "lang", "اللغة": "lang",
	"slug": "slug", "headline": "headline", "title": "headline", "العنوان": "headline",
	"byline": "byline", "بقلم": "byline", "dateline": "dateline", "date": "date",
	"source": "source", "المصدر": "source", "embargo": "embargo", "حظر": "embargo",
	"status": "status", "urgency": "urgency", "copyright": "copyright",
}

type header struct{ key, value string }

// cutHeaders splits header lines from the body. A header is one or more lines
// "Key: value" from the first line on, with a known key among them, up to an
// empty line; a line that begins with a space continues the one before. Any
// other text is all body.
func cutHeaders(lines []string) ([]header, []string) {
	var headers []header
	known := false
	for i, line := range lines {
		if isBlank(line) {
			if !known {
				break
			}
			return headers, lines[i+1:]
		}
		if h, ok := parseHeader(line); ok {
			known = known || headerKeys[h.key] != ""
			headers = append(headers, h)
		} else if last := len(headers) - 1; last >= 0 && (line[0] == ' ' || line[0] == '\t') {
			headers[last].value += " " + strings.TrimSpace(line)
		} else {
			break
		}
	}
	return nil, lines
}

func parseHeader(line string) (header, bool) {
	key, value, ok := strings.Cut(line, ":")
	if !ok || key == "" || len(key) > 60 || strings.HasPrefix(value, "//") {
		return header{}, false
	}
	for _, r := range key {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' {
			return header{}, false
		}
	}
	return header{strings.ToLower(key), strings.TrimSpace(value)}, true
}

// setHeaders gives a draft what its header lines say, and tells whether there
// was a headline among them: an empty one means that the story has none.
func (d *draft) setHeaders(headers []header) (named bool, err error) {
	for _, h := range headers {
		key := headerKeys[h.key]
		switch key {
		case "headline":
			d.headline, named = h.value, true
		case "byline":
			d.byline = h.value
		case "dateline":
			d.dateline = h.value
		case "lang":
			if d.lang, err = parseLang(h.value); err != nil {
				return named, err
			}
		case "date":
			if d.published = parseTime(h.value); d.published.IsZero() {
				d.setMeta(key, h.value)
			}
		case "":
			d.setMeta(h.key, h.value)
		default:
			d.setMeta(key, h.value)
		}
	}
	return named, nil
}

// cutHeadline takes the first line for a headline if it is shorter than 160
// characters, has no full stop at its end, is followed by an empty line, and
// heads something: an alert of one sentence over the desk's initials has none.
func cutHeadline(lines []string) (string, []string) {
	for len(lines) > 0 && isBlank(lines[0]) {
		lines = lines[1:]
	}
	if len(lines) < 3 || !isBlank(lines[1]) {
		return "", lines
	}
	first := strings.TrimSpace(lines[0])
	if utf8.RuneCountInString(first) >= 160 || strings.HasSuffix(first, ".") || standsAlone(first) || isByline(first) {
		return "", lines
	}
	if _, ok := cutDateline(first); ok {
		return "", lines
	}
	for _, line := range lines[2:] {
		if visible(line) && !isInitials(strings.TrimSpace(line)) {
			return first, lines[2:]
		}
	}
	return "", lines
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }
