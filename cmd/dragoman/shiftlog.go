package main

import (
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
			s.turns.Store(t.Job, s.metrics.Job())
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
			s.log.Warn("the queue could not be looked after, and is again in a moment", zap.Error(err), zap.String("remedy", translator.HintOf(err)))
		},
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
	s.left(e.State != translator.StateDone, e.ID)
	s.turnOver(t, web.JobDone, nil)
	fields := []zap.Field{
		zap.Int64("job", t.Job), zap.Int64("version", int64(e.ID)), zap.String("story", e.Story), zap.Stringer("direction", t.Direction), zap.Duration("took", took),
	}
	if e.State == translator.StateDone {
		s.log.Info("story done", fields...)
		return
	}
	s.log.Warn("story needs a human", append(fields, zap.String("state", string(e.State)),
		zap.String("reason", e.Reason.Text), zap.String("remedy", e.Reason.Hint))...)
}

// putBack takes note of a job that is to be tried again.
func (s *shift) putBack(t queue.Task, again time.Duration, why error) {
	outcome := web.JobPutOff
	if kind := translator.KindOf(why); why != nil && !kind.Holds() {
		outcome = web.JobFailed
	}
	s.turnOver(t, outcome, why)
	if why == nil { // the process ends
		s.log.Debug("job given back", taskFields(t)...)
		return
	}
	s.left(true, t.Versions...)
	s.log.Warn("job put off", append(taskFields(t), zap.Duration("again_after", again), zap.Error(why), zap.String("remedy", translator.HintOf(why)))...)
}

// turnOver ends the count of a job's turn, once: a shard ends with several versions.
func (s *shift) turnOver(t queue.Task, outcome web.Outcome, err error) {
	if end, ok := s.turns.LoadAndDelete(t.Job); ok {
		end.(func(web.Outcome, error))(outcome, err)
	}
}

// left notes whether versions were left other than done.
func (s *shift) left(undone bool, versions ...translator.VersionID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range versions {
		delete(s.undone, id)
		if undone {
			s.undone[id] = true
		}
	}
}
