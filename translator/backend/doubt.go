package backend

import (
	"time"

	"dragoman/translator"
)

const (
	// togetherFrom and togetherShare are when doubted texts are asked again in
	// one request instead of one by one: when they are more than a quarter of
	// a request of eight texts or more, it is the request that went wrong.
	togetherFrom, togetherShare = 8, 0.25
	// doubtShare is how much of the extra traffic goes to doubts, so that there
	// is always something left for a service that was not there.
	doubtShare = 0.5
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
// many once more. Beyond what the traffic allows, their answers stand.
func (c *Client) askAgainLocked(doubted []*job, texts int) (again []*request) {
	groups := make([][]*job, 0, len(doubted))
	if texts >= togetherFrom && float64(len(doubted)) > togetherShare*float64(texts) {
		groups = append(groups, doubted)
	} else {
		for _, j := range doubted {
			groups = append(groups, []*job{j})
		}
	}
	for _, jobs := range groups {
		if c.reason == nil && c.traffic.spend(time.Now(), doubtShare) {
			again = append(again, &request{jobs: jobs, again: true})
			continue
		}
		for _, j := range jobs {
			c.answerLocked(j, *j.doubted)
		}
	}
	return again
}
