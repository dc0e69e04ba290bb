package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"dragoman/translator"
)

func names1(versions []translator.Version) []string {
	var ids []string
	for _, v := range versions {
		ids = append(ids, v.Story)
	}
	return ids
}

// The same stories submitted again are known, whatever became of them, and cost nothing.
func TestSubmitAgain(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		twins := list(article("a", "النص الأول."), article("a", "النص الثاني."), article("a", "النص الأول."), article("b", "نص آخر."))
		if sum := s.submit(t, twins, SubmitOptions{}); sum.New != 4 {
			t.Fatalf("first: %+v", sum)
		}
		if got := names1(s.versions(t, "night")); !slices.Equal(got, []string{"a", "a~2", "a~3", "b"}) {
			t.Errorf("the names are %v", got)
		}
		c := newCrew()
		s.drain(t, c, WorkOptions{})
		sum := s.submit(t, twins, SubmitOptions{})
		if sum.New != 0 || !maps.Equal(sum.Known, map[translator.State]int{translator.StateDone: 4}) || sum.All() != 4 {
			t.Errorf("again: %+v", sum)
		}
		if sum := s.submit(t, twins, SubmitOptions{Batch: "morning"}); sum.New != 0 || len(s.versions(t, "morning")) != 4 {
			t.Errorf("in another batch: %+v", sum)
		}
		s.drain(t, c, WorkOptions{})
		if len(c.worked()) != 4 || len(s.jobs(t)) != 4 {
			t.Errorf("%d stories were worked in %d jobs", len(c.worked()), len(s.jobs(t)))
		}
	})
}

// Other content under a known ID is a new version of the same story.
func TestSubmitCorrection(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, list(article("a", "وصل عشرة.")), SubmitOptions{})
		sum := s.submit(t, list(article("a", "وصل اثنا عشر.")), SubmitOptions{})
		if sum.New != 1 || sum.Corrections != 1 || len(sum.Corrected) != 1 || sum.Corrected[0].Story != "a" || sum.Corrected[0].Path == "" || sum.Corrected[0].Was == "" {
			t.Errorf("the correction: %+v", sum)
		}
		if sum := s.submit(t, list(article("a", "وصل اثنا عشر.")), SubmitOptions{}); sum.Corrections != 0 {
			t.Errorf("the same again: %+v", sum)
		}
		if got := names1(s.versions(t, "night")); !slices.Equal(got, []string{"a", "a"}) {
			t.Errorf("the batch has %v", got)
		}
		newest := s.versions(t, "")
		if len(newest) != 1 {
			t.Fatalf("%d stories", len(newest))
		}
		if a, _, err := DecodeArticle(newest[0].Article); err != nil || a.Blocks[0].Text != "وصل اثنا عشر." {
			t.Errorf("the newest is %v, %v", a, err)
		}
	})
}

// What cannot be read has failed at once, with the reason, and keeps nobody.
func TestSubmitUnread(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		refused := &translator.Error{Op: "read b.txt", Kind: translator.Invalid, Hint: "save it as text"}
		in := func(yield func(translator.Article, error) bool) {
			_ = yield(article("a", "نص."), nil) &&
				yield(translator.Article{}, &translator.ItemError{Path: "b.txt", ID: "b", Err: refused}) &&
				yield(translator.Article{}, &translator.ItemError{Path: "c/b.txt", ID: "b", Err: refused}) &&
				yield(article("b", "نص آخر."), nil)
		}
		if sum := s.submit(t, in, SubmitOptions{}); sum.New != 2 || sum.Failed != 2 || sum.All() != 4 {
			t.Errorf("%+v", sum)
		}
		check := func() {
			t.Helper()
			versions := s.versions(t, "night")
			if got := names1(versions); !slices.Equal(got, []string{"a", "b.txt~unread", "c/b.txt~unread", "b"}) {
				t.Fatalf("the names are %v", got)
			}
			v := versions[1]
			if v.State != translator.StateFailed || v.Reason != translator.ReasonOf(refused) || v.Path != "b.txt" {
				t.Errorf("unread: %+v", v)
			}
		}
		check()
		c := newCrew()
		s.drain(t, c, WorkOptions{})
		if len(c.worked()) != 2 {
			t.Errorf("worked: %v", c.worked())
		}
		check()
		if sum := s.submit(t, in, SubmitOptions{}); sum.New+sum.Failed != 0 || sum.Known[translator.StateFailed] != 2 {
			t.Errorf("again: %+v", sum)
		}
	})
}

