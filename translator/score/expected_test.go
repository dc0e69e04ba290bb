package score

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// shared is where the expected figures and their texts are, if they are on this
// machine: ../shared from the root of the project.
const shared = "../../../shared/data/score"

var outFile = flag.String("score.out", "", "write the figures of all rows of expected.tsv to this `file`, for tools/score-check.py")

// A row is one line of expected.tsv.
type row struct {
	scope, direction, testset, system, line, metric, signature, value, detail string
}

// TestExpected wants every figure of sacreBLEU's, and its counts, from texts of
// seven systems and from edge cases: the value must be the same double.
func TestExpected(t *testing.T) {
	t.Parallel()
	rows := readRows(t)
	var out strings.Builder
	out.WriteString("scope\tdirection\ttestset\tsystem\tline\tmetric\tsignature\tvalue\tdetail\n")
	texts := newTexts(t)
	for _, r := range rows {
		got, err := texts.score(r)
		if err != nil {
			t.Fatal(err)
		}
		checkRow(t, r, got)
		fmt.Fprintf(&out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.scope, r.direction, r.testset, r.system, r.line, r.metric,
			got.Signature, strconv.FormatFloat(got.Value, 'g', -1, 64), detail(got))
	}
	if *outFile != "" {
		if err := os.WriteFile(*outFile, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func checkRow(t *testing.T, r row, got Score) {
	t.Helper()
	want, err := strconv.ParseFloat(r.value, 64)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Join([]string{r.scope, r.direction, r.system, r.line, r.metric}, " ")
	if got.Value != want {
		t.Errorf("%s: %v, want %v: %g away", name, got.Value, want, math.Abs(got.Value-want))
	}
	if got.Signature != r.signature {
		t.Errorf("%s: signature %s, want %s", name, got.Signature, r.signature)
	}
	if d := detail(got); d != r.detail {
		t.Errorf("%s: %s, want %s", name, d, r.detail)
	}
}

// detail writes the parts of a score as expected.tsv has them.
func detail(s Score) string {
	list := func(n [bleuOrder]int) string { return strings.Trim(strings.ReplaceAll(fmt.Sprint(n), " ", ","), "[]") }
	switch {
	case s.BLEU != nil:
		b := s.BLEU
		return fmt.Sprintf("counts=%s totals=%s bp=%s sys_len=%d ref_len=%d", list(b.Matches), list(b.Totals), python(b.Brevity), b.HypLen, b.RefLen)
	case s.TER != nil:
		return fmt.Sprintf("edits=%d ref_len=%s", s.TER.Edits, python(s.TER.RefLen))
	}
	return "-"
}

// python writes a float as Python does.
func python(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if f >= 1e-4 && f < 1e16 {
		s = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

func readRows(t *testing.T) []row {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(shared, "expected.tsv"))
	if os.IsNotExist(err) {
		t.Skip("sacreBLEU's figures are not on this machine (", shared, "); TestOwn holds the package to some of our own texts")
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	var rows []row
	for _, l := range lines[1:] {
		f := strings.Split(l, "\t")
		rows = append(rows, row{f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8]})
	}
	return rows
}

// texts are the texts behind the rows, read once.
type texts struct {
	toy   map[string][]string // by name: translation, references
	files map[string][]string // lines
}

func newTexts(t *testing.T) *texts {
	t.Helper()
	x := &texts{toy: map[string][]string{}, files: map[string][]string{}}
	f, err := os.Open(filepath.Join(shared, "toy.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		fields := strings.Split(s.Text(), "\t")
		var of []string
		for _, quoted := range fields[1:] {
			var text string
			if err := json.Unmarshal([]byte(quoted), &text); err != nil {
				t.Fatal(fields[0], ": ", err)
			}
			of = append(of, text)
		}
		x.toy[fields[0]] = of
	}
	return x
}

// score scores what a row is about.
func (x *texts) score(r row) (Score, error) {
	s, err := New(optionsOf(r.metric))
	if err != nil {
		return Score{}, err
	}
	if r.scope == "toy" {
		of := x.toy[r.system]
		return s.Sentence(of[0], of[1:]...)[0], nil
	}
	lang := r.direction[len("ar-"):]
	hyps, err := x.lines(r.direction, r.testset+"."+r.system+"."+lang)
	if err != nil {
		return Score{}, err
	}
	refs, err := x.lines(r.direction, r.testset+"."+lang)
	if err != nil {
		return Score{}, err
	}
	if r.scope == "sentence" {
		n, err := strconv.Atoi(r.line)
		if err != nil {
			return Score{}, err
		}
		return s.Sentence(hyps[n-1], refs[n-1])[0], nil
	}
	scores, err := s.Corpus(context.Background(), hyps, refs)
	if err != nil {
		return Score{}, err
	}
	return scores[0], nil
}

func (x *texts) lines(dir, name string) ([]string, error) {
	if l, ok := x.files[name]; ok {
		return l, nil
	}
	data, err := os.ReadFile(filepath.Join(shared, dir, name))
	if err != nil {
		return nil, err
	}
	x.files[name] = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	return x.files[name], nil
}
