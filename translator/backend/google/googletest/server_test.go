package googletest_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"dragoman/translator/backend/google/googletest"
)

const parent = "projects/desk-1/locations/us-central1"

// dial starts a stand-in and a bare client of the protobuf, not our driver.
func dial(t *testing.T, opts *googletest.Options) (*googletest.Server, translatepb.TranslationServiceClient) {
	t.Helper()
	server, err := googletest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(server.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return server, translatepb.NewTranslationServiceClient(conn)
}

func request(change func(*translatepb.TranslateTextRequest)) *translatepb.TranslateTextRequest {
	req := &translatepb.TranslateTextRequest{
		Parent: parent, Model: parent + "/models/general/nmt", MimeType: "text/plain",
		SourceLanguageCode: "ar", TargetLanguageCode: "en", Contents: []string{"خبر أول", "خبر ثان"},
	}
	if change != nil {
		change(req)
	}
	return req
}

// routed adds the header that the official client adds.
func routed(t *testing.T, req *translatepb.TranslateTextRequest) context.Context {
	return metadata.AppendToOutgoingContext(t.Context(), "x-goog-request-params", "parent="+url.QueryEscape(req.Parent))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	server, client := dial(t, &googletest.Options{MaxTexts: 3, MaxSize: 20})
	type req = *translatepb.TranslateTextRequest
	glossary := func(name string) *translatepb.TranslateTextGlossaryConfig {
		return &translatepb.TranslateTextGlossaryConfig{Glossary: name}
	}
	for name, c := range map[string]struct {
		change  func(req)
		message string
	}{
		"parent without location": {func(r req) { r.Parent = "projects/desk-1" }, "parent"},
		"model's short name":      {func(r req) { r.Model = "general/nmt" }, "model"},
		"model elsewhere":         {func(r req) { r.Model = "projects/desk-1/locations/global/models/general/nmt" }, "Location must match"},
		"unknown general model":   {func(r req) { r.Model = parent + "/models/general/oracle" }, "model"},
		"custom model in global": {func(r req) {
			r.Parent = "projects/desk-1/locations/global"
			r.Model = r.Parent + "/models/TRL1"
		}, "'global' location"},
		"glossary in global": {func(r req) {
			r.Parent = "projects/desk-1/locations/global"
			r.Model = ""
			r.GlossaryConfig = glossary(r.Parent + "/glossaries/g")
		}, "'global' location"},
		"glossary elsewhere":    {func(r req) { r.GlossaryConfig = glossary("projects/desk-1/locations/europe-west1/glossaries/g") }, "Location must match"},
		"glossary's short name": {func(r req) { r.GlossaryConfig = glossary("g") }, "glossary"},
		"unknown target":        {func(r req) { r.TargetLanguageCode = "tlh" }, "Target language"},
		"no target":             {func(r req) { r.TargetLanguageCode = "" }, "Target language"},
		"unknown source":        {func(r req) { r.SourceLanguageCode = "xx-YY" }, "Source language"},
		"into itself":           {func(r req) { r.SourceLanguageCode = "en" }, "language pair"},
		"mime":                  {func(r req) { r.MimeType = "text/markdown" }, "mime_type"},
		"label in capitals":     {func(r req) { r.Labels = map[string]string{"Desk": ""} }, "labels"},
		"label's long value":    {func(r req) { r.Labels = map[string]string{"desk": strings.Repeat("a", 64)} }, "labels"},
		"nothing to translate":  {func(r req) { r.Contents = nil }, "contents"},
		"too many texts":        {func(r req) { r.Contents = []string{"a", "b", "c", "d"} }, "Too many text segments"},
		"too long together":     {func(r req) { r.Contents = []string{strings.Repeat("ب", 20), "ب"} }, "too long"},
	} {
		bad := request(c.change)
		_, err := client.TranslateText(routed(t, bad), bad)
		if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: %v, want INVALID_ARGUMENT about %q", name, err, c.message)
		}
	}
	if _, err := client.TranslateText(t.Context(), request(nil)); status.Code(err) != codes.InvalidArgument {
		t.Errorf("no routing header: %v", err)
	}
	if server.Texts() != 0 || server.Chars() != 0 || len(server.Paid()) != 0 {
		t.Error("a refused request was paid for")
	}
	full := request(func(r req) { r.Contents = []string{strings.Repeat("ب", 20)} })
	if _, err := client.TranslateText(routed(t, full), full); err != nil {
		t.Errorf("a request as large as allowed: %v", err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	server, client := dial(t, nil)
	req := request(func(r *translatepb.TranslateTextRequest) {
		r.GlossaryConfig = &translatepb.TranslateTextGlossaryConfig{Glossary: parent + "/glossaries/g"}
	})
	for range 2 {
		resp, err := client.TranslateText(routed(t, req), req)
		if err != nil {
			t.Fatal(err)
		}
		want := googletest.Token("خبر ثان")
		if got := resp.Translations[1]; got.TranslatedText != want || got.Model != "projects/123456789012/locations/us-central1/models/general/nmt" {
			t.Errorf("answer %v, want %s with the project's number", got, want)
		}
		if got := resp.GlossaryTranslations[1].TranslatedText; got != googletest.GlossaryMark+want {
			t.Errorf("through the glossary: %q", got)
		}
	}
	if server.Requests() != 2 || server.Texts() != 4 || server.Chars() != 28 || server.Paid()["خبر أول"] != 2 {
		t.Errorf("%d requests, %d texts, %d chars, paid %v", server.Requests(), server.Texts(), server.Chars(), server.Paid())
	}
	if googletest.Token("خبر أول") == googletest.Token("خبر ثان") || !strings.HasSuffix(googletest.Token("a b  c"), "> 3") {
		t.Error("a token must tell texts apart and count words")
	}
}

func TestHTMLIsEscaped(t *testing.T) {
	t.Parallel()
	_, client := dial(t, &googletest.Options{Translate: func(s string) string { return s }})
	for _, mime := range []string{"", "text/html", "text/plain"} {
		req := request(func(r *translatepb.TranslateTextRequest) { r.MimeType, r.Contents = mime, []string{`R&D's "x" <b>`} })
		resp, err := client.TranslateText(routed(t, req), req)
		if err != nil {
			t.Fatal(err)
		}
		want := `R&amp;D&#39;s &quot;x&quot; &lt;b&gt;`
		if mime == "text/plain" {
			want = req.Contents[0]
		}
		if got := resp.Translations[0].TranslatedText; got != want {
			t.Errorf("mime %q: %q, want %q", mime, got, want)
		}
	}
}

func TestQuotaStatuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opts  googletest.Options
		words string
		wait  bool
	}{
		{googletest.Options{CharsPerMinute: 14}, "characters per minute'", true},
		{googletest.Options{CharsPerDay: 14}, "characters per day'", false},
	} {
		server, client := dial(t, &c.opts)
		req := request(nil) // 14 code points
		if _, err := client.TranslateText(routed(t, req), req); err != nil {
			t.Fatal(err)
		}
		_, err := client.TranslateText(routed(t, req), req)
		st := status.Convert(err)
		if st.Code() != codes.ResourceExhausted || !strings.Contains(st.Message(), c.words) {
			t.Errorf("%v, want RESOURCE_EXHAUSTED with %q", err, c.words)
		}
		waits := false
		for _, detail := range st.Details() {
			if retry, ok := detail.(*errdetails.RetryInfo); ok {
				d := retry.RetryDelay.AsDuration()
				waits = d > 0 && d <= time.Minute
			}
		}
		if waits != c.wait {
			t.Errorf("%s: a wait is given: %v, want %v", c.words, waits, c.wait)
		}
		if server.Texts() != 2 || server.Requests() != 2 {
			t.Errorf("%d texts of %d requests are paid, want 2 of 2", server.Texts(), server.Requests())
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	gone := status.New(codes.Internal, "lost")
	server, client := dial(t, &googletest.Options{Fault: googletest.Script(
		&googletest.Fault{Status: gone},
		&googletest.Fault{Status: gone, Paid: true},
		&googletest.Fault{Extra: -1, Empty: []int{0}, Model: "TRL9"},
		nil,
		&googletest.Fault{HangUp: true},
		&googletest.Fault{Extra: -9},
	)})
	req := request(nil)
	for i, c := range []struct {
		code    codes.Code
		answers int
		texts   int // paid by then
	}{
		{codes.Internal, 0, 0}, {codes.Internal, 0, 2}, {codes.OK, 1, 4}, {codes.OK, 2, 6}, {codes.Unavailable, 0, 8}, {codes.OK, 0, 10}, {codes.OK, 2, 12},
	} {
		resp, err := client.TranslateText(routed(t, req), req)
		if status.Code(err) != c.code || len(resp.GetTranslations()) != c.answers || server.Texts() != c.texts {
			t.Errorf("request %d: %v, %d answers, %d texts paid; want %v, %d, %d",
				i+1, err, len(resp.GetTranslations()), server.Texts(), c.code, c.answers, c.texts)
		}
		if i == 2 {
			if got := resp.Translations[0]; got.TranslatedText != "" || !strings.HasSuffix(got.Model, "/models/TRL9") {
				t.Errorf("spoilt answer %v", got)
			}
		}
	}
}

// A client that dies while it waits has paid, and Stop waits for no latency.
func TestGivenUpAndStopped(t *testing.T) {
	t.Parallel()
	server, client := dial(t, &googletest.Options{Latency: time.Hour})
	req := request(nil)
	ctx, cancel := context.WithTimeout(routed(t, req), 300*time.Millisecond)
	defer cancel()
	if _, err := client.TranslateText(ctx, req); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("%v, want DEADLINE_EXCEEDED", err)
	}
	if server.Texts() != 2 {
		t.Errorf("%d texts paid, want 2", server.Texts())
	}
	ended := make(chan error, 1)
	go func() {
		_, err := client.TranslateText(routed(t, req), req)
		ended <- err
	}()
	for server.Requests() < 2 {
		time.Sleep(time.Millisecond)
	}
	server.Stop()
	if err := <-ended; err == nil {
		t.Error("a request outlived Stop")
	}
}

func TestAddrInUse(t *testing.T) {
	t.Parallel()
	server, _ := dial(t, nil)
	if other, err := googletest.Start(&googletest.Options{Addr: server.Addr()}); err == nil {
		other.Stop()
		t.Error("two servers listen at one address")
	}
}
