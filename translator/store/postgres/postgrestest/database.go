package postgrestest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// variable names a server to use instead of a private one.
const variable = "DRAGOMAN_TEST_POSTGRES"

// shared is the server of all tests of this binary that want no more than a database.
var shared struct {
	once   sync.Once
	main   bool // Main will stop it
	server *Server
	err    error
}

// Tests is what a *testing.M is.
type Tests interface{ Run() int }

type tests struct{ Tests }

// Main returns m with a Run that afterwards stops the server that Database
// started, if it did. TestMain calls it, or gives it to testscript.Main.
func Main(m Tests) Tests {
	shared.main = true
	return tests{m}
}

func (m tests) Run() int {
	defer func() {
		if shared.server != nil {
			shared.server.remove()
		}
	}()
	return m.Tests.Run()
}

// Database makes an empty database that is the test's own, and goes with it,
// and returns its URL.
func Database(t testing.TB) string {
	t.Helper()
	if given := os.Getenv(variable); given != "" {
		return makeDatabase(t, given)
	}
	if !shared.main {
		t.Fatal("TestMain must call postgrestest.Main, which stops the server")
	}
	bin := binaries(t)
	shared.once.Do(func() { shared.server, shared.err = start(bin, &Options{}) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server.Database(t)
}

// Database makes an empty database on this server, as the function of this name.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	return makeDatabase(t, s.URL("postgres"))
}

// makeDatabase makes a database on the server of a URL. Its name tells whose
// it is, should it be left behind on a server that lives on.
func makeDatabase(t testing.TB, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is no URL", variable) // the error would show the password
	}
	name := fmt.Sprintf("dragoman_test_%d_%x", os.Getpid(), rand.Uint32())
	if err := Exec(t.Context(), server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		t.Fatalf("making a database: %v", err)
	}
	t.Cleanup(func() {
		// The server may be gone by now, by the test's own doing.
		_ = Exec(context.Background(), server, "DROP DATABASE "+name+" WITH (FORCE)")
	})
	u.Path = "/" + name
	return u.String()
}

// Exec runs a statement over a connection of its own, which comes and goes with it.
func Exec(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, statement)
	return err
}
