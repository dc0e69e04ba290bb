package format

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"dragoman/translator"
)

// browser starts a headless Chromium, or skips the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed: the layout is not seen by a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1200, 900))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancelAllocator)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(cancelTab)
	if err := chromedp.Do(ctx); err != nil {
		t.Skipf("Chromium does not start: %v", err)
	}
	return ctx
}

// seen is what a browser makes of the first row of a page.
type seen struct {
	English, Arabic       struct{ X, Y, Width float64 }
	EnglishDir, ArabicDir string
	EnglishEdge           string // where lines begin: "left" or "right" of the cell
	ArabicEdge            string
	Background            string
	Scrolls               bool
}

// look measures the cells, and where in its cell the first character of each text is.
const look = `(() => {
	const cells = [...document.querySelectorAll("tr#s1-1 td")];
	const ar = cells.find(c => c.dir == "rtl"), en = cells.find(c => c.dir == "ltr");
	const box = c => { const r = c.getBoundingClientRect(); return {X: r.x, Y: r.y, Width: r.width}; };
	const edge = c => {
		const range = document.createRange(), node = c.querySelector(".text").firstChild;
		range.setStart(node, 0); range.setEnd(node, 1);
		const r = range.getBoundingClientRect(), b = c.getBoundingClientRect();
		return r.x - b.x < b.right - r.right ? "left" : "right";
	};
	return {English: box(en), Arabic: box(ar), EnglishDir: getComputedStyle(en).direction, ArabicDir: getComputedStyle(ar).direction,
		EnglishEdge: edge(en), ArabicEdge: edge(ar), Background: getComputedStyle(document.body).backgroundColor,
		Scrolls: document.documentElement.scrollWidth > innerWidth};
})()`

// lookAt loads a story's page, as a file as readers do, in a window of a width.
func lookAt(t *testing.T, ctx context.Context, story translator.Story, dir translator.Direction, width int64) seen {
	t.Helper()
	d, path := openDir(t)
	o, err := NewOutputs(d, dir, []string{"html"})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Add(story); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Close(Report{}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(path, "stories", SafeName(story.Article.ID)+".html")
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+page)); err != nil {
		t.Fatal(err)
	}
	s, err := chromedp.Run(ctx, chromedp.Evaluate[seen](look))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBrowserShowsArabicRight(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	for _, tt := range []struct {
		story translator.Story
		dir   translator.Direction
	}{{samples()[0], arEn}, {englishStory(), enAr}, {samples()[1], arEn}} {
		s := lookAt(t, ctx, tt.story, tt.dir, 1200)
		if s.Arabic.X < s.English.X+s.English.Width-1 || s.Arabic.Y != s.English.Y {
			t.Errorf("%s: Arabic is not right of English: %+v", tt.dir, s)
		}
		if s.ArabicDir != "rtl" || s.EnglishDir != "ltr" {
			t.Errorf("%s: directions %+v", tt.dir, s)
		}
		if tt.story.Article.ID != samples()[1].Article.ID && (s.ArabicEdge != "right" || s.EnglishEdge != "left") {
			t.Errorf("%s: lines do not begin at the outer edges: %+v", tt.dir, s)
		}
		if s.Background == "rgba(0, 0, 0, 0)" {
			t.Error("the policy keeps the page's own style sheet out")
		}
		narrow := lookAt(t, ctx, tt.story, tt.dir, 380)
		if narrow.Arabic.X != narrow.English.X || narrow.Arabic.Y == narrow.English.Y || narrow.Scrolls {
			t.Errorf("%s: a narrow page is not stacked: %+v", tt.dir, narrow)
		}
	}
}

// captionAndBadges is the caption's box, the page's width, and how "not
// translated" looks in every row without a translation.
const captionAndBadges = `(() => {
	const c = document.querySelector("caption"), box = c.getBoundingClientRect();
	const looks = [...document.querySelectorAll("tr.missing .badge")].map(b => {
		const s = getComputedStyle(b);
		return [s.color, s.borderTopColor, s.fontWeight, s.fontSize].join(" ");
	});
	return {Width: box.width, Table: document.querySelector("table").getBoundingClientRect().width, Looks: looks};
})()`

