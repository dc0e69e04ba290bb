package config

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const deploy = "../samples/deploy/"

// TestComposeFile sees that the containers' settings are settings, and that
// they may listen where they do.
func TestComposeFile(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(deploy + "compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Environment map[string]string
			Command     []string
			Grace       string `yaml:"stop_grace_period"`
		}
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"serve", "work"} {
		s := file.Services[name]
		environ := []string{}
		for variable, value := range s.Environment {
			if strings.HasPrefix(value, "${") {
				value = "correct horse battery"
			}
			environ = append(environ, variable+"="+value)
		}
		c, err := Load(Options{Dir: t.TempDir(), Environ: environ})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.RequireServe(); err != nil {
			t.Error(err)
		}
		if err := c.Require(); err != nil {
			t.Error(err)
		}
		if s.Command[0] != name || name == "work" && !slices.Equal(s.Command[1:], []string{"--listen", c.Serve.Listen}) || s.Grace != "75s" || c.Queue.Patience.Seconds() != 60 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestUnitFile sees that the variables of the systemd unit name settings.
func TestUnitFile(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(deploy + "dragoman.service")
	if err != nil {
		t.Fatal(err)
	}
	environ := []string{}
	for line := range strings.Lines(string(data)) {
		if variable, ok := strings.CutPrefix(strings.TrimSpace(line), "Environment="); ok {
			environ = append(environ, variable)
		}
	}
	c, err := Load(Options{Dir: t.TempDir(), Environ: environ})
	if err != nil || c.Serve.PasswordFile != "%d/password" {
		t.Errorf("%v, %v", err, environ)
	}
}
