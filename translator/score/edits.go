package score

import (
	"math"
	"slices"
)

// beamWidth is how many words of the reference on either side of the diagonal
// are looked at for a word of the translation.
const beamWidth = 25

// far is the cost of what the beam does not reach. It can be added to.
const far = math.MaxInt32 / 2

// edits counts edits between a translation and a reference, and is memory used
// again for the next ones.
//
// A cell (i, j) stands between the first i words of the translation and the
// first j of the reference. Only cells within the beam count; the edit distance
// is the cheapest way through them from one corner to the other. ahead holds
// the costs from the beginning to each cell, behind those from each cell to the
// end, so that a shift costs only the rows of the words that it moves. Both hold
// the beam alone, so that a line of a whole book needs no more than its length.
type edits struct {
	hyp, ref []uint32
	beam     []span // by row
	places   []int  // by row: where its cell 0 is, or would be, in ahead and behind
	ahead    []int32
	behind   []int32
	tried    [2][]int32 // rows of a shift that is tried, with their cell 0 at 1
	moved    []uint32   // the words that it changes

	aligned            []int // see align
	hypWrong, refWrong []int
	shifts             int // that were tried, of this translation
}

// A span is the cells of a row, from..to-1.
type span struct{ from, to int }

// A costs is a row of cells; cell j stands at zero+j.
type costs struct {
	cells []int32
	zero  int
}

// begin sets a translation and a reference of at least one word.
func (e *edits) begin(hyp, ref []uint32) {
	e.hyp, e.ref, e.shifts = append(e.hyp[:0], hyp...), ref, 0
	e.beam = beamOf(e.beam[:0], len(hyp), len(ref))
	size := e.lay()
	e.ahead = grown(e.ahead, size)
	e.behind = grown(e.behind, size)
	for i := range e.tried {
		e.tried[i] = grown(e.tried[i], len(ref)+3)
	}
	first := e.row(e.ahead, 0)
	for j := range e.beam[0].to {
		first.cells[first.zero+j] = int32(j)
	}
}

// lay gives each row its place and returns the size of all. A row has room for
// the cells that its neighbours look at beside its own; they are out of reach.
func (e *edits) lay() (size int) {
	e.places = e.places[:0]
	last := len(e.beam) - 1
	for i, own := range e.beam {
		before, after := e.beam[max(i-1, 0)], e.beam[min(i+1, last)]
		from := min(own.from, before.from) - 1
		e.places = append(e.places, size-from)
		size += max(own.to, before.to+1, after.to) - from
	}
	return size
}

// grown returns a slice of a length, all of it out of reach.
func grown(s []int32, n int) []int32 {
	s = slices.Grow(s[:0], n)[:n]
	for i := range s {
		s[i] = far
	}
	return s
}

// beamOf appends the cells of each row that are looked at. The diagonal is that
// of the two lengths; the last row reaches the reference's end. A much shorter
// translation widens the beam, so that a row always meets the next.
func beamOf(beam []span, hyp, ref int) []span {
	if hyp == 0 {
		return append(beam, span{0, ref + 1})
	}
	ratio := float64(ref) / float64(hyp)
	width := beamWidth
	if ratio/2 > beamWidth {
		width = int(math.Ceil(ratio/2 + beamWidth))
	}
	beam = append(beam, span{}) // the row before the first word: what the next one looks at
	for i := 1; i <= hyp; i++ {
		diagonal := int(math.Floor(float64(i) * ratio))
		beam = append(beam, span{max(0, diagonal-width), min(ref+1, diagonal+width)})
	}
	beam[hyp].to = ref + 1
	beam[0].to = beam[1].to
	return beam
}

func (e *edits) row(table []int32, i int) costs { return costs{table, e.places[i]} }

// distance returns the edits without shifts.
func (e *edits) distance() int {
	last := e.row(e.ahead, len(e.hyp))
	return int(last.cells[last.zero+len(e.ref)])
}

