package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"dragoman/translator"
	"dragoman/translator/queue"
)

// This file does what a verb says with the stories that are meant.

// An outcome is the output of a verb.
type outcome struct {
	Changed int       `json:"changed"`
	LeftOut int       `json:"left_out"` // stories that were meant, and stay as they are
	Stories []applied `json:"stories"`
	Nothing string    `json:"nothing,omitempty"` // why there is none
}

// An applied story is one that was meant.
type applied struct {
	ID      translator.VersionID `json:"id"`
	Story   string               `json:"story"`
	State   translator.State     `json:"was"`
	Changed bool                 `json:"changed"`
	Why     string               `json:"why,omitempty"`     // not
	Exposed translator.VersionID `json:"exposed,omitempty"` // by its cancellation: an earlier version that counts now
}

// apply does what a verb says with each story that is meant. One that it cannot
// be done with is told, and the others go on. It is a failure if that was named,
// and if nothing is changed.
func (a *app) apply(ctx context.Context, d *desk, v verb, p pick) error {
	versions, err := d.find(ctx, v, p)
	if err != nil {
		return err
	}
	o := outcome{Stories: []applied{}}
	for _, version := range versions {
		done, err := d.applyTo(ctx, v, version)
		if err != nil {
			return err
		}
		o.Stories = append(o.Stories, done)
		if done.Changed {
			o.Changed++
		} else {
			o.LeftOut++
		}
		a.tellApplied(v, done, len(p.ids) > 0)
	}
	a.tellExposed(o.Stories)
	if len(versions) == 0 {
		o.Nothing = p.none(v)
	}
	if err := a.tellOutcome(v, p, o); err != nil {
		return err
	}
	if o.Changed == 0 || o.LeftOut > 0 && len(p.ids) > 0 {
		return &outcomeError{code: exitPartial, said: true, err: errors.New(v.unless)}
	}
	return nil
}

// applyTo does what a verb says with one version.
func (d *desk) applyTo(ctx context.Context, v verb, version translator.Version) (applied, error) {
	done := applied{ID: version.ID, Story: queue.Called(version.Story), State: version.State}
	before, err := d.exported(ctx, v, version)
	if err != nil {
		return done, err
	}
	done.Changed, err = v.do(d.queue, ctx, version.ID)
	switch {
	case errors.Is(err, queue.ErrUnread):
		done.Why = err.Error() + "; " + translator.HintOf(err)
		return done, nil
	case err != nil:
		return done, err
	case !done.Changed:
		done.Why = v.unless
		return done, nil
	}
	after, err := d.exported(ctx, v, version)
	if counts := after.State == translator.StateDone || after.State == translator.StatePartial; counts && before.ID == version.ID && after.ID != before.ID {
		done.Exposed = after.ID
	}
	return done, err
}

// exported returns which version of a story counts, for a verb that may change
// that; the zero Version is none.
func (d *desk) exported(ctx context.Context, v verb, of translator.Version) (translator.Version, error) {
	if len(v.chosen) == 0 {
		return translator.Version{}, nil
	}
	versions, err := gather(d.stories.Versions(ctx, translator.Selection{Story: of.Story, Direction: of.Direction, Brief: true}))
	if err != nil || len(versions) == 0 || versions[0].State == translator.StateCancelled {
		return translator.Version{}, err
	}
	return versions[0], nil
}

// tellApplied says for people what became of a story.
func (a *app) tellApplied(v verb, done applied, named bool) {
	switch {
	case !done.Changed && named:
		fmt.Fprintf(a.err, "%d %s is %s: %s\n", done.ID, printable(done.Story), done.State, done.Why)
	case done.Changed && !a.quiet && !a.json:
		fmt.Fprintf(a.out, "%d %s: %s\n", done.ID, printable(done.Story), v.done)
	}
}

// tellExposed says which versions are exported now, but for those that were
// cancelled after it.
func (a *app) tellExposed(stories []applied) {
	for i := range stories {
		s := &stories[i]
		if slices.ContainsFunc(stories, func(o applied) bool { return o.ID == s.Exposed && o.Changed }) {
			s.Exposed = 0
		}
		if s.Exposed != 0 {
			fmt.Fprintf(a.err, "version %d of %s is exported now; cancel that too, by its number, to withdraw the story\n", s.Exposed, printable(s.Story))
		}
	}
}

// tellOutcome says what a verb came to, as far as tellApplied has not.
func (a *app) tellOutcome(v verb, p pick, o outcome) error {
	if a.json {
		return writeJSON(a.out, o)
	}
	if o.Nothing != "" {
		fmt.Fprintf(a.err, "nothing to %s: %s\n", v.name, o.Nothing)
	}
	if len(p.ids) > 0 {
		return nil
	}
	counts, order := map[string]int{}, []string{}
	for _, s := range o.Stories {
		if s.Why == "" {
			continue
		}
		if counts[s.Why]++; counts[s.Why] == 1 {
			order = append(order, s.Why)
		}
	}
	for _, why := range order {
		fmt.Fprintf(a.err, "%s left out: %s\n", count(counts[why], "story"), why)
	}
	return nil
}
