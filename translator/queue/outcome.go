package queue

import (
	"errors"
	"fmt"
	"time"

	"dragoman/translator"
)

// How long a story waits for its next try.
const (
	holdShort = time.Minute      // after a refusal that passes by itself, doubled with each try
	holdMost  = 30 * time.Minute // of that
	// holdReserved is after a limit that is reserved and not spent, for the first
	// reservedTries: it is within what a drain waits for.
	holdReserved  = 5 * time.Second
	reservedTries = 6
	holdHour      = time.Hour      // where a person or a quota must do something first
	holdLimit     = 24 * time.Hour // of what a service asks for
	// troubleFirst is after trouble in our own house, doubled with each try up
	// to troubleMost. As long as the wait is below a minute, the story counts as
	// waiting; above, a person is shown what keeps it.
	troubleFirst = time.Second
	troubleMost  = 5 * time.Minute
	// maxDowns is how often in a row a story may bring down its worker by a bug.
	maxDowns = 5
	// maxSilent is how often its workers may go down without a word: killed or cut
	// off, most often by no fault of the story. With three workers, one of which is killed each
	// second, some of a thousand stories meet five in a row.
	maxSilent = 15
)

// A try is what happened when a worker worked a version once.
type try struct {
	story    *translator.Story // nil if there is none
	err      error             // why there is no story
	stopped  bool              // err or the story's own is because the process is to end
	attempts int               // tries so far, this one included
	now      time.Time
	trouble  time.Duration // as troubleFirst
	downs    int           // how often in a row the job brought its worker down, this time included
}

// An outcome is what a try leaves a version as.
type outcome struct {
	state  translator.State
	reason translator.Reason
	result *translator.Story // to be kept
	again  time.Duration     // until the next try, of one that is Open
}

// A breakdown is the error of a worker that panicked.
type breakdown struct {
	value any
	trace string
}

// breakdownText begins it, by which it is known again in the errors of a job's row.
const breakdownText = "a bug in this program: "

// silentText is what stands there of a worker that was silent for a lease.
const silentText = "the lease ran out"

// errDowns is why a story is not worked any more by whose workers nothing is
// left to say.
var errDowns = &translator.Error{
	Op: "queue: work", Kind: translator.Other, Hint: "see what their logs say last; dragoman retry tries again",
	Err: fmt.Errorf("its workers went down %d times in a row: killed, cut off or by a bug", maxSilent),
}

func (b *breakdown) Error() string { return fmt.Sprint(breakdownText, b.value) }

// A spoilt error says why a version is not to be worked: it has no article and
// never will have one, or no worker survives it.
type spoilt struct{ error }

func (s spoilt) Unwrap() error { return s.error }

// outcomeOf says what becomes of a version. It is the one place where an error
// turns into a state.
func outcomeOf(t try) outcome {
	if t.story == nil {
		return outcomeOfError(t, t.err)
	}
	o := outcome{state: translator.State(t.story.Status), reason: translator.ReasonOf(whyOf(t.story)), result: t.story}
	switch t.story.Status {
	case translator.Done:
		o.reason = translator.Reason{}
	case translator.Partial, translator.Failed:
	default:
		held := outcomeOfError(t, whyOf(t.story))
		held.result = t.story
		if held.state == translator.Waiting {
			held.result = nil
		}
		return held
	}
	return o
}

// whyOf returns the error of a story that is not done.
func whyOf(s *translator.Story) error {
	if s.Err != nil {
		return s.Err
	}
	for _, sentence := range s.Sentences {
		if sentence.Err != nil {
			return sentence.Err
		}
	}
	return nil
}

