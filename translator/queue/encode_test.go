package queue

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"pgregory.net/rapid"
)

// anyText is Arabic, English, and bytes that are no text at all.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "عاد القطار إلى المحطة.", "The train is back.", "\x00", "\xff\xfe", "a\xc3", "\u2028<&>\"\\", "\ufffd", "\U0001F682"}),
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
}

func anyTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "zero") {
			return time.Time{}
		}
		return time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "second"), rapid.Int64Range(0, 1e9-1).Draw(t, "nano")).UTC()
	})
}

func anyArticle() *rapid.Generator[translator.Article] {
	return rapid.Custom(func(t *rapid.T) translator.Article {
		a := translator.Article{
			ID: anyText().Draw(t, "id"), Path: anyText().Draw(t, "path"),
			Lang: translator.Lang(anyText().Draw(t, "lang")), Published: anyTime().Draw(t, "published"),
		}
		for range rapid.IntRange(0, 4).Draw(t, "blocks") {
			a.Blocks = append(a.Blocks, translator.Block{
				Kind: translator.BlockKind(anyText().Draw(t, "kind")), Text: anyText().Draw(t, "text"), Rule: anyText().Draw(t, "rule"),
			})
		}
		if meta := rapid.MapOfN(anyText(), anyText(), 0, 4).Draw(t, "meta"); len(meta) > 0 {
			a.Meta = meta
		}
		return a
	})
}

// anyError is an error as it reaches a story: bare, wrapped or joined.
func anyError() *rapid.Generator[error] {
	kind := rapid.Map(rapid.IntRange(0, int(translator.Interrupted)), func(k int) translator.Kind { return translator.Kind(k) })
	simple := rapid.Custom(func(t *rapid.T) error {
		switch rapid.IntRange(0, 4).Draw(t, "error") {
		case 0:
			return errors.New(anyText().Draw(t, "plain"))
		case 1:
			return kind.Draw(t, "kind")
		case 2:
			return &translator.BudgetError{Limit: translator.Limit{Name: "budget.run_chars", Size: 10}, Asked: translator.Line{Size: 20}}
		case 3:
			return &translator.ItemError{Path: anyText().Draw(t, "path"), Err: kind.Draw(t, "of item")}
		default:
			return &translator.Error{Op: anyText().Draw(t, "op"), Kind: kind.Draw(t, "kind"), Hint: anyText().Draw(t, "hint"), After: time.Second}
		}
	})
	return rapid.Custom(func(t *rapid.T) error {
		err := simple.Draw(t, "first")
		switch rapid.IntRange(0, 3).Draw(t, "around") {
		case 0:
			return fmt.Errorf("story 3: %w", err)
		case 1:
			return errors.Join(err, simple.Draw(t, "second"))
		case 2:
			return &translator.Error{Op: "engine", Kind: kind.Draw(t, "outer"), Err: err}
		}
		return err
	})
}

func anyStory() *rapid.Generator[translator.Story] {
	return rapid.Custom(func(t *rapid.T) translator.Story {
		s := translator.Story{Article: anyArticle().Draw(t, "article"), Status: translator.Status(anyText().Draw(t, "status"))}
		if rapid.Bool().Draw(t, "failed") {
			s.Err = anyError().Draw(t, "why")
		}
		from, to := translator.Lang(anyText().Draw(t, "from")), translator.Lang(anyText().Draw(t, "to"))
		for range rapid.IntRange(0, 5).Draw(t, "sentences") {
			s.Sentences = append(s.Sentences, anySentence(s.Article.ID, from, to).Draw(t, "sentence"))
		}
		return s
	})
}

func anySentence(story string, from, to translator.Lang) *rapid.Generator[translator.Sentence] {
	return rapid.Custom(func(t *rapid.T) translator.Sentence {
		s := translator.Sentence{Recalled: rapid.Bool().Draw(t, "recalled"), Pair: translator.Pair{
			Story: story, Block: rapid.Int().Draw(t, "block"), Sentence: rapid.Int().Draw(t, "number"),
			Kind:   translator.BlockKind(anyText().Draw(t, "kind")),
			Source: translator.Text{Lang: from, Text: anyText().Draw(t, "source")},
			Target: translator.Text{Lang: to, Text: anyText().Draw(t, "target")},
			Origin: translator.Origin{
				Kind: translator.OriginKind(anyText().Draw(t, "origin")), Signature: translator.Signature(anyText().Draw(t, "signature")),
				Time: anyTime().Draw(t, "time"),
			},
			Flags: rapid.SliceOfN(anyText(), 0, 3).Draw(t, "flags"),
		}}
		s.Pair.ID = translator.PairID(story, s.Pair.Block, s.Pair.Sentence)
		if rapid.Bool().Draw(t, "missing") {
			s.Err = anyError().Draw(t, "why not")
		}
		return s
	})
}

