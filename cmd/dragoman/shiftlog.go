package main

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"dragoman/translator"
	"dragoman/translator/queue"
	"dragoman/translator/web"
)

// observer tells log and metrics what the workers of a shift do. Stories and
// jobs are told by their ids, never by their text.
func (s *shift) observer() queue.Observer {
	return queue.Observer{
		Started: func(t queue.Task) {
			s.turns.Store(turn{t.Job, t.Attempt}, s.metrics.Job())
			s.log.Debug("job begun", taskFields(t)...)
		},
		Ended:   s.ended,
		PutBack: s.putBack,
		Stale: func(t queue.Task) {
			s.turnOver(t, web.JobStale, nil)
			s.log.Warn("another worker has taken this job over, and does it again", taskFields(t)...)
		},
		Vanished: func(t queue.Task) {
			s.log.Warn("the stories of this job are not in the store any more; it is cancelled", zap.Int64("job", t.Job), versionsField(t))
		},
		Rescued: func(jobs []int64) {
			s.metrics.Rescued(len(jobs))
			s.log.Warn("jobs of a worker that gives no sign of life are given to others", zap.Int64s("jobs", jobs))
		},
		Trouble: func(err error) {
			s.warn(err)("the queue could not be looked after, and is again in a moment", zap.Error(err), zap.String("remedy", translator.HintOf(err)))
		},
		Over: func(t queue.Task) { s.turnOver(t, web.JobTaken, nil) }, // unless it is told otherwise by now
		Beat: s.pulse.Beat,
	}
}

func taskFields(t queue.Task) []zap.Field {
	return []zap.Field{
		zap.Int64("job", t.Job), zap.Int("attempt", t.Attempt), zap.Stringer("direction", t.Direction), zap.Strings("stories", t.Stories),
	}
}

func versionsField(t queue.Task) zap.Field {
	ids := make([]int64, len(t.Versions))
	for i, id := range t.Versions {
		ids[i] = int64(id)
	}
	return zap.Int64s("versions", ids)
}

// ended takes note of a version that is over.
func (s *shift) ended(t queue.Task, e queue.Ended, took time.Duration) {
	s.metrics.Story(t.Direction, e.State)
	s.tally.left(e.State, e.ID)
	s.turnOver(t, web.JobDone, nil)
	fields := []zap.Field{
		zap.Int64("job", t.Job), zap.Int64("version", int64(e.ID)), zap.String("story", e.Story), zap.Stringer("direction", t.Direction), zap.Duration("took", took),
	}
	if e.State == translator.StateDone {
		s.log.Info("story done", fields...)
		return
	}
	s.log.Warn("story needs a human", append(fields, zap.String("state", string(e.State)),
		zap.String("reason", e.Reason.Text), zap.String("remedy", s.app.here(e.Reason.Hint)))...)
}

// putBack takes note of a job that is to be tried again.
func (s *shift) putBack(t queue.Task, again time.Duration, why error) {
	outcome := web.JobPutOff
	if kind := translator.KindOf(why); why != nil && !kind.Holds() && kind != translator.Interrupted {
		outcome = web.JobFailed
	}
	s.turnOver(t, outcome, why)
	if why == nil || s.ending.Load() && kindOfEnd(why) { // the process ends
		s.log.Debug("job given back", taskFields(t)...)
		return
	}
	s.tally.left(translator.StateHeld, t.Versions...)
	s.warn(why)("job put off", append(taskFields(t), zap.Duration("again_after", again), zap.Error(why), zap.String("remedy", s.app.here(queue.RemedyOf(why))))...)
}

// turnOver ends the count of a job's turn, once: a shard ends with several versions.
func (s *shift) turnOver(t queue.Task, outcome web.Outcome, err error) {
	if end, ok := s.turns.LoadAndDelete(turn{t.Job, t.Attempt}); ok {
		end.(func(web.Outcome, error))(outcome, err)
	}
}

// kindOfEnd tells whether a job was put back because its process ends.
func kindOfEnd(why error) bool {
	return translator.KindOf(why) == translator.Interrupted || errors.Is(why, context.Canceled)
}

// warn returns how to tell of an error: by a warning, unless it is one that a
// store that is away explains, which has been told.
func (s *shift) warn(err error) func(string, ...zap.Field) {
	kind := translator.KindOf(err)
	if (kind == translator.Unavailable || !kind.Holds()) && s.outage.away(s.life) {
		return s.log.Debug
	}
	return s.log.Warn
}
