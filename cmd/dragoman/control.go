package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dragoman/translator"
	"dragoman/translator/queue"
)

// A verb is what a person may do with a submitted story.
type verb struct {
	name, short, long string
	done              string // "put back to be worked"
	unless            string // why it may not be done
	of                []translator.State
	chosen            []translator.State // only where they are named
	do                func(jobs, context.Context, translator.VersionID) (bool, error)
}

var verbs = []verb{
	{
		name: "retry", short: "Work stories again that failed, are partial or held, or were cancelled",
		long: `Puts stories back to be worked at once. What is remembered of them is not paid for again. A file that could not be
read is not read again: submit it mended.`,
		done: "waiting again", unless: "only a failed, partial, held or cancelled story can be tried again",
		of: []translator.State{translator.StateFailed, translator.StatePartial, translator.StateHeld, translator.StateCancelled},
		do: jobs.Retry,
	},
	{
		name: "cancel", short: "Take stories out of the work and out of exports, also failed and partial ones",
		long: `A worker that is at such a story stops within seconds. What came back until then is remembered. A cancelled
story is in no export, and nobody has to look at it; retry takes it up again. So a story that is done is withdrawn, by its ID
or with --state done. Where an earlier version of the story is exported then, it is named.`,
		done: "cancelled", unless: "there is nothing more to cancel",
		of:     []translator.State{translator.Waiting, translator.StateHeld, translator.StateOnHold, translator.StateFailed, translator.StatePartial},
		chosen: []translator.State{translator.StateDone},
		do:     jobs.Cancel,
	},
	{
		name: "hold", short: "Keep workers from stories until they are released",
		long: "A worker that is at such a story stops within seconds. release lets workers go on with it.",
		done: "on hold", unless: "only a story that is not over can be put on hold",
		of: []translator.State{translator.Waiting, translator.StateHeld},
		do: jobs.Hold,
	},
	{
		name: "release", short: "Let workers go on with stories that are on hold",
		long: "Undoes hold.",
		done: "waiting again", unless: "only a story that is on hold can be released",
		of: []translator.State{translator.StateOnHold},
		do: jobs.Release,
	},
}

func (a *app) verbCommand(v verb) *cobra.Command {
	var batch, state string
	cmd := &cobra.Command{
		Use:   v.name + " [ID...]",
		Short: v.short,
		Long: v.long + `

An ID is a story's number in dragoman status, or its name, which means the latest version of it. What could not be
read is named by its path. Instead of IDs, --state and --batch name all stories that are in a state or of a batch.`,
		Example: fmt.Sprintf("  dragoman %[1]s 17\n  dragoman %[1]s harbour\n  dragoman %[1]s --state %[2]q", v.name, string(v.of[0])),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := pick{ids: args, state: translator.State(state), batch: batch}
			if err := p.check(v); err != nil {
				return err
			}
			return a.withDesk(cmd, openExisting, func(ctx context.Context, d *desk) error { return a.apply(ctx, d, v, p) })
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "all stories in this state: "+stateNames(v.all()))
	cmd.Flags().StringVar(&batch, "batch", "", "only those of this batch")
	addSettings(cmd, "store")
	return cmd
}

// all returns the states that --state may name.
func (v verb) all() []translator.State { return slices.Concat(v.of, v.chosen) }

