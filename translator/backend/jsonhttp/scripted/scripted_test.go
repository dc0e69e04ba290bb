package scripted_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"dragoman/translator/backend/jsonhttp/scripted"
)

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// Faults are met in the order in which they were planted, each by as many
// requests of its path as was said.
func TestPlant(t *testing.T) {
	t.Parallel()
	server := scripted.New(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "well") }))
	server.PlantOn("/b", scripted.Status(418, "", nil), 1)
	server.Plant(scripted.Status(503, "", nil), 2)
	server.Plant(scripted.Rewrite(func(b []byte) []byte { return append(b, '!') }), 1)
	var got []int
	for _, path := range []string{"/a?x=1", "/b?y", "/b", "/a", "/a"} {
		status, body := get(t, server.URL+path)
		if got = append(got, status); path == "/a" && status == 200 && !strings.HasPrefix(body, "well") {
			t.Errorf("body %q", body)
		}
	}
	for i, want := range []int{503, 418, 503, 200, 200} {
		if got[i] != want {
			t.Errorf("statuses %v", got)
			break
		}
	}
	if sent := server.Requests(); len(sent) != 5 || sent[0].Path != "/a?x=1" || sent[0].Method != http.MethodGet || server.Count() != 5 {
		t.Errorf("requests %+v", sent)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	a, b := scripted.Token("وصل 17 وزيرا، و2450 منزلا"), scripted.Token("وصل 17 وزيرا. و2450 منزلا")
	if a == b || !strings.HasSuffix(a, "> 17 2450") || a != scripted.Token("وصل 17 وزيرا، و2450 منزلا") {
		t.Errorf("%q and %q", a, b)
	}
}
