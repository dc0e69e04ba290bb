package format

import (
	"time"

	"dragoman/translator"
)

// A Report is what a run came to: report.json is this object with the story
// rows after it, and report.html the same for people. Whoever drives the run
// fills in what only it knows; Outputs counts what passes through it.
type Report struct {
	Run      string          `json:"run"`             // names the run, as in the ledger
	Batch    string          `json:"batch,omitempty"` // whose stories these are; empty of a run that read them itself
	Started  time.Time       `json:"started"`
	Finished time.Time       `json:"finished"`
	From     translator.Lang `json:"from"` // From and To are set by Outputs
	To       translator.Lang `json:"to"`
	Backends []Backend       `json:"backends"` // in the order they are asked
	Settings string          `json:"settings"` // digest of the effective settings, without secrets
	Totals   Totals          `json:"totals"`
	// Stopped says why the run ended before its work did, and GoOn what to do
	// about it. Both are empty after a whole run.
	Stopped string       `json:"stopped"`
	GoOn    string       `json:"go_on"`
	Budgets []BudgetLine `json:"budgets"`
	// Open counts requests of earlier runs that were sent and never settled:
	// they may have been paid for and lost.
	Open      OpenLines `json:"open"`
	Files     []string  `json:"files"`      // in the output folder; set by Outputs
	Drops     []Drop    `json:"drops"`      // set by Outputs
	NeedHuman []Need    `json:"need_human"` // set by Outputs: failed first, then partial, then held
	// NeedLeftOut counts stories that need a human and are not in NeedHuman.
	NeedLeftOut int `json:"need_human_left_out"`
	// Flags counts the pairs with each flag, and Flagged lists pairs in which
	// something may be wrong, in reading order; both are set by Outputs.
	// FlaggedLeftOut counts those that are not in the list.
	Flags          []FlagCount   `json:"flags"`
	Flagged        []FlaggedPair `json:"flagged"`
	FlaggedLeftOut int           `json:"flagged_left_out"`
	// Meanings says in a sentence what each flag means; one without is only counted.
	Meanings map[string]string `json:"-"`
}

// A FlagCount counts the pairs that bear a flag.
type FlagCount struct {
	Flag    string `json:"flag"`
	Meaning string `json:"meaning"`
	Pairs   int    `json:"pairs"`
}

// Note reports whether the flag says only how a translation came about, not
// that something may be wrong with it.
func (f FlagCount) Note() bool { return translator.Faults([]string{f.Flag}) == 0 }

// A FlaggedPair is a pair in which something may be wrong.
type FlaggedPair struct {
	ID      string               `json:"id"`        // PairID
	Page    string               `json:"page"`      // its place in the story's page; empty if it has none
	Backend translator.Signature `json:"signature"` // of the engine that answered
	Flags   []string             `json:"flags"`
	Source  translator.Text      `json:"source"` // shortened, as Target
	Target  translator.Text      `json:"target"`
}

// A Backend is one engine of the run's chain.
type Backend struct {
	Name      string               `json:"name"`
	Signature translator.Signature `json:"signature"`
	Requests  int                  `json:"requests"`
	Size      int64                `json:"size"` // billed, in Unit
	Unit      string               `json:"unit"`
	Cost      translator.USD       `json:"cost_usd"`
}

// Totals are a run's counts. Outputs sets Stories, Sentences, Untranslated, StandIns and Flagged.
type Totals struct {
	Stories      translator.StoryCounts `json:"stories"`
	Sentences    int                    `json:"sentences"`
	Distinct     int                    `json:"distinct"`     // different sentences
	Recalled     int                    `json:"recalled"`     // of them, in memory already
	Sent         int                    `json:"sent"`         // of them, sent to a backend
	Untranslated int                    `json:"untranslated"` // sentences without a translation
	StandIns     int                    `json:"stand_ins"`    // sentences with a stand-in (Pseudo) for one
	Flagged      int                    `json:"flagged"`      // sentences in whose translation something may be wrong
	Requests     int                    `json:"requests"`
	BilledChars  int64                  `json:"billed_chars"` // of all backends, each in its own unit: see Report.Backends
	CostUSD      translator.USD         `json:"cost_usd"`
	Seconds      float64                `json:"seconds"`
}

