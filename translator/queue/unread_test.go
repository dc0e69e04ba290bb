package queue

import (
	"errors"
	"testing"

	"dragoman/translator"
)

// unread yields items that cannot be read, by their paths and IDs.
func unread(pathsAndIDs ...string) translator.Articles {
	return func(yield func(translator.Article, error) bool) {
		for i := 0; i < len(pathsAndIDs); i += 2 {
			item := &translator.ItemError{Path: pathsAndIDs[i], ID: pathsAndIDs[i+1], Err: &translator.Error{Op: "read", Kind: translator.Invalid}}
			if !yield(translator.Article{}, item) {
				return
			}
		}
	}
}

// A mistyped path hides no story, two files of one name are two, and both are
// over with once their story is there under its ID or its path.
func TestUnreadIsMended(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, list(article("train", "وصل القطار."), article("ship", "غادرت السفينة.")), SubmitOptions{})
		s.drain(t, newCrew(), WorkOptions{})
		s.submit(t, unread("wier/train.txt", "train", "empty", "empty", "broken/empty.txt", "empty", "wire/port.txt", "harbour"), SubmitOptions{})
		if v := s.version(t, "train"); v.State != translator.StateDone {
			t.Errorf("the story that was read is %s", v.State)
		}
		if n := s.states(t)[translator.StateFailed]; n != 4 {
			t.Errorf("%d failed", n)
		}
		if sum := s.submit(t, list(article("train", "وصل القطار."), article("port", "فتح الميناء.")), SubmitOptions{}); sum.New != 1 {
			t.Errorf("%+v", sum)
		}
		for story, want := range map[string]translator.State{
			"wier/train.txt~unread": translator.StateCancelled, "wire/port.txt~unread": translator.StateCancelled,
			"empty~unread": translator.StateFailed, "broken/empty.txt~unread": translator.StateFailed,
		} {
			if v := s.version(t, story); v.State != want {
				t.Errorf("%s is %s, want %s", story, v.State, want)
			}
		}
		if sum := s.submit(t, unread("wier/train.txt", "train"), SubmitOptions{}); sum.Failed != 1 || s.version(t, "wier/train.txt~unread").State != translator.StateFailed {
			t.Errorf("submitted again, and still not there: %+v", sum)
		}
	})
}

// Nobody needs to look at a cancelled story, whatever it was before.
func TestCancelFailed(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, unread("nothing.txt", "nothing"), SubmitOptions{})
		id := s.version(t, "nothing.txt~unread").ID
		did(t, true, s.queue.Cancel, id)
		s.want(t, translator.StateCancelled, 1)
		did(t, false, s.queue.Cancel, id)
		if again, err := s.queue.Retry(t.Context(), id); again || !errors.Is(err, ErrUnread) {
			t.Errorf("it is read again: %v, %v", again, err)
		}
		s.want(t, translator.StateCancelled, 1)
	})
}

// A flash overtakes what was submitted with it before, and nothing is lowered.
func TestSubmitRaises(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(4), SubmitOptions{Shard: 2})
		s.submit(t, list(article("late", "خبر متأخر."), article("flash", "خبر عاجل.")), SubmitOptions{})
		flash := list(article("flash", "خبر عاجل."))
		for i, want := range []int{1, 0} { // the second time it is as urgent as that
			if sum := s.submit(t, flash, SubmitOptions{Priority: 1}); sum.New != 0 || sum.Known[translator.Waiting] != 1 || sum.Raised != want {
				t.Errorf("time %d: %+v", i, sum)
			}
		}
		if sum := s.submit(t, flash, SubmitOptions{Priority: 4}); sum.Raised != 0 {
			t.Errorf("lowered: %+v", sum)
		}
		fourth := list(article("s3", "وصل القطار رقم 3 إلى المحطة."))
		if sum := s.submit(t, fourth, SubmitOptions{Priority: 2}); sum.Raised != 1 {
			t.Errorf("of a shard: %+v", sum)
		}
		c := newCrew()
		s.drain(t, c, WorkOptions{Workers: 1})
		if got := c.worked(); len(got) != 6 || got[0] != "flash" || got[1] != "s3" || got[2] != "s0" {
			t.Errorf("worked %v", got)
		}
	})
}