func TestBrowserNarrowCaptionAndMissing(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	m := newStory("gaps", arEn).block(translator.Body, translator.Machine, "نعم.", "Yes.")
	for _, kind := range []translator.BlockKind{translator.Headline, translator.Dateline, translator.Body} {
		m.block(kind, translator.Machine, "نص", "").miss(translator.Missing)
	}
	for _, width := range []int64{1200, 500} {
		lookAt(t, ctx, m.story, arEn, width)
		got, err := chromedp.Run(ctx, chromedp.Evaluate[struct {
			Width, Table float64
			Looks        []string
		}](captionAndBadges))
		if err != nil {
			t.Fatal(err)
		}
		if got.Width < got.Table*0.9 {
			t.Errorf("at %d pixels the caption has %.0f of the table's %.0f", width, got.Width, got.Table)
		}
		if len(got.Looks) != 3 || got.Looks[0] != got.Looks[2] || got.Looks[1] != got.Looks[2] {
			t.Errorf("at %d pixels rows without a translation look like %q", width, got.Looks)
		}
	}
}

// layout says whether a page scrolls sideways, and which words of its small
// cells are cut, a word of several boxes standing on several lines, or which
// caption is narrower than its table.
const layout = `(() => {
	const cut = [];
	for (const cell of document.querySelectorAll(".numbers td, .numbers th, .word, .path, caption")) {
		const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
		for (let node = texts.nextNode(); node; node = texts.nextNode()) {
			for (const word of node.data.matchAll(/[\p{L}\p{N}]+/gu)) {
				const range = document.createRange();
				range.setStart(node, word.index);
				range.setEnd(node, word.index + word[0].length);
				if (word[0].length <= 24 && new Set([...range.getClientRects()].map(r => r.y)).size > 1) cut.push(word[0]);
			}
		}
	}
	for (const caption of document.querySelectorAll("caption")) {
		const width = caption.getBoundingClientRect().width;
		if (width < caption.parentElement.getBoundingClientRect().width * 0.9) cut.push("caption of " + width);
	}
	return {Page: document.documentElement.scrollWidth, Window: innerWidth, Cut: cut};
})()`

// wideRun is a run with everything that is too long for a narrow page, and wideComparison the same for engines.
func wideRun(t *testing.T) string {
	t.Helper()
	lost := samples()[2]
	lost.Err = &translator.Error{Op: "libretranslate", Kind: translator.Unavailable, Hint: "see that http://127.0.0.1:5000/" + strings.Repeat("translate", 12) + " runs",
		Err: errors.New(`Post "http://translate.wire.example:5000/` + strings.Repeat("v1beta", 20) + `": connection refused`)}
	lost.Article.Path = "archive/2026/" + strings.Repeat("alert", 20) + ".txt"
	flagged := flaggedStory("samples/ar/alert.txt", 3, "numbers", "untranslated-words", translator.FlagMovedOn)
	flagged.Article.Path = "samples/ar/alert.txt"
	for i := range flagged.Sentences {
		flagged.Sentences[i].Pair.Origin.Signature = "libretranslate:v1|model:default|shield:1"
	}
	_, file := reportOf(t, append(samples(), lost, flagged)...)
	return file
}

func wideComparison(t *testing.T) string {
	t.Helper()
	c := sampleComparison()
	c.Engines[0].Size, c.Engines[1].Failed = 1234567, "Post http://"+strings.Repeat("translate", 20)
	for range 3 {
		c.Engines = append(c.Engines, Compared{Name: "libretranslate", Answered: 3, Recalled: 3, Unit: "characters"})
	}
	for i := range c.Rows {
		for range 3 {
			c.Rows[i].Answers = append(c.Rows[i].Answers, ComparedAnswer{Text: "Word.", Recalled: true, Flags: []string{"numbers"}})
		}
	}
	var b bytes.Buffer
	file := filepath.Join(t.TempDir(), "compare.html")
	if err := errors.Join(WriteComparison(&b, c), os.WriteFile(file, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return file
}

// No page scrolls sideways or cuts words in two, however long its addresses are.
func TestBrowserNarrowReports(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	for _, file := range []string{wideRun(t), wideComparison(t)} {
		for _, width := range []int64{360, 420, 700, 1000, 1200} {
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file)); err != nil {
				t.Fatal(err)
			}
			got, err := chromedp.Run(ctx, chromedp.Evaluate[struct {
				Page, Window int
				Cut          []string
			}](layout))
			if err != nil {
				t.Fatal(err)
			}
			if got.Page > int(width) || len(got.Cut) > 0 {
				t.Errorf("%s in a window of %d is %d wide and cuts %q", filepath.Base(file), width, got.Page, got.Cut)
			}
		}
	}
}
