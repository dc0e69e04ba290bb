package ledger

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"dragoman/translator"
)

// A By says what the rows of a Summary are.
type By string

// What a ledger can be summed up by.
const (
	ByDay       By = "day"
	ByBackend   By = "backend" // and signature, which names the model
	ByStory     By = "story"
	ByDirection By = "direction"
)

// Bys returns all of them, in the order in which they are offered.
func Bys() []By { return []By{ByDay, ByBackend, ByStory, ByDirection} }

// NoStory names the row of texts that no story asked for, as of a check.
const NoStory = "(no story)"

// A Row sums lines. Sizes are in the units of the backends, so that those of
// different backends do not add up to anything; their money does.
type Row struct {
	Name      string               // the day as 2006-01-02, the backend, the story, or the direction
	Signature translator.Signature // ByBackend
	Requests  int                  // lines that are of this row at least in part
	Unbilled  int                  // of those, certainly not carried out, or of nothing that a memory knew
	Open      int                  // of those, not settled: perhaps paid for, and lost
	Texts     int                  // of requests that are neither
	Counted   int64                // their size as Dragoman counted it
	Billed    int64                // their size as it was billed
	Cost      translator.USD
	Said      int64 // of Billed, what is the service's own word
	SaidOf    int64 // of Counted, what that word is about
	OpenSize  int64 // what the open ones come to at most
	OpenCost  translator.USD
}

// Difference returns by how many percent the services' own word is above what
// Dragoman counted for the same requests, and false if they said nothing.
func (r Row) Difference() (percent float64, ok bool) {
	if r.SaidOf == 0 {
		return 0, false
	}
	return 100 * float64(r.Said-r.SaidOf) / float64(r.SaidOf), true
}

// A Summary sums lines up.
type Summary struct {
	// Rows are days in their order, or else the dearest first, with NoStory last.
	Rows []Row
	// Backends are the same sums by the backend's name alone, in the order of
	// names: each has its own unit, and a console to be compared with.
	Backends []Row
	Total    Row // in which each request counts once
}

// Summarize sums lines up. Days begin in a time zone; nil is time.Local. What a
// request of several stories costs is divided among them as Share.Size says,
// and their parts sum up to exactly the request's cost. Any error ends it.
func Summarize(lines iter.Seq2[translator.Posting, error], by By, zone *time.Location) (Summary, error) {
	if !slices.Contains(Bys(), by) {
		return Summary{}, translator.NewError("ledger", translator.Invalid, fmt.Errorf("it can be summed up by %v, not by %q", Bys(), by))
	}
	rows, backends, total := rowSet{}, rowSet{}, rowSet{}
	for p, err := range lines {
		if err != nil {
			return Summary{}, err
		}
		total.add(rowName{name: "total"}, p)
		backends.add(rowName{name: p.Line.Backend}, p)
		if by == ByStory {
			rows.addStories(p)
		} else {
			rows.add(nameOf(p.Line, by, cmp.Or(zone, time.Local)), p)
		}
	}
	s := Summary{Rows: rows.sorted(by), Backends: backends.sorted(ByDay), Total: Row{Name: "total"}}
	for _, r := range total {
		s.Total = *r
	}
	return s, nil
}

// A rowName tells rows apart.
type rowName struct {
	name      string
	signature translator.Signature
}

func nameOf(line translator.Line, by By, zone *time.Location) rowName {
	switch by {
	case ByDay:
		return rowName{name: line.Time.In(zone).Format(time.DateOnly)}
	case ByDirection:
		return rowName{name: line.Direction.String()}
	}
	return rowName{line.Backend, line.Signature}
}

type rowSet map[rowName]*Row

func (s rowSet) row(of rowName) *Row {
	r := s[of]
	if r == nil {
		r = &Row{Name: of.name, Signature: of.signature}
		s[of] = r
	}
	return r
}

// add adds a whole line to a row.
func (s rowSet) add(of rowName, p translator.Posting) {
	s.row(of).add(p, int64(p.Line.Texts), int64(p.Line.Size), int64(p.Bill.Size), p.Bill.Cost, p.Line.Cost)
}

// addStories adds to the row of each story what it has of a line, which counts
// once for a story of which it serves several versions.
func (s rowSet) addStories(p translator.Posting) {
	stories := slices.Clone(p.Line.Shares)
	for i := range stories {
		stories[i].Version = [16]byte{}
	}
	p.Line.Shares = merged(stories)
	d := divide(p)
	for i, of := range d.shares {
		s.row(rowName{name: cmp.Or(of.Story, NoStory)}).add(p, int64(of.Texts), d.sizes[i], d.billed[i], translator.USD(d.costs[i]), translator.USD(d.reserved[i]))
	}
}

// add adds a line, or a story's part of one.
func (r *Row) add(p translator.Posting, texts, size, billed int64, cost, reserved translator.USD) {
	r.Requests++
	switch {
	case p.Open:
		r.Open++
		r.OpenSize += size
		r.OpenCost += reserved
		return
	case p.Bill.Size == 0 && p.Bill.Cost == 0:
		r.Unbilled++
		return
	}
	r.Texts += int(texts)
	r.Counted += size
	r.Billed += billed
	r.Cost += cost
	if p.Bill.Said {
		r.Said += billed
		r.SaidOf += size
	}
}

// sorted returns the rows: by name as days, or the dearest first.
func (s rowSet) sorted(by By) []Row {
	rows := make([]Row, 0, len(s))
	for _, r := range s {
		rows = append(rows, *r)
	}
	slices.SortFunc(rows, func(a, b Row) int {
		names := cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Signature), string(b.Signature)))
		if by == ByDay {
			return names
		}
		return cmp.Or(nobodysLast(a, b), cmp.Compare(b.Cost+b.OpenCost, a.Cost+a.OpenCost), names)
	})
	return rows
}

func nobodysLast(a, b Row) int {
	switch {
	case a.Name == b.Name:
		return 0
	case a.Name == NoStory:
		return 1
	case b.Name == NoStory:
		return -1
	}
	return 0
}
