package backend

import (
	"time"

	"dragoman/translator"
)

const (
	// systematicFrom and systematicShare are when doubts say something about the
	// engine and not about single texts: when they are of more than a quarter of
	// a request of eight texts or more. Asked again it would say the same, and
	// the bill would be twice the estimate.
	systematicFrom, systematicShare = 8, 0.25
	// doubtShare is how much of the texts of the last ten minutes may be asked
	// again because of doubts, and doubtFloor how many always may: so much may a
	// bill be above its estimate.
	doubtShare, doubtFloor = 0.05, 10
)

// doubtLocked answers a text, or notes the answer and tells that the text is
// to be asked again. Of two answers the second is taken unless it has more
// faults, as memory.Keep does.
func (c *Client) doubtLocked(r *request, j *job, tr translator.Translation, origin translator.Origin) bool {
	answer := translator.Result{Text: tr.Text, Origin: origin, Flags: tr.Flags, Doubt: tr.Doubt}
	if tr.Doubt != translator.AskAgain {
		c.answerLocked(j, better(j.doubted, answer))
		return false
	}
	answer.Doubt = translator.MoveOn
	if r.again {
		c.answerLocked(j, better(j.doubted, answer))
		return false
	}
	j.doubted = &answer
	return true
}

// better chooses between two answers to one text; the first may be nil.
func better(one *translator.Result, two translator.Result) translator.Result {
	if one == nil || translator.Faults(two.Flags) <= translator.Faults(one.Flags) {
		return two
	}
	stands := *one
	stands.Flags = translator.AddFlags(one.Flags, translator.FlagAskedAgain)
	return stands
}

// askAgainLocked returns the requests that ask doubted texts of a request of so
// many once more, each alone. Beyond what may be, their answers stand.
func (c *Client) askAgainLocked(doubted []*job, texts int) (again []*request) {
	systematic := texts >= systematicFrom && float64(len(doubted)) > systematicShare*float64(texts)
	for _, j := range doubted {
		if c.reason == nil && !systematic && c.doubts.spend(time.Now()) {
			again = append(again, &request{jobs: []*job{j}, again: true})
		} else {
			c.answerLocked(j, *j.doubted)
		}
	}
	return again
}
