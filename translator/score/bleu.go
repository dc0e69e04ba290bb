package score

import "fmt"

// bleuOrder is the most words in a row that BLEU looks at.
const bleuOrder = 4

// bleu is BLEU with exponential smoothing. Its statistics are the words of the
// translation, the words of the reference, the n-grams that match, and the
// n-grams there are.
type bleu struct {
	tokenize  tokenizer
	tokenizer string
	lowercase bool
}

func newBLEU(name string, lowercase bool) (metric, error) {
	if name == "" {
		name = Tokenizers()[0]
	}
	tokenize, err := tokenizerOf(name)
	if err != nil {
		return nil, err
	}
	return bleu{tokenize, name, lowercase}, nil
}

func (bleu) width() int { return 2 + 2*bleuOrder }

func (b bleu) count(into []float64, l *line) {
	l.of = b.words(l.of[:0], l, l.hyp)
	l.all, l.ends = l.all[:0], l.ends[:0]
	for _, ref := range l.refs {
		l.all = b.words(l.all, l, ref)
		l.ends = append(l.ends, len(l.all))
	}
	l.grams.reset(bleuOrder * len(l.all))
	start, closest := 0, -1
	for i, end := range l.ends {
		if i > 0 {
			l.grams.next()
		}
		l.grams.add(l.all[start:end], bleuOrder)
		closest = closer(len(l.of), closest, end-start)
		start = end
	}
	var matches [bleuOrder]int
	l.grams.match(l.of, matches[:])
	into[0], into[1] = float64(len(l.of)), float64(closest)
	for n, m := range matches {
		into[2+n] = float64(m)
		into[2+bleuOrder+n] = float64(ngrams(len(l.of), n+1))
	}
}

func (b bleu) words(ids []uint32, l *line, text string) []uint32 {
	if b.lowercase {
		text = lower(text)
	}
	l.words = b.tokenize(l.words[:0], trimRight(text))
	return l.number(ids, l.words)
}

// closer returns which of two reference lengths is nearer to that of the
// translation, the shorter if both are. So far is -1 at first.
func closer(hyp, sofar, ref int) int {
	if sofar < 0 {
		return ref
	}
	was, is := distance(hyp, sofar), distance(hyp, ref)
	if is < was || is == was && ref < sofar {
		return ref
	}
	return sofar
}

func distance(a, b int) int { return max(a-b, b-a) }

// BLEUParts is what a BLEU score was made of.
type BLEUParts struct {
	Matches    [bleuOrder]int     // n-grams that match, of 1 to 4 words
	Totals     [bleuOrder]int     // n-grams there are
	Precisions [bleuOrder]float64 // in percent, smoothed
	Brevity    float64            // the penalty for being shorter than the reference, from 0 to 1
	HypLen     int                // words
	RefLen     int                // words of the reference that is nearest in length, for each line
}

func (b bleu) score(stats []float64, nrefs int, as unit) Score {
	p := &BLEUParts{HypLen: int(stats[0]), RefLen: int(stats[1]), Brevity: brevity(stats[0], stats[1])}
	for n := range bleuOrder {
		p.Matches[n], p.Totals[n] = int(stats[2+n]), int(stats[2+bleuOrder+n])
	}
	// A sentence may be too short for four words in a row: it is scored by the
	// orders that it has ("effective order"), a corpus by all of them.
	orders, effective := p.smooth(), "yes"
	if as == corpus {
		orders, effective = bleuOrder, "no"
	}
	letters := "mixed"
	if b.lowercase {
		letters = "lc"
	}
	return Score{
		Metric: BLEU, Value: p.value(orders), BLEU: p,
		Signature: fmt.Sprintf("nrefs:%d|case:%s|eff:%s|tok:%s|smooth:exp|version:%s", nrefs, letters, effective, b.tokenizer, Version),
	}
}

func brevity(hyp, ref float64) float64 {
	switch {
	case hyp >= ref:
		return 1
	case hyp == 0:
		return 0
	}
	return exp(1 - ref/hyp)
}

// smooth sets the precisions and returns how many orders there are n-grams of.
// The first order without a match counts as half a match, the next as a quarter, and so on.
func (p *BLEUParts) smooth() (orders int) {
	if p.Matches == [bleuOrder]int{} {
		return bleuOrder // nothing matches: no figure is made of them
	}
	smoothed := 1.0
	for n, total := range p.Totals {
		if total == 0 {
			break
		}
		orders = n + 1
		if p.Matches[n] > 0 {
			p.Precisions[n] = 100 * float64(p.Matches[n]) / float64(total)
			continue
		}
		smoothed *= 2
		p.Precisions[n] = 100 / (smoothed * float64(total))
	}
	return orders
}

// value is the geometric mean of the precisions, less the penalty.
func (p *BLEUParts) value(orders int) float64 {
	if p.Matches == [bleuOrder]int{} {
		return 0
	}
	sum := 0.0
	for _, x := range p.Precisions[:orders] {
		if x == 0 {
			return 0
		}
		sum += log(x)
	}
	return p.Brevity * exp(sum/float64(orders))
}
