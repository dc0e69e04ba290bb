package article

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"dragoman/translator"
)

const (
	bomUTF8      = "\xef\xbb\xbf"
	bomLE        = "\xff\xfe"
	bomBE        = "\xfe\xff"
	encodingHint = "say with --encoding how the file is encoded, or convert it to UTF-8"
)

// An encoding turns bytes into text. The error of read names the offset of
// what it cannot read.
type encoding struct {
	read       func([]byte) (string, error)
	singleByte bool
}

// namedEncoding returns an encoding by one of its usual names.
func namedEncoding(name string) (encoding, error) {
	e, err := htmlindex.Get(name)
	if table, ok := e.(*charmap.Charmap); ok {
		return encoding{func(b []byte) (string, error) { return decode8(b, table) }, true}, nil
	}
	canonical := ""
	if err == nil {
		canonical, _ = htmlindex.Name(e)
	}
	switch canonical {
	case "utf-8":
		return encoding{read: decodeUTF8}, nil
	case "utf-16le":
		return encoding{read: func(b []byte) (string, error) { return decode16(b, binary.LittleEndian) }}, nil
	case "utf-16be":
		return encoding{read: func(b []byte) (string, error) { return decode16(b, binary.BigEndian) }}, nil
	}
	return encoding{}, &translator.Error{Op: "encoding", Kind: translator.Invalid,
		Hint: "use utf-8, utf-16le, utf-16be, windows-1256, iso-8859-6 or another single-byte encoding",
		Err:  fmt.Errorf("%q is not an encoding that is read", name)}
}

// decode turns a file's bytes into text. A byte order mark wins over claim, so
// does valid UTF-8 over a claim of 8 bits a character (no real text in such an
// encoding is valid UTF-8 by chance); without a claim the encoding is recognised.
// A file that is not text is an error, whatever its encoding.
func decode(data []byte, claim string) (string, error) {
	if what := magic(data); what != "" {
		return "", invalid("give the story as plain text, HTML or JSON lines", "the file is %s, not text", what)
	}
	text, err := decodeAs(data, claim)
	if err != nil {
		return "", err
	}
	return text, checkText(text)
}

func decodeAs(data []byte, claim string) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte(bomUTF8)):
		return decodeUTF8(data)
	case bytes.HasPrefix(data, []byte(bomLE+"\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00"+bomBE)):
		return "", invalid("convert it to UTF-8", "the file is UTF-32, which is not read")
	case bytes.HasPrefix(data, []byte(bomLE)):
		return decode16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte(bomBE)):
		return decode16(data[2:], binary.BigEndian)
	case claim == "":
		return recognise(data)
	}
	named, err := namedEncoding(claim)
	if err != nil {
		return "", err
	}
	if named.singleByte && utf16Order(data) == nil && utf8.Valid(data) {
		return string(data), nil
	}
	return named.read(data)
}

// recognise decodes bytes of an encoding that nobody named: UTF-16 by the
// bytes that every other character has in common, UTF-8 if it is valid, else
// the better of the two 8-bit tables of Arabic, if it makes sense.
func recognise(data []byte) (string, error) {
	if order := utf16Order(data); order != nil {
		return decode16(data, order)
	}
	if utf8.Valid(data) {
		return string(data), nil
	}
	if mostlyUTF8(data) {
		return decodeUTF8(data)
	}
	var best string
	most := 0
	for _, table := range []*charmap.Charmap{charmap.Windows1256, charmap.ISO8859_6} {
		text, err := decode8(data, table)
		if score := arabicScore(text); err == nil && score > most {
			best, most = text, score
		}
	}
	if most == 0 {
		return "", invalid(encodingHint, "the encoding cannot be recognised: neither UTF-8, UTF-16, Windows-1256 nor ISO-8859-6 makes sense of it")
	}
	return best, nil
}

// utf16Order recognises UTF-16 without a byte order mark: of Arabic and Latin
// text nearly every high byte is 06 or 00, and hardly a low byte is. Nil is "not UTF-16".
func utf16Order(data []byte) binary.ByteOrder {
	sample := data[:min(len(data), 4<<10)&^1]
	if len(sample) < 4 {
		return nil
	}
	var high [2]int // how many bytes at even and at odd places are 00 or 06
	for i, b := range sample {
		if b == 0x00 || b == 0x06 {
			high[i%2]++
		}
	}
	most, few := len(sample)/2*7/10, len(sample)/2/5
	switch {
	case high[1] >= most && high[0] <= few:
		return binary.LittleEndian
	case high[0] >= most && high[1] <= few:
		return binary.BigEndian
	}
	return nil
}