// A sequence that breaks off leaves what came before it submitted.
func TestSubmitBreaksOff(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		lost := errors.New("the disk is gone")
		in := func(yield func(translator.Article, error) bool) {
			_ = yield(article("a", "نص."), nil) && yield(translator.Article{}, lost)
		}
		sum, err := s.queue.Submit(t.Context(), arabic, in, SubmitOptions{Batch: "night"})
		if !errors.Is(err, lost) || sum.New != 1 {
			t.Errorf("%+v, %v", sum, err)
		}
		s.want(t, translator.Waiting, 1)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.queue.Submit(ctx, arabic, articles(3), SubmitOptions{}); !errors.Is(err, context.Canceled) {
			t.Errorf("of a context that is over: %v", err)
		}
		if _, err := s.queue.Submit(t.Context(), arabic, articles(1), SubmitOptions{Priority: 5}); !errors.Is(err, translator.Invalid) {
			t.Errorf("of priority 5: %v", err)
		}
		if len(s.jobs(t)) != 1 {
			t.Errorf("%d jobs", len(s.jobs(t)))
		}
	})
}

// Urgent stories go first, one after the other with one worker, in the order
// of submission among equals.
func TestUrgentStoriesGoFirst(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		var in []translator.Article
		for _, urgency := range []string{"8", "7", "6", "5", "", "none", "9", "4", "3", "2", " 1 "} {
			a := article(fmt.Sprintf("u%s", urgency), "نص عاجل أو غير عاجل "+urgency)
			a.Meta = map[string]string{"urgency": urgency}
			in = append(in, a)
		}
		s.submit(t, list(in...), SubmitOptions{})
		s.submit(t, list(article("now", "الآن.")), SubmitOptions{Priority: 1})
		c := newCrew()
		s.drain(t, c, WorkOptions{Workers: 1})
		want := []string{"u2", "u 1 ", "now", "u4", "u3", "u6", "u5", "u", "unone", "u9", "u8", "u7"}
		if !slices.Equal(c.worked(), want) {
			t.Errorf("the order was %q\nwant %q", c.worked(), want)
		}
	})
}

// A shard is one job of several stories, and a long submission is several parts.
func TestSubmitShards(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		const n = submitMost + 205
		if sum := s.submit(t, articles(n), SubmitOptions{Shard: 100}); sum.New != n {
			t.Errorf("%+v", sum)
		}
		if jobs := len(s.jobs(t)); jobs != 8 {
			t.Errorf("%d jobs, want 8", jobs)
		}
		c := newCrew()
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.StateDone, n)
		if len(c.worked()) != n {
			t.Errorf("%d were done", len(c.worked()))
		}
		for i, v := range s.versions(t, "night") {
			if v.Story != fmt.Sprint("s", i) {
				t.Fatalf("at %d is %s", i, v.Story)
			}
		}
	})
}

// Stories that come in while others are worked are worked as well.
func TestSubmitWhileWorking(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		c := newCrew()
		s.begin(t, WorkOptions{Do: c.do})
		for i := range 4 {
			s.submit(t, list(article(fmt.Sprint("x", i), "نص."), article(fmt.Sprint("y", i), "نص.")), SubmitOptions{})
		}
		eventually(t, "all are done", func() bool { return s.states(t)[translator.StateDone] == 8 })
		if len(c.worked()) != 8 {
			t.Errorf("worked: %v", c.worked())
		}
	})
}