// A BudgetLine is one limit after the run; 0 is no limit.
type BudgetLine struct {
	Name       string         `json:"name"` // as in the configuration: "budget.run_chars"
	LimitChars int64          `json:"limit_chars"`
	SpentChars int64          `json:"spent_chars"`
	LimitUSD   translator.USD `json:"limit_usd"`
	SpentUSD   translator.USD `json:"spent_usd"`
}

// OpenLines sums ledger lines that were never settled.
type OpenLines struct {
	Requests int            `json:"requests"`
	Chars    int64          `json:"chars"`
	USD      translator.USD `json:"usd"`
}

// A Drop counts the blocks that a boilerplate rule left out.
type Drop struct {
	Rule   string `json:"rule"`
	Blocks int    `json:"blocks"`
}

// A Need is a story that a person should look at.
type Need struct {
	StoryRow
	Reason  string         `json:"reason"`
	Remedy  string         `json:"remedy"`
	Missing []NeedSentence `json:"missing"`          // the first of its sentences without a translation
	LeftOut int            `json:"missing_left_out"` // how many more there are
}

// A NeedSentence is a sentence without a translation.
type NeedSentence struct {
	ID     string          `json:"id"` // PairID
	Lang   translator.Lang `json:"lang"`
	Text   string          `json:"text"` // shortened
	Reason string          `json:"reason"`
}

// A StoryRow is one story's line in the report.
type StoryRow struct {
	ID           string            `json:"id"`
	Path         string            `json:"path"`
	Headline     translator.Text   `json:"headline"` // or the first sentence, where it has none
	Status       translator.Status `json:"status"`
	Sentences    int               `json:"sentences"`
	Untranslated int               `json:"untranslated"`
	Flagged      int               `json:"flagged"`
	Page         string            `json:"page"` // its file in the output folder; empty if it has none
}

func newStoryRow(s translator.Story, page string) StoryRow {
	row := StoryRow{
		ID: s.Article.ID, Path: s.Article.Path, Headline: headline(s), Status: s.Status,
		Sentences: len(s.Sentences), Page: page,
	}
	for _, sentence := range s.Sentences {
		switch {
		case sentence.Err != nil:
			row.Untranslated++
		case translator.Faults(sentence.Pair.Flags) > 0:
			row.Flagged++
		}
	}
	return row
}

// needSentences bounds the sentences listed for one story.
const needSentences = 20

// newNeed says what is wrong with a story.
func newNeed(s translator.Story, row StoryRow) Need {
	n := Need{StoryRow: row, Missing: []NeedSentence{}}
	if s.Err != nil {
		n.Reason, n.Remedy = s.Err.Error(), translator.HintOf(s.Err)
	}
	for _, sentence := range s.Sentences {
		if sentence.Err != nil {
			n.addSentence(sentence)
		}
	}
	if n.Remedy == "" {
		n.Remedy = remedies[s.Status]
	}
	return n
}

func (n *Need) addSentence(s translator.Sentence) {
	if n.Reason == "" {
		n.Reason = s.Err.Error()
	}
	if n.Remedy == "" {
		n.Remedy = translator.HintOf(s.Err)
	}
	if len(n.Missing) == needSentences {
		n.LeftOut++
		return
	}
	n.Missing = append(n.Missing, NeedSentence{
		ID: s.Pair.ID, Lang: s.Pair.Source.Lang, Text: shorten(oneLine(s.Pair.Source.Text), 300), Reason: s.Err.Error(),
	})
}

// remedies are what to do where the error itself does not say.
var remedies = map[translator.Status]string{
	translator.Partial: "translate the missing sentences by hand, or run again with another backend in the chain",
	translator.Failed:  "see the reason, put the file right and run again; what is translated is not paid for twice",
	translator.Held:    "run the same command again; it goes on where this run stopped",
}
