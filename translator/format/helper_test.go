package format

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dragoman/translator"
)

var update = flag.Bool("update", false, "write the golden files of testdata/want anew")

var (
	arEn = translator.Direction{From: translator.Arabic, To: translator.English}
	enAr = translator.Direction{From: translator.English, To: translator.Arabic}
)

var noon = time.Date(2026, 3, 14, 12, 0, 5, 0, time.UTC)

const google = translator.Signature("google:v3|general/nmt|glossary:none")

// A storyMaker builds a story sentence by sentence.
type storyMaker struct {
	story translator.Story
	dir   translator.Direction
}

func newStory(id string, dir translator.Direction) *storyMaker {
	return &storyMaker{dir: dir, story: translator.Story{
		Article: translator.Article{ID: id, Path: "wire/" + id + ".txt", Lang: dir.From},
		Status:  translator.Done,
	}}
}

// block adds a block of one kind; its pairs are source, target, source, target ...
func (m *storyMaker) block(kind translator.BlockKind, origin translator.OriginKind, texts ...string) *storyMaker {
	a := &m.story.Article
	a.Blocks = append(a.Blocks, translator.Block{Kind: kind})
	for i := 0; i+1 < len(texts); i += 2 {
		m.sentence(kind, i/2+1, texts[i], texts[i+1]).Origin = originOf(origin)
	}
	return m
}

func (m *storyMaker) sentence(kind translator.BlockKind, n int, source, target string) *translator.Pair {
	a := &m.story.Article
	block := len(a.Blocks)
	a.Blocks[block-1].Text += source + " "
	m.story.Sentences = append(m.story.Sentences, translator.Sentence{Pair: translator.Pair{
		ID: translator.PairID(a.ID, block, n), Story: a.ID, Block: block, Sentence: n, Kind: kind,
		Source: translator.Text{Lang: m.dir.From, Text: source},
		Target: translator.Text{Lang: m.dir.To, Text: target},
		Flags:  []string{},
	}})
	return &m.last().Pair
}

func (m *storyMaker) last() *translator.Sentence {
	return &m.story.Sentences[len(m.story.Sentences)-1]
}

// miss makes the last sentence one without a translation.
func (m *storyMaker) miss(err error) *storyMaker {
	s := m.last()
	s.Pair.Target.Text, s.Pair.Origin, s.Err = "", translator.Origin{}, err
	m.story.Status = translator.Partial
	return m
}

func originOf(kind translator.OriginKind) translator.Origin {
	o := translator.Origin{Kind: kind, Signature: google, Time: noon}
	switch kind {
	case translator.Human:
		o.Signature = translator.HumanSignature
	case translator.Seed:
		o.Signature = translator.SeedSignature
	}
	return o
}

// samples are the stories of the golden files.
func samples() []translator.Story {
	ferry := newStory("ferry-3", arEn).
		block(translator.Headline, translator.Human, "عودة العبارات بعد العاصفة", "Ferries return after the storm").
		block(translator.Byline, translator.Machine, "كتبت ليلى منصور", "By Layla Mansour").
		block(translator.Dateline, translator.Seed, "الإسكندرية", "ALEXANDRIA").
		block(translator.Body, translator.Machine,
			"غادرت ثلاث عبارات الميناء صباح السبت.", "Three ferries left the harbour on Saturday morning.",
			"وقال المدير: \"البحر هادئ <الآن> & آمن\".", "The director said: \"The sea is calm <now> & safe\".").
		block(translator.Crosshead, translator.Machine, "- انتظار طويل -", "- A long wait -").
		block(translator.Body, translator.Machine,
			"انتظر 1,250 راكبا يومين.", "=1,250 passengers waited for two days.",
			"ولم يصب أحد.", "x")
	ferry.miss(&translator.Error{Op: "google", Kind: translator.Missing, Hint: "translate it by hand"})
	ferry.story.Sentences[6].Pair.Flags = []string{"length", "numbers"}
	ferry.story.Article.Published = noon.Add(-time.Hour)
	ferry.story.Article.Blocks = append(ferry.story.Article.Blocks,
		translator.Block{Kind: translator.Boilerplate, Text: "اقرأ أيضا: طقس الغد", Rule: "read-also"})

	hostile := newStory("../x\u202ecod.exe", arEn).
		block(translator.Headline, translator.Machine, "<script>alert(1)</script>", "</title><script>alert(2)</script>").
		block(translator.Body, translator.Machine,
			"]]> \u202eمقلوب\x00\x0b", "tab\there\r\nline\u2028sep \ufffe <!-- ]]> \u202e",
			"{{.}} javascript:alert(1)", "' onmouseover=\"alert(3)\" \xff broken")

	lost := translator.Story{
		Article: translator.Article{ID: "wire/torn.txt", Path: "wire/torn.txt", Lang: translator.Arabic},
		Status:  translator.Failed,
		Err:     &translator.Error{Op: "read wire/torn.txt", Err: errors.New("byte 17 is no UTF-8"), Hint: "name its encoding with --encoding"},
	}
	held := newStory("Late", arEn).block(translator.Body, translator.Machine, "وصل الوفد.", "x")
	held.miss(translator.OverBudget)
	held.story.Status = translator.Held
	return []translator.Story{ferry.story, hostile.story, lost, held.story}
}

func pairsOf(stories []translator.Story) []translator.Pair {
	var out []translator.Pair
	for _, story := range stories {
		for _, s := range story.Sentences {
			if s.Err == nil {
				out = append(out, s.Pair)
			}
		}
	}
	return out
}

// write returns the files that a format makes of pairs.
func write(t testing.TB, name string, dir translator.Direction, pairs []translator.Pair) []string {
	t.Helper()
	f, err := ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	buffers := make([]bytes.Buffer, len(f.Files(dir)))
	files := make([]io.Writer, len(buffers))
	for i := range buffers {
		files[i] = &buffers[i]
	}
	w := f.Write(dir, files)
	for _, p := range pairs {
		if err := w.WritePair(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(buffers))
	for i := range buffers {
		out[i] = buffers[i].String()
	}
	return out
}

// read returns the pairs and errors of a sequence.
func read(seq translator.Pairs) (pairs []translator.Pair, errs []error) {
	for p, err := range seq {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		pairs = append(pairs, p)
	}
	return pairs, errs
}

// golden compares got with a file of testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, got, 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from %s; if that is meant, go test -update\ngot:\n%s", name, file, got)
	}
}
