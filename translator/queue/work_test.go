package queue

import (
	"context"
	"testing"
	"time"

	"dragoman/translator"
)

// Each story is done once, its result is in the store, and its job is over.
func TestWorkDoesEachStoryOnce(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		const n = 60
		sum := s.submit(t, articles(n), SubmitOptions{})
		if sum.New != n || sum.All() != n || sum.Batch != "night" {
			t.Errorf("submitted: %+v", sum)
		}
		c := newCrew()
		s.drain(t, c, WorkOptions{Workers: 8})
		s.want(t, translator.StateDone, n)
		for id, times := range c.done {
			if times != 1 {
				t.Errorf("%s was done %d times", id, times)
			}
		}
		for _, v := range s.versions(t, "night") {
			story, err := DecodeStory(v.Result)
			if err != nil || story.Article.ID != v.Story || story.Status != translator.Done || len(story.Sentences) != 1 {
				t.Errorf("%s: %+v, %v", v.Story, story, err)
			}
		}
		for _, job := range s.jobs(t) {
			if job.State != "completed" || job.Attempt != 1 {
				t.Errorf("job %d is %s after %d attempts", job.ID, job.State, job.Attempt)
			}
		}
	})
}

// A process that is to end lets its jobs end, and puts back what does not: at
// once, for any other process.
func TestStopLosesNothing(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(8), SubmitOptions{})
		c := newCrew()
		c.act = func(ctx context.Context, a translator.Article, nth int) (translator.Story, error) {
			if nth == 1 && a.ID < "s4" {
				<-ctx.Done()
				if context.Cause(ctx) != error(translator.Interrupted) {
					t.Errorf("its context ended because of %v", context.Cause(ctx))
				}
				return translator.Story{}, ctx.Err()
			}
			return storyOf(a, translator.Done, nil), nil
		}
		end := s.begin(t, WorkOptions{Do: c.do, Workers: 8, Patience: 300 * time.Millisecond})
		eventually(t, "all are begun", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return len(c.order) == 8 })
		end()
		if got := s.states(t); got[translator.Waiting] != 4 || got[translator.StateDone] != 4 {
			t.Errorf("after the stop: %v", got)
		}
		counts, err := s.queue.Counts(t.Context())
		if err != nil || counts != (Counts{Available: 4}) {
			t.Errorf("after the stop: %+v, %v", counts, err)
		}
		s.drain(t, c, WorkOptions{})
		s.want(t, translator.StateDone, 8)
	})
}
