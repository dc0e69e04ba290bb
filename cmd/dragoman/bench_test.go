package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/article"
	"dragoman/translator/backend/google/googletest"
	"dragoman/translator/format"
	"dragoman/translator/memory"
	"dragoman/translator/pipeline"
	"dragoman/translator/quality"
	"dragoman/translator/store/sqlite"
)

// The benchmarks of the whole program report ratios from one run, since
// machines are noisy. translator/docs/performance.md holds their figures and
// the commands.

// benchSentences is how many sentences the large benchmarks have;
// BENCH_SENTENCES=1000000 makes them the size that the figures are for.
func benchSentences() int { return benchNumber("BENCH_SENTENCES", 50_000) }

// benchNumber returns what a variable says, or else usual.
func benchNumber(variable string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return usual
}

// A story of the benchmarks is as long as an agency's: 25 sentences of 150 to
// 270 code points, 5 to a paragraph.
const perStory, perParagraph = 25, 5

// newsSentence writes the i-th sentence, of five lengths that are all as frequent.
func newsSentence(i int) string {
	tails := newsTails[:]
	text := fmt.Sprintf("وقال المتحدث باسم الهيئة في البيان رقم %d إن الأعمال ستنتهي قبل نهاية الشهر المقبل،"+
		" وإن كلفتها لن تتجاوز ما رصد لها في موازنة هذا العام وما يليه", i)
	for _, tail := range tails[:i%(len(tails)+1)] {
		text += tail.arabic
	}
	return text + ". "
}

// newsTails are what newsSentence adds to make sentences of several lengths.
var newsTails = [...]struct{ arabic, english string }{
	{"، على ما جاء في نص البيان", ", according to the text of the statement"},
	{" بعد اجتماع مع ممثلي النقابات", " after a meeting with union representatives"},
	{" وبحضور عدد من سكان المنطقة", " and in the presence of a number of local residents"},
	{" رغم تأخر وصول بعض المعدات", ", although some of the equipment arrived late"},
}

// newsTranslation translates what newsSentence wrote.
func newsTranslation(sentence string) string {
	figure := strings.Trim(strings.TrimFunc(sentence, func(r rune) bool { return r < '0' || r > '9' }), " ")
	text := "The authority's spokesman said in statement number " + figure + " that the work would be finished before the end of next month," +
		" and that it would cost no more than was set aside for it in this year's budget and the next"
	for _, tail := range newsTails {
		if strings.Contains(sentence, tail.arabic) {
			text += tail.english
		}
	}
	return text + "."
}

