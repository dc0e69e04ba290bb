package ledger_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/ledger"
	"dragoman/translator/store/ram"
)

// priced is a language model that counts bytes, at 10 dollars a million sent
// and 30 that come back, with a prompt of 5 and answers of half to twice the text.
var priced = translator.Traits{
	Name: "model", Signature: "model:1", Price: 10, TargetPrice: 30, Overhead: 5,
	Yield: translator.Yield{Least: 0.5, Most: 2}, Size: func(s string) int { return len(s) },
}

// meterOnce sends one request through a meter and returns its posting and what
// Exceeded was told.
func meterOnce(t testing.TB, traits translator.Traits, req translator.Request, resp translator.Response, err error) (translator.Posting, []translator.Bill) {
	t.Helper()
	book, ctx := ram.New(), t.Context()
	var exceeded []translator.Bill
	m := ledger.Meter(book, &engine{traits: traits, answer: func(translator.Request) (translator.Response, error) { return resp, err }},
		&ledger.Options{Run: "r", Exceeded: func(_ translator.Line, b translator.Bill) { exceeded = append(exceeded, b) }})
	if got, gotErr := m.Translate(ctx, req); !reflect.DeepEqual(got, resp) || gotErr != err {
		t.Errorf("the meter changed the answer to %+v, %v", got, gotErr)
	}
	closeMeter(t, m)
	for p, err := range book.Lines(ctx, translator.Window{}) {
		if err != nil || p.Open {
			t.Fatalf("%+v, %v", p, err)
		}
		return p, exceeded
	}
	t.Fatal("there is no line")
	return translator.Posting{}, nil
}

func answers(texts ...string) []translator.Translation {
	var made []translator.Translation
	for _, text := range texts {
		made = append(made, translator.Translation{Text: text})
	}
	return made
}

// TestMeterPricesBothSides: 10 bytes and a prompt of 5 are sent. They cost 150;
// the 30 bytes that may come back cost 900.
func TestMeterPricesBothSides(t *testing.T) {
	t.Parallel()
	failed := func(kind translator.Kind) []translator.Translation {
		return []translator.Translation{{Text: "12345678"}, {Err: translator.NewError("model", kind, nil)}}
	}
	tests := []struct {
		name     string
		resp     translator.Response
		err      error
		size     int
		cost     translator.USD
		said     bool
		exceeded bool
	}{
		{"all said", translator.Response{Translations: answers("a", "b"), Billed: 14, BilledTarget: 20}, nil, 14, 140 + 600, true, false},
		{"nothing said", translator.Response{Translations: answers("1234", "12345")}, nil, 15, 150 + 270, false, false},
		{"the source said", translator.Response{Translations: answers("1234", "12345"), Billed: 14}, nil, 14, 140 + 270, false, false},
		{"the target said", translator.Response{Translations: answers("1234", "12345"), BilledTarget: 20}, nil, 15, 150 + 600, false, false},
		{"as feared", translator.Response{Translations: answers("a", "b"), Billed: 15, BilledTarget: 30}, nil, 15, 1050, true, false},
		{"more came back", translator.Response{Translations: answers("a", "b"), Billed: 14, BilledTarget: 31}, nil, 14, 140 + 930, true, true},
		{"more was sent", translator.Response{Translations: answers("a", "b"), Billed: 16, BilledTarget: 1}, nil, 16, 160 + 30, true, true},
		{"longer than counted on", translator.Response{Translations: answers(strings.Repeat("x", 31), "")}, nil, 15, 150 + 930, false, true},
		{"one is not believed", translator.Response{Translations: failed(translator.Corrupt)}, nil, 15, 150 + 240 + 6*2*30, false, false},
		{"one is not known", translator.Response{Translations: failed(translator.Missing)}, nil, 9, 90 + 240, false, false},
		{"refused", translator.Response{}, translator.NewError("model", translator.Throttled, nil), 0, 0, false, false},
		{"maybe paid", translator.Response{}, &translator.Error{Op: "model", Kind: translator.Unavailable, MaybePaid: true}, 15, 1050, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, exceeded := meterOnce(t, priced, request("1234", "123456"), tt.resp, tt.err)
			if p.Line.Size != 15 || p.Line.Cost != 1050 {
				t.Errorf("%d and %v were reserved, want 15 and 1050", p.Line.Size, int64(p.Line.Cost))
			}
			if p.Bill.Size != tt.size || p.Bill.Cost != tt.cost || p.Bill.Said != tt.said {
				t.Errorf("billed %d, %d, said %v; want %d, %d, %v", p.Bill.Size, int64(p.Bill.Cost), p.Bill.Said, tt.size, int64(tt.cost), tt.said)
			}
			if (len(exceeded) > 0) != tt.exceeded || tt.exceeded && exceeded[0].Cost != tt.cost {
				t.Errorf("Exceeded was told %v", exceeded)
			}
		})
	}
}