// outcomeOfError says what becomes of a version that was not translated to its end.
func outcomeOfError(t try, err error) outcome {
	if t.stopped {
		return outcome{state: translator.Waiting}
	}
	if unread, ok := errors.AsType[spoilt](err); ok {
		return outcome{state: translator.StateFailed, reason: translator.ReasonOf(unread.error)}
	}
	held := outcome{state: translator.StateHeld, reason: translator.ReasonOf(err)}
	switch translator.KindOf(err) {
	case translator.OverBudget:
		held.again, held.reason.Hint = untilBudget(err, t.now, t.attempts), RemedyOf(err)
	case translator.Denied:
		held.again = holdHour
	case translator.Exhausted:
		held.again = after(err, holdHour)
	case translator.Unsupported: // by this worker, perhaps not by the next
		held.again = doubled(holdShort, holdMost, t.attempts)
	case translator.Throttled, translator.Unavailable:
		held.again = after(err, doubled(holdShort, holdMost, t.attempts))
	default:
		return trouble(t, err)
	}
	return held.told(t.now)
}

// RemedyOf returns what a person can do about what keeps a story. Workers read
// their limits when they start, and what a budget keeps is asked for again only
// when its day or month is over.
func RemedyOf(err error) string {
	hint := translator.HintOf(err)
	if hint != "" || translator.KindOf(err) != translator.OverBudget {
		return hint
	}
	limit := "the budget"
	refused, ok := errors.AsType[*translator.BudgetError](err)
	if ok && refused.Limit.Name != "" {
		limit = refused.Limit.Name
	}
	if ok && refused.Reserved() {
		return "wait: requests on their way, or lost in a crash, have reserved the rest (dragoman ledger); or raise " + limit
	}
	return "raise " + limit + ", start the workers again, then dragoman retry --state held"
}

// told adds to the remedy of a held story when it goes on without one.
func (o outcome) told(now time.Time) outcome {
	when := "tried again at " + now.Add(o.again).Local().Format("2006-01-02 15:04") + " by itself"
	if o.reason.Kind != translator.OverBudget { // then that alone helps nothing
		when += "; dragoman retry tries at once"
	}
	if o.reason.Hint != "" {
		when = o.reason.Hint + "; " + when
	}
	o.reason.Hint = when
	return o
}

// trouble is what a version comes to after an error that says nothing about
// the story or the service: a full disk, a lost database, a bug.
func trouble(t try, err error) outcome {
	_, panicked := errors.AsType[*breakdown](err)
	if panicked && t.downs >= maxDowns {
		reason := translator.ReasonOf(err)
		reason.Hint = "report it with the log; dragoman retry tries again"
		return outcome{state: translator.StateFailed, reason: reason}
	}
	o := outcome{state: translator.Waiting, again: doubled(t.trouble, troubleMost, t.attempts)}
	if o.again >= time.Minute {
		o.state, o.reason = translator.StateHeld, translator.ReasonOf(err)
		return o.told(t.now)
	}
	return o
}

// doubled returns first for the first try, twice that for the second, up to most.
func doubled(first, most time.Duration, attempts int) time.Duration {
	for range max(attempts-1, 0) {
		if first *= 2; first >= most {
			return most
		}
	}
	return first
}

// after returns how long a service asked to wait, or what else to wait.
func after(err error, otherwise time.Duration) time.Duration {
	for err != nil {
		e, ok := errors.AsType[*translator.Error](err)
		if !ok {
			break
		}
		if e.After > 0 {
			return min(e.After, holdLimit)
		}
		err = e.Err
	}
	return otherwise
}

// untilBudget returns how long a limit lasts: to the end of its day or month. A
// run's lasts until there is another run, for which an hourly look is enough.
//
// What others, perhaps other processes, have only reserved is asked for again soon.
func untilBudget(err error, now time.Time, attempts int) time.Duration {
	refused, ok := errors.AsType[*translator.BudgetError](err)
	if ok && refused.Reserved() {
		if attempts <= reservedTries {
			return holdReserved
		}
		return doubled(holdShort, holdMost, attempts-reservedTries) // perhaps a crash left it open, and it never will be settled
	}
	if !ok || refused.Limit.Window.Run != "" || refused.Limit.Window.Since.IsZero() {
		return holdHour
	}
	since := refused.Limit.Window.Since
	end := since.AddDate(0, 0, 1)
	if refused.Limit.Name == "budget.month_usd" {
		end = since.AddDate(0, 1, 0)
	}
	return max(end.Sub(now), holdShort)
}
