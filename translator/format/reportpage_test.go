package format

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"dragoman/translator"
)

// reportOf runs stories and returns report.html with its place.
func reportOf(t testing.TB, stories ...translator.Story) (page, file string) {
	t.Helper()
	path, _ := run(t, []string{"jsonl"}, stories)
	file = filepath.Join(path, "report.html")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), file
}

// flaggedStory is translated whole; each of its sentences bears the flags.
func flaggedStory(id string, sentences int, flags ...string) translator.Story {
	m := newStory(id, arEn)
	for range sentences {
		m.block(translator.Body, translator.Machine, "وصل 17 وزيرا أمس.", "Ministers arrived yesterday.")
		m.last().Pair.Flags = flags
	}
	return m.story
}

// A story that is whole may be wrong all the same, and the report says so where it is looked at first.
func TestReportHeadline(t *testing.T) {
	t.Parallel()
	samples := samples()
	for name, tt := range map[string]struct {
		stories      []translator.Story
		title, needs string
	}{
		"flagged": {[]translator.Story{flaggedStory("a", 3, "numbers")}, "1 of 1 story translated, 0 need a person, 3 sentences may be wrong",
			"No story failed or is incomplete. But 3 sentences may be wrong: somebody should look at them."},
		"one flagged": {[]translator.Story{flaggedStory("a", 1, "numbers"), samples[1]}, "2 of 2 stories translated, 0 need a person, 1 sentence may be wrong",
			"No story failed or is incomplete. But 1 sentence may be wrong: somebody should look at it."},
		"noted": {[]translator.Story{flaggedStory("a", 3, translator.FlagMovedOn)}, "1 of 1 story translated, 0 need a person", "Nothing."},
		"held":  {[]translator.Story{samples[3], samples[3]}, "0 of 2 stories translated, 0 need a person, 2 wait for another run", "Nothing."},
	} {
		page, _ := reportOf(t, tt.stories...)
		if got := text(elements(t, page, "h1")[0]); strings.Join(strings.Fields(got), " ") != tt.title {
			t.Errorf("%s: headed %q, want %q", name, got, tt.title)
		}
		below := text(after(t, page, "needs"))
		if below != tt.needs || strings.Contains(page, `id="waits"`) != (name == "held") {
			t.Errorf("%s: what needs a person: %q, want %q", name, below, tt.needs)
		}
		if links := strings.Contains(page, `<p>No story failed or is incomplete. But <a href="#flags">`); links == (tt.needs == "Nothing.") {
			t.Errorf("%s: leads to the flagged sentences: %v", name, links)
		}
	}
}

// after returns the element that follows the one of an ID.
func after(t testing.TB, page, id string) *html.Node {
	t.Helper()
	for _, n := range elements(t, page, "") {
		if attribute(n, "id") != id {
			continue
		}
		for n = n.NextSibling; n != nil && n.Type != html.ElementNode; {
			n = n.NextSibling
		}
		if n != nil {
			return n
		}
	}
	t.Fatalf("nothing follows #%s", id)
	return nil
}

// Notes of what was done stand apart from faults.
func TestReportPartsNotes(t *testing.T) {
	t.Parallel()
	page, _ := reportOf(t, flaggedStory("a", 2, translator.FlagMovedOn, "numbers"), flaggedStory("b", 5, translator.FlagMovedOn))
	for id, want := range map[string]struct {
		flags   []string
		caption string
	}{
		"flags": {[]string{"numbers"}, "2 sentences with a fault"},
		"notes": {[]string{translator.FlagMovedOn}, "nothing of this says that they are wrong"},
	} {
		var part bytes.Buffer
		if err := html.Render(&part, after(t, page, id)); err != nil {
			t.Fatal(err)
		}
		var flags []string
		for _, th := range elements(t, part.String(), "th") {
			if attribute(th, "scope") == "row" {
				flags = append(flags, text(th))
			}
		}
		if !slices.Equal(flags, want.flags) || !strings.Contains(part.String(), want.caption) {
			t.Errorf("#%s lists %v, want %v under %q", id, flags, want.flags, want.caption)
		}
	}
	if strings.Count(page, `<span class="badge bad">numbers</span>`) != 2 || strings.Count(page, `<span class="badge">moved-on</span>`) != 2 {
		t.Error("the two flagged sentences do not bear a fault and a note each")
	}
	page, _ = reportOf(t, flaggedStory("b", 5, translator.FlagMovedOn))
	if strings.Contains(page, `id="flags"`) || !strings.Contains(page, `id="notes"`) {
		t.Error("notes alone make a list of faults")
	}
}
