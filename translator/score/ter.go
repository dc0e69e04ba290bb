package score

import "fmt"

// ter is the translation edit rate: the words to insert, delete, replace and the
// runs of words to move until the translation is the reference, for each word of
// the reference. Its statistics are the edits against the reference that needs
// the fewest, and the mean length of the references.
type ter struct{}

func (ter) width() int { return 2 }

func (ter) count(into []float64, l *line) {
	l.of = l.terWords(l.of[:0], l.hyp)
	fewest, total := -1, 0
	for _, ref := range l.refs {
		l.ref = l.terWords(l.ref[:0], ref)
		total += len(l.ref)
		if n := l.edits.count(l.of, l.ref); fewest < 0 || n < fewest {
			fewest = n
		}
	}
	into[0], into[1] = float64(fewest), float64(total)/float64(len(l.refs))
}

// terWords appends the numbers of the words of a text. TER does not tell
// capitals from small letters, and breaks at white space only.
func (l *line) terWords(ids []uint32, text string) []uint32 {
	l.words = fields(l.words[:0], lower(text))
	return l.number(ids, l.words)
}

// TERParts is what a TER score was made of.
type TERParts struct {
	Edits  int
	RefLen float64 // words; with several references the mean of their numbers
}

func (ter) score(stats []float64, nrefs int, _ unit) Score {
	p := &TERParts{Edits: int(stats[0]), RefLen: stats[1]}
	rate := 0.0
	switch {
	case p.RefLen > 0:
		rate = float64(p.Edits) / p.RefLen
	case p.Edits > 0:
		rate = 1
	}
	return Score{
		Metric: TER, Value: 100 * rate, TER: p,
		Signature: fmt.Sprintf("nrefs:%d|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:%s", nrefs, Version),
	}
}
