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
// end, so that a shift costs only the rows of the words that it moves.
type edits struct {
	hyp, ref []uint32
	beam     []span  // by row
	ahead    []int32 // rows of len(ref)+1 cells, one for each word of hyp and one more
	behind   []int32
	rows     [2][]int32 // of a shift that is tried
	moved    []uint32   // the words that it changes

	aligned            []int // see align
	hypWrong, refWrong []int
	tried              int // shifts, of this translation
}

// A span is the cells of a row, from..to-1.
type span struct{ from, to int }

// begin sets a translation and a reference of at least one word.
func (e *edits) begin(hyp, ref []uint32) {
	e.hyp, e.ref, e.tried = append(e.hyp[:0], hyp...), ref, 0
	rows, cells := len(hyp)+1, len(ref)+1
	e.beam = beamOf(e.beam[:0], len(hyp), len(ref))
	e.ahead = grown(e.ahead, rows*cells)
	e.behind = grown(e.behind, rows*cells)
	for i := range e.rows {
		e.rows[i] = grown(e.rows[i], cells)
	}
	for j := range cells {
		e.ahead[j] = int32(j)
	}
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
// of the two lengths; the first and the last row reach the reference's end. A
// much shorter translation widens the beam, so that a row always meets the next.
func beamOf(beam []span, hyp, ref int) []span {
	beam = append(beam, span{0, ref + 1})
	if hyp == 0 {
		return beam
	}
	ratio := float64(ref) / float64(hyp)
	width := beamWidth
	if ratio/2 > beamWidth {
		width = int(math.Ceil(ratio/2 + beamWidth))
	}
	for i := 1; i <= hyp; i++ {
		diagonal := int(math.Floor(float64(i) * ratio))
		beam = append(beam, span{max(0, diagonal-width), min(ref+1, diagonal+width)})
	}
	beam[hyp].to = ref + 1
	return beam
}

func (e *edits) row(table []int32, i int) []int32 {
	cells := len(e.ref) + 1
	return table[i*cells : (i+1)*cells]
}

// distance returns the edits without shifts.
func (e *edits) distance() int { return int(e.ahead[len(e.ahead)-1]) }

// compare fills both tables.
func (e *edits) compare() {
	for i, word := range e.hyp {
		e.forward(e.row(e.ahead, i), e.row(e.ahead, i+1), word, e.beam[i+1])
	}
	n := len(e.hyp)
	last := e.row(e.behind, n)
	for j := e.beam[n].from; j < e.beam[n].to; j++ {
		last[j] = int32(len(e.ref) - j)
	}
	for i := n - 1; i >= 0; i-- {
		e.backward(e.row(e.behind, i), e.row(e.behind, i+1), e.hyp[i], e.beam[i])
	}
}

// forward fills the row after one word more, within the beam, and returns the
// least in it.
func (e *edits) forward(above, row []int32, word uint32, beam span) int32 {
	left, diagonal, least := int32(far), int32(far), int32(far)
	j := beam.from
	if j > 0 {
		diagonal = above[j-1]
	} else {
		left = above[0] + 1
		row[0], least, diagonal = left, left, above[0]
		j = 1
	}
	ref := e.ref[j-1 : beam.to-1]
	over := above[j:][:len(ref)]
	out := row[j:][:len(ref)]
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
func (e *edits) backward(row, below []int32, word uint32, beam span) {
	right := int32(far)
	for j := beam.to - 1; j >= beam.from; j-- {
		cost := below[j] + 1
		if j < len(e.ref) {
			cost = min(cost, right+1, below[j+1]+differ(word, e.ref[j]))
		}
		row[j] = cost
		right = cost
	}
}

func differ(a, b uint32) int32 {
	if a == b {
		return 0
	}
	return 1
}

// gain returns how many edits a shift saves, or less than wanted if it saves
// less than that.
func (e *edits) gain(s shift, wanted int) int {
	from, to := s.changed(len(e.hyp))
	e.moved = s.perform(e.moved[:0], e.hyp)
	limit := int32(e.distance() - wanted)
	above := e.row(e.ahead, from)
	for k, word := range e.moved {
		row := e.rows[k%2]
		beam := e.beam[from+k+1]
		if e.forward(above, row, word, beam) > limit {
			return wanted - 1 // costs never fall from row to row
		}
		closeOff(row, beam)
		above = row
	}
	least := int32(far)
	behind := e.row(e.behind, to)
	for j := e.beam[to].from; j < e.beam[to].to; j++ {
		least = min(least, above[j]+behind[j])
	}
	return e.distance() - int(least)
}

// closeOff puts the cells around a beam out of reach, where an earlier row may
// have left costs.
func closeOff(row []int32, beam span) {
	if beam.from > 0 {
		row[beam.from-1] = far
	}
	for j := beam.to; j < len(row); j++ {
		row[j] = far
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
	above, cost := e.row(e.ahead, i-1), e.row(e.ahead, i)[j]
	switch {
	case j == 0:
		return remove
	case cost == above[j-1] && e.hyp[i-1] == e.ref[j-1]:
		return keep
	case cost == above[j-1]+1 && e.hyp[i-1] != e.ref[j-1]:
		return replace
	case cost == above[j]+1:
		return remove
	}
	return insert
}
