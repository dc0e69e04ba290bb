package google

import (
	"strings"
	"time"

	"dragoman/translator"
)

// longWait is from where on a wait is no longer "later" but a quota that lasts:
// pausing a whole run for it would only look like hanging.
const longWait = time.Hour

// exhausted tells a quota of the minute, after which the run goes on, from one
// of the day, after which a later run does. Both are RESOURCE_EXHAUSTED on the
// wire and 403 in the documentation. What does not say is taken for the
// minute's: asking again costs nothing, for what is refused is not billed.
func (r refusal) exhausted() *translator.Error {
	if strings.HasPrefix(r.message, "grpc: received message") { // the client's own limit
		return &translator.Error{Kind: translator.Corrupt, MaybePaid: true, Hint: "check endpoint: its answer is larger than any translation"}
	}
	after := max(0, r.details.RetryInfo.GetRetryDelay().AsDuration())
	if r.lasting() || after >= longWait {
		return kind(translator.Exhausted, "the quota begins afresh at midnight, Pacific time; it can be raised under Quotas in Google Cloud's console, project "+projectOf(r.project))
	}
	e := kind(translator.Throttled, "the quota per minute can be raised under Quotas in Google Cloud's console, project "+projectOf(r.project))
	e.After = after
	return e
}

// lasting tells whether a quota of the day, or one set to 0, is meant. The
// details decide where they name a limit; otherwise the message's words do.
func (r refusal) lasting() bool {
	meta := r.details.ErrorInfo.GetMetadata()
	if meta["quota_limit_value"] == "0" {
		return true
	}
	limits := meta["quota_limit"] + "\n" + meta["quota_unit"]
	for _, v := range r.details.QuotaFailure.GetViolations() {
		limits += "\n" + v.GetQuotaId() + "\n" + v.GetDescription()
	}
	switch {
	case ofDay(limits):
		return true
	case ofMinute(limits):
		return false
	}
	return ofDay(r.message)
}

// ofDay and ofMinute know the ways in which Google writes a limit's period:
// "per day", "PerDayPerProject", "1/d/{project}", "Daily Limit".
func ofDay(limit string) bool {
	return containsAny(squeeze(limit), "perday", "daily", "1/d/", "permonth", "1/mon")
}

func ofMinute(limit string) bool {
	return containsAny(squeeze(limit), "perminute", "1/min/", "per100seconds")
}

func squeeze(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(s))
}
