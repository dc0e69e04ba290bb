package quality_test

import (
	"slices"
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/quality"
)

// TestLengthBand wants the measured band at its edges, its reciprocal the other
// way, and a wider one for short texts.
func TestLengthBand(t *testing.T) {
	t.Parallel()
	french := translator.Direction{From: "ar", To: "fr"}
	chinese := translator.Direction{From: "ar", To: "zh"}
	for _, c := range []struct {
		dir            translator.Direction
		source, target int // code points
		rule           string
	}{
		{toEnglish, 200, 117, ""}, {toEnglish, 200, 115, "too-short"}, {toEnglish, 200, 333, ""}, {toEnglish, 200, 335, "too-long"},
		{toArabic, 200, 121, ""}, {toArabic, 200, 118, "too-short"}, {toArabic, 200, 344, ""}, {toArabic, 200, 346, "too-long"},
		{toEnglish, 60, 27, ""}, {toEnglish, 60, 26, "too-short"}, {toEnglish, 60, 119, ""}, {toEnglish, 60, 120, "too-long"},
		{toEnglish, 10, 2, ""}, {toEnglish, 10, 1, "too-short"}, {toEnglish, 10, 47, ""}, {toEnglish, 10, 48, "too-long"},
		{french, 200, 81, ""}, {french, 200, 79, "too-short"}, {french, 200, 501, "too-long"},
		{chinese, 200, 10, ""}, {chinese, 10, 300, ""},
	} {
		found := names(quality.New(c.dir, nil).Check(strings.Repeat("س", c.source), strings.Repeat("e", c.target)))
		for _, rule := range []string{"too-short", "too-long"} {
			if slices.Contains(found, rule) != (c.rule == rule) {
				t.Errorf("%s, %d characters for %d: found %q, want %q", c.dir, c.target, c.source, found, c.rule)
			}
		}
	}
}
