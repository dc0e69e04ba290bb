package article_test

import (
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/article"
)

// page is a news page as sites build them, in our words.
const page = `<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8">
<title>جسر جديد فوق النهر | موقع الخبر</title>
<meta property="og:title" content="جسر جديد فوق النهر | موقع الخبر"><meta property="og:site_name" content="موقع الخبر">
<link rel="canonical" href="https://example.org/bridge">
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"x"},
{"@type":["NewsArticle"],"headline":"جسر جديد فوق &quot;النهر&quot;","datePublished":"2026-03-04T05:06:07Z","author":[{"@type":"Person","name":"سلمى حداد"},{"name":"سامي نور"}]}]}</script>
</head><body><nav><ul><li><a href="/">الرئيسية</a></li><li><a href="/w">العالم</a></li></ul></nav>
<article><h1>جسر جديد فوق "النهر"</h1>
<figure><img src="a.jpg"><figcaption>صورة للجسر  عند
الغروب</figcaption></figure>
<p>القاهرة (أ ف ب) – قالت مديرة المشروع إن <b>الجسر</b> سيفتح أمام السيارات في الأسبوع الأول من الشهر المقبل،<br>بعد أن أنهت الفرق فحص أعمدته كلها.</p>
<h2>كلفة أقل</h2>
<p>وأضافت أن الكلفة بلغت&nbsp;12,5 مليون جنيه، أي أقل مما كان متوقعا عند وضع الخطة قبل ثلاثة أعوام.</p>
<ul><li>طول الجسر 420 مترا، وعرضه عشرون مترا.</li><li>فيه ممران للمشاة، واحد على كل جانب.</li></ul>
<blockquote><p>سنفتح الجسر في موعده، وسيكون مجانيا.</p></blockquote>
<p>لكن سكان الحي القديم يخشون أن يزيد الجسر الزحام في شوارعهم الضيقة، ويطالبون بموقف للسيارات.</p>
<p>المصدر: وزارة النقل</p>
<p><strong>اقرأ أيضًا:</strong> <a href="/s">مدرسة جديدة في الحي</a></p>
<p>اترك ردك</p>
<p>لن يتم نشر عنوان بريدك.</p>
</article><footer><p>جميع الحقوق محفوظة © 2026</p></footer></body></html>`

func TestPage(t *testing.T) {
	t.Parallel()
	a := one(t, nil, "page.html", page)
	wantBlocks(t, a, `headline: جسر جديد فوق "النهر"`, "byline: سلمى حداد, سامي نور",
		"caption: صورة للجسر عند الغروب",
		"dateline: القاهرة (أ ف ب)",
		"body: قالت مديرة المشروع إن الجسر سيفتح أمام السيارات في الأسبوع الأول من الشهر المقبل، بعد أن أنهت الفرق فحص أعمدته كلها.",
		"crosshead: كلفة أقل",
		"body: وأضافت أن الكلفة بلغت\u00a012,5 مليون جنيه، أي أقل مما كان متوقعا عند وضع الخطة قبل ثلاثة أعوام.",
		"body: طول الجسر 420 مترا، وعرضه عشرون مترا.",
		"body: فيه ممران للمشاة، واحد على كل جانب.",
		"body: سنفتح الجسر في موعده، وسيكون مجانيا.",
		"body: لكن سكان الحي القديم يخشون أن يزيد الجسر الزحام في شوارعهم الضيقة، ويطالبون بموقف للسيارات.",
		"boilerplate[source]: المصدر: وزارة النقل",
		"boilerplate[related]: اقرأ أيضًا: مدرسة جديدة في الحي",
		"boilerplate[related]: اترك ردك",
		"boilerplate[related]: لن يتم نشر عنوان بريدك.")
	if a.Lang != translator.Arabic || !a.Published.Equal(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)) {
		t.Errorf("lang %q, published %v", a.Lang, a.Published)
	}
	for key, want := range map[string]string{"canonical": "https://example.org/bridge", "site": "موقع الخبر", "source": "وزارة النقل", "agency": "AFP"} {
		if a.Meta[key] != want {
			t.Errorf("meta %s is %q, want %q", key, a.Meta[key], want)
		}
	}
}

func TestHeadlineOfAPage(t *testing.T) {
	t.Parallel()
	const body = "<p>انتهى العمل في الجسر الجديد أمس، وقالت المديرة إنه سيفتح غدا أمام الجميع.</p>"
	for _, tc := range []struct{ head, h1, want string }{ // an h1 that is not the headline stays, as a crosshead
		{`<title>من العنوان</title>`, "", "من العنوان"},
		{`<title>من العنوان</title>`, "من المتن", "من المتن"},
		{`<title>x</title><meta property="og:title" content="من البيانات">`, "من المتن", "من البيانات"},
		{`<title>x</title><meta property="og:title" content="من المتن - الموقع">`, "من المتن", "من المتن"},
		{`<script type="application/ld+json">{broken</script><title>من العنوان</title>`, "", "من العنوان"},
		{`<script type="application/ld+json">{"@type":"WebPage","headline":"x"}</script><title>من العنوان</title>`, "", "من العنوان"},
	} {
		h1 := ""
		if tc.h1 != "" {
			h1 = "<h1>" + tc.h1 + "</h1>"
		}
		a := one(t, nil, "a.html", "<html><head>"+tc.head+"</head><body><article>"+h1+body+"</article></body></html>")
		if a.Blocks[0].Kind != translator.Headline || a.Blocks[0].Text != tc.want || (len(a.Blocks) == 3) != (tc.h1 != "" && tc.h1 != tc.want) {
			t.Errorf("%s with h1 %q:\n%s", tc.head, tc.h1, show(a.Blocks))
		}
	}
}

