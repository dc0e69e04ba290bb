package ledger

import (
	"iter"

	"dragoman/translator"
)

// Portions yields what some stories have of each line: its texts, sizes and
// costs are their part of it, divided as Summarize does, and its Shares are
// theirs. A line that none of them is in is left out. So the portions of groups
// of stories that have none in common sum up to the lines.
func Portions(lines iter.Seq2[translator.Posting, error], of func(line translator.Line, story string) bool) iter.Seq2[translator.Posting, error] {
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

// portion returns what stories have of a line, and whether they have any.
func portion(p translator.Posting, of func(translator.Line, string) bool) (translator.Posting, bool) {
	d := divide(p)
	part := p
	part.Line.Shares, part.Line.Texts, part.Line.Size, part.Line.Cost = nil, 0, 0, 0
	part.Bill.Size, part.Bill.Cost = 0, 0
	for i, story := range d.stories {
		if !of(p.Line, story) {
			continue
		}
		part.Line.Shares = append(part.Line.Shares, translator.Share{Story: story, Texts: int(d.texts[i]), Size: int(d.sizes[i])})
		part.Line.Texts += int(d.texts[i])
		part.Line.Size += int(d.sizes[i])
		part.Line.Cost += translator.USD(d.reserved[i])
		part.Bill.Size += int(d.billed[i])
		part.Bill.Cost += translator.USD(d.costs[i])
	}
	return part, len(part.Line.Shares) > 0
}

// A division is a line by stories: see portions.
type division struct {
	stories                               []string
	texts, sizes, billed, costs, reserved []int64
}

func divide(p translator.Posting) division {
	stories, texts, weights := portions(p.Line)
	return division{
		stories: stories, texts: texts,
		sizes: apportion(int64(p.Line.Size), weights), billed: apportion(int64(p.Bill.Size), weights),
		costs: apportion(int64(p.Bill.Cost), weights), reserved: apportion(int64(p.Line.Cost), weights),
	}
}
