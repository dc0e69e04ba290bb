package googletest

import (
	"fmt"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// A window counts code points against a quota that starts afresh after length.
type window struct {
	limit  int // 0 is no limit
	length time.Duration
	start  time.Time
	used   int
}

// wait returns 0 if size more code points fit now, or how long until the next
// window begins.
func (w *window) wait(now time.Time, size int) time.Duration {
	if w.limit == 0 {
		return 0
	}
	if now.Sub(w.start) >= w.length {
		w.start, w.used = now, 0
	}
	if w.used+size <= w.limit {
		return 0
	}
	return w.start.Add(w.length).Sub(now)
}

// take counts size against both quotas, or against none if one is used up.
func (s *Server) take(size int) *status.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.day.wait(now, size) > 0 {
		return PerDay(s.day.limit)
	}
	if wait := s.minute.wait(now, size); wait > 0 {
		return PerMinute(s.minute.limit, wait)
	}
	s.day.used += size
	s.minute.used += size
	return nil
}

// PerMinute is Google's refusal when the minute's characters are used up, with
// how long to wait. Its message is the one that clients report
// (github.com/fkirc/attranslate/issues/243).
func PerMinute(limit int, wait time.Duration) *status.Status {
	return quotaStatus("per minute", "1/min/{project}", "PerMinutePerProject", limit,
		&errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
}

// PerDay is Google's refusal when the day's characters are used up. It has no
// wait: the day begins at midnight, Pacific time.
func PerDay(limit int) *status.Status {
	return quotaStatus("per day", "1/d/{project}", "PerDayPerProject", limit,
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{
			Subject:     "project_number:" + projectNumber,
			Description: "v2 and v3 general model characters per day",
		}}})
}

// PerSecond is Google's refusal of more Adaptive MT requests a second than one
// project may send.
func PerSecond(wait time.Duration) *status.Status {
	return quotaStatus("per second", "1/s/{project}", "PerSecondPerProject", 1,
		&errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
}

func quotaStatus(words, unit, limitName string, limit int, more protoadapt.MessageV1) *status.Status {
	const metric = "v2 and v3 general model characters"
	st := status.New(codes.ResourceExhausted, fmt.Sprintf(
		"Quota exceeded for quota metric '%s' and limit '%s %s' of service 'translate.googleapis.com' for consumer 'project_number:%s'.",
		metric, metric, words, projectNumber))
	full, err := st.WithDetails(&errdetails.ErrorInfo{
		Reason: "RATE_LIMIT_EXCEEDED",
		Domain: "googleapis.com",
		Metadata: map[string]string{
			"service":           "translate.googleapis.com",
			"consumer":          "projects/" + projectNumber,
			"quota_metric":      "translate.googleapis.com/general_model_characters",
			"quota_limit":       "GeneralModelCharacters" + limitName,
			"quota_limit_value": strconv.Itoa(limit),
			"quota_location":    "global",
			"quota_unit":        unit,
		},
	}, more)
	if err != nil { // only an OK status, or a message that cannot be marshalled
		return st
	}
	return full
}
