package config

import "net/url"

// Require checks that the named backends, or those of the chain if none is
// named, have what they cannot work without. Load does not, so that commands
// that translate nothing run without settings. Its error is an *Error.
func (c *Config) Require(backends ...string) error { return c.require(true, backends) }

// RequireSettings is Require without credentials, for those who only ask what
// a backend would cost.
func (c *Config) RequireSettings(backends ...string) error { return c.require(false, backends) }

func (c *Config) require(credentials bool, backends []string) error {
	if len(backends) == 0 {
		backends = c.Chain
	}
	r := &requirements{c: c, credentials: credentials}
	for _, name := range backends {
		switch name {
		case "google":
			r.google()
		case "deepl", "azure":
			r.service(name, true)
		case "libretranslate":
			r.libreTranslate()
		case "openai":
			r.openAI()
		case "tmx":
			r.tmx()
		case "command":
			r.command()
		case "pseudo":
		default:
			if _, ok := c.Services()[name]; ok {
				r.service(name, false)
				continue
			}
			r.add(Source{}, "", quote(name)+" is no backend", didYouMean(name, BackendNames(), oneOf(BackendNames())))
		}
	}
	return r.err()
}

type requirements struct {
	list
	c           *Config
	credentials bool
}

// set reports a key that is empty.
func (r *requirements) set(key, value, problem, remedy string) {
	if value == "" {
		r.add(r.c.sources[key], key, problem, remedy)
	}
}

func (r *requirements) google() {
	g := r.c.Backends.Google
	r.set("backends.google.project", g.Project, "the google backend needs the project that pays",
		"set it, or DRAGOMAN_BACKENDS_GOOGLE_PROJECT, to your Google Cloud project's id")
	r.set("backends.google.location", g.Location, "the google backend needs a location", "write location: global")
	r.set("backends.google.model", g.Model, "the google backend needs a model", "write model: general/nmt")
	if r.credentials && g.CredentialsFile != "" && !g.Insecure {
		const key = "backends.google.credentials_file"
		f, err := openPrivate(g.CredentialsFile)
		if err != nil {
			r.addWrong(r.c.sources[key], key, err)
			return
		}
		f.Close()
	}
}

func (r *requirements) tmx() {
	if r.c.sources["chain"] == (Source{}) && len(r.c.Chain) == 1 {
		r.set("backends.tmx.file", r.c.Backends.TMX.File, "no backend is set up, and the default, tmx, has no file to answer from",
			"name a TMX file here, or set chain: [google] and backends.google.project in "+FileName+
				", or try it without an account or costs by --backend pseudo")
		return
	}
	r.set("backends.tmx.file", r.c.Backends.TMX.File, "the tmx backend needs a TMX file to answer from", "name one here")
}

func (r *requirements) command() {
	argv := r.c.Backends.Command.Argv
	if len(argv) == 0 || argv[0] == "" {
		r.set("backends.command.argv", "", "the command backend needs a program to run", "write argv: [program, argument]")
	}
}

// libreTranslate needs a server; whether that needs a key is its own affair.
func (r *requirements) libreTranslate() {
	r.service("libretranslate", false)
	r.set("backends.libretranslate.endpoint", r.c.Backends.LibreTranslate.Endpoint, "the libretranslate backend needs a server",
		"write endpoint: http://127.0.0.1:5000 for one on this machine, or https://libretranslate.com with a key")
}

// openAI needs a key only for servers elsewhere: those on this machine have none.
func (r *requirements) openAI() {
	o := r.c.Backends.OpenAI
	u, err := url.Parse(o.Endpoint)
	r.service("openai", err != nil || !isLoopbackHost(u.Hostname()))
	if o.Endpoint != "" {
		r.set("backends.openai.model", o.Model, "the openai backend needs a model", "write the name of one that the server has, as its list of models says")
	}
}
