package format

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
)

var allFormats = []string{"jsonl", "tsv", "tmx", "moses", "html"}

// sampleReport is what a command would know of the run.
func sampleReport() Report {
	return Report{
		Run: "20260314-night", Started: noon, Finished: noon.Add(90 * time.Second), Settings: "sha256:0f1e",
		Backends: []Backend{{"google", google, 2, 412, "characters", 8240}},
		Totals:   Totals{Distinct: 11, Recalled: 3, Sent: 8, Requests: 2, BilledChars: 412, CostUSD: 8240, Seconds: 90},
		Stopped:  "budget.run_chars is 500", GoOn: "run the same command again with a larger --budget-chars",
		Budgets:  []BudgetLine{{Name: "budget.run_chars", LimitChars: 500, SpentChars: 412}, {Name: "budget.day_usd", LimitUSD: 2e6, SpentUSD: 8240}},
		Open:     OpenLines{Requests: 1, Chars: 900, USD: 18000},
		Meanings: map[string]string{"length": "much longer or shorter"},
	}
}

// run writes stories into a new folder and returns it with the report.
func run(t testing.TB, formats []string, stories []translator.Story) (string, Report) {
	t.Helper()
	d, path := openDir(t)
	o, err := NewOutputs(d, arEn, formats)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		if err := o.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	report, err := o.Close(sampleReport())
	if err = errors.Join(err, o.Abort(), d.Close()); err != nil {
		t.Fatal(err)
	}
	return path, report
}

func TestOutputsGolden(t *testing.T) {
	t.Parallel()
	path, _ := run(t, allFormats, samples())
	made := files(t, path)
	for _, name := range made {
		got, err := os.ReadFile(filepath.Join(path, name))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "want/"+name, got)
	}
	if want := files(t, filepath.Join("testdata", "want")); !slices.Equal(made, want) {
		t.Errorf("made %v, want %v", made, want)
	}
	second, _ := run(t, allFormats, samples())
	for _, name := range made {
		one, _ := os.ReadFile(filepath.Join(path, name))
		two, _ := os.ReadFile(filepath.Join(second, name))
		if !slices.Equal(one, two) {
			t.Errorf("%s differs between two runs over the same stories", name)
		}
	}
}

func TestOutputsOfText(t *testing.T) {
	t.Parallel()
	path, report := run(t, []string{"text", "text"}, samples()[:1])
	if got, want := files(t, path), []string{"report.html", "report.json", "stories/ferry-3.en.txt"}; !slices.Equal(got, want) {
		t.Errorf("made %v, want %v", got, want)
	}
	if want := []string{"stories/", "report.json", "report.html"}; !slices.Equal(report.Files, want) {
		t.Errorf("report says %v, want %v", report.Files, want)
	}
}

func TestOutputsUnknownFormats(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	_, err := NewOutputs(d, arEn, []string{"jsonl", "docx", "pdf"})
	if !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), "docx") || !strings.Contains(err.Error(), "pdf") || translator.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if got := files(t, path); len(got) != 0 {
		t.Errorf("made %v", got)
	}
}

func TestOutputsAbort(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	o, err := NewOutputs(d, arEn, allFormats)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(o.Add(samples()[0]), o.Abort(), d.Close()); err != nil {
		t.Fatal(err)
	}
	if got, want := files(t, path), []string{"stories/ferry-3.en.txt", "stories/ferry-3.html"}; !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	path, report := run(t, allFormats, samples())
	want := Totals{
		Stories: translator.StoryCounts{Done: 1, Partial: 1, Failed: 1, Held: 1}, Sentences: 12, Untranslated: 2, Flagged: 1,
		Distinct: 11, Recalled: 3, Sent: 8, Requests: 2, BilledChars: 412, CostUSD: 8240, Seconds: 90,
	}
	if report.Totals != want || report.Totals.Stories.All() != 4 {
		t.Errorf("totals %+v, want %+v", report.Totals, want)
	}
	if report.From != "ar" || report.To != "en" || !reflect.DeepEqual(report.Drops, []Drop{{"read-also", 1}}) {
		t.Errorf("%+v", report)
	}
	if f := report.Flagged; len(f) != 1 || f[0].ID != "ferry-3:6.1" || f[0].Page != "stories/ferry-3.html#s6-1" || !slices.Equal(f[0].Flags, []string{"length", "numbers"}) {
		t.Errorf("flagged pairs %+v", f)
	}
	if want := []FlagCount{{"length", "much longer or shorter", 1}, {"numbers", "", 1}}; !reflect.DeepEqual(report.Flags, want) {
		t.Errorf("flags %+v, want %+v", report.Flags, want)
	}
	needs := report.NeedHuman
	if len(needs) != 3 || needs[0].Status != translator.Failed || needs[1].Status != translator.Partial || needs[2].Status != translator.Held {
		t.Fatalf("needs %+v", needs)
	}
	if n := needs[0]; !strings.Contains(n.Reason, "byte 17") || n.Remedy != "name its encoding with --encoding" || n.Page != "" {
		t.Errorf("failed: %+v", n)
	}
	if n := needs[1]; n.Remedy != "translate it by hand" || len(n.Missing) != 1 || n.Missing[0].ID != "ferry-3:6.2" || n.Untranslated != 1 {
		t.Errorf("partial: %+v", n)
	}
	checkReportJSON(t, filepath.Join(path, "report.json"), report)
}

