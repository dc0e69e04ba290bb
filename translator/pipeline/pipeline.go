// Package pipeline is the order of the stages: stories come in, are cut into
// sentences, translated in pages that reach over several stories, and come out
// in the order they came in, each sentence with its translation or the reason
// why it has none.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"dragoman/translator"
	"dragoman/translator/segment"
)

// Options adjust Run. The zero value of each field is its default.
type Options struct {
	// PageSentences is how many sentences are looked up and sent at a time,
	// from as many stories as that takes; default 1,000. A story is never
	// divided over two pages.
	PageSentences int
	// Pages is how many pages are in work at once; default 8. It must be large
	// enough to keep every connection of the backend in work, and bounds memory.
	Pages int
	// Size measures a text as the backend that will be asked first does;
	// default Unicode code points.
	Size func(string) int
	// Stop, when closed, ends the reading of stories; what has been read is finished.
	Stop <-chan struct{}
	// Check returns the names of what is wrong with a pair that no person wrote;
	// nil finds nothing. It sees what is remembered as well, so that what was
	// saved before a rule was made is flagged too.
	Check func(source, target string) []string
	// Read is called for each story that was read, from one goroutine.
	Read func(sentences int)
}

// Run translates in and hands each story to emit, in the order of in, from the
// calling goroutine. It returns what it counted and the first error that ended
// the run before its end: emit's, translate's, the sequence's own, or ctx's.
// Whatever is wrong with one story is in that story and ends nothing. A panic of
// in, translate or Check goes on in the calling goroutine, which may recover.
func Run(ctx context.Context, dir translator.Direction, in translator.Articles, translate translator.Func,
	emit func(translator.Story) error, opts *Options) (Totals, error) {
	r := newRun(dir, translate, opts)
	ctx, cancel := context.WithCancelCause(ctx)
	pages := make(chan *page, r.opts.Pages)
	readErr := make(chan error, 1)
	go func() { readErr <- r.read(ctx, in, pages) }()

	var first error
	for p := range pages {
		<-p.done
		if first == nil {
			first = r.finish(p, emit)
		}
		if first != nil {
			cancel(first)
		}
	}
	err := <-readErr
	cancel(nil)
	if first == nil {
		first = err
	}
	totals, err := r.counter.Totals()
	totals.Cut = r.cut
	err = errors.Join(first, err, r.counter.Close())
	if fell := r.fell.Load(); fell != nil {
		panic(fell)
	}
	return totals, err
}

// A run is the state of one call of Run.
type run struct {
	dir       translator.Direction
	split     segment.Splitter
	translate translator.Func
	opts      Options
	ids       translator.IDs
	counter   *Counter
	cut       bool // reading was stopped; written before readErr is sent
	fell      atomic.Pointer[panicked]
}

// panicked is the panic of a goroutine of Run.
type panicked struct {
	value any
	trace []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("%v\n\n%s", p.value, p.trace) }

// recovered is the error of a goroutine that panics; the first of them is kept.
func (r *run) recovered(value any) error {
	fell := &panicked{value, debug.Stack()}
	r.fell.CompareAndSwap(nil, fell)
	return fell
}

// A page is the unit of translation: whole stories, and the texts of their sentences.
type page struct {
	stories  []translator.Story
	texts    []string             // in transport form, of all sentences of all stories in order
	contexts []translator.Context // of the texts
	results  []translator.Result
	flags    [][]string // of the results
	err      error
	done     chan struct{}
}

func newRun(dir translator.Direction, translate translator.Func, opts *Options) *run {
	r := &run{dir: dir, split: segment.For(dir.From), translate: translate, ids: translator.IDs{}}
	if opts != nil {
		r.opts = *opts
	}
	if r.opts.PageSentences <= 0 {
		r.opts.PageSentences = 1000
	}
	if r.opts.Pages <= 0 {
		r.opts.Pages = 8
	}
	r.counter = NewCounter(dir, r.opts.Size)
	return r
}

// read cuts stories into pages, starts each page's translation and queues it,
// and closes pages. The queue bounds how many are in work.
func (r *run) read(ctx context.Context, in translator.Articles, pages chan<- *page) (err error) {
	defer close(pages)
	defer func() {
		if value := recover(); value != nil {
			err = r.recovered(value)
		}
	}()
	p := newPage()
	for article, err := range in {
		if r.stopped(ctx) {
			r.cut = true
			break
		}
		item, isItem := errors.AsType[*translator.ItemError](err)
		switch {
		case err != nil && !isItem:
			r.start(ctx, p, pages)
			return err
		case err != nil:
			p.stories = append(p.stories, unread(item))
		default:
			r.add(p, article)
		}
		if len(p.texts) >= r.opts.PageSentences || len(p.stories) >= r.opts.PageSentences {
			r.start(ctx, p, pages)
			p = newPage()
		}
	}
	if len(p.stories) > 0 {
		r.start(ctx, p, pages)
	}
	return nil
}

func newPage() *page { return &page{done: make(chan struct{})} }

// stopped tells whether no more stories are to be read.
func (r *run) stopped(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-r.opts.Stop:
		return true
	default:
		return false
	}
}

// start queues p, in order, and translates it beside the others.
func (r *run) start(ctx context.Context, p *page, pages chan<- *page) {
	pages <- p
	go func() {
		defer close(p.done)
		defer func() {
			if value := recover(); value != nil {
				p.err = r.recovered(value)
			}
		}()
		if len(p.texts) == 0 {
			return
		}
		p.results, p.err = r.translate(ctx, translator.Request{Direction: r.dir, Texts: p.texts, Contexts: p.contexts})
		if p.err == nil && len(p.results) != len(p.texts) {
			p.err = fmt.Errorf("pipeline: %d results for %d texts", len(p.results), len(p.texts))
		}
		r.check(p)
	}()
}

