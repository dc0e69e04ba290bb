package backend

import "time"

// Traffic counts what was sent in the last ten minutes, requests or texts, and
// how much of it was sent again, so that no service is asked for much more than
// it is asked for anyway.
type traffic struct {
	share   float64 // of what was sent that may be sent again
	floor   int     // how much always may
	minutes [10]struct {
		minute      int64 // since 1970
		sent, extra int
	}
}

// count counts what goes out.
func (t *traffic) count(now time.Time, n int) { t.minutes[t.slot(now)].sent += n }

// spend allows one to be sent again, as long as that may be.
func (t *traffic) spend(now time.Time) bool {
	here, sent, extra := t.slot(now), 0, 0
	for i := range t.minutes {
		if m := &t.minutes[i]; m.minute > now.Unix()/60-int64(len(t.minutes)) {
			sent, extra = sent+m.sent, extra+m.extra
		}
	}
	if float64(extra+1) > max(float64(t.floor), t.share*float64(sent)) {
		return false
	}
	t.minutes[here].extra++
	return true
}

// slot returns the place of this minute, which is emptied when it begins.
func (t *traffic) slot(now time.Time) int {
	minute := now.Unix() / 60
	i := int(minute % int64(len(t.minutes)))
	if m := &t.minutes[i]; m.minute != minute {
		m.minute, m.sent, m.extra = minute, 0, 0
	}
	return i
}
