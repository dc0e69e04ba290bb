package main

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
)

// A line that is longer than what is held comes out as if it were held whole.
func TestSegmentInParts(t *testing.T) {
	t.Parallel()
	pieces := []string{"وصل الوفد. ", "قال د. سامي: \"نعم. لا!\" ", "هل غادر؟", " ", "...", "a b. C. ", "نص طويل بلا نقطة ", "\n", "\r\n", strings.Repeat("كلمة ", 40)}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "text"), ""), rapid.IntRange(1, 300).Draw(t, "times"))
		for _, as := range []string{"text", "tsv", "jsonl"} {
			whole, parts := segmented(t, text, as, holdLine), segmented(t, text, as, 1)
			if whole != parts {
				t.Fatalf("%s of a text of %d bytes differs when it is read in parts", as, len(text))
			}
		}
	})
}

func segmented(t *rapid.T, text, as string, hold int) string {
	var out strings.Builder
	s, err := newSplitting(translator.Arabic, as, false, &out)
	if err != nil {
		t.Fatal(err)
	}
	s.hold = hold
	if err := s.run(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Offsets are those of the line, whatever was held of it.
func TestSegmentOffsets(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("وصل الوفد صباح اليوم. ", 20_000)
	var out strings.Builder
	s, err := newSplitting(translator.Arabic, "tsv", false, &out)
	if err != nil {
		t.Fatal(err)
	}
	s.hold = 1
	if err := s.run(strings.NewReader(line)); err != nil {
		t.Fatal(err)
	}
	n := 0
	for row := range strings.Lines(out.String()) {
		n++
		var at, sentence, start, end int
		if _, err := fmt.Sscanf(row, "%d\t%d\t%d\t%d\t", &at, &sentence, &start, &end); err != nil {
			t.Fatal(err)
		}
		if at != 1 || sentence != n || !strings.HasSuffix(row, "\t"+line[start:end]+"\n") {
			t.Fatalf("row %d is %q", n, row)
		}
	}
	if n != 20_000 {
		t.Errorf("%d sentences", n)
	}
}