// writeStories writes n distinct sentences as stories in JSON lines.
func writeStories(b *testing.B, n int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "stories.jsonl")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for s := 0; s < n; s += perStory {
		var paragraphs []string
		for p := s; p < min(s+perStory, n); p += perParagraph {
			text := ""
			for i := p; i < min(p+perParagraph, n); i++ {
				text += newsSentence(i)
			}
			paragraphs = append(paragraphs, text)
		}
		line, err := json.Marshal(map[string]any{"id": fmt.Sprint("story-", s), "paragraphs": paragraphs})
		if err != nil {
			b.Fatal(err)
		}
		w.Write(append(line, '\n'))
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkCold runs 2,000 stories against a service that takes 200 ms for
// each request over 8 connections, and reports the time as a multiple of
// requests × latency ÷ connections, below which no program can come. It does so
// with requests as large as Google takes, and as Google recommends.
func BenchmarkCold(b *testing.B) {
	const stories = 2000
	path := writeStories(b, stories*perStory)
	for _, chars := range []int{30_000, 5000} {
		b.Run(strconv.Itoa(chars), func(b *testing.B) { benchmarkCold(b, path, chars) })
	}
}

func benchmarkCold(b *testing.B, path string, chars int) {
	const latency, connections = 200 * time.Millisecond, 8
	for b.Loop() {
		server, err := googletest.Start(&googletest.Options{Latency: latency})
		if err != nil {
			b.Fatal(err)
		}
		cmd := process(b, b.TempDir(), "translate", "--quiet", "--backend", "google", "--format", "jsonl,tmx",
			"--concurrency", strconv.Itoa(connections), path)
		cmd.Env = append(os.Environ(), "DRAGOMAN_BACKENDS_GOOGLE_PROJECT=test", "DRAGOMAN_BACKENDS_GOOGLE_INSECURE=true",
			"DRAGOMAN_BACKENDS_GOOGLE_ENDPOINT="+server.Addr(), withoutRules,
			fmt.Sprint("DRAGOMAN_BACKENDS_GOOGLE_REQUEST_CHARS=", chars))
		started := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		ideal := float64(server.Requests()) * latency.Seconds() / connections
		b.ReportMetric(time.Since(started).Seconds()/ideal, "x-ideal")
		b.ReportMetric(float64(server.Requests()), "requests")
		server.Stop()
	}
}

// BenchmarkWarm reads, splits, recalls and writes sentences that are all
// remembered, and the same with the lookup left out, and reports the first as
// a multiple of the second; and the time of a sentence's checks as a part of it.
func BenchmarkWarm(b *testing.B) {
	n := benchSentences()
	path := writeStories(b, n)
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "warm.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	const engine = translator.Signature("bench:1")
	origin := translator.Origin{Kind: translator.Machine, Signature: engine, Time: time.Now().UTC().Truncate(time.Second)}
	answer := func(_ context.Context, req translator.Request) ([]translator.Result, error) {
		results := make([]translator.Result, len(req.Texts))
		for i, t := range req.Texts {
			results[i] = translator.Result{Text: newsTranslation(t), Origin: origin}
		}
		return results, nil
	}
	fill(b, store, article.Read(b.Context(), []string{path}, nil), answer)
	remembered := memory.New(store, nil)
	asked := func(context.Context, translator.Request) ([]translator.Result, error) {
		b.Error("a warm run asked the backend")
		return nil, io.ErrUnexpectedEOF
	}
	remembered.Link(engine, asked)
	recall := remembered.Recall(asked)
	for b.Loop() {
		without := throughput(b, path, answer, nil)
		with := throughput(b, path, recall, nil)
		b.ReportMetric(with.Seconds()/without.Seconds(), "x-without-lookup")
		checked := throughput(b, path, recall, quality.New(arEn, nil).Flags)
		b.ReportMetric(checked.Seconds()/with.Seconds(), "x-with-checks")
		b.ReportMetric(checkTime(b).Seconds()*float64(n)/with.Seconds(), "x-of-it-for-checks")
		b.ReportMetric(float64(n)/with.Seconds(), "sentences/s")
	}
}

// checkTime returns how long the checks of a sentence and its translation take.
func checkTime(b *testing.B) time.Duration {
	b.Helper()
	checker := quality.New(arEn, nil)
	var texts [50]string
	for i := range texts {
		texts[i] = strings.TrimSpace(newsSentence(i + 1234))
		if flags := checker.Flags(texts[i], newsTranslation(texts[i])); flags != nil {
			b.Fatalf("%q and %q are flagged: %q", texts[i], newsTranslation(texts[i]), flags)
		}
	}
	const rounds = 2000
	var took time.Duration
	for _, text := range texts {
		translation := newsTranslation(text)
		begun := time.Now()
		for range rounds {
			checker.Flags(text, translation)
		}
		took += time.Since(begun)
	}
	return took / time.Duration(rounds*len(texts))
}

// fill remembers all sentences of stories.
func fill(b *testing.B, store translator.Store, in translator.Articles, answer translator.Func) {
	b.Helper()
	keep := func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		results, err := answer(ctx, req)
		entries := make([]translator.Entry, len(req.Texts))
		for i, t := range req.Texts {
			entries[i] = translator.Entry{Key: translator.KeyOf(req.Direction, t), Direction: req.Direction, Source: t, Target: results[i].Text, Origin: results[i].Origin}
		}
		if err == nil {
			err = store.Save(ctx, entries)
		}
		return results, err
	}
	if _, err := pipeline.Run(b.Context(), arEn, in, keep,
		func(translator.Story) error { return nil }, nil); err != nil {
		b.Fatal(err)
	}
}