// mostlyUTF8 tells UTF-8 with a few broken bytes from an 8-bit encoding, so
// that damage is reported and not read as something else.
func mostlyUTF8(data []byte) bool {
	good, bad := 0, 0
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		data = data[n:]
	}
	return good > 2*bad
}

func decodeUTF8(data []byte) (string, error) {
	body := bytes.TrimPrefix(data, []byte(bomUTF8))
	if utf8.Valid(body) {
		return string(body), nil
	}
	at := invalidUTF8(body)
	return "", invalid(encodingHint, "byte %d (%#02x) is not UTF-8", at+len(data)-len(body), body[at])
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8.
func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(data)
}

func decode8(data []byte, table *charmap.Charmap) (string, error) {
	var b strings.Builder
	b.Grow(2 * len(data))
	for i, c := range data {
		r := table.DecodeByte(c)
		if r == utf8.RuneError {
			return "", invalid(encodingHint, "byte %d (%#02x) is not %s", i, c, table)
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

func decode16(data []byte, order binary.ByteOrder) (string, error) {
	if len(data)%2 != 0 {
		return "", invalid("fetch the file again: its end is missing", "UTF-16 breaks off in the middle of a character, at byte %d", len(data)-1)
	}
	var b strings.Builder
	b.Grow(len(data))
	for i := 0; i < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) {
			low := rune(0)
			if i+4 <= len(data) {
				low = rune(order.Uint16(data[i+2:]))
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				return "", invalid(encodingHint, "byte %d begins half a character of UTF-16", i)
			}
			i += 2
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

// arabicScore weighs how much a text looks like Arabic, above 0 if it does: at
// least half a point for each character that is not ASCII. Under the wrong
// table letters become accented Latin or rare ones between Arabic ones, and
// the article "ال" at the start of words is gone.
func arabicScore(text string) int {
	score, others, prev, start := 0, 0, ' ', ' '
	for _, r := range text {
		if r >= utf8.RuneSelf {
			others++
			score += letterScore(start, prev, r)
		}
		start, prev = prev, r
	}
	if score*2 <= others {
		return 0
	}
	return score
}

// letterScore weighs r after two other characters.
func letterScore(start, prev, r rune) int {
	arabic, latin := unicode.Is(unicode.Arabic, r), unicode.Is(unicode.Latin, r)
	switch {
	case r < 0xA0: // C1 controls, which no story has
		return -8
	case arabic && unicode.Is(unicode.Latin, prev), latin && unicode.Is(unicode.Arabic, prev):
		return -8
	case arabic && (r < 'ء' || r > '\u0652'): // Persian and Urdu letters
		return -2
	case prev == 'ا' && r == 'ل' && !unicode.IsLetter(start):
		return 4
	case arabic && unicode.Is(unicode.Arabic, prev):
		return 1
	case latin:
		return -1
	}
	return 0
}

var signatures = []struct{ start, what string }{
	{"%PDF-", "a PDF document"},
	{"PK\x03\x04", "a zip archive or an office document"},
	{"PK\x05\x06", "an empty zip archive"},
	{"\xd0\xcf\x11\xe0", "an old office document"},
	{`{\rtf`, "a rich text document"},
	{"\x1f\x8b", "gzip without .gz in its name"},
	{"\x89PNG", "a picture (PNG)"},
	{"\xff\xd8\xff", "a picture (JPEG)"},
	{"GIF87a", "a picture (GIF)"},
	{"GIF89a", "a picture (GIF)"},
	{"\x7fELF", "a program"},
}

// magic names a kind of file that is no story, by its first bytes.
func magic(data []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(data, []byte(s.start)) {
			return s.what
		}
	}
	return ""
}

// checkText finds text that is none: a NUL, more than one control in fifty
// characters, or UTF-8 that was taken for Latin and encoded once more.
func checkText(text string) error {
	if i := strings.IndexByte(text, 0); i >= 0 {
		return invalid("give plain text, HTML or JSON lines", "the file is binary: a NUL at offset %d", i)
	}
	controls, arabic, doubled, all := 0, 0, 0, 0
	for _, r := range text {
		all++
		switch {
		case unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\f\v\u0085", r):
			controls++
		case r == 'Ø' || r == 'Ù':
			doubled++
		case unicode.Is(unicode.Arabic, r):
			arabic++
		}
	}
	switch {
	case controls*50 > all:
		return invalid("give plain text, HTML or JSON lines", "the file is binary: %d of its %d characters are controls", controls, all)
	case arabic == 0 && doubled >= 8 && doubled*5 > all:
		return invalid("convert it back, as with iconv -f utf-8 -t windows-1252", "the text was encoded twice: it is full of Ø and Ù")
	}
	return nil
}
