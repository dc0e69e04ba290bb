package score

// A line is a translation with its references, and the memory in which it is
// counted. It belongs to one goroutine and is used again for the next line.
type line struct {
	hyp  string
	refs []string

	grams grams
	ids   map[string]uint32 // words of this line by number, from 0
	words []string
	raw   []string // words before marks are split from them
	of    []uint32 // the words or characters of the translation
	ref   []uint32 // those of a reference
	all   []uint32 // those of all references, one after the other
	ends  []int    // where each reference ends in all

	chars   [][3 * charOrder]float64 // character statistics by reference, for both kinds of chrF
	counted bool                     // chars is of this line
	edits   edits
}

// set begins a line.
func (l *line) set(hyp string, refs []string) {
	l.hyp, l.refs, l.counted = hyp, refs, false
	if l.ids == nil {
		l.ids = make(map[string]uint32)
	}
	clear(l.ids)
}

// number appends the numbers of words: equal words of a line have equal numbers.
func (l *line) number(ids []uint32, words []string) []uint32 {
	for _, w := range words {
		id, ok := l.ids[w]
		if !ok {
			id = uint32(len(l.ids))
			l.ids[w] = id
		}
		ids = append(ids, id)
	}
	return ids
}
