package translator_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A rule lists all that a package may import besides the standard library:
// packages of ours by their path below dragoman, and modules by their prefix.
type rule struct {
	pkg   string
	may   string // space-separated
	cause string
}

// rules is the map of the house: data flows one way, drivers know only the
// vocabulary, and everything meets in cmd/dragoman.
var rules = []rule{
	{"translator", "golang.org/x/text", "the vocabulary: whatever it imports, everything imports"},
	{"translator/article", "translator golang.org/x/text golang.org/x/net codeberg.org/readeck/go-readability", "how stories are written down, and nothing downstream"},
	{"translator/segment", "translator github.com/clipperhouse/uax29", "where sentences end, whatever they are read from and sent to"},
	{"translator/glossary", "translator golang.org/x/text", "what a desk calls things, whoever translates; drivers are given its terms"},
	{"translator/memory", "translator", "when a translation may be reused, in any store"},
	{"translator/ledger", "translator", "what was spent, in any store, on any backend"},
	{"translator/quality", "translator golang.org/x/text", "what makes a pair suspect, whoever translated it"},
	{"translator/store/sqlite", "translator modernc.org/sqlite github.com/pressly/goose github.com/gofrs/flock", "a driver"},
	{"translator/store/postgres", "translator github.com/jackc/pgx github.com/pressly/goose", "a driver"},
	{"translator/store/postgres/postgrestest", "github.com/jackc/pgx", "a database for tests: knows nothing of ours"},
	{"translator/store/ram", "translator", "a driver"},
	{"translator/store/storetest", "translator", "the suite of every store; knows none"},
	{"translator/transfer", "translator", "from any store to any other; knows none"},
	{"translator/store/faultproxy", "", "a bad network for tests: knows no protocol, and nothing of ours"},
	{"translator/backend", "translator", "how to feed any backend; knows none, and no SDK"},
	{"translator/backend/backendtest", "translator translator/backend", "the suite of every backend; knows none"},
	{"translator/backend/google", "translator cloud.google.com/go/translate github.com/googleapis/gax-go google.golang.org/api google.golang.org/grpc google.golang.org/genproto golang.org/x/oauth2 cloud.google.com/go/auth", "a driver"},
	{"translator/backend/google/googletest", "cloud.google.com/go/translate google.golang.org/grpc google.golang.org/genproto google.golang.org/protobuf", "Google's side of the wire: knows nothing of ours"},
	{"translator/backend/tmx", "translator golang.org/x/text", "a driver: it is given pairs, and does not know how files are read"},
	{"translator/backend/command", "translator", "a driver"},
	{"translator/backend/pseudo", "translator", "a driver"},
	{"translator/backend/jsonhttp", "translator", "HTTP for all drivers whose service speaks JSON: knows no service and no other machinery"},
	{"translator/backend/jsonhttp/scripted", "", "a server for tests: knows nothing of ours"},
	{"translator/backend/deepl", "translator translator/backend/jsonhttp", "a driver"},
	{"translator/backend/deepl/deepltest", "translator/backend/jsonhttp/scripted", "DeepL's side of the wire: knows nothing of ours but the server for tests"},
	{"translator/backend/libretranslate", "translator translator/backend/jsonhttp", "a driver"},
	{"translator/backend/libretranslate/libretranslatetest", "translator/backend/jsonhttp/scripted", "the server's side of the wire: knows nothing of ours but the server for tests"},
	{"translator/backend/azure", "translator translator/backend/jsonhttp", "a driver"},
	{"translator/backend/azure/azuretest", "translator/backend/jsonhttp/scripted", "Azure's side of the wire: knows nothing else of ours"},
	{"translator/backend/openai", "translator translator/backend/jsonhttp", "a driver"},
	{"translator/backend/openai/openaitest", "translator/backend/jsonhttp/scripted", "OpenAI's side of the wire: knows nothing else of ours"},
	{"translator/format", "translator golang.org/x/text", "pairs to files and back, wherever they come from"},
	{"translator/score", "translator golang.org/x/text", "how good a translation is, whoever made it; knows no file"},
	{"translator/pipeline", "translator translator/segment", "the order of the stages; drivers come as functions"},
	{"translator/queue", "translator github.com/riverqueue/river", "stories as jobs, in any database: knows River and no driver of it"},
	{"translator/trace", "translator go.opentelemetry.io/otel", "the only place for OpenTelemetry: decorators of the contracts, and no machinery"},
	{"translator/web", "translator github.com/prometheus/client_golang github.com/riverqueue/river riverqueue.com/riverui", "what a process shows of itself; it is given functions, and knows no store, queue or backend"},
	{"config", "github.com/spf13/viper github.com/spf13/pflag go.yaml.in/yaml github.com/go-viper/mapstructure golang.org/x/text", "the only place for viper; knows no package of ours"},
	{"cmd/scale", "", "arithmetic over measured figures: runs nothing of ours"},
	{"cmd/dragoman", "translator config github.com/spf13/cobra github.com/spf13/pflag go.uber.org/zap github.com/vbauerster/mpb golang.org/x/term google.golang.org/grpc github.com/jackc/pgx github.com/riverqueue/river go.uber.org/zap/exp", "where everything meets"},
}

func TestImports(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "dragoman/...")
	cmd.Stderr = &strings.Builder{}
	list, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %v", err, cmd.Stderr)
	}
	seen := 0
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], "dragoman/")
		i := slices.IndexFunc(rules, func(r rule) bool { return r.pkg == pkg })
		if i < 0 {
			t.Errorf("%s has no rule: say here what it may import, and why", pkg)
			continue
		}
		seen++
		for _, imported := range fields[1:] {
			if !rules[i].allows(imported) {
				t.Errorf("%s may not import %s: it is %s", pkg, imported, rules[i].cause)
			}
		}
	}
	if seen != len(rules) {
		t.Errorf("%d packages for %d rules: take out the rule of a package that is gone", seen, len(rules))
	}
}

// allows tells whether the rule's package may import a path. cmd/dragoman may
// import everything below a package of ours that its rule names; others only
// the package itself.
func (r rule) allows(path string) bool {
	if ours, ok := strings.CutPrefix(path, "dragoman/"); ok {
		for may := range strings.FieldsSeq(r.may) {
			if ours == may || r.pkg == "cmd/dragoman" && strings.HasPrefix(ours, may+"/") {
				return true
			}
		}
		return false
	}
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	for may := range strings.FieldsSeq(r.may) {
		if path == may || strings.HasPrefix(path, may+"/") {
			return true
		}
	}
	return false
}