// checkReportJSON reads report.json as a program would.
func checkReportJSON(t *testing.T, file string, want Report) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(string(data), '\u202e') {
		t.Error("a bidi override stands bare in report.json")
	}
	var got struct {
		Run     string
		Totals  map[string]any
		Stories []StoryRow
		Needs   []Need `json:"need_human"`
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Stories) != want.Totals.Stories.All() || got.Stories[1].ID != "../x\u202ecod.exe" || got.Stories[0].Page != "stories/ferry-3.html" {
		t.Errorf("stories %+v", got.Stories)
	}
	if !reflect.DeepEqual(got.Needs, want.NeedHuman) {
		t.Errorf("needs %+v, want %+v", got.Needs, want.NeedHuman)
	}
	for _, name := range []string{"stories", "sentences", "distinct", "recalled", "sent", "requests", "billed_chars", "cost_usd", "seconds", "untranslated", "stand_ins"} {
		if _, ok := got.Totals[name]; !ok {
			t.Errorf("totals lack %s", name)
		}
	}
}

func TestReportPage(t *testing.T) {
	t.Parallel()
	path, report := run(t, allFormats, samples())
	data, err := os.ReadFile(filepath.Join(path, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	all := text(elements(t, page, "body")[0])
	for _, want := range []string{"1 of 4 stories translated, 2 need a person, 1 waits for another run, 1 sentence may be wrong",
		"Backend google: " + string(google), "ferry-3:6.1 · google", "8 in 2 requests", "412 characters by google, ", report.Stopped, report.GoOn, "412 of 500 characters spent", "$0.00824",
		"never settled: 1 (900 characters", "byte 17 is no UTF-8", "name its encoding", "ولم يصب أحد.", "read-also", "much longer or shorter", `x\u202ecod.exe`} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in report.html", want)
		}
	}
	for _, a := range elements(t, page, "a") {
		file, place, _ := strings.Cut(attribute(a, "href"), "#")
		file = filepath.Join(path, cmp.Or(file, "report.html"))
		if _, err := os.Stat(file); err != nil {
			t.Errorf("a dead link: %v", err)
		}
		if data, _ := os.ReadFile(file); place != "" && !strings.Contains(string(data), `id="`+place+`"`) {
			t.Errorf("a dead link: %s has no #%s", file, place)
		}
	}
	for _, n := range elements(t, page, "script") {
		t.Errorf("a script: %s", text(n))
	}
	for _, cell := range append(elements(t, page, "td"), elements(t, page, "q")...) {
		arabic := strings.ContainsFunc(text(cell), func(r rune) bool { return 'ء' <= r && r <= 'ي' })
		if arabic && cell.Data == "q" && (attribute(cell, "lang") != "ar" || attribute(cell, "dir") != "rtl") {
			t.Errorf("an Arabic sentence is marked %v", cell.Attr)
		}
	}
	if needs, totals := strings.Index(page, `id="needs"`), strings.Index(page, "<caption>Totals"); totals < 0 || needs < totals || strings.Index(page, `id="stories"`) < needs {
		t.Error("the order is not totals, needs, stories")
	}
}

// However many stories there are, the report lists a bounded number and says so.
func TestReportIsBounded(t *testing.T) {
	t.Parallel()
	var stories []translator.Story
	for i := range maxRows + 50 {
		s := newStory(fmt.Sprintf("s%d", i), arEn).block(translator.Body, translator.Machine)
		for n := range needSentences + 5 {
			s.sentence(translator.Body, n+1, "جملة.", "")
			s.miss(translator.Missing)
		}
		stories = append(stories, s.story)
	}
	path, report := run(t, nil, stories)
	if len(report.NeedHuman) != maxNeeds || report.NeedLeftOut != len(stories)-maxNeeds {
		t.Errorf("%d listed, %d left out", len(report.NeedHuman), report.NeedLeftOut)
	}
	if n := report.NeedHuman[0]; len(n.Missing) != needSentences || n.LeftOut != 5 {
		t.Errorf("%d sentences listed, %d left out", len(n.Missing), n.LeftOut)
	}
	page, err := os.ReadFile(filepath.Join(path, "report.html"))
	if err != nil || !strings.Contains(string(page), "; 50 more are in report.json") || !strings.Contains(string(page), fmt.Sprint(len(stories)-maxNeeds, " more are not listed")) {
		t.Errorf("report.html does not say what it leaves out (%v)", err)
	}
	var rows struct{ Stories []StoryRow }
	data, err := os.ReadFile(filepath.Join(path, "report.json"))
	if err = errors.Join(err, json.Unmarshal(data, &rows)); err != nil || len(rows.Stories) != len(stories) {
		t.Errorf("report.json has %d rows, %v", len(rows.Stories), err)
	}
}

