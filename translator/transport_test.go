package translator

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The vectors of formats-ui-reliability.md, section B4.
func TestTransportVectors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, lang, in, want string }{
		{"BOM and tatweel", "ar", "\uFEFFالعـــربية", "العربية"},
		{"vowel before shadda", "ar", "م\u064Fح\u0645\u0651\u064Eد", "م\u064Fح\u0645\u064E\u0651د"},
		{"bidi controls", "ar", "\u200Fقال: \u202AiPhone 15\u202C", "قال: iPhone 15"},
		{"presentation forms", "ar", "\uFEFB \u0625\uFEDF\uFEEA", "\u0644\u0627 \u0625\u0644\u0647"},
		{"no-break spaces", "ar", "القاهرة\u00A0(أ\u202Fف\u00A0ب)", "القاهرة (أ ف ب)"},
		{"Persian yeh in Arabic", "ar", "ا\u06CCران", "ا\u064Aران"},
		{"Persian yeh in Persian", "fa", "ا\u06CCران", "ا\u06CCران"},
		{"joiner in Persian", "fa", "می\u200Cرود", "می\u200Cرود"},
		{"joiner in Arabic", "ar", "مي\u200Cرود", "ميرود"},
		{"Arabic digits and percent", "ar", "٣٫٥٪", "٣٫٥٪"},
		{"Hijri mark", "ar", "1445 هـ", "1445 هـ"},
		{"tatweel as dash", "ar", "ـ نص ـ", "ـ نص ـ"},
		{"rial sign", "ar", "\uFDFC", "\uFDFC"},
		{"spacing fathatan", "ar", "شكرا\uFE70", "شكرا\u064B"},
		{"fathatan on tatweel", "ar", "شكرا\uFE71", "شكرا\u064B"},
		{"shadda ligature", "ar", "م\uFC60", "م\u064E\u0651"},
		{"tatweel ligature", "ar", "م\uFCF2", "م\u064E\u0651"},
		{"ellipsis and fraction stay", "en", "one… ½ № ²", "one… ½ № ²"},
		{"lines and controls", "en", "a\r\nb\x00\tc\r", "a b c"},
		{"hamza forms stay", "ar", "أإآا ىي ةه", "أإآا ىي ةه"},
		{"marks compose", "ar", "ا\u0654", "أ"},
		{"look-alike inside a presentation form", "ar", "\uFBFC", "\u064A"},
		{"invalid UTF-8", "en", "a\xffb", "a\uFFFDb"},
		{"only white space", "ar", " \u00A0\n", ""},
	} {
		if got := Transport(Lang(c.lang), c.in); got != c.want {
			t.Errorf("%s: Transport(%s, %+q) = %+q, want %+q", c.name, c.lang, c.in, got, c.want)
		}
	}
}

// alphabet holds a character of every class that a step looks at, and plain ones.
var alphabet = []rune("ابيىةه م.ـًُّ٠٣٪٫،؛؟\u0654\u0655\u0640\uFEFF\u200B\u2060\u00AD\u180E\u200E\u200F\u061C\u202A\u202E\u2066\u2069" +
	"\u200C\u200D\uFE70\uFE71\uFC5E\uFC60\uFCF2\uFDFA\uFDFC\uFB50\uFEFB\u06CC\u06A9\u06C1\u00A0\u202F\u3000\r\n\t\x00\x1b\u0085abZ é\u0301\u0323½…\u2000\u2001\uFBFC\uFD3E\u06D6")

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func TestTransportIsIdempotent(t *testing.T) {
	t.Parallel()
	n := 200_000
	if testing.Short() {
		n = 20_000
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		checkTransport(t, randomText(r))
	}
	rapid.Check(t, func(t *rapid.T) { checkTransport(t, rapid.String().Draw(t, "text")) })
}

func checkTransport(t interface{ Fatalf(string, ...any) }, in string) {
	for _, lang := range []Lang{Arabic, English, "fa"} {
		once := Transport(lang, in)
		if twice := Transport(lang, once); twice != once {
			t.Fatalf("%s: Transport(%+q) = %+q, and again %+q", lang, in, once, twice)
		}
		if !utf8.ValidString(once) || strings.TrimSpace(once) != once {
			t.Fatalf("%s: Transport(%+q) = %+q is invalid or untrimmed", lang, in, once)
		}
		if got, want := SearchWords(once), SearchWords(in); lang == Arabic && !slices.Equal(got, want) {
			t.Fatalf("SearchWords of the transport form of %+q is %+q, of the text %+q", in, got, want)
		}
	}
}

func FuzzTransport(f *testing.F) {
	f.Add("العـــربية \u202Aabc\uFE71")
	f.Fuzz(func(t *testing.T, in string) { checkTransport(t, in) })
}

func TestSearchWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b string }{
		{"القاهِرة", "القاهره"},
		{"أحمد إلى آخر", "احمد الي اخر"},
		{"٢٠٢٦", "2026"},
		{"CAFÉ, (bar)", "cafe bar"},
		{"مســؤول", "مسوول"},
	} {
		if a, b := SearchWords(c.a), SearchWords(c.b); !slices.Equal(a, b) {
			t.Errorf("SearchWords(%q) = %q and SearchWords(%q) = %q differ", c.a, a, c.b, b)
		}
	}
	if got := SearchWords(`"وصل، الوفد" 12,5%`); !slices.Equal(got, []string{"وصل", "الوفد", "12", "5"}) {
		t.Errorf("words are %q", got)
	}
}

func BenchmarkTransport(b *testing.B) {
	text := "وقال المتحدث باسم الوزارة إن الأعمال ستنتهي قبل نهاية الشهر المقبل، وإن الكلفة بلغت 12,5 مليون دولار."
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Transport(Arabic, text)
	}
}