// TestMeterShares: a line says which versions of which stories asked, in the
// order of their texts. Here a story is named by a letter, its version by a second one.
func TestMeterShares(t *testing.T) {
	t.Parallel()
	req := request("1234", "12", "123", "1", "12345")
	for _, tt := range []struct {
		stories []string
		want    []translator.Share
	}{
		{nil, nil},
		{[]string{"", "", "", "", ""}, nil},
		{[]string{"b", "a", "b", "", "قصة"}, []translator.Share{{Story: "b", Texts: 2, Size: 7}, {Story: "a", Texts: 1, Size: 2}, {Story: "قصة", Texts: 1, Size: 5}}},
		{[]string{"b1", "b2", "b1", "b", "b2"}, []translator.Share{
			{Story: "b", Version: [16]byte{'1'}, Texts: 2, Size: 7}, {Story: "b", Version: [16]byte{'2'}, Texts: 2, Size: 7}, {Story: "b", Texts: 1, Size: 1},
		}},
	} {
		req.Contexts = nil
		for _, story := range tt.stories {
			c := translator.Context{Story: story}
			if len(story) == 2 {
				c.Story, c.Version[0] = story[:1], story[1]
			}
			req.Contexts = append(req.Contexts, c)
		}
		p, _ := meterOnce(t, priced, req, translator.Response{Translations: answers("1", "2", "3", "4", "5")}, nil)
		if !reflect.DeepEqual(p.Line.Shares, tt.want) {
			t.Errorf("stories %q have the shares %+v, want %+v", tt.stories, p.Line.Shares, tt.want)
		}
	}
}

// TestMoney is what holds for any prices and any answer: a bill is above what
// was reserved only where Exceeded is told, an answer within the Traits is
// never above it, and shares are no more than the line.
func TestMoney(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		traits := anyTraits(r)
		texts := rapid.SliceOfN(rapid.StringN(1, 40, -1), 1, 12).Draw(r, "texts")
		req := request(texts...)
		for range texts {
			req.Contexts = append(req.Contexts, translator.Context{Story: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(r, "story")})
		}
		resp, honest := anyAnswer(r, traits, texts)
		p, exceeded := meterOnce(t, traits, req, resp, nil)
		if above := p.Bill.Size > p.Line.Size || p.Bill.Cost > p.Line.Cost; above != (len(exceeded) == 1) || above && honest {
			r.Fatalf("reserved %+v, billed %+v, Exceeded was told %v, honest %v", p.Line, p.Bill, exceeded, honest)
		}
		if least, most := traits.Cost(1, p.Line.Size-traits.Overhead); p.Line.Cost != most || least > most {
			r.Fatalf("reserved %v, want %v", p.Line.Cost, most)
		}
		size, count := 0, 0
		for _, s := range p.Line.Shares {
			size, count = size+s.Size, count+s.Texts
		}
		if size > p.Line.Size-traits.Overhead || count > p.Line.Texts || !distinctStories(p.Line.Shares) {
			r.Fatalf("shares %+v of %+v", p.Line.Shares, p.Line)
		}
	})
}

func distinctStories(shares []translator.Share) bool {
	var names []string
	for _, s := range shares {
		names = append(names, s.Story)
	}
	slices.Sort(names)
	return len(slices.Compact(names)) == len(shares)
}

// anyTraits draws an engine: local, billed by what is sent, or by both.
func anyTraits(r *rapid.T) translator.Traits {
	least := rapid.Float64Range(0, 3).Draw(r, "least")
	return translator.Traits{
		Name: "any", Signature: "any:1", Size: func(s string) int { return len(s) },
		Price:       translator.Price(rapid.SampledFrom([]float64{0, 0.15, 10, 20, 80, 33.333}).Draw(r, "price")),
		TargetPrice: translator.Price(rapid.SampledFrom([]float64{0, 0, 0.6, 10, 30, 77.7}).Draw(r, "target price")),
		Yield:       translator.Yield{Least: least, Most: least + rapid.Float64Range(0, 3).Draw(r, "more")},
		Overhead:    rapid.SampledFrom([]int{0, 0, 1, 150}).Draw(r, "overhead"),
	}
}

// anyAnswer draws an answer and tells whether it keeps to the Traits.
func anyAnswer(r *rapid.T, traits translator.Traits, texts []string) (resp translator.Response, honest bool) {
	sent, back := traits.Overhead, 0
	for _, text := range texts {
		sent += len(text)
		n := int(traits.Yield.Most * float64(len(text)))
		if rapid.IntRange(0, 9).Draw(r, "long") == 0 {
			n *= 3
		}
		back += n
		resp.Translations = append(resp.Translations, translator.Translation{Text: strings.Repeat("x", n)})
	}
	if rapid.Bool().Draw(r, "says") {
		resp.Billed = rapid.IntRange(1, 2*sent).Draw(r, "billed")
		resp.BilledTarget = rapid.IntRange(0, 2*back).Draw(r, "billed target")
	}
	if resp.BilledTarget > 0 {
		back = resp.BilledTarget
	}
	honest = resp.Billed <= sent && (traits.TargetPrice == 0 || float64(back) <= traits.Yield.Most*float64(sent))
	return resp, honest
}
