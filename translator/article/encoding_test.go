package article_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"dragoman/translator"
	"dragoman/translator/article"
)

// arabicStory has only characters that all encodings below hold.
const arabicStory = "أعلنت وزارة النقل اليوم افتتاح جسر جديد فوق النهر، وقالت إن العمل فيه استغرق سنتين؛ فمن يدفع الكلفة؟\n\n" +
	"ويبلغ طول الجسر 420 مترا، ويربط بين الحي القديم ومحطة القطار في غضون ست دقائق.\n"

var encodings = map[string]encoding.Encoding{
	"utf-8":          unicode.UTF8,
	"utf-8-bom":      unicode.UTF8BOM,
	"utf-16le":       unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf-16be":       unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"utf-16le-bom":   unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be-bom":   unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"windows-1256":   charmap.Windows1256,
	"iso-8859-6":     charmap.ISO8859_6,
	"utf-8-nl-crlf":  crlf{},
	"utf-16le-ascii": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
}

type crlf struct{ encoding.Encoding }

func encode(t testing.TB, name, text string) string {
	t.Helper()
	if name == "utf-8-nl-crlf" {
		return strings.ReplaceAll(text, "\n", "\r\n")
	}
	out, err := encodings[name].NewEncoder().String(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	want := strings.Split(strings.TrimSpace(arabicStory), "\n\n")
	for name := range encodings {
		claims := []string{""}
		if plain, _, _ := strings.Cut(name, "-bom"); plain == name && encodings[name] != (crlf{}) {
			claims = append(claims, strings.TrimSuffix(name, "-ascii"))
		}
		for _, claim := range claims {
			a := one(t, &article.Options{Encoding: claim}, "a.txt", encode(t, name, arabicStory))
			if len(a.Blocks) != 2 || a.Blocks[0].Text != want[0] || a.Blocks[1].Text != want[1] {
				t.Errorf("%s read as %q:\n%s", name, claim, show(a.Blocks))
			}
		}
	}
}

// Short texts give the least evidence: an alert of five words must do.
func TestShortTextsAreRecognised(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"انفجار قوي يهز وسط المدينة", "الرئيس يصل إلى القاهرة", "فوز غير متوقع", "هزة أرضية قرب الساحل"} {
		for name := range encodings {
			if a := one(t, nil, "a.txt", encode(t, name, text)); a.Blocks[0].Text != text {
				t.Errorf("%s: %q comes back as %q", name, text, a.Blocks[0].Text)
			}
		}
	}
}

func TestEnglishUTF16(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"utf-16le", "utf-16be", "utf-16le-bom"} {
		if a := one(t, nil, "a.txt", encode(t, name, "The bridge opened on Monday.")); a.Blocks[0].Text != "The bridge opened on Monday." {
			t.Errorf("%s gives %q", name, a.Blocks[0].Text)
		}
	}
}

// What is plainly UTF-8 is never read as what the user named for another file of the folder.
func TestEvidenceWinsOverClaim(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, claim string }{
		{"utf-8", "windows-1256"}, {"utf-8-bom", "iso-8859-6"}, {"utf-16be-bom", "windows-1256"}, {"utf-8-bom", "utf-16le"},
	} {
		a := one(t, &article.Options{Encoding: tc.claim}, "a.txt", encode(t, tc.name, arabicStory))
		if !strings.HasPrefix(a.Blocks[0].Text, "أعلنت وزارة") {
			t.Errorf("%s claimed to be %s gives %q", tc.name, tc.claim, a.Blocks[0].Text)
		}
	}
}

func TestClaimThatDoesNotFit(t *testing.T) {
	t.Parallel()
	path := write(t, "a.txt", encode(t, "windows-1256", "غضب في الشارع"))
	for claim, says := range map[string]string{"iso-8859-6": "byte 0 (0xdb) is not ISO 8859-6", "utf-8": "byte 0 (0xdb) is not UTF-8"} {
		got := readAll(t, &article.Options{Encoding: claim}, path)
		wantItemError(t, got[0].err, translator.Invalid, "a.txt", says)
	}
}

// One broken byte in UTF-8 is damage, never another encoding.
func TestDamagedUTF8(t *testing.T) {
	t.Parallel()
	for _, at := range []int{0, 10, 40, len(arabicStory) - 3} {
		broken := arabicStory[:at] + "\xc1" + arabicStory[at:]
		got := readAll(t, nil, write(t, "a.txt", broken))
		wantItemError(t, got[0].err, translator.Invalid, "a.txt", "is not UTF-8")
	}
}

// A file that is no text at all says what it is, under any name, and no
// encoding is advised.
func TestFilesThatAreNoText(t *testing.T) {
	t.Parallel()
	for start, says := range map[string]string{
		"\xff\xd8\xff\xe0\x00\x10JFIF": "a picture (JPEG)", "\x89PNG\r\n\x1a\n": "a picture (PNG)",
		"GIF89a\x10\x00\x80\xff": "a picture (GIF)", "GIF87a\x10\x00": "a picture (GIF)",
		"%PDF-1.7\n%\xe2\xe3": "a PDF document", "PK\x03\x04\x14\x00": "a zip archive or an office document", "PK\x05\x06\x00": "an empty zip archive",
	} {
		for _, name := range []string{"a.txt", "a.html", "a.jsonl", "a.bin", "a"} {
			err := readAll(t, nil, write(t, name, start+strings.Repeat("\x81\x00\xd2", 50)))[0].err
			wantItemError(t, err, translator.Invalid, name, says)
			if hint := translator.HintOf(err); strings.Contains(hint, "--encoding") {
				t.Errorf("%s that is %s: %s", name, says, hint)
			}
		}
	}
}
