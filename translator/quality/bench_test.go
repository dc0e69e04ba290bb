package quality_test

import (
	"testing"

	"dragoman/translator"
	"dragoman/translator/quality"
)

// Sentences of a wire story, of 150 bytes or so, as they mostly are: clean.
var typical = []struct{ name, ar, en string }{
	{"plain", "أعلنت وزارة النقل أن السفن ستعود إلى الميناء القديم بعد إصلاح الرصيف الشرقي الذي تضرر في العاصفة.",
		"The ministry of transport said ships would return to the old harbour once the eastern quay, which the storm damaged, had been repaired."},
	{"figures", "وارتفع عدد الركاب إلى ١٢٬٥٠٠ في ٢٠٢٦، بزيادة نسبتها ٨٫٥٪ عن العام الماضي، بحسب أرقام الهيئة.",
		"Passenger numbers rose to 12,500 in 2026, up 8.5 percent on the year before, according to the authority's figures, which are provisional."},
	{"quote", "وقال مدير الميناء \"لم نر عاصفة كهذه منذ سنوات\"، مضيفا أن العمال لم يصب منهم أحد (خمسة كانوا هناك).",
		"\"We have not seen a storm like this for years,\" said the harbour master, adding that none of the workers (five were there) had been hurt."},
}

func BenchmarkCheck(b *testing.B) {
	toEnglish := quality.New(translator.Direction{From: translator.Arabic, To: translator.English}, nil)
	toArabic := quality.New(translator.Direction{From: translator.English, To: translator.Arabic}, nil)
	for _, s := range typical {
		b.Run("ar-en/"+s.name, func(b *testing.B) { bench(b, toEnglish, s.ar, s.en) })
		b.Run("en-ar/"+s.name, func(b *testing.B) { bench(b, toArabic, s.en, s.ar) })
	}
}

func bench(b *testing.B, c *quality.Checker, source, target string) {
	if found := c.Check(source, target); found != nil {
		b.Fatalf("a clean pair is flagged: %v", found)
	}
	b.SetBytes(int64(len(source) + len(target)))
	b.ReportAllocs()
	for b.Loop() {
		c.Check(source, target)
	}
}

// BenchmarkSamples gives the mean of a pair of the project's own stories,
// headlines and datelines among them.
func BenchmarkSamples(b *testing.B) {
	c := quality.New(toEnglish, nil)
	pairs := samples(b, toEnglish)
	size := 0
	for _, p := range pairs {
		size += len(p.source) + len(p.target)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range pairs {
			c.Check(p.source, p.target)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(pairs)), "ns/pair")
}
