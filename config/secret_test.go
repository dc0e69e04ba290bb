package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestSecretIsNeverShown(t *testing.T) {
	t.Parallel()
	const hush = "s3cr3t-hush"
	type account struct {
		Name   string
		Key    Secret
		hidden Secret
		List   []Secret
		Map    map[string]Secret
		Ptr    *Secret
	}
	s := NewSecret(hush)
	a := account{"desk", s, s, []Secret{s}, map[string]Secret{"k": s}, &s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, v := range []any{s, &s, a, &a, a.hidden, []any{s}, fmt.Errorf("denied: %v", s)} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		data, err := marshal(map[string]any{"s": s, "a": a})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(data)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "secret", s, "account", a)
	}
	for _, planted := range []string{hush, fmt.Sprintf("%x", hush), fmt.Sprintf("%X", hush), fmt.Sprint([]byte(hush))} {
		if strings.Contains(out.String(), planted) {
			t.Errorf("%s is shown:\n%s", planted, &out)
		}
	}
	if n := strings.Count(out.String(), redacted); n < 40 {
		t.Errorf("only %d times %s", n, redacted)
	}
}

func TestSecretReveals(t *testing.T) {
	t.Parallel()
	if s := NewSecret("a"); s.Reveal() != "a" || s.String() != redacted {
		t.Errorf("got %q, %s", s.Reveal(), s)
	}
	if s := (Secret{}); s.Reveal() != "" || s.String() != "" {
		t.Errorf("an empty secret is %q, %q", s.Reveal(), s)
	}
}

func TestReadSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, tt := range []struct {
		contents string
		mode     os.FileMode
		want     string // the secret, or with err a part of the error
		err      bool
	}{
		{"hush\n", 0o600, "hush", false},
		{"\ufeffhush", 0o400, "\ufeffhush", false},
		{" hush \r\n", 0o600, "hush", false},
		{"hush", 0o640, "is open to other users (mode 0640); run chmod 600", true},
		{"hush", 0o604, "is open to other users (mode 0604)", true},
		{" \n", 0o600, "is empty; put the key into it", true},
		{"hush\nhush2\n", 0o600, "holds more than one line", true},
		{"hush\x00", 0o600, "holds more than one line", true},
		{strings.Repeat("hush", maxSecret), 0o600, "is larger than 65536 bytes", true},
	} {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(tt.contents), tt.mode); err != nil {
			t.Fatal(err)
		}
		s, err := ReadSecret(path)
		switch {
		case tt.err != (err != nil):
			t.Errorf("%d: error is %v", i, err)
		case tt.err && (!strings.Contains(err.Error(), path+" "+tt.want) || strings.Contains(err.Error(), "hush")):
			t.Errorf("%d: got %v, want %s", i, err, tt.want)
		case !tt.err && s.Reveal() != tt.want:
			t.Errorf("%d: got %q, want %q", i, s.Reveal(), tt.want)
		}
	}
	if _, err := ReadSecret(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "none: no such file or directory; check the path") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadSecret(dir); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadSecret(os.DevNull); err == nil || !strings.Contains(err.Error(), "is a pipe or device; name a regular file") {
		t.Errorf("got %v", err)
	}
}

// A backend whose key is a Secret needs nothing but its field.
func TestSecretAsSetting(t *testing.T) {
	t.Parallel()
	type service struct {
		Key Secret `mapstructure:"key"`
	}
	s := newSchema(reflect.TypeFor[service]())
	v, err := s.byKey["key"].parse("hush")
	if secret, ok := v.(Secret); err != nil || !ok || secret.Reveal() != "hush" {
		t.Fatalf("got %v, %v", v, err)
	}
	if got := display(v); got != redacted {
		t.Errorf("it is shown as %v", got)
	}
}