// check flags a page's results, beside the other pages: the one goroutine that
// writes must not wait for it.
func (r *run) check(p *page) {
	if p.err != nil {
		return
	}
	p.flags = make([][]string, len(p.results))
	for i, res := range p.results {
		if res.Err == nil {
			p.flags[i] = Flags(p.texts[i], res, r.opts.Check)
		}
	}
}

// unread is the story of an input that could not be read.
func unread(e *translator.ItemError) translator.Story {
	return translator.Story{
		Article: translator.Article{ID: e.Name(), Path: e.Path},
		Status:  translator.Failed,
		Err:     e.Err,
	}
}

// add appends an article to a page, cut into sentences.
func (r *run) add(p *page, a translator.Article) {
	if a.Lang == "" {
		a.Lang = r.dir.From
	}
	a.ID = r.ids.Unique(a.ID)
	story := translator.Story{Article: a}
	if a.Lang.Base() != r.dir.From.Base() {
		story.Status, story.Err = translator.Failed, wrongLanguage(a, r.dir)
		p.stories = append(p.stories, story)
		return
	}
	for s := range sentences(&a, r.split) {
		text := translator.Transport(r.dir.From, s.Source.Text)
		if text == "" {
			continue // nothing but controls and white space
		}
		s.Source.Lang, s.Target.Lang = r.dir.From, r.dir.To
		story.Sentences = append(story.Sentences, translator.Sentence{Pair: s})
		p.texts = append(p.texts, text)
	}
	p.contexts = append(p.contexts, contexts(story, p.texts[len(p.contexts):])...)
	p.stories = append(p.stories, story)
	if r.opts.Read != nil {
		r.opts.Read(len(story.Sentences))
	}
}

// contexts says of each text of a story where it stands.
func contexts(story translator.Story, texts []string) []translator.Context {
	list := make([]translator.Context, len(texts))
	headline := ""
	for i, s := range story.Sentences {
		list[i].Story, list[i].Version = story.Article.ID, story.Article.Version
		if s.Pair.Kind == translator.Headline {
			headline = texts[i]
		}
		if i > 0 {
			list[i].Before = texts[i-1]
		}
		if i+1 < len(texts) {
			list[i].After = texts[i+1]
		}
	}
	for i := range list {
		if texts[i] != headline {
			list[i].Headline = headline
		}
	}
	return list
}

func wrongLanguage(a translator.Article, dir translator.Direction) error {
	return &translator.Error{
		Kind: translator.Invalid,
		Err:  fmt.Errorf("the story is in %s, and this run translates from %s", a.Lang, dir.From),
		Hint: fmt.Sprintf("translate it in a run of its own with --from %s", a.Lang),
	}
}

// finish puts a page's results into its stories, counts them and emits them.
func (r *run) finish(p *page, emit func(translator.Story) error) error {
	if p.err != nil {
		return p.err
	}
	next := 0
	for i := range p.stories {
		s, begin := &p.stories[i], next
		for j := range s.Sentences {
			settle(&s.Sentences[j], p.results[next], p.flags[next])
			next++
		}
		judge(s)
		if err := r.counter.add(*s, p.texts[begin:next]); err != nil {
			return err
		}
		if err := emit(*s); err != nil {
			return err
		}
		p.stories[i] = translator.Story{} // written: let it go
	}
	return nil
}

// settle puts one result into its sentence.
func settle(s *translator.Sentence, res translator.Result, flags []string) {
	s.Pair.Flags = []string{}
	if s.Err = res.Err; res.Err == nil {
		s.Pair.Target.Text, s.Pair.Origin, s.Recalled = res.Text, res.Origin, res.Recalled
		s.Pair.Flags = append(s.Pair.Flags, flags...)
	}
}

// Flags returns what a reader must know of the result of a text: what it bears
// already, and what check, which may be nil, says of one that no person wrote.
func Flags(text string, res translator.Result, check func(source, target string) []string) []string {
	switch {
	case res.Origin.Kind == translator.Pseudo:
		return translator.AddFlags(res.Flags, translator.FlagPseudo)
	case res.Origin.Kind == translator.Human || check == nil:
		return res.Flags
	}
	return translator.AddFlags(res.Flags, check(text, res.Text)...)
}

// judge gives a translated story its status.
func judge(s *translator.Story) {
	if s.Status != "" {
		return
	}
	var failed, held int
	for _, sentence := range s.Sentences {
		switch {
		case sentence.Err == nil:
		case translator.KindOf(sentence.Err).Holds():
			held++
			if s.Err == nil {
				s.Err = sentence.Err
			}
		default:
			failed++
		}
	}
	switch {
	case len(s.Sentences) == 0:
		s.Status, s.Err = translator.Failed, translator.NewError("", translator.Invalid, errors.New("the story holds no sentence"))
	case held > 0:
		s.Status = translator.Held
	case failed == len(s.Sentences):
		s.Status, s.Err = translator.Failed, s.Sentences[0].Err
	case failed > 0:
		s.Status = translator.Partial
	default:
		s.Status = translator.Done
	}
}

// Count returns how many sentences a run of in would have. Stories that Run
// would fail have none.
func Count(ctx context.Context, dir translator.Direction, in translator.Articles) (int, error) {
	split, n := segment.For(dir.From), 0
	for article, err := range in {
		if _, isItem := errors.AsType[*translator.ItemError](err); err != nil && !isItem {
			return n, err
		}
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		if err == nil && (article.Lang == "" || article.Lang.Base() == dir.From.Base()) {
			for range sentences(&article, split) {
				n++
			}
		}
	}
	return n, nil
}
