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
	// Chains holds the chains of single directions, as "en-ar": "deepl, google";
	// a direction that is not here has Chain as it was set. See For.
	Chains map[string]string `mapstructure:"chains"`
	// Glossaries holds the path of each direction's glossary, as "ar-en". See Glossary.
	Glossaries map[string]string `mapstructure:"glossaries"`
	// Encoding of the stories; empty is recognised file by file.
	Encoding string `mapstructure:"encoding"`
	// Concurrency is how many requests are under way at once to each backend; 0
	// is what the backend bears.
	Concurrency int `mapstructure:"concurrency"`
	// DisableRules names rules of translator/article that are switched off.
	DisableRules []string `mapstructure:"disable_rules"`
	Quality      Quality  `mapstructure:"quality"`
	Limits       Limits   `mapstructure:"limits"`
	Budget       Budget   `mapstructure:"budget"`
	Log          Log      `mapstructure:"log"`
	Queue        Queue    `mapstructure:"queue"`
	Serve        Serve    `mapstructure:"serve"`
	Traces       Traces   `mapstructure:"traces"`
	Backends     Backends `mapstructure:"backends"`

	// File is the path of the file that was read, or "".
	File string `mapstructure:"-"`

	sources map[string]Source // by key; absent is a default
	common  []string          // Chain as it was set, before a direction's own took its place
	pinned  bool              // it was set where it counts for more than Chains
}

// Quality says how pairs are checked.
type Quality struct {
	// DisableRules names rules of translator/quality that are switched off.
	DisableRules []string `mapstructure:"disable_rules"`
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
	// Alarms are the percentages of each limit at which a warning is given.
	Alarms []string `mapstructure:"alarms"`
}

// Log says what is logged, and how.
type Log struct {
	Level string `mapstructure:"level" oneof:"debug,info,warn,error"`
	// Format auto is console on a terminal and json elsewhere.
	Format string `mapstructure:"format" oneof:"auto,console,json"`
}

// Backends holds one section for each backend, named as in Chain.
type Backends struct {
	Google         Google         `mapstructure:"google"`
	DeepL          DeepL          `mapstructure:"deepl"`
	Azure          Azure          `mapstructure:"azure"`
	LibreTranslate LibreTranslate `mapstructure:"libretranslate"`
	OpenAI         OpenAI         `mapstructure:"openai"`
	TMX            TMX            `mapstructure:"tmx"`
	Command        Command        `mapstructure:"command"`
	Pseudo         Pseudo         `mapstructure:"pseudo"`
}

// Service is what every service over HTTP has. Of the numbers, 0 is the driver's own.
type Service struct {
	// Endpoint is an https URL; empty is the service's own.
	Endpoint string `mapstructure:"endpoint"`
	// AllowHTTP names hosts that may be asked without TLS; those of this machine may be always.
	AllowHTTP []string `mapstructure:"allow_http"`
	// Key comes from the environment alone, KeyFile names a file that holds it. See Secret.
	Key     Secret `mapstructure:"key"`
	KeyFile string `mapstructure:"key_file"`
	// Connections is how many requests are under way at once; RequestsPerMinute
	// and UnitsPerMinute bound the pace, in the units that the service counts.
	Connections       int   `mapstructure:"connections"`
	RequestsPerMinute int   `mapstructure:"requests_per_minute"`
	UnitsPerMinute    int64 `mapstructure:"units_per_minute"`
	Rates             `mapstructure:",squash"`
}

// Rates is what a backend costs. See PriceOf.
type Rates struct {
	// USDPerMillion is the price of a million units that are sent, in dollars; 0 is the list price.
	USDPerMillion float64 `mapstructure:"usd_per_million"`
	// Prices are those of single directions and models, each "WHAT SENT" or
	// "WHAT SENT/BACK", as "en-ar 10" or "gpt-5-mini 0.25/2" or "en-ar gpt-5-mini 0.25/2".
	Prices []string `mapstructure:"prices"`
}

// DeepL is the DeepL API, version 2.
type DeepL struct {
	Service `mapstructure:",squash"`
	// Formality is default, more, less, prefer_more or prefer_less.
	Formality string `mapstructure:"formality" oneof:"default,more,less,prefer_more,prefer_less"`
	// ModelType is DeepL's model_type; empty is quality_optimized.
	ModelType string `mapstructure:"model_type"`
	// Glossary is the id of a glossary that is there already, instead of the one of Glossaries.
	Glossary string `mapstructure:"glossary"`
	// Context sends the sentences around a text along, which is not billed.
	Context bool `mapstructure:"context"`
}

// Azure is Azure AI Translator, version 3.
type Azure struct {
	Service `mapstructure:",squash"`
	// Region is that of the resource, as "westeurope"; empty for a global one.
	Region string `mapstructure:"region"`
	// Category names a custom model; empty is the general one.
	Category string `mapstructure:"category"`
}

// LibreTranslate is a LibreTranslate server.
type LibreTranslate struct {
	Service `mapstructure:",squash"`
	// Model tells apart what several servers make of a sentence; empty is "default".
	Model string `mapstructure:"model"`
	// TextChars and RequestTexts are the server's --char-limit and --batch-limit; 0 is the driver's own.
	TextChars    int `mapstructure:"text_chars"`
	RequestTexts int `mapstructure:"request_texts"`
}

// OpenAI is any service with OpenAI's chat completions.
type OpenAI struct {
	Service `mapstructure:",squash"`
	Model   string `mapstructure:"model"`
	// TargetUSDPerMillion is the price of a million tokens that come back; 0 is the model's list price.
	TargetUSDPerMillion float64 `mapstructure:"target_usd_per_million"`
	// RequestTexts is how many sentences one request holds; 0 is the driver's own.
	RequestTexts int `mapstructure:"request_texts"`
	// MaxOutput is the model's output ceiling in tokens; 0 is the driver's own.
	MaxOutput int `mapstructure:"max_output"`
	// Style is a sentence or two on how to translate, which goes into the prompt.
	Style string `mapstructure:"style"`
	// Context sends headline and neighbouring sentences along, which is billed.
	Context bool `mapstructure:"context"`
	// Plain is for servers that know neither JSON schemas nor max_completion_tokens.
	Plain bool `mapstructure:"plain"`
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
	// GlossaryIgnoreCase and GlossaryContextual are Google's options of the glossary.
	GlossaryIgnoreCase bool `mapstructure:"glossary_ignore_case"`
	GlossaryContextual bool `mapstructure:"glossary_contextual"`
	// Dataset names a data set of Adaptive MT, which is asked instead of Model.
	Dataset string `mapstructure:"dataset"`
	Rates   `mapstructure:",squash"`
	// TargetUSDPerMillion is the price of a million characters that come back,
	// where Google bills them; 0 is its list price of the model.
	TargetUSDPerMillion float64 `mapstructure:"target_usd_per_million"`
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
	Processes int `mapstructure:"processes"`
	Rates     `mapstructure:",squash"`
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
		Budget:  Budget{Alarms: []string{"50", "80", "95"}},
		Log:     Log{Level: "info", Format: "auto"},
		Queue:   Queue{Workers: 32, Lease: time.Minute, Patience: time.Minute},
		Serve:   Serve{Listen: "127.0.0.1:8080", User: "dragoman"},
		Traces:  Traces{Ratio: 1},
		Backends: Backends{
			Google:  Google{Location: "global", Model: "general/nmt"},
			DeepL:   DeepL{Formality: "default"},
			OpenAI:  OpenAI{Context: true},
			Command: Command{Protocol: "lines"},
		},
	}
}
