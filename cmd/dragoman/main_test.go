package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"dragoman/translator/store/postgres/postgrestest"
)

// TestMain lets the test binary be dragoman: in scripts, and as a process that
// can be killed (see process).
func TestMain(m *testing.M) {
	testscript.Main(postgrestest.Main(m), map[string]func(){"dragoman": func() { os.Exit(Main()) }})
}

// root is the project's top folder.
const root = "../.."

// TestScripts tests the command line as a command line.
func TestScripts(t *testing.T) {
	t.Parallel()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("ROOT", top)
			env.Setenv("NO_COLOR", "1")
			// The scripts run from the project's paths, with their own store and output.
			return os.Symlink(filepath.Join(top, "samples"), filepath.Join(env.WorkDir, "samples"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"json": jsonCommand, "google": googleCommand, "service": serviceCommand(t),
		},
	})
}

// process returns dragoman as a process of its own, run in dir.
func process(t testing.TB, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = append([]string{"dragoman"}, args...)
	cmd.Dir = dir
	return cmd
}

// withoutRules is the setting for runs against a stand-in whose answers are
// tokens: no translations, which the rules would doubt and ask for once more.
var withoutRules = "DRAGOMAN_QUALITY_DISABLE_RULES=" + strings.Join(ruleNames(), ",")
