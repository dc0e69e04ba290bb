package translator

// A Story is an article with what became of each of its sentences.
type Story struct {
	Article   Article
	Sentences []Sentence // in reading order
	Status    Status
	Err       error // why a story failed as a whole or is held; nil otherwise
}

// A Sentence is a pair, or, with Err, a sentence that has no translation: then
// Pair.Target.Text is empty and Pair.Origin is zero.
type Sentence struct {
	Pair Pair
	Err  error
	// Recalled says that the translation was in memory before it was asked for.
	Recalled bool
}

// A Status says how a story ended.
type Status string

// The ways a story can end.
const (
	Done    Status = "done"    // every sentence has its translation
	Partial Status = "partial" // some sentence could not be translated
	Failed  Status = "failed"  // the story could not be read, or no sentence of it could be translated
	Held    Status = "held"    // a later run goes on with it: budget, quota, credentials or an interruption stopped this one
)

// StoryCounts counts stories by how they ended.
type StoryCounts struct {
	Done    int `json:"done"`
	Partial int `json:"partial"`
	Failed  int `json:"failed"`
	Held    int `json:"held"`
}

// Add counts one story.
func (c *StoryCounts) Add(s Status) {
	switch s {
	case Done:
		c.Done++
	case Partial:
		c.Partial++
	case Held:
		c.Held++
	default:
		c.Failed++
	}
}

// All returns how many stories there were.
func (c StoryCounts) All() int { return c.Done + c.Partial + c.Failed + c.Held }
