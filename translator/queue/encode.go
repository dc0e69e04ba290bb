package queue

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dragoman/translator"
)

// encodingVersion is the v of what is written. A program reads all versions up
// to its own, and refuses those above.
const encodingVersion = 1

// An itemDoc is an article, or why it could not be read, as the store has it.
type itemDoc struct {
	V       int         `json:"v"`
	Raw     bool        `json:"raw,omitempty"` // see texts
	Article *articleDoc `json:"article,omitempty"`
	Unread  *unreadDoc  `json:"unread,omitempty"`
}

type articleDoc struct {
	ID        string      `json:"id,omitempty"`
	Path      string      `json:"path,omitempty"`
	Lang      string      `json:"lang,omitempty"`
	Published *instant    `json:"published,omitempty"`
	Blocks    []blockDoc  `json:"blocks,omitempty"`
	Meta      [][2]string `json:"meta,omitempty"` // in the order of the keys
}

type blockDoc struct {
	Kind string `json:"k"`
	Text string `json:"t"`
	Rule string `json:"r,omitempty"`
}

type unreadDoc struct {
	Path   string    `json:"path,omitempty"`
	ID     string    `json:"id,omitempty"`
	Reason reasonDoc `json:"reason"`
}

// A reasonDoc is a translator.Reason, its kind in words.
type reasonDoc struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// A storyDoc is a translated story. The languages are those of all its pairs,
// and a pair's ID and story are made again from its place.
type storyDoc struct {
	V         int           `json:"v"`
	Raw       bool          `json:"raw,omitempty"`
	Article   articleDoc    `json:"article"`
	Status    string        `json:"status"`
	Reason    *reasonDoc    `json:"reason,omitempty"`
	From      string        `json:"from,omitempty"`
	To        string        `json:"to,omitempty"`
	Sentences []sentenceDoc `json:"sentences,omitempty"`
}

type sentenceDoc struct {
	Block     int        `json:"b"`
	Sentence  int        `json:"n"`
	Kind      string     `json:"k"`
	Source    string     `json:"s"`
	Target    string     `json:"t,omitempty"`
	Origin    string     `json:"o,omitempty"`
	Signature string     `json:"g,omitempty"`
	Time      *instant   `json:"at,omitempty"`
	Flags     []string   `json:"f,omitempty"`
	Recalled  bool       `json:"m,omitempty"`
	Reason    *reasonDoc `json:"e,omitempty"`
}

// An instant is a time in UTC: its second since 1970 and its nanosecond. Go's
// text form refuses some years, and the encoding has no error to say so with.
type instant [2]int64

func instantOf(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	return &instant{t.Unix(), int64(t.Nanosecond())}
}

func (i *instant) time() time.Time {
	if i == nil {
		return time.Time{}
	}
	return time.Unix(i[0], i[1]).UTC()
}

// texts puts texts into JSON, which has no place for a byte that is not UTF-8.
// Where any text of a document has one, the whole document is raw: each byte of
// each text stands there as the character of its number, U+0000 to U+00FF.
type texts struct {
	raw    bool
	broken bool // a text of those that passed is not UTF-8
}

