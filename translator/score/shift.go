package score

import "slices"

// The limits of the search for words to move: Tercom's own for the first two,
// sacreBLEU's for the third. With them the search gives sacreBLEU's figure, not
// the fewest edits there are.
const (
	maxShiftWords  = 10
	maxShiftAway   = 50   // places between where a run stands on either side
	maxShiftsTried = 1000 // for one translation and reference
)

// A shift is a run of words of the translation that goes elsewhere.
type shift struct {
	gain   int // edits that it saves; the search wants at least 1
	length int
	start  int // where the run stands
	target int // the word that it goes before; inside the run: as many words to the right
}

// better tells whether a shift is preferred to another: the one that saves
// more, then the longer, the earlier, and the one that goes to an earlier place.
func (s shift) better(t shift) bool {
	switch {
	case s.gain != t.gain:
		return s.gain > t.gain
	case s.length != t.length:
		return s.length > t.length
	case s.start != t.start:
		return s.start < t.start
	}
	return s.target < t.target
}

// changed returns the first word that the shift changes, and the one after the
// last, of a text of n words.
func (s shift) changed(n int) (from, to int) {
	switch end := s.start + s.length; {
	case s.target < s.start:
		return s.target, end
	case s.target > end:
		return s.start, s.target
	default:
		return s.start, min(n, s.target+s.length)
	}
}

// perform appends the words from..to of changed as they are after the shift.
func (s shift) perform(words, hyp []uint32) []uint32 {
	from, to := s.changed(len(hyp))
	end := s.start + s.length
	run := hyp[s.start:end]
	if from < s.start { // to the left
		return append(append(words, run...), hyp[from:s.start]...)
	}
	return append(append(words, hyp[end:to]...), run...)
}

// count returns the edits that make ref of hyp: runs are moved one after the
// other while that saves edits, then single words are changed.
func (e *edits) count(hyp, ref []uint32) int {
	if len(ref) == 0 {
		return len(hyp)
	}
	e.begin(hyp, ref)
	for shifts := 0; ; shifts++ {
		e.compare()
		best, found := e.search()
		if !found {
			return shifts + e.distance()
		}
		from, _ := best.changed(len(e.hyp))
		e.moved = best.perform(e.moved[:0], e.hyp)
		copy(e.hyp[from:], e.moved)
	}
}

// search returns the best shift that saves edits, unless there is none or too
// many have been tried.
func (e *edits) search() (best shift, found bool) {
	e.align()
	for start := range e.hyp {
		last := min(len(e.ref)-1, start+maxShiftAway)
		for at := max(0, start-maxShiftAway); at <= last; at++ {
			most := min(maxShiftWords, len(e.hyp)-start, len(e.ref)-at)
			for n := 0; n < most && e.hyp[start+n] == e.ref[at+n]; n++ {
				if !e.worth(start, at, n+1) {
					continue
				}
				best = e.try(start, at, n+1, best)
				if e.shifts >= maxShiftsTried {
					return best, false
				}
			}
		}
	}
	return best, best.gain > 0
}

// worth tells whether a run may be moved: something is wrong with it where it
// stands and with its place in the reference, and it does not stand there.
func (e *edits) worth(start, at, length int) bool {
	if e.hypWrong[start+length] == e.hypWrong[start] || e.refWrong[at+length] == e.refWrong[at] {
		return false
	}
	stands := e.aligned[at]
	return stands < start || stands >= start+length
}

// try moves a run of the translation to each place that words of the reference
// from the one before it on are aligned with, and returns the best shift so far.
func (e *edits) try(start, at, length int, best shift) shift {
	before := -1
	for i := at - 1; i < at+length; i++ {
		target := 0
		if i >= 0 {
			target = e.aligned[i] + 1
		}
		if target == before {
			continue
		}
		before = target
		e.shifts++
		s := shift{gain: max(best.gain, 1), length: length, start: start, target: target}
		if best.gain > 0 && !s.better(best) {
			s.gain++ // as good as the best is not enough
		}
		if gain := e.gain(s, s.gain); gain >= s.gain {
			s.gain = gain
			best = s
		}
	}
	return best
}

// align walks back through the table along the edits, and notes which word of
// the translation each word of the reference is aligned with (-1: none before
// it), and how many words are wrong before each place of either side.
func (e *edits) align() {
	i, j := len(e.hyp), len(e.ref)
	e.aligned = slices.Grow(e.aligned[:0], j)[:j]
	e.hypWrong = slices.Grow(e.hypWrong[:0], i+1)[:i+1]
	e.refWrong = slices.Grow(e.refWrong[:0], j+1)[:j+1]
	for i > 0 || j > 0 {
		switch e.step(i, j) {
		case keep:
			i, j = i-1, j-1
			e.aligned[j], e.hypWrong[i+1], e.refWrong[j+1] = i, 0, 0
		case replace:
			i, j = i-1, j-1
			e.aligned[j], e.hypWrong[i+1], e.refWrong[j+1] = i, 1, 1
		case remove:
			i--
			e.hypWrong[i+1] = 1
		case insert:
			j--
			e.aligned[j], e.refWrong[j+1] = i-1, 1
		}
	}
	sumUp(e.hypWrong)
	sumUp(e.refWrong)
}

func sumUp(wrong []int) {
	wrong[0] = 0
	for i := range wrong[1:] {
		wrong[i+1] += wrong[i]
	}
}
