package main

import (
	"strings"
	"testing"

	"dragoman/translator"
	"dragoman/translator/format"
)

// Held stories always have a reason on the terminal: what stopped the run, or
// else, when their requests were given up one by one, that of the first of them.
func TestHeldStoriesHaveAReason(t *testing.T) {
	t.Parallel()
	r := format.Report{NeedHuman: []format.Need{
		{StoryRow: format.StoryRow{Path: "a.txt", Status: translator.Held}, Reason: "deepl: unavailable: 503 Service Unavailable", Remedy: "run it again"},
		{StoryRow: format.StoryRow{Path: "b.txt", Status: translator.Held}, Reason: "another", Remedy: "another"},
	}}
	r.Totals.Stories.Held = 2
	var out strings.Builder
	tellNeeds(&out, r)
	want := "held for a later run: 2 stories\nheld a.txt: deepl: unavailable: 503 Service Unavailable\n  run it again\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
	r.Stopped = "deepl: denied"
	out.Reset()
	if tellNeeds(&out, r); out.String() != "held for a later run: 2 stories\n" {
		t.Errorf("after a stop, which was told already: %q", &out)
	}
}
