package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// maxSecret bounds a secret's file; the longest key in use is a few KiB.
const maxSecret = 64 << 10

// redacted is what a Secret prints.
const redacted = "[redacted]"

// A Secret is a key or password that no print, log or encoder shows: all of
// them write "[redacted]", or nothing for an empty one. Only Reveal returns it.
type Secret struct {
	// A pointer, since fmt calls no methods on unexported fields of other
	// structs and would print a string there.
	value *string
}

// NewSecret returns a Secret that holds s.
func NewSecret(s string) Secret { return Secret{&s} }

// Reveal returns the secret itself.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// String returns "[redacted]", or "" for an empty secret.
func (s Secret) String() string {
	if s.Reveal() == "" {
		return ""
	}
	return redacted
}

// GoString returns String in Go's syntax, for %#v.
func (s Secret) GoString() string { return fmt.Sprintf("config.Secret{%s}", s.String()) }

// MarshalText returns String; encoding/json uses it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML returns String.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// ReadSecret reads the one line that a *_file key names. The file must be
// readable by its owner alone. Errors name the path, and none of its contents.
func ReadSecret(path string) (Secret, error) {
	f, err := openPrivate(path)
	if err != nil {
		return Secret{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return Secret{}, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0:
		return Secret{}, &wrong{path + " is empty", "put the key into it, on one line"}
	case len(data) > maxSecret:
		return Secret{}, &wrong{fmt.Sprintf("%s is larger than %d bytes", path, maxSecret), "put nothing but the key into it"}
	case bytes.ContainsAny(data, "\r\n\x00"):
		return Secret{}, &wrong{path + " holds more than one line", "put nothing but the key into it"}
	}
	return NewSecret(string(data)), nil
}

// openPrivate opens a file that its owner alone may read. The open file's mode
// is looked at, so that nothing can be put in its place between.
func openPrivate(path string) (*os.File, error) {
	// Opening a pipe would wait for whoever writes into it, before any mode can be looked at.
	if info, err := os.Stat(path); err == nil {
		if err := checkKind(path, info); err != nil {
			return nil, err
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &wrong{fmt.Sprintf("cannot read %s: %v", path, cause(err)), "check the path and its permissions"}
	}
	info, err := f.Stat()
	if err == nil {
		err = checkPrivate(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// checkKind refuses what is no file that can be read twice, as it is: once to
// see whether there is a key, and once for the key.
func checkKind(path string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return &wrong{path + " is a folder", "name the file"}
	case !info.Mode().IsRegular():
		return &wrong{path + " is a pipe or device", "name a regular file that holds the key"}
	}
	return nil
}

func checkPrivate(path string, info fs.FileInfo) error {
	if err := checkKind(path, info); err != nil {
		return err
	}
	// Windows keeps no such bits.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return &wrong{fmt.Sprintf("%s is open to other users (mode %04o)", path, mode), "run chmod 600 " + path}
	}
	return nil
}

// cause returns what is wrong with a path without the path, which the message
// already has.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
