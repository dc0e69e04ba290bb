package format

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"dragoman/translator"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

//go:embed report.html
var reportSource string

var pages = template.Must(template.Must(template.New("page").Funcs(pageFuncs).Parse(pageSource)).New("report").Parse(reportSource))

// A cell is text in a language as a page shows it.
type cell struct{ Lang, Dir, Text string }

// A row is a sentence on a page.
type row struct {
	ID, Number     string
	Kind, KindName string
	Starts         bool // the first of its block
	Source, Target cell
	Badges, Faults []string
	Missing        string // why there is no target
	State          string // data-state: an OriginKind, or "missing"
}

// A page is what page.html shows.
type page struct {
	frame
	*labels
	Dir                        string
	Title, SourceTitleText     cell
	TabTitle                   string
	StatusText, When           string
	Notices                    []notice
	Path, TextFile             string
	TargetName, SourceName     cell
	Rows                       []row
	Left                       []dropped
	HasSourceTitle, Incomplete bool
}

type dropped struct {
	Rule string
	cell
}

// frame is what every page of ours carries.
type frame struct {
	Style  template.CSS
	Policy string
}

// pageFrame allows the page its own style sheet, named by its hash, and
// nothing else: no script, no picture, no connection.
var pageFrame = func() frame {
	sum := sha256.Sum256([]byte(pageStyle))
	return frame{
		Style: template.CSS(pageStyle),
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'none'",
	}
}()

// WritePage writes a story side by side as one HTML page without scripts. The
// readers are those of the translation: the page has their language's
// direction, their column comes first, and so Arabic is on the right beside
// English whichever was translated. A textFile that is not empty is linked.
func WritePage(w io.Writer, story translator.Story, dir translator.Direction, textFile string) error {
	if err := pages.ExecuteTemplate(w, "page", newPage(story, dir, textFile)); err != nil {
		return fmt.Errorf("page of story %q: %w", story.Article.ID, err)
	}
	return nil
}

func newPage(story translator.Story, dir translator.Direction, textFile string) page {
	l := labelsFor(dir.To)
	p := page{
		frame: pageFrame, labels: l, Dir: dir.To.Dir(), TextFile: textFile,
		Path: visible(story.Article.Path), StatusText: l.Status[story.Status],
		Incomplete: story.Status != translator.Done,
		// A column's name stands over its column's text, whatever the name's own language.
		TargetName: cell{string(l.Lang), dir.To.Dir(), l.name(dir.To)},
		SourceName: cell{string(l.Lang), dir.From.Dir(), l.name(dir.From)},
		Rows:       rows(story.Sentences, dir, l), Left: leftOut(story.Article),
		Notices: notices(story.Sentences, l),
	}
	if !story.Article.Published.IsZero() {
		p.When = story.Article.Published.UTC().Format("2006-01-02 15:04 UTC")
	}
	p.titles(story)
	p.TabTitle = strings.Map(dropBidi, p.Title.Text)
	return p
}

// titles sets the headline in the reader's language, and the original's below it.
func (p *page) titles(story translator.Story) {
	p.Title = cell{string(p.Lang), p.Lang.Dir(), p.NoHeadline}
	if h := headline(story); h.Text != "" {
		p.Title = cell{string(h.Lang), h.Lang.Dir(), h.Text}
	}
	for _, r := range p.Rows {
		if r.Kind == string(translator.Headline) && r.Missing == "" && r.Target.Text != "" {
			p.Title, p.SourceTitleText, p.HasSourceTitle = r.Target, r.Source, true
			return
		}
	}
}

func rows(sentences []translator.Sentence, dir translator.Direction, l *labels) []row {
	out := make([]row, 0, len(sentences))
	before := 0
	for _, s := range sentences {
		r := newRow(s, dir, l)
		r.Starts, before = s.Pair.Block != before, s.Pair.Block
		out = append(out, r)
	}
	return out
}

func newRow(s translator.Sentence, dir translator.Direction, l *labels) row {
	p := s.Pair
	r := row{
		ID: rowID(p), Number: fmt.Sprintf("%d.%d", p.Block, p.Sentence),
		Kind: string(p.Kind), KindName: l.Kind[p.Kind],
		Source: cell{string(dir.From), dir.From.Dir(), oneLine(p.Source.Text)},
		Target: cell{targetTag(p, dir), dir.To.Dir(), oneLine(p.Target.Text)},
		State:  string(p.Origin.Kind),
	}
	if s.Err != nil {
		r.State, r.Missing = "missing", visible(s.Err.Error())
		r.Badges = []string{l.Untranslated}
		return r
	}
	if name, ok := l.Origin[p.Origin.Kind]; ok {
		r.Badges = append(r.Badges, name)
	}
	faults, notes := parted(p.Flags)
	r.Faults, r.Badges = faults, append(r.Badges, notes...)
	return r
}

// parted returns what of a pair's flags says that something may be wrong, and
// what only says how the translation came about, both made visible.
func parted(flags []string) (faults, notes []string) {
	for _, flag := range flags {
		if translator.Faults([]string{flag}) > 0 {
			faults = append(faults, visible(flag))
		} else {
			notes = append(notes, visible(flag))
		}
	}
	return faults, notes
}

// rowID names a sentence within its page.
func rowID(p translator.Pair) string { return fmt.Sprintf("s%d-%d", p.Block, p.Sentence) }

// targetTag returns the language tag of a translation. What a machine wrote and
// nobody reviewed says so in its tag, in the form that search engines and
// NewsML-G2 tools know: en-x-mtfrom-ar.
func targetTag(p translator.Pair, dir translator.Direction) string {
	if p.Origin.Kind != translator.Machine {
		return string(dir.To)
	}
	return string(dir.To) + "-x-mtfrom-" + strings.ToLower(string(dir.From))
}

// A notice is a sentence above the story that says what kind of text it is.
type notice struct {
	Text string
	Bad  bool // nobody may miss it
}

// notices says who made the translation, as far as it goes for the whole story:
// of one with missing sentences nothing is said of every sentence.
func notices(sentences []translator.Sentence, l *labels) []notice {
	made := map[translator.OriginKind]int{}
	translated := 0
	for _, s := range sentences {
		if s.Err == nil {
			made[s.Pair.Origin.Kind]++
			translated++
		}
	}
	standIns, machine := made[translator.Pseudo], made[translator.Machine]
	var out []notice
	switch {
	case standIns > 0 && standIns == translated:
		return []notice{{l.StandIn, true}}
	case standIns > 0:
		out = append(out, notice{l.SomeStandIns, true})
	}
	switch {
	case machine > 0:
		out = append(out, notice{Text: l.Machine})
	case translated < len(sentences), translated == 0, standIns > 0:
	case made[translator.Human] == translated:
		out = append(out, notice{Text: l.AllHuman})
	default:
		out = append(out, notice{Text: l.FromMemory})
	}
	return out
}

// leftOut lists the blocks that were taken for no part of the story.
func leftOut(a translator.Article) []dropped {
	var out []dropped
	for _, b := range a.Blocks {
		if b.Kind == translator.Boilerplate {
			out = append(out, dropped{visible(b.Rule), cell{string(a.Lang), a.Lang.Dir(), shorten(oneLine(b.Text), 300)}})
		}
	}
	return out
}
