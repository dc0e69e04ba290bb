package format

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"dragoman/translator"
)

// A Comparison is the same sentences through several engines. compare.html is
// this for people, and its JSON for programs.
type Comparison struct {
	From     translator.Lang `json:"from"`
	To       translator.Lang `json:"to"`
	Made     time.Time       `json:"made"`
	Seed     uint64          `json:"seed"`     // of the sample
	Distinct int             `json:"distinct"` // different sentences that the sample was taken from
	Engines  []Compared      `json:"engines"`  // in the order of the columns
	// References counts the sentences that have one.
	References int           `json:"references"`
	Rows       []ComparedRow `json:"rows"`
	// Meanings says in a sentence what each flag means.
	Meanings map[string]string `json:"-"`
}

// Compared is what one engine made of the sample.
type Compared struct {
	Name      string               `json:"name"`
	Signature translator.Signature `json:"signature"`
	// Failed says why sentences have no answer, and Remedy what to do about it; empty if all have.
	Failed   string         `json:"failed"`
	Remedy   string         `json:"remedy"`
	Answered int            `json:"answered"`
	Recalled int            `json:"recalled"` // of those, from memory: neither time nor cost
	Requests int            `json:"requests"`
	Seconds  float64        `json:"seconds"`        // of all requests together
	Median   float64        `json:"median_seconds"` // of a request
	Size     int64          `json:"size"`           // billed, in Unit
	Unit     string         `json:"unit"`
	Cost     translator.USD `json:"cost_usd"`
	// Thousand is what a thousand such sentences cost; 0 where nothing was billed.
	Thousand translator.USD `json:"thousand_usd"`
	Flags    []FlagCount    `json:"flags"`
	Scores   []Score        `json:"scores"` // over the sentences that have a reference and an answer
}

// A Score is one figure of an engine over the sentences with a reference.
type Score struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Signature string  `json:"signature"` // how it was counted
}

// A ComparedRow is one sentence.
type ComparedRow struct {
	ID        string           `json:"id"` // PairID of its first meeting
	Source    translator.Text  `json:"source"`
	Reference translator.Text  `json:"reference"` // its text is empty if there is none
	Answers   []ComparedAnswer `json:"answers"`   // one per engine
}

// A ComparedAnswer is what one engine made of one sentence.
type ComparedAnswer struct {
	Text     string   `json:"text"`
	Flags    []string `json:"flags"`
	Error    string   `json:"error"` // why there is none
	Recalled bool     `json:"recalled"`
	Score    *float64 `json:"score"` // chrF2 against the reference; null if there is none
}

//go:embed compare.html
var compareSource string

var comparePage = template.Must(template.New("compare").Funcs(pageFuncs).Parse(compareSource))

// A compareView is what compare.html shows.
type compareView struct {
	frame
	Comparison
	Failures   []Compared
	Rows       []compareRow
	ScoreNames []string
	ScoreNotes []string
	Flags      []FlagCount // of all engines, with their meanings
}

// A compareRow is a sentence with one cell for each engine.
type compareRow struct {
	ID        string
	Source    cell
	Reference cell
	Cells     []compareCell
}

// A compareCell is one engine's answer.
type compareCell struct {
	cell
	Engine, Missing, Score string
	Faults, Notes          []string
	Same                   string // the first engine that said the same
	AsReference            bool
	Recalled               bool
}

// WriteComparison writes the page: one file, no script, readable in any browser.
func WriteComparison(w io.Writer, c Comparison) error {
	v := compareView{frame: pageFrame, Comparison: c}
	for _, e := range c.Engines {
		if e.Failed != "" {
			v.Failures = append(v.Failures, visibleFailure(e))
		}
		v.addScores(e.Scores)
		v.addFlags(e.Flags)
	}
	for _, r := range c.Rows {
		v.Rows = append(v.Rows, newCompareRow(r, c))
	}
	return comparePage.Execute(w, v)
}

func visibleFailure(e Compared) Compared {
	e.Failed, e.Remedy = visible(e.Failed), visible(e.Remedy)
	return e
}

