package ledger

import (
	"iter"

	"dragoman/translator"
)

// Portions yields what some versions of stories have of each line: its texts,
// sizes and costs are their part of it, divided as Summarize does, and its Shares
// are theirs. A line that none of them is in is left out. So the portions of groups
// that have no version in common sum up to the lines. Of says which they are, by
// a share's story and version; what no story asked for is of the story "".
func Portions(lines iter.Seq2[translator.Posting, error], of func(line translator.Line, share translator.Share) bool) iter.Seq2[translator.Posting, error] {
	return func(yield func(translator.Posting, error) bool) {
		for p, err := range lines {
			some := err != nil
			if err == nil {
				p, some = portion(p, of)
			}
			if some && !yield(p, err) {
				return
			}
		}
	}
}

// portion returns what versions have of a line, and whether they have any.
func portion(p translator.Posting, of func(translator.Line, translator.Share) bool) (translator.Posting, bool) {
	d := divide(p)
	part := p
	part.Line.Shares, part.Line.Texts, part.Line.Size, part.Line.Cost = nil, 0, 0, 0
	part.Bill.Size, part.Bill.Cost = 0, 0
	for i, share := range d.shares {
		if !of(p.Line, share) {
			continue
		}
		share.Size = int(d.sizes[i])
		part.Line.Shares = append(part.Line.Shares, share)
		part.Line.Texts += share.Texts
		part.Line.Size += int(d.sizes[i])
		part.Line.Cost += translator.USD(d.reserved[i])
		part.Bill.Size += int(d.billed[i])
		part.Bill.Cost += translator.USD(d.costs[i])
	}
	return part, len(part.Line.Shares) > 0
}

// A division is a line by its shares: see portions.
type division struct {
	shares                         []translator.Share
	sizes, billed, costs, reserved []int64
}

func divide(p translator.Posting) division {
	shares, weights := portions(p.Line)
	return division{
		shares: shares,
		sizes:  apportion(int64(p.Line.Size), weights), billed: apportion(int64(p.Bill.Size), weights),
		costs: apportion(int64(p.Bill.Cost), weights), reserved: apportion(int64(p.Line.Cost), weights),
	}
}
