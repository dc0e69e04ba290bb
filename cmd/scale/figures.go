package main

import "time"

// What everything is worked out from. Each figure says what it is and where it
// is from; figureList prints them. They were taken on one machine with two
// cores and a disk that syncs in 0.35 to 1 ms, beside other work, and are good
// to about a factor of two.

// A Database is what operations cost in one kind of store. The times are what
// an operation keeps the database from others, which is one by the rate that
// was measured; they are not how long its caller waits.
type Database struct {
	Name   string
	Job    time.Duration // fetching a job, loading its stories, and writing their results with its end
	Line   time.Duration // reserving and settling a request's line in the ledger
	Save   time.Duration // saving an answered sentence
	Lookup time.Duration // looking a sentence up
	Cold   time.Duration // more for each of these two once the index is larger than RAM
	Memory float64       // bytes on disk of a remembered sentence of 139 characters, with its index
}

// databases are the stores that there are, the default first.
var databases = []Database{
	{
		Name: "postgres", Job: 1400 * time.Microsecond, Line: 2 * time.Millisecond,
		Save: 12 * time.Microsecond, Lookup: 7 * time.Microsecond, Cold: 75 * time.Microsecond, Memory: 550,
	},
	{
		Name: "sqlite", Job: 1300 * time.Microsecond, Line: time.Millisecond,
		Save: 30 * time.Microsecond, Lookup: 6400 * time.Nanosecond, Cold: 75 * time.Microsecond, Memory: 485,
	},
}

// What a worker and a story come to.
const (
	sentenceCPU  = 41 * time.Microsecond // of a worker, for a sentence, from the article to the output
	sentenceDisk = 370                   // bytes of a sentence in its story, as submitted and as translated
	storyDisk    = 1000                  // bytes of a story besides its sentences: rows of version, batch and index
	keyDisk      = 52                    // bytes of a sentence in the index of memory, which RAM should hold
	lineDisk     = 300                   // bytes of a request's line in the ledger with its shares
	refusalTrip  = 50 * time.Millisecond // until a refusal is back
	spread       = 0.4                   // of a service's latency: the sigma of its logarithm
)

// A Service is what a translation service takes. 0 in a limit is none.
type Service struct {
	Name        string
	Requests    int           // a minute, over all processes
	Chars       int           // a minute, over all processes
	Texts       int           // a request
	Size        int           // characters a request
	Connections int           // of each process
	Latency     time.Duration // of an empty request, on the average
	PerChar     time.Duration // more for each character
	USD         float64       // for a million characters
	Engine      bool          // one's own: Connections are of all processes together
}

// services are those with limits that are known, the default first.
var services = []Service{
	{Name: "google", Chars: 6_000_000, Texts: 1024, Size: 30_000, Connections: 8, Latency: 200 * time.Millisecond, PerChar: 50 * time.Microsecond, USD: 20},
	{Name: "deepl", Requests: 3000, Texts: 50, Size: 28_000, Connections: 8, Latency: 200 * time.Millisecond, PerChar: 50 * time.Microsecond, USD: 25},
	{Name: "azure", Chars: 666_000, Texts: 1000, Size: 30_000, Connections: 8, Latency: 200 * time.Millisecond, PerChar: 50 * time.Microsecond, USD: 10},
	{Name: "gpt-4.1-mini", Texts: 40, Size: 8000, Connections: 8, Latency: time.Second, PerChar: 3 * time.Millisecond, USD: 0.70},
	{Name: "gpu", Texts: 64, Size: 8000, Connections: 1, PerChar: 21 * time.Microsecond, Latency: 10 * time.Millisecond, Engine: true},
}

// A figure is one line of the list.
type figure struct{ name, value, source string }

// figureList says where each figure is from.
var figureList = []figure{
	{"CPU of a sentence", "41 µs", "measured: 100,000 sentences, cold, user + system time of `dragoman translate --backend pseudo --format jsonl`: 4.1 s"},
	{"SQLite, a job", "1.3 ms", "measured: `go test ./translator/queue -run '^$' -bench Job`, time by the clock, 8 workers, a quiet machine; 0.57 ms of it a worker's processor"},
	{"SQLite, a line", "1 ms", "measured: `go test ./translator/store/sqlite -run '^$' -bench Reserve`, reserve and settle, 20 shares, three limits, a quiet machine"},
	{"SQLite, save and lookup", "30 µs, 6.4 µs", "measured: performance.md, 33,000 rows in transactions of 60, 156,000 lookups a second"},
	{"either, what is not in RAM", "75 µs", "measured: SQLite, 1,000 keys in 81 ms cold and 5.2 ms warm (facts, go-stack 3.1); PostgreSQL's is taken to be the same"},
	{"either, bytes of a key in the index", "52", "measured: PostgreSQL, a million keys of 16 bytes, 52 MB (facts, go-stack 3.1)"},
	{"SQLite, bytes of a sentence in memory", "485", "measured: `go test ./cmd/scale -run '^$' -bench MemoryBytes`"},
	{"PostgreSQL, a job", "1.4 ms", "measured: as SQLite's, in the same run, the server on the same two cores; 0.45 ms of it a worker's processor"},
	{"PostgreSQL, a line", "2 ms", "measured: the same benchmark of store/postgres. With limits one line is reserved at a time, on all machines together"},
	{"PostgreSQL, save and lookup", "12 µs, 7 µs", "measured: a bare table, 109,000 rows and 143,000 lookups a second (facts, go-stack 3.1), and the store's own 1.1 to 1.5 and 1.0 to 1.2 times that (BenchmarkSave, BenchmarkLookup of store/postgres)"},
	{"PostgreSQL, bytes of a sentence in memory", "550", "estimated: SQLite's, and the difference of a bare table of a million rows, 268 to 206 MB (facts, go-stack 3.1)"},
	{"a sentence in its story, bytes on disk", "370", "measured: FLORES-200 in stories of 25, article and result compressed, 2.66 bytes a character"},
	{"rows of a story and of a line, bytes on disk", "1,000, 300", "estimated"},
	{"limits and prices of services", "", "published: backends.md; Google's requests a minute are not published, OpenAI's limits depend on the account"},
	{"latency of services", "", "assumed: none could be asked from here. 200 ms and 50 ms more for 1,000 characters; a language model writes 100 tokens a second"},
	{"gpu", "11,000 tokens/s", "published: CTranslate2's README, a base model on one GPU; 0.23 tokens a character assumed"},
	{"spread of latency", "σ = 0.4", "assumed: log-normal, a request in twenty takes 1.8 times the average"},
}
