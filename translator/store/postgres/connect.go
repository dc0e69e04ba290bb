package postgres

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// schema is where all tables stand, River's as well.
const schema = "dragoman"

// connections is how many a process opens at most where its URL does not say
// pool_max_conns: a server lets 100 in unless it is told otherwise.
const connections = 10

// settings are the server's parameters for our sessions.
var settings = map[string]string{
	"search_path": schema,
	// A plan that was made when a table was small is kept while it grows, until
	// the table is next analyzed: a first night would read all of it for each
	// page. What is about whole tables says so: see Store.whole. A plan that has
	// no index then has a price for which it would be compiled.
	"enable_seqscan": "off", "jit": "off",
	// What a limit allows is summed up after its lock is had: that must not be
	// seen as it was before.
	"default_transaction_isolation": "read committed",
	// A process that is frozen between two statements of a transaction loses it,
	// and the rows that others wait for with it: in less than the shortest lease
	// of a job (5 s), for whoever waits may be about to end one.
	"idle_in_transaction_session_timeout": "3s",
	// A machine that has vanished is found to be gone within half a minute,
	// rather than two hours, and what it held with it. Seconds.
	"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4",
}

// parse reads a URL, as postgres://me:secret@db.example:5432/news?sslmode=verify-full.
// What it leaves out comes from PGHOST, PGPASSWORD, ~/.pgpass and the like
// (postgresql.org/docs/current/libpq-envars.html).
func parse(location string) (*pgxpool.Config, error) {
	u, err := url.Parse(location)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || !strings.HasPrefix(location, u.Scheme+"://") {
		// The error, and what is no URL, may show a password.
		return nil, invalid("postgres:", "write postgres://USER@HOST/DATABASE, and % and / in a password as %25 and %2F",
			errors.New("the location is not the URL of a PostgreSQL database"))
	}
	if strings.Trim(u.Path, "/") == "" && u.Query().Get("database") == "" && u.Query().Get("dbname") == "" {
		return nil, invalid("postgres://"+u.Host, "write postgres://USER@HOST/DATABASE", errors.New("the URL names no database"))
	}
	config, err := pgxpool.ParseConfig(location)
	if err != nil {
		return nil, invalid("postgres://"+u.Host+u.Path, "see postgresql.org/docs/current/libpq-connect.html for what a URL may hold",
			errors.New(withoutSecrets(parseFault(err), u)))
	}
	if path, ok := config.ConnConfig.RuntimeParams["search_path"]; ok && path != schema {
		return nil, invalid(placeOf(config.ConnConfig), "leave search_path out of the URL",
			fmt.Errorf("the store's tables stand in the schema %s and in no other", schema))
	}
	if !u.Query().Has("pool_max_conns") {
		config.MaxConns = connections
	}
	prepare(config.ConnConfig)
	return config, nil
}

// single returns the configuration of a pool of one connection, at need.
func single(config *pgxpool.Config) *pgxpool.Config {
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = 1, 0, 0
	return config
}

// prepare sets what our sessions need, over what the URL says.
func prepare(config *pgx.ConnConfig) {
	for name, value := range settings {
		config.RuntimeParams[name] = value
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "dragoman"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4}}
	config.DialFunc = dialer.DialContext
}

// parseFault returns what is wrong, without the URL that pgx puts before it.
func parseFault(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	if text := err.Error(); !strings.HasPrefix(text, "cannot parse") {
		return text
	} else if _, after, ok := strings.Cut(text, "`: "); ok {
		return after
	}
	return "it cannot be read"
}

// withoutSecrets takes out the password wherever a text has it.
func withoutSecrets(text string, u *url.URL) string {
	given, _ := u.User.Password()
	for _, secret := range [...]string{given, u.Query().Get("password"), u.Query().Get("sslpassword")} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "...")
		}
	}
	return text
}

// placeOf names a database for people: "postgres://me@db.example:5432/news".
func placeOf(config *pgx.ConnConfig) string {
	u := url.URL{Scheme: "postgres", Host: net.JoinHostPort(config.Host, fmt.Sprint(config.Port)), Path: "/" + config.Database}
	if config.User != "" {
		u.User = url.User(config.User)
	}
	if strings.HasPrefix(config.Host, "/") { // a folder of Unix sockets
		u.Host, u.RawQuery = "", "host="+config.Host
	}
	return u.String()
}
