package queue

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/postgres/postgrestest"
	"dragoman/translator/store/sqlite"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// arabic is the direction of all tests.
var arabic = translator.Direction{From: translator.Arabic, To: translator.English}

// A site is a store with its queue, whatever database it is in.
type site struct {
	location string
	stories  shop
	queue    interface {
		Migrate(context.Context) error
		Submit(context.Context, translator.Direction, translator.Articles, SubmitOptions) (Submitted, error)
		Work(context.Context, <-chan struct{}, WorkOptions) error
		Retry(context.Context, translator.VersionID) (bool, error)
		Cancel(context.Context, translator.VersionID) (bool, error)
		Hold(context.Context, translator.VersionID) (bool, error)
		Release(context.Context, translator.VersionID) (bool, error)
		Counts(context.Context) (Counts, error)
		Adopt(context.Context, []translator.VersionID) error
	}
	exec      func() riverdriver.Executor
	insert    func(context.Context, jobArgs) error
	cancelJob func(context.Context, int64) error
	close     func() error
}

// on runs a test on every database.
func on(t *testing.T, test func(t *testing.T, s *site)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, filepath.Join(t.TempDir(), "d.db"), nil))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, postgrestest.Database(t), nil))
	})
}

// open opens the store at a location, and its queue.
func open(t testing.TB, location string, opts *Options) *site {
	t.Helper()
	s, err := openSite(t.Context(), location, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	return s
}

func openSite(ctx context.Context, location string, opts *Options) (*site, error) {
	if strings.HasPrefix(location, "postgres") {
		store, err := postgres.Open(ctx, location, nil)
		if err != nil {
			return nil, err
		}
		return postgresSite(ctx, store, location, opts)
	}
	store, err := sqlite.Open(ctx, location, nil)
	if err != nil {
		return nil, err
	}
	return siteOf(ctx, riversqlite.New(store.DB()), store, store, location, opts)
}

func postgresSite(ctx context.Context, store *postgres.Store, location string, opts *Options) (*site, error) {
	var with Options
	if opts != nil {
		with = *opts
	}
	with.Beat = riverpgxv5.New(store.Beat()).GetExecutor()
	return siteOf(ctx, riverpgxv5.New(store.Pool()), store, store, location, &with)
}

// A shop is what is seen of a store besides its register.
type shop interface {
	translator.Stories
	Load(context.Context, []translator.VersionID) ([]translator.Version, error)
	Close() error
}

func siteOf[Tx any](ctx context.Context, driver riverdriver.Driver[Tx], register translator.Shelf[Tx], store shop, location string, opts *Options) (*site, error) {
	q, err := New(driver, register, opts)
	if err != nil {
		return nil, err
	}
	s := &site{location: location, stories: store, queue: q, exec: driver.GetExecutor, close: store.Close}
	s.insert = func(ctx context.Context, args jobArgs) error { _, err := q.client.Insert(ctx, args, nil); return err }
	s.cancelJob = func(ctx context.Context, id int64) error { _, err := q.client.JobCancel(ctx, id); return err }
	return s, q.Migrate(ctx)
}

// tx is a transaction of SQLite's.
type tx = *sql.Tx

// wrap is open for a store on SQLite that a test has its hands in.
func wrap(t testing.TB, driver riverdriver.Driver[tx], register translator.Shelf[tx], store shop, opts *Options) *site {
	t.Helper()
	s, err := siteOf(t.Context(), driver, register, store, "", opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// articles returns stories of one sentence each, named s0, s1 and so on.
func articles(n int) translator.Articles {
	return func(yield func(translator.Article, error) bool) {
		for i := range n {
			if !yield(article(fmt.Sprint("s", i), fmt.Sprintf("وصل القطار رقم %d إلى المحطة.", i)), nil) {
				return
			}
		}
	}
}

func article(id, text string) translator.Article {
	return translator.Article{ID: id, Path: "wire/" + id + ".txt", Lang: translator.Arabic, Blocks: []translator.Block{{Kind: translator.Body, Text: text}}}
}

func list(articles ...translator.Article) translator.Articles {
	return func(yield func(translator.Article, error) bool) {
		for _, a := range articles {
			if !yield(a, nil) {
				return
			}
		}
	}
}

// storyOf is the translation of an article in these tests.
func storyOf(a translator.Article, status translator.Status, err error) translator.Story {
	s := translator.Story{Article: a, Status: status, Err: err}
	for i, b := range a.Blocks {
		s.Sentences = append(s.Sentences, translator.Sentence{Pair: translator.Pair{
			ID: translator.PairID(a.ID, i+1, 1), Story: a.ID, Block: i + 1, Sentence: 1, Kind: b.Kind,
			Source: translator.Text{Lang: "ar", Text: b.Text}, Target: translator.Text{Lang: "en", Text: "The train has arrived."}, Flags: []string{},
		}})
	}
	return s
}

// A crew is a Do that counts what it did.
type crew struct {
	mu    sync.Mutex
	done  map[string]int
	order []string
	act   func(ctx context.Context, a translator.Article, nth int) (translator.Story, error)
}

func newCrew() *crew { return &crew{done: map[string]int{}} }

func (c *crew) do(ctx context.Context, _ translator.Direction, articles []translator.Article) ([]translator.Story, error) {
	var stories []translator.Story
	for _, a := range articles {
		c.mu.Lock()
		c.done[a.ID]++
		nth := c.done[a.ID]
		c.order = append(c.order, a.ID)
		c.mu.Unlock()
		story := storyOf(a, translator.Done, nil)
		if c.act != nil {
			var err error
			if story, err = c.act(ctx, a, nth); err != nil {
				return stories, err
			}
		}
		stories = append(stories, story)
	}
	return stories, nil
}

func (c *crew) times(id string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done[id]
}

// worked returns the stories that were worked, in order.
func (c *crew) worked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.order...)
}

// submit submits stories to the batch "night".
func (s *site) submit(t testing.TB, in translator.Articles, opts SubmitOptions) Submitted {
	t.Helper()
	if opts.Batch == "" {
		opts.Batch = "night"
	}
	sum, err := s.queue.Submit(t.Context(), arabic, in, opts)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// drain works until nothing is left.
func (s *site) drain(t testing.TB, c *crew, opts WorkOptions) {
	t.Helper()
	opts.Drain = true
	if opts.Do == nil {
		opts.Do = c.do
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.queue.Work(ctx, nil, opts); err != nil {
		t.Fatal(err)
	}
}

// begin works in the background until end is called.
func (s *site) begin(t testing.TB, opts WorkOptions) (end func()) {
	t.Helper()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		if err := s.queue.Work(context.WithoutCancel(t.Context()), stop, opts); err != nil {
			t.Error(err)
		}
	}()
	end = sync.OnceFunc(func() { close(stop); <-done })
	t.Cleanup(end)
	return end
}

// versions returns all versions of a batch, "" being all batches.
func (s *site) versions(t testing.TB, batch string) []translator.Version {
	t.Helper()
	return gather(t, s.stories.Versions(t.Context(), translator.Selection{Batch: batch}))
}

func gather(t testing.TB, seq iter.Seq2[translator.Version, error]) []translator.Version {
	t.Helper()
	var all []translator.Version
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// version returns the newest version of a story.
func (s *site) version(t testing.TB, story string) translator.Version {
	t.Helper()
	for _, v := range s.versions(t, "") {
		if v.Story == story {
			return v
		}
	}
	t.Fatalf("no story %s", story)
	return translator.Version{}
}

// states counts the versions of the batch "night" by state.
func (s *site) states(t testing.TB) map[translator.State]int {
	t.Helper()
	n := map[translator.State]int{}
	for _, v := range s.versions(t, "night") {
		n[v.State]++
	}
	return n
}

// want fails unless the batch has these states.
func (s *site) want(t testing.TB, state translator.State, n int) {
	t.Helper()
	if got := s.states(t); got[state] != n || len(got) > 1 {
		t.Errorf("%v, want %d %s", got, n, state)
	}
}

// jobs returns all rows of River's.
func (s *site) jobs(t testing.TB) []*rivertype.JobRow {
	t.Helper()
	rows, err := s.exec().JobList(t.Context(), &riverdriver.JobListParams{Max: 10_000, WhereClause: "kind = 'story'", OrderByClause: "id"})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// eventually waits until something is true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for begun := time.Now(); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > 30*time.Second {
			t.Fatal("it never came true: " + what)
		}
	}
}

// job returns a row of River's.
func (s *site) job(t testing.TB, id int64) *rivertype.JobRow {
	t.Helper()
	row, err := s.exec().JobGetByID(t.Context(), &riverdriver.JobGetByIDParams{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	return row
}
