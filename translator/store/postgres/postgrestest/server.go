package postgrestest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Options holds what may be asked of a server. A nil *Options is all zero.
type Options struct {
	// Durable makes the server wait for its disk, as one at work does.
	// Without it a power cut may cost it everything, but no kill does.
	Durable bool
	// Password is what the server asks for; empty lets everybody in.
	Password string
	// Settings are parameters for the server, as "max_connections=5"; they
	// come after, and so overrule, what tests usually need.
	Settings []string
}

// A Server is a private PostgreSQL on a port of 127.0.0.1, which it keeps when
// it is restarted. It has the superuser postgres and lets 200 connections in.
type Server struct {
	opts   Options
	bin    string // folder of its programs
	folder string // of its data, its log and its password
	owner  *os.File
	port   int
	proc   *process // nil while it is stopped
}

// Start starts a server that is the test's own, and ends with it. It is ready
// after about a second.
func Start(t testing.TB, opts *Options) *Server {
	t.Helper()
	if opts == nil {
		opts = &Options{}
	}
	s, err := start(binaries(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.remove)
	return s
}

// prefix begins the names of servers' folders.
const prefix = "dragoman-postgres-"

// start makes a server's folder and starts it.
func start(bin string, opts *Options) (*Server, error) {
	sweep()
	folder, err := os.MkdirTemp("", prefix)
	if err != nil {
		return nil, err
	}
	owner, err := own(folder)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: *opts, bin: bin, folder: folder, owner: owner}
	if err := s.make(); err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	for try := 0; ; try++ {
		// Below the ports that Linux gives out by itself, so that nobody is
		// given this one while the server is stopped.
		s.port = 15_000 + rand.IntN(15_000)
		if err = s.run(); err == nil {
			return s, nil
		}
		if try == 4 {
			os.RemoveAll(folder)
			return nil, err
		}
	}
}

// make makes the server's files.
func (s *Server) make() error {
	if err := give(s.folder); err != nil {
		return err
	}
	args := []string{"-D", s.data(), "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"}
	if s.opts.Password == "" {
		args = append(args, "--auth=trust")
	} else {
		file := filepath.Join(s.folder, "password")
		if err := os.WriteFile(file, []byte(s.opts.Password), 0o600); err != nil {
			return err
		}
		if err := give(file); err != nil {
			return err
		}
		args = append(args, "--auth=scram-sha-256", "--pwfile="+file)
	}
	if out, err := command(s.folder, filepath.Join(s.bin, "initdb"), args...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// URL returns the URL of a database of this server, whether it is there or not.
func (s *Server) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: s.Address(), Path: "/" + database}
	if s.opts.Password != "" {
		u.User = url.UserPassword("postgres", s.opts.Password)
	}
	return u.String()
}

// Address returns where the server listens, as "127.0.0.1:17001".
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Stop stops the server as its administrator would in a hurry: connections are
// cut, what was committed is safe.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.end(t, syscall.SIGINT)
}

// Kill ends the server's processes at once, as a crash would. It recovers when
// it is started again.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.end(t, syscall.SIGQUIT)
}

func (s *Server) end(t testing.TB, signal os.Signal) {
	t.Helper()
	if s.proc == nil {
		t.Fatal("the server is stopped already")
	}
	if err := s.proc.end(signal); err != nil {
		t.Fatal(err)
	}
	s.proc = nil
}

// Start starts the server again, on its port, and returns when it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if s.proc != nil {
		t.Fatal("the server is running already")
	}
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

// Restart stops and starts the server.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop(t)
	s.Start(t)
}

// remove stops the server, if it runs, and removes its files.
func (s *Server) remove() {
	var err error
	if s.proc != nil {
		err = s.proc.end(syscall.SIGQUIT)
	}
	err = errors.Join(err, os.RemoveAll(s.folder))
	if s.owner != nil {
		err = errors.Join(err, s.owner.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "postgrestest:", err)
	}
}
