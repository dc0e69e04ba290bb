package config

import (
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Queue says how a process works at what was submitted.
type Queue struct {
	// Workers is how many jobs are worked at once, from 1 to 1,000.
	Workers int `mapstructure:"workers"`
	// Lease is how long a job stays with a worker that gives no sign of life,
	// from 5 seconds to an hour.
	Lease time.Duration `mapstructure:"lease"`
	// Patience is how long a worker that is told to end goes on with the jobs
	// that it has; then it gives them back.
	Patience time.Duration `mapstructure:"patience"`
}

// Serve says where a process is watched, and by whom. See RequireServe.
type Serve struct {
	// Listen is HOST:PORT; without a host it is every address of the machine,
	// with port 0 any that is free, and empty is nowhere.
	Listen string `mapstructure:"listen"`
	User   string `mapstructure:"user"`
	// Password comes from the environment alone, PasswordFile names a file that holds it.
	Password     Secret `mapstructure:"password"`
	PasswordFile string `mapstructure:"password_file"`
	// BehindProxy says that a proxy of one's own stands in front, which speaks
	// TLS with whoever asks and names them in X-Forwarded-For.
	BehindProxy bool `mapstructure:"behind_proxy"`
	// TLSCertFile and TLSKeyFile are PEM files; with both, only TLS is spoken.
	TLSCertFile string `mapstructure:"tls_cert_file"`
	TLSKeyFile  string `mapstructure:"tls_key_file"`
}

// Traces says where traces are sent.
type Traces struct {
	// Endpoint is the URL of a collector of OTLP over HTTP, as
	// http://127.0.0.1:4318; empty is no traces at all.
	Endpoint string `mapstructure:"endpoint"`
	// Ratio is the part of all jobs that is traced, from 0 to 1.
	Ratio float64 `mapstructure:"ratio"`
}

// Secret returns the password: from the environment, or else from its file.
// Both empty is an empty Secret.
func (s Serve) Secret() (Secret, error) {
	if s.Password.Reveal() != "" || s.PasswordFile == "" {
		return s.Password, nil
	}
	return ReadSecret(s.PasswordFile)
}

// Local tells whether only this machine can ask: Listen is of it alone, and no
// proxy lets others in.
func (s Serve) Local() bool { return isLoopback(s.Listen) && !s.BehindProxy }

// TLS tells whether TLS is spoken.
func (s Serve) TLS() bool { return s.TLSCertFile != "" && s.TLSKeyFile != "" }

// shortestPassword is in bytes, by OWASP ASVS 5.0, 6.2.1.
const shortestPassword = 8

// RequireServe checks that who may ask is settled before anything listens:
// beyond this machine only with a password, and never in the clear. Its error
// is an *Error.
func (c *Config) RequireServe() error {
	r := &requirements{c: c, credentials: true}
	s := c.Serve
	if s.Listen == "" {
		return nil
	}
	r.password(s)
	r.certificate(s)
	if !isLoopback(s.Listen) && !s.BehindProxy && s.TLSCertFile == "" && s.TLSKeyFile == "" {
		r.add(c.sources["serve.listen"], "serve.listen", quote(s.Listen)+" would send the password over the network in the clear",
			"set tls_cert_file and tls_key_file, or behind_proxy: true where a proxy of yours speaks TLS in front, or listen on 127.0.0.1:8080")
	}
	return r.err()
}

// password wants one wherever other machines can ask, and none that is guessed in a minute.
func (r *requirements) password(s Serve) {
	password, err := s.Secret()
	n := len(password.Reveal())
	switch {
	case err != nil:
		r.addWrong(r.c.sources["serve.password_file"], "serve.password_file", err)
	case n == 0 && !s.Local():
		r.add(r.c.sources["serve.listen"], "serve.listen", quote(s.Listen)+" can be reached from other machines, and there is no password",
			"set DRAGOMAN_SERVE_PASSWORD, or name a file that holds one in password_file, or listen on 127.0.0.1:8080")
	case n > 0 && n < shortestPassword:
		r.add(r.passwordSource(), "serve.password", "the password is too short", "take 15 characters or more")
	case n > 0 && s.User == "":
		r.add(r.c.sources["serve.user"], "serve.user", "the password is nobody's", "write user: dragoman")
	}
}

func (r *requirements) passwordSource() Source {
	if r.c.Serve.Password.Reveal() != "" {
		return r.c.sources["serve.password"]
	}
	return r.c.sources["serve.password_file"]
}

// certificate wants both files or neither, the key readable by its owner alone.
func (r *requirements) certificate(s Serve) {
	if s.TLSCertFile == "" && s.TLSKeyFile == "" {
		return
	}
	r.set("serve.tls_cert_file", s.TLSCertFile, "the key has no certificate", "name its file here")
	r.set("serve.tls_key_file", s.TLSKeyFile, "the certificate has no key", "name its file here")
	if !s.TLS() {
		return
	}
	f, err := openPrivate(s.TLSKeyFile)
	if err != nil {
		r.addWrong(r.c.sources["serve.tls_key_file"], "serve.tls_key_file", err)
		return
	}
	f.Close()
	if _, err := tls.LoadX509KeyPair(s.TLSCertFile, s.TLSKeyFile); err != nil {
		r.add(r.c.sources["serve.tls_cert_file"], "serve.tls_cert_file", fmt.Sprintf("this is no certificate with its key: %v", cause(err)),
			"name PEM files that belong together")
	}
}

// checkProcess looks at what processes need that run for long.
func (l *loader) checkProcess(c *Config) {
	if n := c.Queue.Workers; !l.bad["queue.workers"] && (n < 1 || n > 1000) {
		l.add(l.sources["queue.workers"], "queue.workers", fmt.Sprintf("%d workers cannot be", n), "write a number from 1 to 1000, as 32")
	}
	if d := c.Queue.Lease; !l.bad["queue.lease"] && (d < 5*time.Second || d > time.Hour) {
		l.add(l.sources["queue.lease"], "queue.lease", fmt.Sprintf("%v is no lease", d), "write a duration from 5s to 1h, as 60s")
	}
	if !isListen(c.Serve.Listen) {
		l.add(l.sources["serve.listen"], "serve.listen", quote(c.Serve.Listen)+" is not HOST:PORT",
			"write 127.0.0.1:8080 for this machine alone, or :8080 for all that can reach it")
	}
	if at := l.sources["serve.password"]; at.File != "" {
		l.add(at, "serve.password", "a password does not belong in this file",
			"put it into a file of its own, readable by you alone, and name that in password_file, or set DRAGOMAN_SERVE_PASSWORD")
	}
	l.checkEndpoint("traces.endpoint", c.Traces.Endpoint)
	if r := c.Traces.Ratio; r > 1 {
		l.add(l.sources["traces.ratio"], "traces.ratio", fmt.Sprintf("%v is no part of a whole", r), "write a number from 0 to 1, as 0.1 for one job in ten")
	}
}

// isListen tells whether s is an address to listen on, or empty.
func isListen(s string) bool {
	if s == "" {
		return true
	}
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == port
}