// sameError compares what export and pipeline ask of an error.
func sameError(t interface{ Errorf(string, ...any) }, got, want error) {
	if (got == nil) != (want == nil) {
		t.Errorf("the error %v became %v", want, got)
		return
	}
	if want == nil {
		return
	}
	text := want.Error()
	if text == "" {
		text = translator.KindOf(want).Error()
	}
	if got.Error() != text || translator.KindOf(got) != translator.KindOf(want) || translator.HintOf(got) != translator.HintOf(want) {
		t.Errorf("%q (%v, hint %q) became %q (%v, hint %q)", text, translator.KindOf(want), translator.HintOf(want),
			got.Error(), translator.KindOf(got), translator.HintOf(got))
	}
}

func TestArticlesComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := anyArticle().Draw(t, "article")
		b := EncodeArticle(want)
		got, unread, err := DecodeArticle(b)
		if err != nil || unread != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v came back as %+v, %v, %v", want, got, unread, err)
		}
		if !bytes.Equal(b, EncodeArticle(got)) {
			t.Fatal("the same article is written in two ways")
		}
	})
}

func TestUnreadItemsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := &translator.ItemError{Path: anyText().Draw(t, "path"), ID: anyText().Draw(t, "id"), Err: anyError().Draw(t, "why")}
		_, got, err := DecodeArticle(EncodeUnread(want))
		if err != nil || got == nil || got.Path != want.Path || got.ID != want.ID {
			t.Fatalf("%+v came back as %+v, %v", want, got, err)
		}
		sameError(t, got.Err, want.Err)
	})
}

func TestStoriesComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := anyStory().Draw(t, "story")
		b := EncodeStory(want)
		got, err := DecodeStory(b)
		if err != nil || len(got.Sentences) != len(want.Sentences) {
			t.Fatalf("%d sentences came back as %d, %v", len(want.Sentences), len(got.Sentences), err)
		}
		sameError(t, got.Err, want.Err)
		for i := range want.Sentences {
			sameError(t, got.Sentences[i].Err, want.Sentences[i].Err)
			got.Sentences[i].Err = want.Sentences[i].Err
		}
		got.Err = want.Err
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v came back as %+v", want, got)
		}
		if !bytes.Equal(b, EncodeStory(got)) {
			t.Fatal("the same story is written in two ways")
		}
	})
}

// Whatever a bit of what is stored turns into, it is no other story.
func TestDamageIsSeen(t *testing.T) {
	t.Parallel()
	whole := EncodeStory(oneStory())
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			if s, err := DecodeStory(b); err == nil {
				t.Fatalf("bit %d of byte %d turned, and it reads as %+v", bit, i, s)
			} else if translator.HintOf(err) == "" {
				t.Fatalf("%v says no remedy", err)
			}
		}
		if _, err := DecodeStory(whole[:i]); err == nil {
			t.Fatalf("%d of %d bytes are read", i, len(whole))
		}
	}
	if _, _, err := DecodeArticle(seal([]byte(`{"v":1}`))); !errors.Is(err, translator.Corrupt) {
		t.Errorf("a document of nothing: %v", err)
	}
}

// What a newer program wrote is refused for being newer, even where its shape is another.
func TestNewerVersionsAreRefused(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{`{"v":2}`, `{"v":2,"article":[1,2],"sentences":"x"}`, `{"article":7,"v":3}`} {
		_, story := DecodeStory(seal([]byte(doc)))
		_, _, article := DecodeArticle(seal([]byte(doc)))
		for _, err := range []error{story, article} {
			if !errors.Is(err, translator.Unsupported) || translator.HintOf(err) != "upgrade dragoman" {
				t.Errorf("%s: %v (%s)", doc, err, translator.HintOf(err))
			}
		}
	}
	b := seal([]byte(`{"v":1}`))
	b[0] = 'q'
	if _, err := DecodeStory(b); translator.HintOf(err) != "upgrade dragoman" {
		t.Errorf("an unknown form: %v (%s)", err, translator.HintOf(err))
	}
}

