package format

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"dragoman/translator"
)

func pageOf(t testing.TB, story translator.Story, dir translator.Direction) string {
	t.Helper()
	var b bytes.Buffer
	if err := WritePage(&b, story, dir, "x.en.txt"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func englishStory() translator.Story {
	return newStory("port", enAr).
		block(translator.Headline, translator.Machine, "Port reopens", "الميناء يعود إلى العمل").
		block(translator.Body, translator.Machine, "Ships came at dawn.", "وصلت السفن فجرا.").story
}

// elements returns all elements of a page with a name, or all for "".
func elements(t testing.TB, page, name string) (out []*html.Node) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && (name == "" || n.Data == name) {
			out = append(out, n)
		}
	}
	return out
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

func TestPageStructure(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		story             translator.Story
		dir               translator.Direction
		lang, direction   string
		columns           [2]string
		firstTag, nextTag string
	}{
		{samples()[0], arEn, "en", "ltr", [2]string{"English", "Arabic"}, "en", "ar"},
		{englishStory(), enAr, "ar", "rtl", [2]string{"العربية", "الإنجليزية"}, "ar-x-mtfrom-en", "en"},
	} {
		page := pageOf(t, tt.story, tt.dir)
		root := elements(t, page, "html")[0]
		if attribute(root, "lang") != tt.lang || attribute(root, "dir") != tt.direction {
			t.Errorf("html has %v", root.Attr)
		}
		heads := elements(t, page, "th")
		if len(heads) != 2 || text(heads[0]) != tt.columns[0] || text(heads[1]) != tt.columns[1] || attribute(heads[0], "scope") != "col" {
			t.Errorf("columns: %v", heads)
		}
		cells := elements(t, page, "td")
		if len(cells) != 2*len(tt.story.Sentences) {
			t.Fatalf("%d cells for %d sentences", len(cells), len(tt.story.Sentences))
		}
		if attribute(cells[0], "lang") != tt.firstTag || attribute(cells[1], "lang") != tt.nextTag {
			t.Errorf("first row is %v, %v", cells[0].Attr, cells[1].Attr)
		}
		for _, cell := range cells {
			lang, _, _ := strings.Cut(attribute(cell, "lang"), "-")
			if want := translator.Lang(lang).Dir(); attribute(cell, "dir") != want {
				t.Errorf("cell %v, want dir %s", cell.Attr, want)
			}
		}
	}
}

