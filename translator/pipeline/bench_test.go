package pipeline

import (
	"strings"
	"testing"

	"dragoman/translator"
)

// BenchmarkSmallRun is what a job costs: one story of ten sentences.
func BenchmarkSmallRun(b *testing.B) {
	a := story("train", strings.Repeat("عاد القطار إلى المحطة بعد ساعة. ", 10))
	b.ReportAllocs()
	for b.Loop() {
		_, err := Run(b.Context(), arEn, sequence(a), tokens, func(translator.Story) error { return nil }, nil)
		if err != nil {
			b.Fatal(err)
		}
	}
}
