package web_test

import (
	"context"
	"testing"

	"dragoman/translator"
	"dragoman/translator/web"
)

// BenchmarkTranslate is what counting costs a page of 1,000 sentences.
func BenchmarkTranslate(b *testing.B) {
	results := make([]translator.Result, 1000)
	req := translator.Request{Direction: arEn, Texts: make([]string, 1000)}
	for i := range req.Texts {
		req.Texts[i], results[i].Recalled = "ارتفع سعر الخبز في العاصمة أمس بعد أن خفضت الحكومة الدعم.", i%2 == 0
	}
	translate := web.NewMetrics(nil).Translate(func(context.Context, translator.Request) ([]translator.Result, error) { return results, nil })
	for b.Loop() {
		if _, err := translate(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}
