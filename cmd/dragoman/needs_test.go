package main

import (
	"errors"
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
	tellHeld(&out, r)
	want := "held for a later run: 2 stories\nheld a.txt: deepl: unavailable: 503 Service Unavailable\n  run it again\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
	r.Stopped = "deepl: denied"
	out.Reset()
	if tellHeld(&out, r); out.String() != "held for a later run: 2 stories\n" {
		t.Errorf("after a stop, which was told already: %q", &out)
	}
}

// Of many reasons for which stories are not done some are told, and the rest are counted.
func TestManyReasons(t *testing.T) {
	t.Parallel()
	var u undone
	var out strings.Builder
	if u.tell(&out); out.Len() > 0 {
		t.Errorf("all is done, and told is %q", &out)
	}
	for i := range 2 * shownNeeds {
		for range 2 {
			reason := translator.NewError("", translator.Denied, errors.New(strings.Repeat("x", i)))
			u.add(translator.StateHeld, translator.Story{Status: translator.Held, Err: reason})
		}
	}
	u.tell(&out)
	lines := strings.Split(out.String(), "\n")
	if lines[0] != "not done yet: 40 stories: 40 held" || lines[2*shownNeeds+1] != "… and 20 more for other reasons: see report.html" {
		t.Errorf("told is %q", lines)
	}
}
