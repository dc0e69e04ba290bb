package segment

import (
	"os"
	"strings"
	"testing"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// News of our own writing, repeated; the marks are as frequent as in wire copy.
const (
	arabicNews = `أعلنت وزارة الري يوم الثلاثاء أن منسوب النهر ارتفع أربعة أمتار ونصف المتر خلال يومين، وهو أعلى منسوب يسجل منذ عشرين عاما. ` +
		`وقال د. سامر الحلبي، مدير مركز الرصد في المدينة، إن السدود الثلاثة "قادرة على استيعاب الموجة المقبلة"، لكنه دعا سكان القرى المحاذية للضفة إلى مغادرة بيوتهم قبل مساء الأربعاء. ` +
		`هل تكفي الملاجئ المتوافرة لكل هؤلاء؟ يجيب رئيس البلدية بأن المدارس والقاعات الرياضية ستفتح أبوابها عند الساعة 18.30 وبأن 12 ألف سرير جاهزة. ` +
		`وبلغت كلفة الأضرار حتى الآن 3.7 مليون دولار بحسب تقدير أولي لم تؤكده جهة مستقلة. ` +
		`وتتوقع هيئة الأرصاد الجوية أن تنحسر الأمطار ابتداء من ليل الخميس وأن تعود حركة القطارات بين العاصمة والساحل إلى طبيعتها مطلع الأسبوع المقبل. ` +
		`وطالب مزارعو الوادي الأسفل، الذين خسروا معظم محصول الشعير في فيضان الربيع الماضي، الحكومة ببذور وأعلاف قبل بدء موسم الزراعة. ` +
		`وقالت متحدثة باسم الوزارة إن الطلب سيناقش في اجتماع مجلس الوزراء يوم الأحد لكنها حذرت من أن صندوق الطوارئ يكاد يكون فارغا. ` +
		`ونقل المتحف الوطني مئات الألواح الطينية من قبوه إلى الطابق العلوي احتياطا.` + "\n"
	englishNews = `The irrigation ministry said on Tuesday that the river had risen four and a half metres in two days, the highest level recorded for twenty years. ` +
		`Dr. Samer Halabi, who runs the monitoring centre in the city, said the three dams were "able to take the next wave," but he urged people in villages along the bank to leave their homes before Wednesday evening. ` +
		`Are there enough shelters for all of them? The mayor replied that schools and sports halls would open at 6.30 p.m. and that 12,000 beds were ready. ` +
		`The damage so far amounts to $3.7 million, according to a first estimate that no independent body has confirmed. ` +
		`Forecasters expect the rain to ease from Thursday night and trains between the capital and the coast to run normally early next week. ` +
		`Farmers along the lower valley, who lost most of their barley in the flood of last spring, have asked the government for seed and fodder before the planting season begins. ` +
		`A spokeswoman for the ministry said their request would be discussed at a cabinet meeting on Sunday but warned that the emergency fund was almost empty. ` +
		`The national museum has moved several hundred clay tablets from its basement to the upper floor as a precaution.` + "\n"
)

func repeat(text string, size int) string {
	return strings.Repeat(text, size/len(text)+1)[:size]
}

func benchmarkRules(b *testing.B, text string) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for range wire.Split(text) {
		}
	}
}

func benchmarkUAX29(b *testing.B, text string) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for it := sentences.FromString(text); it.Next(); {
		}
	}
}

// real returns the text of a set of real news and articles, where there is one.
func real(b *testing.B, name string) string {
	b.Helper()
	text, err := os.ReadFile("/work/shared/data/segment/" + name)
	if err != nil {
		b.Skip("no real text on this machine: ", err)
	}
	return string(text)
}

func BenchmarkArabic(b *testing.B) {
	text := strings.Repeat(arabicNews, 1000)
	b.Run("dragoman", func(b *testing.B) { benchmarkRules(b, text) })
	b.Run("uax29", func(b *testing.B) { benchmarkUAX29(b, text) })
	b.Run("dragoman-pud", func(b *testing.B) { benchmarkRules(b, real(b, "ar-pud.j.raw")) })
	b.Run("uax29-pud", func(b *testing.B) { benchmarkUAX29(b, real(b, "ar-pud.j.raw")) })
}

func BenchmarkEnglish(b *testing.B) {
	text := strings.Repeat(englishNews, 1000)
	b.Run("dragoman", func(b *testing.B) { benchmarkRules(b, text) })
	b.Run("uax29", func(b *testing.B) { benchmarkUAX29(b, text) })
	b.Run("dragoman-pud", func(b *testing.B) { benchmarkRules(b, real(b, "en-pud.j.raw")) })
	b.Run("uax29-pud", func(b *testing.B) { benchmarkUAX29(b, real(b, "en-pud.j.raw")) })
}

// BenchmarkHostile holds the time per byte of hostile text against that of news.
func BenchmarkHostile(b *testing.B) {
	const size = 100 << 20
	for _, c := range []struct{ name, text string }{
		{"news-arabic", repeat(arabicNews, size)},
		{"news-english", repeat(englishNews, size)},
		{"no-stop", repeat("ا", size)},
		{"no-stop-latin", repeat("a", size)},
		{"full-stops", repeat(".", size)},
		{"spaced-full-stops", repeat(". ", size)},
		{"question-marks", repeat("؟", size)},
		{"ellipses", repeat("…", size)},
		{"straight-quotes", repeat(`"`, size)},
		{"curly-quotes", repeat("“", size)},
		{"guillemets", repeat("«", size)},
		{"brackets", repeat("(", size)},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkRules(b, c.text) })
	}
}
