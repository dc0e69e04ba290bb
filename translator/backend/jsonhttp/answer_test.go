package jsonhttp_test

import (
	"errors"
	"testing"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	c, err := jsonhttp.New(&jsonhttp.Options{Name: "desk", Endpoint: "https://desk.example"})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Answer(" Talks resumed. "); got.Err != nil || got.Text != " Talks resumed. " {
		t.Errorf("%+v", got)
	}
	for _, empty := range []string{"", " \n", "\u00a0"} {
		got := c.Answer(empty)
		if e, ok := errors.AsType[*translator.Error](got.Err); !ok || e.Kind != translator.Corrupt || e.Op != "desk" || got.Text != "" {
			t.Errorf("%q: %+v", empty, got)
		}
	}
	if err := c.CheckCount(3, 3); err != nil {
		t.Error(err)
	}
	for _, came := range []int{0, 2, 4} {
		if e, ok := errors.AsType[*translator.Error](c.CheckCount(3, came)); !ok || e.Kind != translator.Corrupt || !e.MaybePaid {
			t.Errorf("%d answers: %v, want Corrupt that may be paid", came, e)
		}
	}
}

func TestShuffled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sent, said []int
		want       bool
	}{
		{[]int{5, 7, 9}, []int{5, 7, 9}, false},
		{[]int{5, 7, 9}, []int{9, 7, 5}, true},
		{[]int{5, 7, 7}, []int{7, 5, 7}, true},
		{[]int{7, 7}, []int{7, 7}, false},
		{[]int{5, 7}, []int{6, 8}, false}, // counted otherwise than we do
		{[]int{5, 7}, []int{7, 7}, false},
		{[]int{5, 7}, []int{0, 0}, false}, // not said
		{nil, nil, false},
	} {
		if got := jsonhttp.Shuffled(c.sent, c.said); got != c.want {
			t.Errorf("sent %v, said %v: %v", c.sent, c.said, got)
		}
	}
}
