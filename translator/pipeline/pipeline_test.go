package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/segment"
	"pgregory.net/rapid"
)

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

// story is an article of body paragraphs.
func story(id string, paragraphs ...string) translator.Article {
	a := translator.Article{ID: id, Path: id + ".txt", Lang: "ar"}
	for _, p := range paragraphs {
		a.Blocks = append(a.Blocks, translator.Block{Kind: translator.Body, Text: p})
	}
	return a
}

func sequence(items ...any) translator.Articles {
	return func(yield func(translator.Article, error) bool) {
		for _, item := range items {
			var more bool
			switch item := item.(type) {
			case translator.Article:
				more = yield(item, nil)
			case error:
				more = yield(translator.Article{}, item)
			}
			if !more {
				return
			}
		}
	}
}

// tokens translates each text to a token made of it, so that a shift shows.
func tokens(_ context.Context, req translator.Request) ([]translator.Result, error) {
	results := make([]translator.Result, len(req.Texts))
	for i, t := range req.Texts {
		results[i] = translator.Result{Text: token(t), Origin: translator.Origin{Kind: translator.Machine, Signature: "test"}}
	}
	return results, nil
}

func token(text string) string { return fmt.Sprintf("<%x>", text) }

// collect runs the pipeline and returns the stories it emitted.
func collect(t testing.TB, in translator.Articles, translate translator.Func, opts *Options) ([]translator.Story, Totals, error) {
	t.Helper()
	var out []translator.Story
	totals, err := Run(t.Context(), arEn, in, translate, func(s translator.Story) error {
		out = append(out, s)
		return nil
	}, opts)
	return out, totals, err
}

func TestRunKeepsOrderAndPairs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 30).Draw(rt, "stories")
		var in []any
		want := 0
		for i := range n {
			paragraphs := rapid.SliceOfN(rapid.SampledFrom([]string{"وصل الوفد.", "وصل الوفد. ثم غادر مساء.", "هل وصل الوفد؟", "\u200F"}), 1, 5).Draw(rt, "paragraphs")
			for _, p := range paragraphs {
				want += len(slices.Collect(segment.For("ar")(p)))
				if p == "\u200F" {
					want--
				}
			}
			in = append(in, story(fmt.Sprint("s", i), paragraphs...))
		}
		slow := func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
			time.Sleep(time.Duration(len(req.Texts)%3) * 100 * time.Microsecond)
			return tokens(ctx, req)
		}
		out, totals, err := collect(t, sequence(in...), slow, &Options{PageSentences: rapid.IntRange(1, 9).Draw(rt, "page"), Pages: rapid.IntRange(1, 5).Draw(rt, "pages")})
		if err != nil || len(out) != n || totals.Sentences != want {
			rt.Fatalf("%d stories, %d sentences, %v; want %d and %d", len(out), totals.Sentences, err, n, want)
		}
		for i, s := range out {
			checkStory(rt, s, fmt.Sprint("s", i))
		}
	})
}

func checkStory(t *rapid.T, s translator.Story, id string) {
	if s.Article.ID != id {
		t.Fatalf("story %s at the place of %s", s.Article.ID, id)
	}
	for _, sentence := range s.Sentences {
		p := sentence.Pair
		if want := token(translator.Transport("ar", p.Source.Text)); p.Target.Text != want {
			t.Fatalf("%s: %q has the translation %s, not its own %s", p.ID, p.Source.Text, p.Target.Text, want)
		}
		if p.ID != translator.PairID(id, p.Block, p.Sentence) || !strings.Contains(s.Article.Blocks[p.Block-1].Text, p.Source.Text) {
			t.Fatalf("%s does not stand in its block", p.ID)
		}
	}
}

