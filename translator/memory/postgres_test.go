package memory_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/postgres"
	"dragoman/translator/store/postgres/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m).Run()) }

// openPostgres opens a database as one more process would.
func openPostgres(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A service answers for several machines, each of which saves in its own way,
// and remembers what it was asked.
type service struct {
	delay time.Duration
	mu    sync.Mutex
	asked map[string]int
}

func (s *service) on(store translator.Store) translator.Func {
	return func(ctx context.Context, req translator.Request) ([]translator.Result, error) {
		s.mu.Lock()
		for _, text := range req.Texts {
			s.asked[text]++
		}
		s.mu.Unlock()
		time.Sleep(s.delay)
		entries, results := make([]translator.Entry, len(req.Texts)), make([]translator.Result, len(req.Texts))
		for i, text := range req.Texts {
			entries[i] = entry(engine, text, "en:"+text)
			results[i] = translator.Result{Text: entries[i].Target, Origin: entries[i].Origin}
		}
		return results, store.Save(ctx, entries)
	}
}

// TestSameSentenceOnPostgres has the same sentence in 50 stories on each of two
// machines at once, and their other sentences in opposite orders.
func TestSameSentenceOnPostgres(t *testing.T) {
	t.Parallel()
	url := postgrestest.Database(t)
	s := &service{asked: map[string]int{}, delay: 20 * time.Millisecond}
	var machines []translator.Func
	for range 2 {
		store := openPostgres(t, url)
		machines = append(machines, recallOf(store, []translator.Signature{engine}, s.on(store)))
	}
	const rounds = 6
	for round := range rounds {
		var group sync.WaitGroup
		for i := range 50 {
			for k, recall := range machines {
				texts := []string{fmt.Sprint("same ", round), fmt.Sprint("pair ", round, i), fmt.Sprint("pair ", round, i+1)}
				if k == 1 {
					slices.Reverse(texts)
				}
				group.Go(func() {
					got, err := recall(t.Context(), asking(texts...))
					for j, r := range got {
						if r.Text != "en:"+texts[j] {
							t.Errorf("%q was answered with %+v", texts[j], r)
						}
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
		group.Wait()
	}
	for text, n := range s.asked {
		if n != 1 {
			t.Errorf("%q was sent %d times", text, n)
		}
	}
	if want := rounds * 52; len(s.asked) != want {
		t.Errorf("%d texts were sent, want %d", len(s.asked), want)
	}
}

// TestRestartedPostgres stops and kills the database while two machines send the
// same texts: claims end with their sessions, so that what is on its way just
// then may be sent twice, and no more.
func TestRestartedPostgres(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, nil)
	url := server.Database(t)
	s := &service{asked: map[string]int{}, delay: 100 * time.Millisecond}
	const machines, callers, pages, size = 2, 4, 8, 20
	var group sync.WaitGroup
	for k := range machines {
		store := openPostgres(t, url)
		recall := recallOf(store, []translator.Signature{engine}, s.on(store))
		for c := range callers {
			group.Go(func() {
				for p := range pages {
					texts := make([]string, size)
					for i := range texts {
						texts[i] = fmt.Sprint("text ", c, " ", p, " ", (i+k*size/2)%size)
					}
					got, err := recall(t.Context(), asking(texts...))
					if err != nil || slices.ContainsFunc(got, func(r translator.Result) bool { return r.Text == "" }) {
						t.Errorf("page %d of caller %d: %v", p, c, err)
					}
				}
			})
		}
	}
	time.Sleep(400 * time.Millisecond)
	server.Restart(t)
	time.Sleep(400 * time.Millisecond)
	server.Kill(t)
	server.Start(t)
	group.Wait()
	twice := 0
	for text, n := range s.asked {
		if n > 1+2 {
			t.Errorf("%q was sent %d times in two restarts", text, n)
		}
		twice += n - 1
	}
	const most = 2 * machines * callers * size // in hand at each restart
	if len(s.asked) != callers*pages*size || twice > most {
		t.Errorf("%d texts were sent, want %d; %d of them again, want %d at most", len(s.asked), callers*pages*size, twice, most)
	}
	t.Logf("two restarts: %d of %d texts were sent again; %d were in hand each time", twice, len(s.asked), machines*callers*size)
}

// BenchmarkClaims answers pages of 1,000 unknown sentences from an engine that
// takes no time, on PostgreSQL: one without claims and one with them in turn,
// so that both meet the same machine.
func BenchmarkClaims(b *testing.B) {
	store := openPostgres(b, postgrestest.Database(b))
	s := &service{asked: map[string]int{}}
	ways := [...]translator.Func{
		recallOf(struct{ translator.Store }{store}, []translator.Signature{engine}, s.on(store)),
		recallOf(store, []translator.Signature{engine}, s.on(store)),
	}
	var took [len(ways)]time.Duration
	texts := make([]string, 1000)
	for page := 0; b.Loop(); page++ {
		for way, recall := range ways {
			for i := range texts {
				texts[i] = fmt.Sprintf("أعلنت البلدية في بيانها رقم %d-%d-%d بدء أعمال الصيانة.", page, way, i)
			}
			begun := time.Now()
			if _, err := recall(b.Context(), asking(texts...)); err != nil {
				b.Fatal(err)
			}
			took[way] += time.Since(begun)
		}
	}
	b.ReportMetric(took[0].Seconds()*1000/float64(b.N), "ms/without")
	b.ReportMetric(took[1].Seconds()*1000/float64(b.N), "ms/with")
	b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "ratio")
}