func (t *texts) in(s string) string {
	if !t.raw {
		t.broken = t.broken || !utf8.ValidString(s)
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

func (t *texts) out(s string) string {
	if !t.raw {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// EncodeArticle writes an article that was read. DecodeArticle gives it back,
// its time in UTC.
func EncodeArticle(a translator.Article) []byte {
	return encode(func(t *texts) any {
		doc := articleDocOf(t, a)
		return itemDoc{V: encodingVersion, Raw: t.raw, Article: &doc}
	})
}

// EncodeUnread writes why an item could not be read.
func EncodeUnread(e *translator.ItemError) []byte {
	return encode(func(t *texts) any {
		return itemDoc{V: encodingVersion, Raw: t.raw, Unread: &unreadDoc{
			Path: t.in(e.Path), ID: t.in(e.ID), Reason: *reasonDocOf(t, e.Err),
		}}
	})
}

// EncodeStory writes a story as pipeline.Run emits it: all its pairs are in one
// direction and named by their places. Its errors keep their text, kind and hint.
func EncodeStory(s translator.Story) []byte {
	return encode(func(t *texts) any {
		doc := storyDoc{
			V: encodingVersion, Raw: t.raw, Article: articleDocOf(t, s.Article),
			Status: t.in(string(s.Status)), Reason: reasonDocOf(t, s.Err),
		}
		for _, sentence := range s.Sentences {
			doc.From, doc.To = t.in(string(sentence.Pair.Source.Lang)), t.in(string(sentence.Pair.Target.Lang))
			doc.Sentences = append(doc.Sentences, sentenceDocOf(t, sentence))
		}
		return doc
	})
}

// encode writes the document that build makes, a raw one if it must be.
func encode(build func(*texts) any) []byte {
	t := &texts{}
	doc := build(t)
	if t.broken {
		doc = build(&texts{raw: true})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		panic("queue: a document that JSON cannot hold: " + err.Error()) // only strings, integers and lists of them
	}
	return seal(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func articleDocOf(t *texts, a translator.Article) articleDoc {
	doc := articleDoc{ID: t.in(a.ID), Path: t.in(a.Path), Lang: t.in(string(a.Lang)), Published: instantOf(a.Published)}
	for _, b := range a.Blocks {
		doc.Blocks = append(doc.Blocks, blockDoc{t.in(string(b.Kind)), t.in(b.Text), t.in(b.Rule)})
	}
	for key, value := range a.Meta {
		doc.Meta = append(doc.Meta, [2]string{t.in(key), t.in(value)})
	}
	slices.SortFunc(doc.Meta, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	return doc
}

func sentenceDocOf(t *texts, s translator.Sentence) sentenceDoc {
	p := s.Pair
	doc := sentenceDoc{
		Block: p.Block, Sentence: p.Sentence, Kind: t.in(string(p.Kind)),
		Source: t.in(p.Source.Text), Target: t.in(p.Target.Text),
		Origin: t.in(string(p.Origin.Kind)), Signature: t.in(string(p.Origin.Signature)), Time: instantOf(p.Origin.Time),
		Recalled: s.Recalled, Reason: reasonDocOf(t, s.Err),
	}
	for _, flag := range p.Flags {
		doc.Flags = append(doc.Flags, t.in(flag))
	}
	return doc
}

func reasonDocOf(t *texts, err error) *reasonDoc {
	if err == nil {
		return nil
	}
	r := translator.ReasonOf(err)
	return &reasonDoc{Kind: r.Kind.Error(), Text: t.in(r.Text), Hint: t.in(r.Hint)}
}

// DecodeArticle reads what EncodeArticle or EncodeUnread wrote: the article, or
// why there is none.
func DecodeArticle(b []byte) (translator.Article, *translator.ItemError, error) {
	var doc itemDoc
	if err := decode(b, &doc, &doc.V); err != nil {
		return translator.Article{}, nil, err
	}
	t := &texts{raw: doc.Raw}
	switch {
	case doc.Article != nil:
		return doc.Article.article(t), nil, nil
	case doc.Unread != nil:
		u := doc.Unread
		return translator.Article{}, &translator.ItemError{Path: t.out(u.Path), ID: t.out(u.ID), Err: u.Reason.err(t)}, nil
	}
	return translator.Article{}, nil, damaged(errors.New("neither an article nor why there is none"))
}

// DecodeStory reads what EncodeStory wrote. The Flags of its pairs are never nil.
func DecodeStory(b []byte) (translator.Story, error) {
	var doc storyDoc
	if err := decode(b, &doc, &doc.V); err != nil {
		return translator.Story{}, err
	}
	t := &texts{raw: doc.Raw}
	s := translator.Story{Article: doc.Article.article(t), Status: translator.Status(t.out(doc.Status))}
	if doc.Reason != nil {
		s.Err = doc.Reason.err(t)
	}
	from, to := translator.Lang(t.out(doc.From)), translator.Lang(t.out(doc.To))
	for _, d := range doc.Sentences {
		sentence := d.sentence(t, s.Article.ID)
		sentence.Pair.Source.Lang, sentence.Pair.Target.Lang = from, to
		s.Sentences = append(s.Sentences, sentence)
	}
	return s, nil
}

// decode reads a document and looks at its version before all else: what a
// newer program wrote may not even be of the same shape.
func decode(b []byte, doc any, version *int) error {
	b, err := unseal(b)
	if err != nil {
		return err
	}
	err = json.Unmarshal(b, doc)
	if *version > encodingVersion {
		return tooNew(fmt.Errorf("a newer dragoman wrote this (version %d, and this one reads up to %d)", *version, encodingVersion))
	}
	if err == nil && *version < 1 {
		err = errors.New("it has no version")
	}
	if err != nil {
		return damaged(err)
	}
	return nil
}

func (d *articleDoc) article(t *texts) translator.Article {
	a := translator.Article{ID: t.out(d.ID), Path: t.out(d.Path), Lang: translator.Lang(t.out(d.Lang)), Published: d.Published.time()}
	for _, b := range d.Blocks {
		a.Blocks = append(a.Blocks, translator.Block{Kind: translator.BlockKind(t.out(b.Kind)), Text: t.out(b.Text), Rule: t.out(b.Rule)})
	}
	if len(d.Meta) > 0 {
		a.Meta = make(map[string]string, len(d.Meta))
	}
	for _, m := range d.Meta {
		a.Meta[t.out(m[0])] = t.out(m[1])
	}
	return a
}

func (d *sentenceDoc) sentence(t *texts, story string) translator.Sentence {
	s := translator.Sentence{Recalled: d.Recalled, Pair: translator.Pair{
		ID: translator.PairID(story, d.Block, d.Sentence), Story: story, Block: d.Block, Sentence: d.Sentence,
		Kind:   translator.BlockKind(t.out(d.Kind)),
		Source: translator.Text{Text: t.out(d.Source)}, Target: translator.Text{Text: t.out(d.Target)},
		Origin: translator.Origin{Kind: translator.OriginKind(t.out(d.Origin)), Signature: translator.Signature(t.out(d.Signature)), Time: d.Time.time()},
		Flags:  make([]string, len(d.Flags)),
	}}
	for i, flag := range d.Flags {
		s.Pair.Flags[i] = t.out(flag)
	}
	if d.Reason != nil {
		s.Err = d.Reason.err(t)
	}
	return s
}

// err returns the error. A kind that this program does not know is Other.
func (d *reasonDoc) err(t *texts) error {
	r := translator.Reason{Kind: translator.KindNamed(d.Kind), Text: t.out(d.Text), Hint: t.out(d.Hint)}
	return cmp.Or(r.Err(), error(translator.Other))
}

func damaged(cause error) error {
	err := translator.NewError("queue", translator.Corrupt, cause)
	err.Hint = "what the store has of this story is damaged: translate it from its file with dragoman translate"
	return err
}

func tooNew(cause error) error {
	err := translator.NewError("queue", translator.Unsupported, cause)
	err.Hint = "upgrade dragoman"
	return err
}
