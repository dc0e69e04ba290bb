// Package postgrestest gives tests a PostgreSQL of their own.
//
// A test that needs a database, and no more, shares one server with the others
// of its binary, which starts at the first call of Database:
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m).Run()) }
//
//	func TestIt(t *testing.T) { url := postgrestest.Database(t) ... }
//
// A test that stops, kills or restarts the server has one for itself:
//
//	server := postgrestest.Start(t, nil)
//	url := server.Database(t)
//	server.Restart(t)
//
// The binaries are those of Debian's package postgresql, or those on the PATH;
// they run as an ordinary user, also when the tests are root's. Instead, Database
// makes its databases on the server that DRAGOMAN_TEST_POSTGRES names, as a
// user who may create databases: "postgres://me:secret@db.example:5432/postgres".
// Where there is neither, tests are skipped, but fail when CI is "true".
//
// Nothing outlives the tests: a server is stopped when they end, and on Linux
// also when they are killed; then its folder stays in the system's one for
// temporary files until the next tests find it without an owner.
package postgrestest
