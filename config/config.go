package config

import "time"

// Config is the effective settings. The tags are the keys of the file; the
// fields' order is the order of Settings. The zero of a number means what its
// field says, never "missing".
type Config struct {
	// From and To are BCP 47 tags, checked but as written: "ar", "en-GB".
	From string `mapstructure:"from"`
	To   string `mapstructure:"to"`
	// Store is a path or a URL, as cmd/dragoman opens it.
	Store string `mapstructure:"store"`
	// Out is the folder that results are written to.
	Out string `mapstructure:"out"`
	// Formats are the kinds of files written; an empty list writes none of them.
	Formats []string `mapstructure:"formats"`
	// Chain holds the backends in the order they are asked; at least one.
	Chain []string `mapstructure:"chain"`
	// Encoding of the stories; empty is recognised file by file.
	Encoding string `mapstructure:"encoding"`
	// Concurrency is how many requests are under way at once to each backend; 0
	// is what the backend bears.
	Concurrency int `mapstructure:"concurrency"`
	// DisableRules names rules of translator/article that are switched off.
	DisableRules []string `mapstructure:"disable_rules"`
	Limits       Limits   `mapstructure:"limits"`
	Budget       Budget   `mapstructure:"budget"`
	Log          Log      `mapstructure:"log"`
	Backends     Backends `mapstructure:"backends"`

	// File is the path of the file that was read, or "".
	File string `mapstructure:"-"`

	sources map[string]Source // by key; absent is a default
}

// Limits bounds the input, in bytes; 0 is the bound of translator/article.
type Limits struct {
	FileBytes  int64 `mapstructure:"file_bytes"`
	StoryBytes int64 `mapstructure:"story_bytes"`
}

// Budget bounds what may be spent; 0 is no limit. Characters are Unicode code
// points as billed, money is US dollars; days and months are those of the machine's time zone.
type Budget struct {
	RunChars int64   `mapstructure:"run_chars"`
	RunUSD   float64 `mapstructure:"run_usd"`
	DayUSD   float64 `mapstructure:"day_usd"`
	MonthUSD float64 `mapstructure:"month_usd"`
}

// Log says what is logged, and how.
type Log struct {
	Level string `mapstructure:"level" oneof:"debug,info,warn,error"`
	// Format auto is console on a terminal and json elsewhere.
	Format string `mapstructure:"format" oneof:"auto,console,json"`
}

// Backends holds one section for each backend, named as in Chain.
type Backends struct {
	Google  Google  `mapstructure:"google"`
	TMX     TMX     `mapstructure:"tmx"`
	Command Command `mapstructure:"command"`
	Pseudo  Pseudo  `mapstructure:"pseudo"`
}

// Google is Cloud Translation v3.
type Google struct {
	Project  string `mapstructure:"project"`
	Location string `mapstructure:"location"`
	// Model is general/nmt, general/translation-llm or a custom model's name.
	Model    string `mapstructure:"model"`
	Glossary string `mapstructure:"glossary"`
	// Labels are put on every request, for the bill.
	Labels map[string]string `mapstructure:"labels"`
	// Endpoint is HOST or HOST:PORT, without a scheme; empty is Google's own.
	Endpoint string `mapstructure:"endpoint"`
	// Insecure speaks to Endpoint without TLS and without credentials, for an
	// emulator on this machine.
	Insecure bool `mapstructure:"insecure"`
	// CredentialsFile is a path; empty is application default credentials.
	CredentialsFile string `mapstructure:"credentials_file"`
	// USDPerMillion is the price of a million characters, in dollars; 0 is
	// Google's list price of the model.
	USDPerMillion float64 `mapstructure:"usd_per_million"`
	// RequestChars is the size of a request, at most 30,000, which 0 is. Google
	// recommends 5,000: more requests, each with less to lose in a crash.
	RequestChars int `mapstructure:"request_chars"`
	// Connections, RequestsPerMinute and CharsPerMinute: 0 is the driver's own.
	Connections       int   `mapstructure:"connections"`
	RequestsPerMinute int   `mapstructure:"requests_per_minute"`
	CharsPerMinute    int64 `mapstructure:"chars_per_minute"`
}

// TMX answers from a translation memory file and needs no account.
type TMX struct {
	File string `mapstructure:"file"`
}

// Command is a local engine, run as a subprocess.
type Command struct {
	// Argv is the program and its arguments; no shell reads it.
	Argv     []string `mapstructure:"argv"`
	Protocol string   `mapstructure:"protocol" oneof:"lines,json"`
	// Timeout is the longest wait for one request's answer; 0 is the driver's own.
	Timeout time.Duration `mapstructure:"timeout"`
	// Processes is how many run at once; 0 is one.
	Processes     int     `mapstructure:"processes"`
	USDPerMillion float64 `mapstructure:"usd_per_million"`
}

// Pseudo is the deterministic stand-in; it has no settings.
type Pseudo struct{}

// Default returns the settings of a run without file, environment or flags.
// Its only backend is tmx, which needs no account, though it needs a file:
// until one is named, Require says how to go on.
func Default() *Config {
	return &Config{
		From: "ar", To: "en",
		Store: "./dragoman.db", Out: "out",
		Formats: []string{"jsonl", "tsv", "tmx", "moses", "html"},
		Chain:   []string{"tmx"},
		Log:     Log{Level: "info", Format: "auto"},
		Backends: Backends{
			Google:  Google{Location: "global", Model: "general/nmt"},
			Command: Command{Protocol: "lines"},
		},
	}
}
