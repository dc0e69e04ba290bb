package ledger_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/ledger"
	"dragoman/translator/store/ram"
)

// A limit that is held by requests on their way does not end a run: what they
// come to is waited for. So a run that keeps within its limit in the end is
// finished, on however many connections.
func TestReservationsAreWaitedFor(t *testing.T) {
	t.Parallel()
	const texts, size = 60, 10
	for _, connections := range []int{1, 4, 16} {
		synctest.Test(t, func(t *testing.T) {
			// Each request may cost 90 and costs 20: one of 10 for each of 10 sent, and one for each that comes back.
			e := &engine{traits: translator.Traits{
				Name: "llm", Signature: "llm:1", MaxTexts: 1, Price: 1, TargetPrice: 1, Yield: translator.Yield{Least: 1, Most: 8}, Connections: connections,
			}}
			e.answer = func(req translator.Request) (translator.Response, error) {
				time.Sleep(time.Duration(len(req.Texts[0])) * 100 * time.Millisecond)
				return echo(req)
			}
			book := ram.New()
			m := ledger.Meter(book, e, &ledger.Options{Run: "r", Budget: ledger.Budget{RunCost: texts*2*size + 8*size}})
			c := backend.New(m, &backend.Options{Linger: -1})
			req := translator.Request{Direction: arEn}
			for i := range texts {
				req.Texts = append(req.Texts, strings.Repeat(string(rune('a'+i%26)), size))
			}
			results, err := c.Translate(context.Background(), req)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				if r.Err != nil {
					t.Errorf("%d connections: text %d: %v", connections, i, r.Err)
				}
			}
			c.Close()
			closeMeter(t, m)
			if spent, err := book.Spending(context.Background(), translator.Window{}); err != nil || spent.Cost != texts*2*size || spent.Open != 0 {
				t.Errorf("%d connections: %+v, %v", connections, spent, err)
			}
		})
	}
}
