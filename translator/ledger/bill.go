package ledger

import (
	"errors"
	"math"

	"dragoman/translator"
)

// lineOf returns what a request can come to at most, and which stories asked.
// It has no run and no time yet.
func lineOf(traits translator.Traits, req translator.Request) translator.Line {
	sizes, size := make([]int, len(req.Texts)), 0
	for i, text := range req.Texts {
		sizes[i] = traits.SizeOf(text)
		size += sizes[i]
	}
	_, most := traits.Cost(1, size)
	return translator.Line{
		Backend: traits.Name, Signature: traits.Signature, Direction: req.Direction,
		Texts: len(req.Texts), Size: size + traits.Overhead, Cost: most, Shares: sharesOf(req.Contexts, sizes),
	}
}

// sharesOf sums the texts of each version of each story, in the order in which
// they come. Texts of no story are nobody's.
func sharesOf(contexts []translator.Context, sizes []int) []translator.Share {
	var shares []translator.Share
	for i, c := range contexts {
		if c.Story != "" && i < len(sizes) {
			shares = append(shares, translator.Share{Story: c.Story, Version: c.Version, Texts: 1, Size: sizes[i]})
		}
	}
	return merged(shares)
}

// merged puts shares of one version together, in the place of the first of them.
func merged(shares []translator.Share) []translator.Share {
	var each []translator.Share
	places := map[translator.Share]int{} // with story and version alone
	for _, s := range shares {
		name := translator.Share{Story: s.Story, Version: s.Version}
		place, met := places[name]
		if !met {
			place = len(each)
			places[name] = place
			each = append(each, name)
		}
		each[place].Texts += s.Texts
		each[place].Size += s.Size
	}
	return each
}

// billOf returns what a request came to, as Meter says, without the time. Said
// means that all it rests on is the service's own word.
func billOf(line translator.Line, traits translator.Traits, req translator.Request, resp translator.Response, err error) translator.Bill {
	if e, ok := errors.AsType[*translator.Error](err); ok && !e.MaybePaid && e.Kind != translator.Corrupt {
		return translator.Bill{}
	}
	if err != nil {
		return translator.Bill{Size: line.Size, Cost: line.Cost}
	}
	bill := translator.Bill{Size: resp.Billed, Said: resp.Billed > 0}
	if !bill.Said {
		bill.Size = line.Size - missingSize(traits, req, resp)
	}
	bill.Cost = traits.Price.Of(bill.Size)
	if traits.TargetPrice > 0 {
		target := resp.BilledTarget
		if target <= 0 {
			target, bill.Said = targetSize(traits, req, resp), false
		}
		bill.Cost += traits.TargetPrice.Of(target)
	}
	return bill
}

// missingSize is the Size of the texts that the backend does not know: only a
// memory says so, and looking up what is not there must not use up a budget
// that the next backend of the chain needs.
func missingSize(traits translator.Traits, req translator.Request, resp translator.Response) int {
	size := 0
	for i, tr := range resp.Translations {
		if i < len(req.Texts) && errors.Is(tr.Err, translator.Missing) {
			size += traits.SizeOf(req.Texts[i])
		}
	}
	return size
}

// targetSize counts what came back, as the service would. A translation that
// came and could not be believed is not there any more, and counts as the most
// that it can have been.
func targetSize(traits translator.Traits, req translator.Request, resp translator.Response) int {
	size := 0
	for i, tr := range resp.Translations {
		switch {
		case tr.Err == nil:
			size += traits.SizeOf(tr.Text)
		case i < len(req.Texts) && !errors.Is(tr.Err, translator.Missing):
			size += int(math.Ceil(traits.Yield.Most * float64(traits.SizeOf(req.Texts[i]))))
		}
	}
	return size
}