// What is stored today is read next year: the document is pinned.
func TestDocumentIsPinned(t *testing.T) {
	t.Parallel()
	doc, err := unseal(EncodeStory(oneStory()))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"v":1,"article":{"id":"train","path":"wire/train.txt","lang":"ar","published":[1795824000,0],` +
		`"blocks":[{"k":"body","t":"عاد القطار. لم يعد أحد."},{"k":"boilerplate","t":"النهاية","r":"end"}],"meta":[["desk","home"]]},` +
		`"status":"held","reason":{"kind":"over budget","text":"over budget"},"from":"ar","to":"en","sentences":[` +
		`{"b":1,"n":1,"k":"body","s":"عاد القطار.","t":"The train is back.","o":"machine","g":"google:v3","at":[1795824060,0],"f":["number"],"m":true},` +
		`{"b":1,"n":2,"k":"body","s":"لم يعد أحد.","e":{"kind":"over budget","text":"over budget"}}]}`
	if string(doc) != want {
		t.Errorf("the document is\n%s\nwant\n%s", doc, want)
	}
	raw, err := unseal(EncodeUnread(&translator.ItemError{Path: "\xff", ID: "é", Err: translator.Invalid}))
	if err != nil || string(raw) != `{"v":1,"raw":true,"unread":{"path":"ÿ","id":"Ã©","reason":{"kind":"invalid","text":"invalid"}}}` {
		t.Errorf("%s, %v", raw, err)
	}
}

func oneStory() translator.Story {
	return translator.Story{
		Article: translator.Article{
			ID: "train", Path: "wire/train.txt", Lang: "ar", Published: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC),
			Blocks: []translator.Block{{Kind: translator.Body, Text: "عاد القطار. لم يعد أحد."}, {Kind: translator.Boilerplate, Text: "النهاية", Rule: "end"}},
			Meta:   map[string]string{"desk": "home"},
		},
		Status: translator.Held, Err: translator.OverBudget,
		Sentences: []translator.Sentence{
			{Recalled: true, Pair: translator.Pair{
				Block: 1, Sentence: 1, Kind: translator.Body, Source: translator.Text{Lang: "ar", Text: "عاد القطار."},
				Target: translator.Text{Lang: "en", Text: "The train is back."}, Flags: []string{"number"},
				Origin: translator.Origin{Kind: translator.Machine, Signature: "google:v3", Time: time.Date(2026, 11, 28, 0, 1, 0, 0, time.UTC)},
			}},
			{Err: translator.OverBudget, Pair: translator.Pair{
				Block: 1, Sentence: 2, Kind: translator.Body, Source: translator.Text{Lang: "ar", Text: "لم يعد أحد."}, Target: translator.Text{Lang: "en"},
			}},
		},
	}
}

func TestDigestTellsVersionsApart(t *testing.T) {
	t.Parallel()
	story := oneStory().Article
	first := DigestOf(story)
	same := story
	same.Path, same.Meta, same.Published = "tomorrow/train.txt", nil, story.Published.In(time.FixedZone("", 3600))
	if DigestOf(same) != first {
		t.Error("the path, the meta data or the zone of a time makes another version")
	}
	for name, change := range map[string]func(*translator.Article){
		"text":          func(a *translator.Article) { a.Blocks[0].Text += "!" },
		"kind":          func(a *translator.Article) { a.Blocks[0].Kind = translator.Crosshead },
		"rule":          func(a *translator.Article) { a.Blocks[1].Rule = "agency" },
		"language":      func(a *translator.Article) { a.Lang = "fa" },
		"published":     func(a *translator.Article) { a.Published = a.Published.Add(time.Second) },
		"not published": func(a *translator.Article) { a.Published = time.Time{} },
		"a block less":  func(a *translator.Article) { a.Blocks = a.Blocks[:1] },
		"parts moved":   func(a *translator.Article) { a.Blocks[1].Text, a.Blocks[1].Rule = "النهايةe", "nd" },
	} {
		a := oneStory().Article
		change(&a)
		if DigestOf(a) == first {
			t.Errorf("%s: the same version", name)
		}
	}
	// A digest taken today is found next year: the value is pinned.
	if got := fmt.Sprintf("%x", first); got != "eafe4052967f08100b1ec41ca310a2ed" {
		t.Errorf("DigestOf = %s", got)
	}
	why := &translator.ItemError{Path: "a.txt", ID: "a", Err: errors.New("not a story")}
	elsewhere := &translator.ItemError{Path: "b/a.txt", ID: "a", Err: errors.New("not a story")}
	other := &translator.ItemError{Path: "a.txt", ID: "a", Err: errors.New("too large")}
	if DigestOfUnread(why) != DigestOfUnread(elsewhere) || DigestOfUnread(why) == DigestOfUnread(other) {
		t.Error("unread items are not told apart by their reason alone")
	}
}

// A document of any kind is read or refused, and what is read can be written.
func FuzzDecode(f *testing.F) {
	for _, b := range [][]byte{EncodeStory(oneStory()), EncodeArticle(oneStory().Article), EncodeUnread(&translator.ItemError{Path: "\xff", Err: translator.Invalid})} {
		doc, err := unseal(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	f.Add([]byte(`{"v":1,"raw":true,"article":{"id":"` + strings.Repeat("ÿ", 10) + `Ā"},"sentences":[{"b":-1,"n":0,"at":[9223372036854775807,-1]}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if a, unread, err := DecodeArticle(seal(doc)); err == nil && unread == nil {
			if again, _, err := DecodeArticle(EncodeArticle(a)); err != nil || !reflect.DeepEqual(again, a) {
				t.Errorf("%+v came back as %+v, %v", a, again, err)
			}
		}
		s, err := DecodeStory(seal(doc))
		if err != nil {
			return
		}
		again, err := DecodeStory(EncodeStory(s))
		if err != nil || !bytes.Equal(EncodeStory(again), EncodeStory(s)) {
			t.Errorf("%+v came back as %+v, %v", s, again, err)
		}
	})
}
