package jsonhttp_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dragoman/translator"
	"dragoman/translator/backend/jsonhttp"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for in, says := range map[string]string{
		`{"a":{"b":1},"c":{"b":1},"d":[{"b":1},{"b":2}]}`: "",
		`{"a":"a","b":"a","c":["a","a"]}`:                 "",
		`{"a":"\"a\":","b":"{[\\"}`:                       "",
		" \n[1, 2]\t":                                     "",
		"\xEF\xBB\xBF{}":                                  "",
		nested(64):                                        "",
		nested(65):                                        "deeper than 64",
		nested(100_000):                                   "depth",
		`{"a":1,"a":2}`:                                   `"a" twice`,
		`{"x":[{"a":1,"b":{},"a":2}]}`:                    `"a" twice`,
		`{"a":1,"\u0061":2}`:                              `"a" twice`,
		`{"key":1,"\u212aey":2}`:                          "twice", // the Kelvin sign, a k to encoding/json
		`{"s":1,"\u017f":2}`:                              "twice",
		`null`:                                            "is null",
		` null `:                                          "is null",
		`{"a":1}{"a":1}`:                                  "not JSON",
		`{"a":NaN}`:                                       "not JSON",
		`{"a":1,}`:                                        "not JSON",
		`{'a':1}`:                                         "not JSON",
		"{\"a\":\"\n\"}":                                  "not JSON",
		"{\"a\":\"\xff\"}":                                "not UTF-8",
		"\xEF\xBB\xBF\xEF\xBB\xBF{}":                      "not JSON",
		"":                                                "not JSON",
	} {
		var out any
		err := jsonhttp.Decode([]byte(in), &out)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%.60q: %v, want %q", in, err, says)
		}
	}
	var form struct{ A []string }
	if err := jsonhttp.Decode([]byte(`{"A":["x",{"y":1}]}`), &form); err == nil || !strings.Contains(err.Error(), "another form") {
		t.Errorf("a wrong form: %v", err)
	}
}

// FuzzDecode: what is accepted is what encoding/json makes of it.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":"\\\""}],"c":null}`, `[[],{}]`, `"\ud800"`, `{"a":1,"A":2}`, "\xEF\xBB\xBF1", `{"":{"":""}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, want any
		if jsonhttp.Decode(data, &got) != nil {
			return
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\xEF\xBB\xBF")), &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v and %v, %v", data, got, want, err)
		}
	})
}

// Whatever text goes out comes back, in as many bytes as it has but for what
// JSON must escape.
func TestEncodeProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.String()).Draw(t, "texts")
		body, err := jsonhttp.Encode(texts)
		var back []string
		if err != nil || !utf8.Valid(body) {
			t.Fatalf("%q: %v", body, err)
		}
		if err := jsonhttp.Decode(body, &back); err != nil && texts != nil {
			t.Fatal(err)
		}
		if len(back) != len(texts) || len(texts) > 0 && !reflect.DeepEqual(back, texts) {
			t.Fatalf("%q came back as %q", texts, back)
		}
	})
	const arabic = "ارتفع سعر <النفط> & 'الغاز'"
	if body, err := jsonhttp.Encode(arabic); err != nil || len(body) != len(arabic)+2 {
		t.Errorf("%d bytes of text became %s, %v", len(arabic), body, err)
	}
	if err := jsonhttp.CheckTexts("desk", []string{"خبر", "\xd8"}); !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), "text 2 of 2") {
		t.Errorf("%v, want Invalid that names the text", err)
	}
	if _, err := jsonhttp.Encode(func() {}); err == nil {
		t.Error("a function was encoded")
	}
}