func TestCharsetOfAPage(t *testing.T) {
	t.Parallel()
	bare := strings.Replace(page, `<meta charset="utf-8">`, "", 1)
	says := func(charset string) string {
		return strings.Replace(page, `<meta charset="utf-8">`, `<meta http-equiv="Content-Type" content="text/html; charset=`+charset+`">`, 1)
	}
	plain := strings.NewReplacer("–", "-", "©", "")
	want := show(one(t, nil, "page.html", plain.Replace(page)).Blocks)
	for _, tc := range []struct{ why, content string }{
		{"utf-8 without a word", bare},
		{"utf-8 that says windows-1256", says("windows-1256")},
		{"windows-1256", encode(t, "windows-1256", plain.Replace(says("windows-1256")))},
		{"windows-1256 without a word", encode(t, "windows-1256", plain.Replace(bare))},
		{"iso-8859-6", encode(t, "iso-8859-6", plain.Replace(says("iso-8859-6")))},
		{"an unknown name", encode(t, "windows-1256", plain.Replace(says("arabic-old")))},
		{"utf-16 with a mark", encode(t, "utf-16le-bom", bare)},
	} {
		got := show(one(t, nil, "page.html", plain.Replace(tc.content)).Blocks)
		if strings.ReplaceAll(got, "–", "-") != want {
			t.Errorf("%s:\n%s\nwant\n%s", tc.why, got, want)
		}
	}
	// UTF-8 that is broken is not something else.
	got := readAll(t, nil, write(t, "a.html", strings.Replace(page, "الجسر", "الج\xffسر", 1)))
	wantItemError(t, got[0].err, translator.Invalid, "a.html", "is not UTF-8")
}

func TestLanguageOfAPage(t *testing.T) {
	t.Parallel()
	const arabic, english = "<p>انتهى العمل في الجسر الجديد أمس، وقالت المديرة إنه سيفتح غدا.</p>", "<p>The bridge opened on Monday, and the mayor was glad about it.</p>"
	for _, tc := range []struct{ attrs, body, want string }{
		{`lang="ar-EG"`, arabic, "ar-EG"},
		{`lang="ar_EG"`, arabic, "ar-EG"},
		{`lang="en"`, arabic, "ar"}, // a template's mistake
		{`lang="en"`, english, "en"},
		{`lang="???"`, arabic, "ar"},
		{``, arabic, "ar"},
	} {
		if a := one(t, nil, "a.html", "<html "+tc.attrs+"><body><article>"+tc.body+"</article></body></html>"); a.Lang != translator.Lang(tc.want) {
			t.Errorf("%s: lang %q, want %q", tc.attrs, a.Lang, tc.want)
		}
	}
}

func TestBreaksAndTables(t *testing.T) {
	t.Parallel()
	a := one(t, nil, "a.html", `<html lang=ar><body><div>السطر الأول<br>بقيته<br><br>فقرة ثانية<script>x()</script></div>
<table><tr><td>خلية أولى</td><td>خلية ثانية</td></tr></table></body></html>`)
	wantBlocks(t, a, "body: السطر الأول بقيته", "body: فقرة ثانية", "body: خلية أولى", "body: خلية ثانية")
}

func TestHostilePages(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"deep":       strings.Repeat("<div>", 100_000) + "نص",
		"unclosed":   strings.Repeat("<p><b><i>", 300) + "نص",
		"attributes": "<p " + strings.Repeat("a=b ", 100_000) + ">نص الخبر",
		"many":       strings.Repeat("<p>x", 250_000),
		"ld":         `<script type="application/ld+json">` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `</script><p>نص`,
	} {
		got := readAll(t, nil, write(t, name+".html", content))
		if len(got) != 1 {
			t.Fatalf("%s gives %d results", name, len(got))
		}
		if got[0].err == nil {
			wantSound(t, got[0].a)
		} else if k := translator.KindOf(got[0].err); k != translator.Invalid && k != translator.TooLarge {
			t.Errorf("%s: %v", name, got[0].err)
		}
	}
}

func TestBoilerplateOfAPageCanStay(t *testing.T) {
	t.Parallel()
	for _, b := range one(t, &article.Options{KeepBoilerplate: true}, "page.html", page).Blocks {
		if b.Kind == translator.Boilerplate {
			t.Errorf("%+v was dropped", b)
		}
	}
}