func stateNames(states []translator.State) string {
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// A pick is which stories are meant.
type pick struct {
	ids   []string
	state translator.State
	batch string
}

// check refuses what does not say clearly which stories are meant.
func (p pick) check(v verb) error {
	switch {
	case len(p.ids) == 0 && p.state == "" && p.batch == "":
		return usageError{fmt.Errorf("name the stories to %s: IDs, or all with --state or --batch", v.name)}
	case slices.Contains(p.ids, ""): // to a store it would mean all stories
		return usageError{errors.New("an ID is empty: name a story's number or name")}
	case len(p.ids) > 0 && (p.state != "" || p.batch != ""):
		return usageError{errors.New("name IDs, or --state and --batch, not both")}
	case p.state != "" && !slices.Contains(v.all(), p.state):
		return usageError{fmt.Errorf("--state is %s for %s, not %q", stateNames(v.all()), v.name, string(p.state))}
	}
	return nil
}

// none says what there is no story of.
func (p pick) none(v verb) string {
	text := "no story is " + stateNames(v.of)
	if p.state != "" {
		text = "no story is " + string(p.state)
	}
	if p.batch != "" {
		text += " in batch " + p.batch
	}
	return text
}

// find returns the versions that are meant. None is a mistake only where IDs were given.
func (d *desk) find(ctx context.Context, v verb, p pick) ([]translator.Version, error) {
	if len(p.ids) == 0 {
		if err := knownBatch(ctx, d.stories, p.batch); err != nil {
			return nil, err
		}
		states := v.of
		if p.state != "" {
			states = []translator.State{p.state}
		}
		// A cancelled version gave way to the one before it, and is meant all the same.
		all := p.state == translator.StateCancelled
		return gather(d.stories.Versions(ctx, translator.Selection{Batch: p.batch, States: states, Brief: true, All: all}))
	}
	var found []translator.Version
	for _, id := range p.ids {
		versions, err := d.named(ctx, v, id)
		if err != nil {
			return nil, err
		}
		if len(versions) == 0 {
			err := translator.NewError("", translator.Invalid, fmt.Errorf("there is no story %q in the store", id))
			err.Hint = "dragoman status shows the numbers of those that need you, report.json of an export the names of all"
			return nil, err
		}
		for _, v := range versions {
			if !slices.ContainsFunc(found, func(f translator.Version) bool { return f.ID == v.ID }) {
				found = append(found, v)
			}
		}
	}
	return found, nil
}

// named returns the version of a number, or the latest of the story of a name, or
// of a path that could not be read, in each direction. A name that is a number is
// looked for as a name second.
func (d *desk) named(ctx context.Context, v verb, id string) ([]translator.Version, error) {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		versions, err := d.stories.Load(ctx, []translator.VersionID{translator.VersionID(n)})
		if err != nil || len(versions) > 0 {
			return versions, err
		}
	}
	stories, err := gather(d.stories.Versions(ctx, translator.Selection{Story: id, Brief: true}))
	if err != nil {
		return nil, err
	}
	unread, err := gather(d.stories.Versions(ctx, translator.Selection{Story: queue.UnreadName(id), Brief: true}))
	switch {
	case err != nil || len(stories) == 0:
		return unread, err
	case len(unread) == 0 || unread[0].State == translator.StateCancelled:
		return d.meant(ctx, v, stories)
	}
	both := translator.NewError("", translator.Invalid, fmt.Errorf(
		"%q is the name of story %d and the path of story %d, which could not be read", id, stories[0].ID, unread[0].ID))
	both.Hint = "name the one that is meant by its number"
	return nil, both
}

// meant looks which version of stories a verb means where the last one was
// cancelled, and the one before counts again: retry means the cancelled one. To
// cancel the one before as well, which is done, is a word too much to be guessed.
func (d *desk) meant(ctx context.Context, v verb, newest []translator.Version) ([]translator.Version, error) {
	for i, n := range newest {
		takes := slices.Contains(v.of, n.State)
		if takes || !slices.Contains(v.of, translator.StateCancelled) && !slices.Contains(v.chosen, n.State) {
			continue
		}
		cancelled, err := gather(d.stories.Versions(ctx, translator.Selection{
			Story: n.Story, Direction: n.Direction, States: []translator.State{translator.StateCancelled}, Brief: true, All: true,
		}))
		switch {
		case err != nil:
			return nil, err
		case len(cancelled) == 0 || cancelled[len(cancelled)-1].ID < n.ID:
		case slices.Contains(v.of, translator.StateCancelled):
			newest[i] = cancelled[len(cancelled)-1]
		default:
			err := translator.NewError("", translator.Invalid, fmt.Errorf("version %d of %q is cancelled, and version %d counts, which is %s",
				cancelled[len(cancelled)-1].ID, n.Story, n.ID, n.State))
			err.Hint = fmt.Sprintf("dragoman %s %d, if that one is meant", v.name, n.ID)
			return nil, err
		}
	}
	return newest, nil
}

// gather collects a sequence.
func gather(versions iter.Seq2[translator.Version, error]) ([]translator.Version, error) {
	var all []translator.Version
	for v, err := range versions {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}