// compare fills both tables.
func (e *edits) compare() {
	for i, word := range e.hyp {
		e.forward(e.row(e.ahead, i), e.row(e.ahead, i+1), word, e.beam[i+1])
	}
	n := len(e.hyp)
	last := e.row(e.behind, n)
	for j := e.beam[n].from; j < e.beam[n].to; j++ {
		last.cells[last.zero+j] = int32(len(e.ref) - j)
	}
	for i := n - 1; i > 0; i-- { // no shift ends in row 0
		e.backward(e.row(e.behind, i), e.row(e.behind, i+1), e.hyp[i], e.beam[i])
	}
}

// forward fills the row after one word more, within the beam, and returns the
// least in it.
func (e *edits) forward(above, row costs, word uint32, beam span) int32 {
	left, least := int32(far), int32(far)
	j := beam.from
	if j == 0 {
		left = above.cells[above.zero] + 1
		row.cells[row.zero] = left
		least = left
		j = 1
	}
	diagonal := above.cells[above.zero+j-1]
	ref := e.ref[j-1 : beam.to-1]
	over := above.cells[above.zero+j:][:len(ref)]
	out := row.cells[row.zero+j:][:len(ref)]
	for k, w := range ref {
		cost := diagonal
		if w != word {
			cost++
		}
		diagonal = over[k]
		left = min(cost, diagonal+1, left+1)
		out[k] = left
		least = min(least, left)
	}
	return least
}

// backward fills the row before a word, within the beam.
func (e *edits) backward(row, below costs, word uint32, beam span) {
	right := int32(far)
	for j := beam.to - 1; j >= beam.from; j-- {
		cost := below.cells[below.zero+j] + 1
		if j < len(e.ref) {
			diagonal := below.cells[below.zero+j+1]
			if e.ref[j] != word {
				diagonal++
			}
			cost = min(cost, right+1, diagonal)
		}
		row.cells[row.zero+j] = cost
		right = cost
	}
}

// gain returns how many edits a shift saves, or less than wanted if it saves
// less than that.
func (e *edits) gain(s shift, wanted int) int {
	from, to := s.changed(len(e.hyp))
	e.moved = s.perform(e.moved[:0], e.hyp)
	limit := int32(e.distance() - wanted)
	above := e.row(e.ahead, from)
	for k, word := range e.moved {
		i := from + k + 1
		row := costs{e.tried[k%2], 1}
		if e.forward(above, row, word, e.beam[i]) > limit {
			return wanted - 1 // costs never fall from row to row
		}
		row.closeOff(e.beam[i], e.beam[min(i+1, len(e.hyp))])
		above = row
	}
	least := int32(far)
	behind := e.row(e.behind, to)
	for j := e.beam[to].from; j < e.beam[to].to; j++ {
		least = min(least, above.cells[above.zero+j]+behind.cells[behind.zero+j])
	}
	return e.distance() - int(least)
}

// closeOff puts the cells around a row's own that the next row looks at out of
// reach, where an earlier row may have left costs.
func (c costs) closeOff(own, next span) {
	c.cells[c.zero+own.from-1] = far
	for j := own.to; j < next.to; j++ {
		c.cells[c.zero+j] = far
	}
}

// An edit is one step through the table.
type edit uint8

const (
	keep edit = iota
	replace
	remove // a word of the translation
	insert // a word of the reference
)

// step returns the edit that leads to a cell. Of several equally cheap ones it
// is sacreBLEU's: to keep or replace before to remove before to insert.
func (e *edits) step(i, j int) edit {
	if i == 0 {
		return insert
	}
	if j == 0 {
		return remove
	}
	cost := e.ahead[e.places[i]+j]
	above := e.ahead[e.places[i-1]+j-1:][:2]
	switch {
	case cost == above[0] && e.hyp[i-1] == e.ref[j-1]:
		return keep
	case cost == above[0]+1 && e.hyp[i-1] != e.ref[j-1]:
		return replace
	case cost == above[1]+1:
		return remove
	}
	return insert
}