func TestOutputsMemoryDoesNotGrow(t *testing.T) {
	d, _ := openDir(t)
	defer d.Close()
	o, err := NewOutputs(d, arEn, []string{"jsonl", "tsv", "tmx", "moses"})
	if err != nil {
		t.Fatal(err)
	}
	story := samples()[0]
	story.Status = translator.Done
	heapAfter := func(stories int) uint64 {
		for i := range stories {
			story.Article.ID = fmt.Sprint(stories, i)
			if err := o.Add(story); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	few := heapAfter(2 * maxRows)
	many := heapAfter(20 * maxRows)
	if many > few+few/4+1<<20 {
		t.Errorf("%d bytes after %d stories, %d after ten times as many", few, 2*maxRows, many)
	}
	if err := o.Abort(); err != nil {
		t.Error(err)
	}
}

func TestReportOfStandIns(t *testing.T) {
	t.Parallel()
	one := newStory("a", arEn).block(translator.Body, translator.Pseudo, "نص.", "[pseudo en] نص.")
	two := newStory("b", arEn).block(translator.Body, translator.Pseudo, "نص.", "[pseudo en] نص.").block(translator.Body, translator.Machine, "نعم.", "Yes.")
	for _, tt := range []struct {
		stories []translator.Story
		count   int
		says    string
	}{
		{[]translator.Story{one.story, two.story}, 2, "2 sentences are stand-ins, no translations."},
		{[]translator.Story{one.story}, 1, "1 sentence is a stand-in, no translation."},
		{samples(), 0, ""},
	} {
		path, report := run(t, []string{"jsonl"}, tt.stories)
		if report.Totals.StandIns != tt.count {
			t.Errorf("%d stand-ins, want %d", report.Totals.StandIns, tt.count)
		}
		data, err := os.ReadFile(filepath.Join(path, "report.json"))
		if err != nil || !strings.Contains(string(data), fmt.Sprintf(`"stand_ins": %d`, tt.count)) {
			t.Errorf("report.json does not count %d stand-ins (%v)", tt.count, err)
		}
		data, err = os.ReadFile(filepath.Join(path, "report.html"))
		if err != nil || !strings.Contains(string(data), tt.says) || tt.count == 0 && strings.Contains(string(data), "stand-in") {
			t.Errorf("report.html does not say %q (%v)", tt.says, err)
		}
	}
}

// again writes stories into a folder that an earlier run has filled.
func again(t *testing.T, path string, formats []string, end func(*Outputs) error, stories ...translator.Story) {
	t.Helper()
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOutputs(d, arEn, formats)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		if err := o.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(end(o), d.Close()); err != nil {
		t.Fatal(err)
	}
}

// The pair files in a folder are those of its latest run, and nothing else goes.
func TestOutputsRemoveStalePairs(t *testing.T) {
	t.Parallel()
	path, _ := run(t, allFormats, samples()[:1])
	for _, name := range []string{"pairs.fr", "pairs.jsonl.bak", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(path, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Remove(filepath.Join(path, "pairs.tmx")), os.Mkdir(filepath.Join(path, "pairs.tmx"), 0o700)); err != nil {
		t.Fatal(err)
	}
	again(t, path, []string{"tsv"}, func(o *Outputs) error { _, err := o.Close(sampleReport()); return err }, samples()[0])
	want := []string{"notes.txt", "pairs.fr", "pairs.jsonl.bak", "pairs.tsv", "report.html", "report.json", "stories/ferry-3.en.txt", "stories/ferry-3.html"}
	if got := files(t, path); !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	if info, err := os.Stat(filepath.Join(path, "pairs.tmx")); err != nil || !info.IsDir() {
		t.Errorf("a folder of that name is gone: %v", err)
	}
}

// A run that came to nothing can be reported and leave all as it was.
func TestFilledThenAbort(t *testing.T) {
	t.Parallel()
	path, _ := run(t, allFormats, samples()[:1])
	before := map[string]string{}
	for _, name := range files(t, path) {
		data, _ := os.ReadFile(filepath.Join(path, name))
		before[name] = string(data)
	}
	lost := samples()[2]
	var report Report
	again(t, path, []string{"tsv"}, func(o *Outputs) error { report = o.Filled(sampleReport()); return o.Abort() }, lost)
	if report.Totals.Stories.Failed != 1 || report.From != "ar" || report.To != "en" || len(report.NeedHuman) != 1 || report.Run != "20260314-night" {
		t.Errorf("filled: %+v", report)
	}
	if report.Files == nil || len(report.Files) != 0 {
		t.Errorf("files %v, want none", report.Files)
	}
	after := files(t, path)
	if len(after) != len(before) {
		t.Errorf("there are %v", after)
	}
	for _, name := range after {
		if data, _ := os.ReadFile(filepath.Join(path, name)); string(data) != before[name] {
			t.Errorf("%s has changed", name)
		}
	}
}
