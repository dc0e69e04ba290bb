package queue

import (
	"context"

	"dragoman/translator"
	"github.com/riverqueue/river"
)

// Adopt gives jobs to versions that came into the register in another way than
// by Submit, as those of a copied store. One that is not open gets none, and
// one that has a job of its own already, no other. Their states stay.
func (q *Queue[Tx]) Adopt(ctx context.Context, ids []translator.VersionID) error {
	versions, err := q.register.Load(ctx, ids)
	if err != nil {
		return q.fail("adopt", err)
	}
	var jobs []river.InsertManyParams
	for _, v := range versions {
		if v.State.Open() {
			jobs = append(jobs, river.InsertManyParams{Args: jobOf(v.ID), InsertOpts: &river.InsertOpts{Priority: v.Priority}})
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	_, err = q.client.InsertMany(ctx, jobs)
	return q.fail("adopt", err)
}