func TestPageShowsEverySentence(t *testing.T) {
	t.Parallel()
	story := samples()[0]
	page := pageOf(t, story, arEn)
	all := text(elements(t, page, "body")[0])
	for _, s := range story.Sentences {
		if !strings.Contains(all, s.Pair.Source.Text) || !strings.Contains(all, s.Pair.Target.Text) {
			t.Errorf("%s is not on the page", s.Pair.ID)
		}
	}
	for _, want := range []string{"google: no translation", "not translated", "machine", "human", "from an earlier memory", "length", "numbers",
		"not reviewed by a person", "Incomplete", "read-also", "طقس الغد", "wire/ferry-3.txt", "2026-03-14 11:00 UTC"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, want := range []string{`id="s6-1"`, `href="#s6-1"`, `href="x.en.txt"`, `class="headline starts"`, `lang="en-x-mtfrom-ar" dir="ltr"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not in the page", want)
		}
	}
}

// Nothing of a story becomes markup, and no identifier hides its direction.
func TestPageIsInert(t *testing.T) {
	t.Parallel()
	story := samples()[1]
	for i := range story.Sentences {
		story.Sentences[i].Pair.Flags = []string{"<b>", "\u202e"}
	}
	page := pageOf(t, story, arEn)
	plain := map[string]bool{}
	for _, n := range elements(t, pageOf(t, samples()[0], arEn), "") {
		plain[n.Data] = true
	}
	for _, n := range elements(t, page, "") {
		if !plain[n.Data] {
			t.Errorf("the story made <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
	if !strings.Contains(text(elements(t, page, "header")[0]), `wire/../x\u202ecod.exe.txt`) || !strings.Contains(page, `badge bad">\u202e<`) {
		t.Error("the path or a flag is not shown escaped")
	}
	for _, rule := range []string{"left:", "right:", "-left", "-right", "url(", "@import"} {
		if strings.Contains(pageStyle, rule) {
			t.Errorf("the style sheet has %s", rule)
		}
	}
}

var styleElement = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

func TestPagePolicyNamesItsStyle(t *testing.T) {
	t.Parallel()
	page := pageOf(t, samples()[0], arEn)
	if got := styleElement.FindStringSubmatch(page); got == nil || got[1] != pageStyle {
		t.Error("the style sheet is not in the page byte for byte, so its hash does not hold")
	}
	var policy string
	for _, m := range elements(t, page, "meta") {
		if attribute(m, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(m, "content")
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
}

func TestPageOfALanguageWithoutLabels(t *testing.T) {
	t.Parallel()
	dir := translator.Direction{From: "en", To: "he"}
	page := pageOf(t, newStory("x", dir).block(translator.Body, translator.Human, "Yes.", "כן.").story, dir)
	root, head := elements(t, page, "html")[0], elements(t, page, "th")[0]
	if attribute(root, "dir") != "rtl" || attribute(root, "lang") != "en" || text(head) != "Hebrew" || attribute(head, "lang") != "en" || attribute(head, "dir") != "rtl" {
		t.Errorf("%v, %v", root.Attr, head.Attr)
	}
}

func TestStoryText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		story translator.Story
		want  string
	}{
		"full": {samples()[0], "Ferries return after the storm\n\nBy Layla Mansour\n\n" +
			"ALEXANDRIA — Three ferries left the harbour on Saturday morning. The director said: \"The sea is calm <now> & safe\".\n\n" +
			"- A long wait -\n\n=1,250 passengers waited for two days. [not translated: ولم يصب أحد.]\n"},
		"dateline alone": {newStory("a", arEn).block(translator.Dateline, translator.Seed, "القاهرة", "CAIRO").story, "CAIRO\n"},
		"line ends":      {newStory("a", arEn).block(translator.Body, translator.Seed, "ا", "one\r\n\r\ntwo", "ب", "\u2028").story, "one two\n"},
		"other language": {englishStory(), "الميناء يعود إلى العمل\n\nوصلت السفن فجرا.\n"},
	}
	for name, tt := range tests {
		var b bytes.Buffer
		if err := WriteText(&b, tt.story); err != nil || b.String() != tt.want {
			t.Errorf("%s: got %q, want %q (%v)", name, b.String(), tt.want, err)
		}
	}
}

func TestHeadline(t *testing.T) {
	t.Parallel()
	alert := newStory("a", arEn).block(translator.Body, translator.Machine, "زلزال شمالا.", "Quake in the north.").story
	missed := newStory("a", arEn).block(translator.Headline, translator.Machine, "زلزال", "").miss(translator.Missing).story
	unread := translator.Story{Article: translator.Article{Lang: "ar", Blocks: []translator.Block{{Kind: translator.Headline, Text: strings.Repeat("ز", 300)}}}}
	for name, tt := range map[string]struct {
		story translator.Story
		want  translator.Text
	}{
		"translated":     {samples()[0], translator.Text{Lang: "en", Text: "Ferries return after the storm"}},
		"not translated": {missed, translator.Text{Lang: "ar", Text: "زلزال"}},
		"alert":          {alert, translator.Text{Lang: "en", Text: "Quake in the north."}},
		"not split":      {unread, translator.Text{Lang: "ar", Text: strings.Repeat("ز", maxTitle) + "…"}},
		"nothing":        {translator.Story{}, translator.Text{}},
	} {
		if got := headline(tt.story); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

// Labels are complete in every language, or words would be missing on a page.
func TestLabelsAreComplete(t *testing.T) {
	t.Parallel()
	english := pageLabels[translator.English]
	for lang, l := range pageLabels {
		if len(l.Status) != len(english.Status) || len(l.Origin) != len(english.Origin) || len(l.Kind) != len(english.Kind) || len(l.Langs) != len(english.Langs) {
			t.Errorf("%s has fewer words than English", lang)
		}
		for _, word := range []string{l.Caption, l.NoHeadline, l.Machine, l.AllHuman, l.FromMemory, l.StandIn, l.SomeStandIns, l.Untranslated, l.Reason, l.Published, l.Source, l.AsText, l.Dropped} {
			if word == "" {
				t.Errorf("%s lacks a word", lang)
			}
		}
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	made := func(kinds ...translator.OriginKind) []translator.Sentence {
		m := newStory("a", arEn)
		for _, kind := range kinds {
			m.block(translator.Body, kind, "نص.", "text")
			if kind == "" {
				m.miss(translator.Missing)
			}
		}
		return m.story.Sentences
	}
	const human, seed, aligned, machine, pseudo, none = translator.Human, translator.Seed, translator.Aligned, translator.Machine, translator.Pseudo, translator.OriginKind("")
	for _, l := range pageLabels {
		for _, tt := range []struct {
			sentences []translator.Sentence
			want      []notice
		}{
			{made(pseudo, pseudo), []notice{{l.StandIn, true}}},
			{made(pseudo, none), []notice{{l.StandIn, true}}},
			{made(pseudo, machine), []notice{{l.SomeStandIns, true}, {l.Machine, false}}},
			{made(pseudo, human), []notice{{l.SomeStandIns, true}}},
			{made(machine, human, none), []notice{{l.Machine, false}}},
			{made(human, human), []notice{{l.AllHuman, false}}},
			{made(human, none), nil},
			{made(seed, none), nil},
			{made(human, seed), []notice{{l.FromMemory, false}}},
			{made(aligned), []notice{{l.FromMemory, false}}},
			{made(none), nil},
			{nil, nil},
		} {
			if got := notices(tt.sentences, l); !slices.Equal(got, tt.want) {
				t.Errorf("%s: %v, want %v", l.Lang, got, tt.want)
			}
		}
	}
}

func TestPageOfStandIns(t *testing.T) {
	t.Parallel()
	for dir, want := range map[translator.Direction]string{arEn: "Stand-in text for trying things out: this is no translation", enAr: "ليس هذا ترجمة"} {
		page := pageOf(t, newStory("a", dir).block(translator.Body, translator.Pseudo, "a", "b").story, dir)
		var said []string
		for _, p := range elements(t, page, "p") {
			if attribute(p, "class") == "notice bad" {
				said = append(said, text(p))
			}
		}
		if len(said) != 1 || !strings.Contains(said[0], want) || strings.Contains(page, pageLabels[dir.To].Machine) {
			t.Errorf("%s: the page of stand-ins says %q", dir, said)
		}
	}
}
