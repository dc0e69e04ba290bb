package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"dragoman/translator"
)

// A remedy says what an error means to a user.
type remedy struct {
	kind translator.Kind
	hint string
}

// remedies are by the server's SQLSTATE, or its first two characters, the class
// (postgresql.org/docs/15/errcodes-appendix.html).
var remedies = map[string]remedy{
	"08":    {translator.Unavailable, "see that the database is running and can be reached from this machine"},
	"28":    {translator.Invalid, "the server does not let this user in: look at the user's name and at pg_hba.conf"},
	"28P01": {translator.Invalid, "give the right password: in the store's URL, in PGPASSWORD or in ~/.pgpass"},
	"3D000": {translator.Invalid, "make the database first: createdb NAME"},
	"42501": {translator.Invalid, grantHint},
	"42704": {translator.Invalid, badParameter},
	"22023": {translator.Invalid, badParameter},
	"42P01": {translator.Invalid, "a table of the store is missing: put a copy back, or name another database"},
	"42703": {translator.Invalid, "a table of the store has been changed: put a copy back, or name another database"},
	"25006": {translator.Unavailable, "the database takes no changes: it is a standby, or was set to read only; name the one that does"},
	"25P03": {translator.Unavailable, "this process stood still in the middle of a transaction: see that its machine is not overloaded, and run again"},
	"55P03": {translator.Unavailable, "another process holds what this needs: run again"},
	"53100": {translator.Unavailable, "the database's disk is full: make room there and run again, nothing saved is lost"},
	"53200": {translator.Unavailable, "the database is out of memory: look at its log"},
	"53300": {translator.Unavailable, "the server has no connection left: raise its max_connections, or lower pool_max_conns in the store's URL"},
	"53":    {translator.Unavailable, "the database is short of something: look at its log"},
	"57P":   {translator.Unavailable, "the database is being stopped or started: run again when it is there"},
	"57":    {translator.Unavailable, "the database's administrator, or a limit of time, ended it: run again"},
	"58":    {translator.Unavailable, "the database's machine failed: look at its log, and keep a copy before anything else"},
	"XX":    {translator.Invalid, "the database is damaged: look at its log, and put a copy back"},
	"40":    {translator.Unavailable, "run again"},
	"54":    {translator.Invalid, "a text is larger than PostgreSQL can hold"},
}

const grantHint = "this user lacks a right: have the owner GRANT CREATE ON DATABASE for a new store, or USAGE ON SCHEMA " + schema +
	" and ALL ON ALL TABLES and ALL SEQUENCES IN SCHEMA " + schema + " for one that is there"

const badParameter = "look for a parameter in the store's URL, or in the server's settings for this user, that is misspelt or that the server does not know"

var (
	unreachable = remedy{translator.Unavailable, "see that the database is running and can be reached from this machine"}
	noTLS       = remedy{translator.Invalid, "the server does not speak TLS: switch ssl on there, or write sslmode=disable into the store's URL where nobody else is on the way to it"}
	untrusted   = remedy{translator.Invalid, "the server's certificate is not trusted: name the authority that signed it with sslrootcert in the store's URL, and the server as its certificate does"}
)

// fail makes an *Error of what the database or the way to it said. Errors of
// translator pass as they are. Once ctx is done its error is the one that counts.
func (s *Store) fail(ctx context.Context, doing string, err error) error {
	if err == nil || known(err) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	made := &translator.Error{Op: "store " + s.place + ": " + doing, Err: plain(err)}
	if r, ok := remedyOf(err); ok {
		made.Kind, made.Hint = r.kind, r.hint
	}
	return made
}

func remedyOf(err error) (remedy, bool) {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		for _, n := range [...]int{5, 3, 2} {
			if r, ok := remedies[said.Code[:min(n, len(said.Code))]]; ok {
				return r, true
			}
		}
		return remedy{}, false
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return untrusted, true
	}
	if strings.HasSuffix(err.Error(), "server refused TLS connection") { // of pgx, which does not export it
		return noTLS, true
	}
	return unreachable, cutOff(err)
}

// cutOff tells whether the database could not be reached, or was lost before
// its answer was whole.
func cutOff(err error) bool {
	_, isDial := errors.AsType[*pgconn.ConnectError](err)
	_, isNet := errors.AsType[net.Error](err)
	return isDial || isNet || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errLost) ||
		strings.HasSuffix(err.Error(), "conn closed") // of pgx, which does not export it
}

// errLost says that a connection that holds something is no longer there.
var errLost = errors.New("the connection to the database was lost")

// errClosed is what a call after Close gets.
var errClosed = errors.New("the store is closed")

// plain is an error in fewer words than pgx makes, on one line.
func plain(err error) error {
	if unknown, ok := errors.AsType[*unknownError](err); ok {
		return unknown
	}
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		text := said.Message
		if said.Detail != "" {
			text += " (" + said.Detail + ")"
		}
		return &shortened{fmt.Sprintf("%s [%s]", text, said.Code), err}
	}
	if unknown, ok := errors.AsType[*net.DNSError](err); ok { // pgx says it of each way it tried
		return &shortened{unknown.Error(), err}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return &shortened{op.Op + ": " + op.Err.Error(), err}
	}
	return &shortened{strings.Join(strings.Fields(err.Error()), " "), err}
}

// A shortened error keeps its cause for errors.Is.
type shortened struct {
	text  string
	cause error
}

func (e *shortened) Error() string { return e.text }
func (e *shortened) Unwrap() error { return e.cause }

func known(err error) bool {
	_, isError := errors.AsType[*translator.Error](err)
	_, isBudget := errors.AsType[*translator.BudgetError](err)
	return isError || isBudget
}

func invalid(place, hint string, cause error) error {
	return &translator.Error{Op: "store " + place, Kind: translator.Invalid, Hint: hint, Err: cause}
}
