package web_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// deploy is where the files are that others watch us with.
const deploy = "../../samples/deploy"

// named finds the metrics that an expression names.
var named = regexp.MustCompile(`\b(?:dragoman|process|go)_[a-z0-9_]+\b`)

// metricOf returns the metric that a series is of.
func metricOf(series string) string {
	for _, part := range []string{"_bucket", "_count", "_sum"} {
		if base, ok := strings.CutSuffix(series, part); ok && strings.HasSuffix(base, "_seconds") {
			return base
		}
	}
	return series
}

// panels returns the expressions of a dashboard by the titles of their panels.
func panels(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(deploy, "grafana-dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int
			Type    string
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	found, ids, bottom := map[string][]string{}, map[int]bool{}, 0
	for _, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 || p.GridPos.Y < bottom && p.GridPos.X == 0 {
			t.Errorf("%q is laid over another panel: %+v", p.Title, p)
		}
		ids[p.ID], bottom = true, p.GridPos.Y
		if p.Type == "row" {
			continue
		}
		if len(p.Targets) == 0 {
			t.Errorf("%q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			found[p.Title] = append(found[p.Title], target.Expr)
		}
	}
	return found
}

// TestTheDashboardShowsWhatThereIs sees that the panels name metrics that are
// exported, with labels and values that they have, and that none is left out.
func TestTheDashboardShowsWhatThereIs(t *testing.T) {
	t.Parallel()
	exported, shown := scrape(t, everything(t)), map[string]bool{}
	for title, expressions := range panels(t) {
		for _, e := range expressions {
			series := named.FindAllString(e, -1)
			if len(series) == 0 || strings.Count(e, "(") != strings.Count(e, ")") {
				t.Errorf("%q: %s", title, e)
			}
			for _, s := range series {
				shown[metricOf(s)] = true
				if exported[metricOf(s)] == nil {
					t.Errorf("%q names %s, which is not exported", title, s)
				}
			}
		}
	}
	for name := range exported {
		if strings.HasPrefix(name, "dragoman_") && !shown[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// byLabels finds the labels that an expression keeps: by (a, b).
var byLabels = regexp.MustCompile(`by \(([a-z, ]+)\)`)

func TestTheDashboardKnowsTheLabels(t *testing.T) {
	t.Parallel()
	labels := map[string]bool{"le": true, "instance": true, "job": true}
	for name, family := range scrape(t, everything(t)) {
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = labels[l.GetName()] || strings.HasPrefix(name, "dragoman_")
			}
		}
	}
	for title, expressions := range panels(t) {
		for _, e := range expressions {
			for _, list := range byLabels.FindAllStringSubmatch(e, -1) {
				for label := range strings.SplitSeq(list[1], ", ") {
					if !labels[label] {
						t.Errorf("%q: there is no label %s: %s", title, label, e)
					}
				}
			}
		}
	}
}

func TestAlarmsRestOnWhatThereIs(t *testing.T) {
	t.Parallel()
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations struct{ Summary string }
			}
		}
	}
	read(t, "alerts.yml", &rules)
	exported, n := scrape(t, everything(t)), 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			n++
			for _, s := range named.FindAllString(r.Expr, -1) {
				if exported[metricOf(s)] == nil {
					t.Errorf("%s rests on %s, which is not exported", r.Alert, s)
				}
			}
			if r.Annotations.Summary == "" {
				t.Errorf("%s says nothing", r.Alert)
			}
		}
	}
	if n == 0 {
		t.Error("there are no alarms")
	}
	var scraped struct {
		RuleFiles []string `yaml:"rule_files"`
		Jobs      []struct {
			Name string `yaml:"job_name"`
		} `yaml:"scrape_configs"`
	}
	read(t, "prometheus.yml", &scraped)
	if len(scraped.RuleFiles) != 1 || scraped.RuleFiles[0] != "alerts.yml" || len(scraped.Jobs) != 1 || scraped.Jobs[0].Name != "dragoman" {
		t.Errorf("prometheus.yml: %+v", scraped)
	}
}

// read reads a YAML file of samples/deploy.
func read(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(deploy, name))
	if err == nil {
		err = yaml.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
