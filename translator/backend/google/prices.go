package google

import (
	"strings"

	"dragoman/translator"
)

// The general models.
const (
	nmt = "general/nmt"
	llm = "general/translation-llm"
)

// listPrices returns Google's prices in dollars per million code points sent
// and per million that come back (cloud.google.com/translate/pricing, as it
// stood in September 2026). The neural models, general and custom, are billed
// by what is sent; the language model and Adaptive MT, which runs on it, by
// both. The free 10 dollars of a month are not taken into account.
func listPrices(n names) (sent, back translator.Price) {
	switch {
	case n.dataset != "":
		return 25, 25
	case strings.HasSuffix(n.model, "/models/"+llm):
		return 10, 10
	case strings.Contains(n.model, "/models/general/"):
		return 20, 0
	}
	return 80, 0
}

// newsYield bounds how many code points come back for one that is sent, where
// both are billed. In 1,997 human translations of Arabic news into English
// (NTREX-128) a sentence's yield is 0.58 at the 1st percentile and 1.67 at the
// 99th, 1.07 over all. A Backend does not know which way it will be asked, so
// the bounds hold for both: into Arabic the same sentences yield 1/1.67 = 0.60
// to 1/0.58 = 1.72. They are a sentence's and not the corpus's, because a
// request may hold a single one, and its money is set aside before it goes.
// Scripts that write a word in two signs, as Chinese, come out longer.
var newsYield = translator.Yield{Least: 0.58, Most: 1.72}
