package ledger

import (
	"time"

	"dragoman/translator"
)

// A Budget is what the user allows to be spent; 0 is no limit. Its fields are
// the configuration's keys under budget.
type Budget struct {
	RunSize   int64          // run_chars, in each backend's own unit
	RunCost   translator.USD // run_usd
	DayCost   translator.USD // day_usd
	MonthCost translator.USD // month_usd
}

// Limits returns the limits that a budget means at a time: of the run, and of
// the day and month that now lies in, in a time zone. A run that goes on
// past midnight asks again for each request.
func Limits(b Budget, run string, now time.Time, zone *time.Location) []translator.Limit {
	year, month, day := now.In(zone).Date()
	thisRun := translator.Window{Run: run}
	today := translator.Window{Since: time.Date(year, month, day, 0, 0, 0, 0, zone)}
	thisMonth := translator.Window{Since: time.Date(year, month, 1, 0, 0, 0, 0, zone)}
	var limits []translator.Limit
	for _, l := range []translator.Limit{
		{Name: "budget.run_chars", Window: thisRun, Size: b.RunSize},
		{Name: "budget.run_usd", Window: thisRun, Cost: b.RunCost},
		{Name: "budget.day_usd", Window: today, Cost: b.DayCost},
		{Name: "budget.month_usd", Window: thisMonth, Cost: b.MonthCost},
	} {
		if l.Size > 0 || l.Cost > 0 {
			limits = append(limits, l)
		}
	}
	return limits
}
