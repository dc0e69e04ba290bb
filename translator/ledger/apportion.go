package ledger

import (
	"cmp"
	"math/bits"
	"slices"

	"dragoman/translator"
)

// apportion divides a total in proportion to weights, into parts that sum up to
// exactly the total: each is its exact part rounded down, and what is then
// left goes, one to each, to those that lost most by it, the first of equals
// first (the method of the largest remainder). Weights that are all 0 are
// equal. Nothing may be negative. For no weights it returns none.
func apportion(total int64, weights []int64) []int64 {
	if len(weights) == 0 {
		return nil
	}
	var sum uint64
	for _, w := range weights {
		sum += uint64(w)
	}
	parts, lost := make([]int64, len(weights)), make([]uint64, len(weights))
	left := total
	for i, w := range weights {
		if sum == 0 {
			w = 1
		}
		high, low := bits.Mul64(uint64(total), uint64(w))
		part, remainder := bits.Div64(high, low, cmp.Or(sum, uint64(len(weights))))
		parts[i], lost[i] = int64(part), remainder
		left -= parts[i]
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(lost[j], lost[i]) })
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}

// portions returns a line's shares, and what each is to have of the line: what
// it asked for. What no story asked for is of the story "". The overhead that a
// request carries is nobody's own: where every text has a story it is left out,
// and so shared in the same proportion.
func portions(line translator.Line) (shares []translator.Share, weights []int64) {
	rest := translator.Share{Texts: line.Texts, Size: line.Size}
	for _, s := range line.Shares {
		shares, weights = append(shares, s), append(weights, int64(s.Size))
		rest.Texts, rest.Size = rest.Texts-s.Texts, rest.Size-s.Size
	}
	if rest.Texts > 0 || len(line.Shares) == 0 {
		shares, weights = append(shares, rest), append(weights, int64(max(rest.Size, 0)))
	}
	return shares, weights
}