func TestBlockKinds(t *testing.T) {
	t.Parallel()
	a := translator.Article{ID: "k", Blocks: []translator.Block{
		{Kind: translator.Headline, Text: "عنوان. من جملتين"},
		{Kind: translator.Dateline, Text: "القاهرة (أ. ف. ب.)"},
		{Kind: translator.Boilerplate, Text: "اقرأ أيضا", Rule: "read-also"},
		{Kind: translator.Body, Text: "  وصل الوفد.   ثم غادر.  "},
	}}
	out, _, err := collect(t, sequence(a), tokens, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range out[0].Sentences {
		got = append(got, fmt.Sprintf("%s %s %s", s.Pair.ID, s.Pair.Kind, s.Pair.Source.Text))
	}
	want := []string{"k:1.1 headline عنوان. من جملتين", "k:2.1 dateline القاهرة (أ. ف. ب.)", "k:4.1 body وصل الوفد.", "k:4.2 body ثم غادر."}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// faulty answers each text by the word in it.
func faulty(ctx context.Context, req translator.Request) ([]translator.Result, error) {
	results, err := tokens(ctx, req)
	for i, text := range req.Texts {
		for word, kind := range map[string]translator.Kind{"ناقص": translator.Missing, "ميزانية": translator.OverBudget, "طويل": translator.TooLarge} {
			if strings.Contains(text, word) {
				results[i] = translator.Result{Err: translator.NewError("test", kind, nil)}
			}
		}
		if strings.Contains(text, "معروف") {
			results[i].Recalled = true
		}
		if strings.Contains(text, "زائف") {
			results[i].Origin.Kind = translator.Pseudo
		}
	}
	return results, err
}

func TestStatusAndTotals(t *testing.T) {
	t.Parallel()
	french := story("french", "Bonjour.")
	french.Lang = "fr"
	broken := &translator.ItemError{Path: "x.txt", ID: "x", Err: translator.NewError("read", translator.Invalid, errors.New("binary"))}
	out, totals, err := collect(t, sequence(
		story("done", "وصل الوفد. أمر معروف. زائف."),
		story("partial", "وصل الوفد. أمر ناقص."),
		story("held", "وصل الوفد. أمر ميزانية. أمر ناقص."),
		story("failed", "أمر ناقص. نص طويل."),
		story("empty"), french, broken,
	), faulty, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]translator.Status{"done": "done", "partial": "partial", "held": "held", "failed": "failed", "empty": "failed", "french": "failed", "x.txt": "failed"}
	for _, s := range out {
		if s.Status != want[s.Article.ID] {
			t.Errorf("%s is %s, want %s", s.Article.ID, s.Status, want[s.Article.ID])
		}
		if (s.Err == nil) != (s.Status == translator.Done || s.Status == translator.Partial) {
			t.Errorf("%s (%s) has the reason %v", s.Article.ID, s.Status, s.Err)
		}
	}
	if flags := out[0].Sentences[2].Pair.Flags; !slices.Equal(flags, []string{"pseudo"}) {
		t.Errorf("flags of a pseudo translation: %q", flags)
	}
	wantTotals := Totals{Stories: translator.StoryCounts{Done: 1, Partial: 1, Failed: 4, Held: 1}, Sentences: 10, Distinct: 6,
		Recalled: 1, Sent: 3, Untranslated: 2, Held: 1, HeldSize: len([]rune("أمر ميزانية."))}
	if totals != wantTotals {
		t.Errorf("totals %+v\nwant   %+v", totals, wantTotals)
	}
}

func TestSameIDTwice(t *testing.T) {
	t.Parallel()
	out, _, err := collect(t, sequence(story("a", "نص."), story("a", "نص."), story("a~2", "نص."), story("a", "نص.")), tokens, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range out {
		if seen[s.Article.ID] || seen[s.Sentences[0].Pair.ID] {
			t.Errorf("%s stands twice", s.Article.ID)
		}
		seen[s.Article.ID], seen[s.Sentences[0].Pair.ID] = true, true
	}
	if !seen["a"] || !seen["a~2"] {
		t.Errorf("ids are %v", seen)
	}
}

func TestErrorsThatEndARun(t *testing.T) {
	t.Parallel()
	boom := errors.New("disk full")
	t.Run("of the sequence, after what came before it", func(t *testing.T) {
		out, _, err := collect(t, sequence(story("a", "نص."), boom), tokens, nil)
		if !errors.Is(err, boom) || len(out) != 1 {
			t.Errorf("%d stories, %v", len(out), err)
		}
	})
	t.Run("of the translation", func(t *testing.T) {
		_, _, err := collect(t, endless(), func(context.Context, translator.Request) ([]translator.Result, error) { return nil, boom }, nil)
		if !errors.Is(err, boom) {
			t.Error(err)
		}
	})
	t.Run("of a translation of the wrong length", func(t *testing.T) {
		_, _, err := collect(t, endless(), func(context.Context, translator.Request) ([]translator.Result, error) { return nil, nil }, nil)
		if err == nil {
			t.Error("no error")
		}
	})
	t.Run("of emit", func(t *testing.T) {
		_, err := Run(t.Context(), arEn, endless(), tokens, func(translator.Story) error { return boom }, nil)
		if !errors.Is(err, boom) {
			t.Error(err)
		}
	})
	t.Run("of the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Run(ctx, arEn, endless(), func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}, func(translator.Story) error { return nil }, nil)
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestPanicIsTheCallers: a caller that recovers lives, whatever goroutine panics.
func TestPanicIsTheCallers(t *testing.T) {
	t.Parallel()
	fall := func() { panic("fell") }
	tests := map[string]struct {
		in        translator.Articles
		translate translator.Func
		opts      *Options
	}{
		"reading": {func(yield func(translator.Article, error) bool) {
			yield(story("a", "نص."), nil)
			fall()
		}, tokens, nil},
		"translating": {endless(), func(context.Context, translator.Request) ([]translator.Result, error) { fall(); return nil, nil }, nil},
		"checking":    {endless(), tokens, &Options{Check: func(string, string) []string { fall(); return nil }}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if said := fmt.Sprint(recover()); !strings.HasPrefix(said, "fell\n") || !strings.Contains(said, "pipeline_test.go:") {
					t.Errorf("recovered %q", said)
				}
			}()
			_, _, err := collect(t, tt.in, tt.translate, tt.opts)
			t.Errorf("it went on: %v", err)
		})
	}
}

// endless yields stories for ever.
func endless() translator.Articles {
	return func(yield func(translator.Article, error) bool) {
		for i := 0; yield(story(fmt.Sprint(i), "نص."), nil); i++ {
		}
	}
}

func TestStopFinishesWhatWasRead(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	var once sync.Once
	var read atomic.Int64
	out, totals, err := collect(t, endless(), func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		once.Do(func() { close(stop) })
		return tokens(ctx, req)
	}, &Options{PageSentences: 3, Stop: stop, Read: func(int) { read.Add(1) }})
	if err != nil || len(out) == 0 || int64(len(out)) != read.Load() || !totals.Cut {
		t.Errorf("%d stories read and %d emitted, cut: %v, %v", read.Load(), len(out), totals.Cut, err)
	}
}

// Pages reach over several stories, and never more of them than allowed are in work.
func TestPagesAreBounded(t *testing.T) {
	t.Parallel()
	var now, peak, calls atomic.Int64
	in := func(yield func(translator.Article, error) bool) {
		for i := 0; i < 300 && yield(story(fmt.Sprint(i), "نص. آخر."), nil); i++ {
		}
	}
	_, totals, err := collect(t, in, func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		calls.Add(1)
		peak.Store(max(peak.Load(), now.Add(1)))
		defer now.Add(-1)
		time.Sleep(time.Millisecond)
		return tokens(ctx, req)
	}, &Options{PageSentences: 20, Pages: 3})
	if err != nil || totals.Sentences != 600 || calls.Load() != 30 {
		t.Errorf("%d sentences in %d pages, %v", totals.Sentences, calls.Load(), err)
	}
	if p := peak.Load(); p > 3+2 { // one waits for its place, one is being emitted
		t.Errorf("%d pages in work at once", p)
	}
}

// Each text is sent with its place: its story, the headline, its neighbours.
func TestRunSaysWhereATextStands(t *testing.T) {
	t.Parallel()
	in := story("night", "وصل الوفد. ثم غادر مساء.", "انتهت الزيارة.")
	in.Blocks = append([]translator.Block{{Kind: translator.Headline, Text: "الوفد يغادر"}}, in.Blocks...)
	var asked translator.Request
	_, _, err := collect(t, sequence(in, story("alert", "عاجل.")), func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		asked = req
		return tokens(ctx, req)
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	head := "الوفد يغادر"
	want := []translator.Context{
		{Story: "night", After: "وصل الوفد."},
		{Story: "night", Headline: head, Before: head, After: "ثم غادر مساء."},
		{Story: "night", Headline: head, Before: "وصل الوفد.", After: "انتهت الزيارة."},
		{Story: "night", Headline: head, Before: "ثم غادر مساء."},
		{Story: "alert"},
	}
	if !slices.Equal(asked.Contexts, want) {
		t.Errorf("contexts %+v\nwant %+v", asked.Contexts, want)
	}
}

// What is wrong with a pair is in its flags, also of one that was remembered;
// a person's pair is not judged.
func TestRunFlagsPairs(t *testing.T) {
	t.Parallel()
	for kind, want := range map[translator.OriginKind][]string{
		translator.Machine: {"asked-again", "length"}, translator.Seed: {"asked-again", "length"},
		translator.Human: {"asked-again"}, translator.Pseudo: {"asked-again", "pseudo"},
	} {
		answer := func(_ context.Context, req translator.Request) ([]translator.Result, error) {
			return []translator.Result{{Text: "x", Flags: []string{"asked-again"}, Origin: translator.Origin{Kind: kind}, Recalled: true}}, nil
		}
		check := func(source, target string) []string {
			if source != "عاجل." || target != "x" {
				t.Errorf("checked %q and %q", source, target)
			}
			return []string{"length"}
		}
		out, _, err := collect(t, sequence(story("s", "عاجل.")), answer, &Options{Check: check})
		if err != nil {
			t.Fatal(err)
		}
		if got := out[0].Sentences[0].Pair.Flags; !slices.Equal(got, want) {
			t.Errorf("%s: flags %q, want %q", kind, got, want)
		}
	}
}