func (v *compareView) addScores(scores []Score) {
	for _, s := range scores {
		if !slices.Contains(v.ScoreNames, s.Name) {
			v.ScoreNames = append(v.ScoreNames, s.Name)
			v.ScoreNotes = append(v.ScoreNotes, s.Name+": "+s.Signature)
		}
	}
}

func (v *compareView) addFlags(flags []FlagCount) {
	for _, f := range flags {
		i := slices.IndexFunc(v.Flags, func(g FlagCount) bool { return g.Flag == f.Flag })
		if i < 0 {
			v.Flags = append(v.Flags, FlagCount{Flag: f.Flag, Meaning: v.Meanings[f.Flag]})
			i = len(v.Flags) - 1
		}
		v.Flags[i].Pairs += f.Pairs
	}
}

func newCompareRow(r ComparedRow, c Comparison) compareRow {
	row := compareRow{
		ID:        visible(r.ID),
		Source:    cell{string(c.From), c.From.Dir(), oneLine(r.Source.Text)},
		Reference: cell{string(c.To), c.To.Dir(), oneLine(r.Reference.Text)},
	}
	for i, a := range r.Answers {
		k := compareCell{
			cell: cell{string(c.To), c.To.Dir(), oneLine(a.Text)}, Engine: c.Engines[i].Name,
			Missing: visible(a.Error), Recalled: a.Recalled,
			AsReference: a.Text != "" && a.Text == r.Reference.Text,
		}
		k.Faults, k.Notes = parted(a.Flags)
		if a.Score != nil {
			k.Score = strconv.FormatFloat(*a.Score, 'f', 1, 64)
		}
		if before := slices.IndexFunc(r.Answers[:i], func(b ComparedAnswer) bool { return b.Text == a.Text && a.Text != "" }); before >= 0 {
			k.Same = c.Engines[before].Name
		}
		row.Cells = append(row.Cells, k)
	}
	return row
}

// ScoreOf returns an engine's figure by name, or a dash.
func (c Compared) ScoreOf(name string) string {
	for _, s := range c.Scores {
		if s.Name == name {
			return strconv.FormatFloat(s.Value, 'f', 1, 64)
		}
	}
	return "–"
}

// FlagsOf returns how many of an engine's answers bear a flag.
func (c Compared) FlagsOf(flag string) int {
	for _, f := range c.Flags {
		if f.Flag == flag {
			return f.Pairs
		}
	}
	return 0
}

// fromMemory stands in a figure's place where nothing was asked: to a dash or
// to $0.00 a reader would take the engine for quick or free.
const fromMemory = "from memory"

// remembered reports whether memory had all of an engine's answers.
func (c Compared) remembered() bool {
	return c.Requests == 0 && c.Recalled > 0 && c.Recalled == c.Answered
}

// asked returns a figure of the requests, or why there is none.
func (c Compared) asked(figure string) string {
	switch {
	case c.remembered():
		return fromMemory
	case c.Requests == 0:
		return "–"
	}
	return figure
}

// Time returns the time of the requests in words.
func (c Compared) Time() string {
	return c.asked(strconv.FormatFloat(c.Seconds, 'f', 2, 64) + " s for " + countOf(c.Requests, "request"))
}

// Pace returns the time of a request in the middle, in words.
func (c Compared) Pace() string { return c.asked(strconv.FormatFloat(c.Median, 'f', 3, 64) + " s") }

// Billed returns what the engine bills, in words.
func (c Compared) Billed() string {
	if c.remembered() {
		return fromMemory
	}
	return countOf(c.Size, strings.TrimSuffix(c.Unit, "s"))
}

// Paid returns what the sample cost. Of answers that memory held it says so:
// they were paid for before.
func (c Compared) Paid() string {
	switch {
	case c.remembered():
		return fromMemory
	case c.Recalled > 0:
		return c.Cost.String() + ", " + strconv.Itoa(c.Recalled) + " " + fromMemory
	}
	return c.Cost.String()
}

// PerThousand returns what a thousand such sentences cost, as far as the sample shows it.
func (c Compared) PerThousand() string {
	switch {
	case c.remembered():
		return "not known"
	case c.Thousand == 0:
		return "–"
	}
	return c.Thousand.String()
}
