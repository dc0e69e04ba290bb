package article

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"dragoman/translator"
)

// A draft is a story as its format gives it, before its paragraphs are told apart.
type draft struct {
	lang      translator.Lang // empty if the story does not say
	published time.Time
	headline  string
	byline    string
	dateline  string
	paras     []para
	meta      map[string]string
	page      bool // it comes from a web page
}

// A para is one paragraph of a draft.
type para struct {
	kind  translator.BlockKind
	text  string
	rule  string // of a Boilerplate paragraph
	links bool   // most of it is links
}

func (d *draft) setMeta(key, value string) {
	if value == "" {
		return
	}
	if d.meta == nil {
		d.meta = make(map[string]string)
	}
	if old := d.meta[key]; old != "" && old != value {
		value = old + "; " + value
	}
	d.meta[key] = value
}

// finish tells the paragraphs of a draft apart and makes an article of it.
func (r *reader) finish(d draft, id, path string) (translator.Article, error) {
	d.clean()
	if len(d.paras) > r.MaxBlocks {
		return translator.Article{}, &translator.Error{Kind: translator.TooLarge,
			Hint: "split the story, or raise the limit on its blocks",
			Err:  fmt.Errorf("the story has %d paragraphs, more than %d", len(d.paras), r.MaxBlocks)}
	}
	r.dropBoilerplate(&d)
	r.dropInitials(&d)
	d.findBylines()
	d.findCaptions()
	d.findDateline()
	if d.lang == "" {
		d.lang = r.Lang
	}
	a := translator.Article{ID: id, Path: path, Lang: d.lang, Published: d.published, Meta: d.meta, Blocks: d.blocks()}
	for _, b := range a.Blocks {
		if b.Kind != translator.Boilerplate {
			return a, nil
		}
	}
	if len(a.Blocks) > 0 {
		return a, invalid("if these are sentences, switch the rule off", "the story holds nothing but boilerplate (rule %s)", a.Blocks[0].Rule)
	}
	return a, invalid("check the source: perhaps only a picture was sent", "the story holds no text")
}

// blocks returns the draft's blocks: headline, byline, dateline, body.
func (d *draft) blocks() []translator.Block {
	blocks := make([]translator.Block, 0, len(d.paras)+3)
	for _, b := range []translator.Block{
		{Kind: translator.Headline, Text: d.headline},
		{Kind: translator.Byline, Text: d.byline},
		{Kind: translator.Dateline, Text: d.dateline},
	} {
		if b.Text != "" {
			blocks = append(blocks, b)
		}
	}
	for _, p := range d.paras {
		blocks = append(blocks, translator.Block{Kind: p.kind, Text: p.text, Rule: p.rule})
	}
	return blocks
}

// clean makes every text one line without white space around it and drops
// paragraphs that show nothing.
func (d *draft) clean() {
	d.headline, d.byline, d.dateline = oneLine(d.headline), oneLine(d.byline), oneLine(d.dateline)
	kept := d.paras[:0]
	for _, p := range d.paras {
		if p.text = oneLine(p.text); p.text != "" {
			kept = append(kept, p)
		}
	}
	d.paras = kept
}

// oneLine trims a text and puts a space for every line end in it. A text that
// shows nothing becomes empty.
func oneLine(text string) string {
	if strings.Contains(text, "\n") || oddLineEnd(text) {
		text = strings.Join(splitLines(strings.TrimSpace(text)), " ")
	}
	text = strings.TrimSpace(text)
	if !visible(text) {
		return ""
	}
	return text
}

// visible tells whether a text holds anything but spaces, controls, and
// characters without a width.
func visible(text string) bool {
	for _, r := range text {
		if r > ' ' && r < 0x7f || !unicode.IsSpace(r) && !unicode.In(r, unicode.Cc, unicode.Cf, unicode.M) {
			return true
		}
	}
	return false
}

// parseLang reads a story's own language.
func parseLang(tag string) (translator.Lang, error) {
	if tag == "" {
		return "", nil
	}
	lang, err := translator.ParseLang(strings.ReplaceAll(tag, "_", "-"))
	if err != nil {
		return "", invalid("name the language as in ar, en or en-GB", "lang %q is no language", tag)
	}
	return lang, nil
}

// timeLayouts are the ways in which feeds write a time. One without a zone is UTC.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/01/02",
	"20060102T150405Z0700", "20060102T150405", "20060102",
	time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700",
	"2 January 2006", "2 Jan 2006", "January 2, 2006", "Jan 2, 2006",
}

// parseTime reads a time, or returns the zero time.
func parseTime(s string) time.Time {
	s = strings.TrimSpace(s)
	if len(s) > 64 {
		return time.Time{}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 {
			return t
		}
	}
	return time.Time{}
}