var arEn = translator.Direction{From: translator.Arabic, To: translator.English}

// throughput runs a file through the pipeline into JSON lines and returns the time.
func throughput(b *testing.B, path string, translate translator.Func, check func(source, target string) []string) time.Duration {
	b.Helper()
	dir, err := format.OpenDir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer dir.Close()
	started := time.Now()
	out, err := format.NewOutputs(dir, arEn, []string{"jsonl"})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := pipeline.Run(b.Context(), arEn, article.Read(b.Context(), []string{path}, nil), translate, out.Add, &pipeline.Options{Check: check}); err != nil {
		b.Fatal(err)
	}
	if _, err := out.Close(format.Report{}); err != nil {
		b.Fatal(err)
	}
	return time.Since(started)
}

// BenchmarkPeakMemory translates a file, and one a tenth of its size, as
// processes of their own, and reports the peak of the first as a multiple of
// the second's.
func BenchmarkPeakMemory(b *testing.B) {
	n := benchSentences()
	large, small := writeStories(b, n), writeStories(b, n/10)
	for b.Loop() {
		l, s := peak(b, large), peak(b, small)
		b.ReportMetric(l/s, "x-tenth")
		b.ReportMetric(l/1024, "MB-peak")
	}
}

// peak returns the peak resident memory of a cold run, in kilobytes.
func peak(b *testing.B, path string) float64 {
	b.Helper()
	cmd := process(b, b.TempDir(), "translate", "--quiet", "--backend", "pseudo", "--format", "jsonl", path)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Skip("this system does not tell a process's peak memory")
	}
	return float64(usage.Maxrss)
}

// emptyProgram links what dragoman links, and does nothing.
const emptyProgram = `package main

import (
	_ "dragoman/config"
	_ "dragoman/translator/article"
	_ "dragoman/translator/backend/command"
	_ "dragoman/translator/backend/google"
	_ "dragoman/translator/backend/pseudo"
	_ "dragoman/translator/backend/tmx"
	_ "dragoman/translator/format"
	_ "dragoman/translator/segment"
	_ "dragoman/translator/store/ram"
	_ "dragoman/translator/store/sqlite"

	_ "github.com/spf13/cobra"
	_ "github.com/vbauerster/mpb/v8"
	_ "go.uber.org/zap"
)

func main() {}
`

// BenchmarkStart reports how long "dragoman version" takes as a multiple of an
// empty program that links the same drivers.
func BenchmarkStart(b *testing.B) {
	folder := b.TempDir()
	source := filepath.Join(folder, "empty.go")
	if err := os.WriteFile(source, []byte(emptyProgram), 0o600); err != nil {
		b.Fatal(err)
	}
	build(b, filepath.Join(folder, "empty"), source)
	build(b, filepath.Join(folder, "dragoman"), "./cmd/dragoman")
	for b.Loop() {
		ours := start(b, filepath.Join(folder, "dragoman"), "version")
		empty := start(b, filepath.Join(folder, "empty"))
		b.ReportMetric(ours.Seconds()/empty.Seconds(), "x-empty")
		b.ReportMetric(float64(ours.Microseconds())/1000, "ms-version")
	}
}

func build(b *testing.B, out, what string) {
	b.Helper()
	cmd := exec.Command("go", "build", "-o", out, what)
	cmd.Dir = root
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, text)
	}
}

// start returns the median time of 31 runs.
func start(b *testing.B, program string, args ...string) time.Duration {
	b.Helper()
	times := make([]time.Duration, 31)
	for i := range times {
		started := time.Now()
		if err := exec.Command(program, args...).Run(); err != nil {
			b.Fatal(err)
		}
		times[i] = time.Since(started)
	}
	slices.Sort(times)
	return times[len(times)/2]
}
