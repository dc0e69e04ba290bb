package glossary_test

import (
	"fmt"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/glossary"
)

// Sentences of our own writing. The first and the third hold terms of thousand.
var (
	arabicNews = []string{
		"أعلنت وزارة الري يوم الثلاثاء أن منسوب النهر ارتفع أربعة أمتار ونصف المتر خلال يومين، وهو أعلى منسوب يسجل في المدينة الثانية عشرة منذ عشرين عاما.",
		"وقال د. سامر الحلبي، مدير مركز الرصد، إن السدود الثلاثة \"قادرة على استيعاب الموجة المقبلة\"، لكنه دعا سكان القرى المحاذية للضفة إلى مغادرة بيوتهم.",
		"وعاد عبد الرحيم السابع والستون إلى بلدته بعد أسبوعين.",
		"وبلغت كلفة الأضرار حتى الآن 3.7 مليون دولار بحسب تقدير أولي لم تؤكده جهة مستقلة.",
	}
	englishNews = []string{
		"The irrigation ministry said on Tuesday that the river had risen four and a half metres in two days, the highest level recorded for twenty years.",
		"Dr. Samer Halabi, who runs the monitoring centre, said the three dams were \"able to take the next wave,\" but he urged people along the bank to leave.",
	}
)

// thousand returns a glossary of names and terms of one to four words.
func thousand(dir translator.Direction) *translator.Glossary {
	firsts := []string{"عبد الرحيم", "وزارة", "شركة", "بحيرة", "جامعة", "نهر", "المدينة", "ميناء", "اتحاد", "مهرجان"}
	g := &translator.Glossary{Direction: dir}
	for i := range 1000 {
		source, target := fmt.Sprintf("%s %s", firsts[i%10], ordinal(i/10)), fmt.Sprintf("Name %d of Place%d", i, i%37)
		if dir.From == translator.English {
			source, target = target, source
		}
		g.Terms = append(g.Terms, translator.Term{Source: source, Target: target})
	}
	g.Terms = append(g.Terms, translator.Term{Source: "السابع والستون", Target: "the Sixty-seventh"})
	return g
}

func ordinal(i int) string {
	ones := []string{"الأولى", "الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة", "السابعة", "الثامنة", "التاسعة", "العاشرة"}
	return ones[i%10] + " " + ones[i/10]
}

func BenchmarkIn(b *testing.B) {
	for _, c := range []struct {
		name  string
		dir   translator.Direction
		texts []string
	}{
		{"arabic", arEn, arabicNews[:3]}, {"arabic-none", arEn, []string{arabicNews[1], arabicNews[3]}}, {"english-none", enAr, englishNews},
	} {
		m := glossary.New(thousand(c.dir))
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, text := range c.texts {
					m.In(text)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(c.texts)), "ns/sentence")
		})
	}
}

func BenchmarkMissing(b *testing.B) {
	m := glossary.New(thousand(arEn))
	b.ReportAllocs()
	for b.Loop() {
		m.Missing(arabicNews[2], englishNews[0])
	}
}

func BenchmarkNew(b *testing.B) {
	g := thousand(arEn)
	b.ReportAllocs()
	for b.Loop() {
		glossary.New(g)
	}
}

func BenchmarkRead(b *testing.B) {
	var file strings.Builder
	file.WriteString("ar\ten\n")
	for _, t := range thousand(arEn).Terms {
		file.WriteString(t.Source + "\t" + t.Target + "\n")
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := glossary.Read("terms.tsv", strings.NewReader(file.String()), arEn); err != nil {
			b.Fatal(err)
		}
	}
}

// Most sentences hold no term: they must leave nothing to collect. Not
// parallel, since AllocsPerRun counts those of the whole process.
func TestNoTermNoAllocation(t *testing.T) {
	for _, c := range []struct {
		dir   translator.Direction
		texts []string
	}{{arEn, []string{arabicNews[1], arabicNews[3]}}, {enAr, englishNews}} {
		m := glossary.New(thousand(c.dir))
		for _, text := range c.texts {
			if got := m.In(text); got != nil {
				t.Fatalf("%q holds %v", text, got)
			}
			if n := testing.AllocsPerRun(100, func() { m.In(text) }); n != 0 {
				t.Errorf("%q: %v allocations", text, n)
			}
		}
	}
	if got := glossary.New(thousand(arEn)).In(arabicNews[2]); len(got) != 1 {
		t.Errorf("the sentence with a term has %v", got)
	}
}
