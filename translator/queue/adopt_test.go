package queue

import (
	"testing"

	"dragoman/translator"
)

// Versions without jobs, as a copied store has them, are adopted, once however
// often that is tried, and are worked.
func TestAdopt(t *testing.T) {
	on(t, func(t *testing.T, s *site) {
		s.submit(t, articles(5), SubmitOptions{Priority: 2})
		if err := s.exec().Exec(t.Context(), "DELETE FROM river_job"); err != nil {
			t.Fatal(err)
		}
		var ids []translator.VersionID
		for _, v := range s.versions(t, "night") {
			ids = append(ids, v.ID)
		}
		if ok, err := s.queue.Cancel(t.Context(), ids[4]); !ok || err != nil {
			t.Fatal(ok, err)
		}
		for range 2 {
			if err := s.queue.Adopt(t.Context(), append(ids, 999)); err != nil {
				t.Fatal(err)
			}
		}
		jobs := s.jobs(t)
		if len(jobs) != 4 || jobs[0].Priority != 2 {
			t.Errorf("%d jobs, of priority %d; want 4 of priority 2", len(jobs), jobs[0].Priority)
		}
		s.drain(t, newCrew(), WorkOptions{})
		if got := s.states(t); got[translator.StateDone] != 4 || got[translator.StateCancelled] != 1 {
			t.Errorf("%v, want 4 done and 1 cancelled", got)
		}
		if err := s.queue.Adopt(t.Context(), ids); err != nil {
			t.Fatal(err)
		}
		if counts, err := s.queue.Counts(t.Context()); err != nil || counts != (Counts{}) {
			t.Errorf("nothing is open, and there are %+v, %v", counts, err)
		}
	})
}
