package googletest_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"dragoman/translator/backend/google/googletest"
)

func adaptiveRequest(change func(*translatepb.AdaptiveMtTranslateRequest)) *translatepb.AdaptiveMtTranslateRequest {
	req := &translatepb.AdaptiveMtTranslateRequest{
		Parent: parent, Dataset: parent + "/adaptiveMtDatasets/wire", Content: []string{"خبر أول", "خبر ثان"},
	}
	if change != nil {
		change(req)
	}
	return req
}

// header adds what the official client adds.
func header(t *testing.T, key, value string) context.Context {
	return metadata.AppendToOutgoingContext(t.Context(), "x-goog-request-params", key+"="+url.QueryEscape(value))
}

func TestAdaptiveRefusals(t *testing.T) {
	t.Parallel()
	server, client := dial(t, &googletest.Options{MaxTexts: 3, MaxSize: 20})
	type req = *translatepb.AdaptiveMtTranslateRequest
	for name, c := range map[string]struct {
		change  func(req)
		code    codes.Code
		message string
	}{
		"no data set":          {func(r req) { r.Dataset = "" }, codes.InvalidArgument, "dataset"},
		"an unknown data set":  {func(r req) { r.Dataset = parent + "/adaptiveMtDatasets/none" }, codes.NotFound, "Dataset not found"},
		"a data set elsewhere": {func(r req) { r.Dataset = "projects/desk-1/locations/us-east1/adaptiveMtDatasets/wire" }, codes.InvalidArgument, "Location must match"},
		"global": {func(r req) {
			r.Parent = "projects/desk-1/locations/global"
			r.Dataset = r.Parent + "/adaptiveMtDatasets/wire"
		}, codes.InvalidArgument, "'global' location"},
		"a glossary elsewhere": {func(r req) {
			r.GlossaryConfig = &translatepb.AdaptiveMtTranslateRequest_GlossaryConfig{Glossary: "projects/desk-1/locations/us-east1/glossaries/g"}
		}, codes.InvalidArgument, "Location must match"},
		"mime":                 {func(r req) { r.MimeType = "text/markdown" }, codes.InvalidArgument, "mime_type"},
		"nothing to translate": {func(r req) { r.Content = nil }, codes.InvalidArgument, "contents"},
		"too many texts":       {func(r req) { r.Content = []string{"a", "b", "c", "d"} }, codes.InvalidArgument, "Too many text segments"},
		"too long together":    {func(r req) { r.Content = []string{strings.Repeat("ب", 20), "ب"} }, codes.InvalidArgument, "too long"},
	} {
		bad := adaptiveRequest(c.change)
		_, err := client.AdaptiveMtTranslate(header(t, "parent", bad.Parent), bad)
		if status.Code(err) != c.code || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: %v, want %v about %q", name, err, c.code, c.message)
		}
	}
	if _, err := client.AdaptiveMtTranslate(t.Context(), adaptiveRequest(nil)); status.Code(err) != codes.InvalidArgument {
		t.Errorf("no routing header: %v", err)
	}
	if server.Texts() != 0 || server.CharsBack() != 0 || server.Requests() != 10 {
		t.Errorf("%d texts were paid for in %d requests", server.Texts(), server.Requests())
	}
}

func TestAdaptiveAnswers(t *testing.T) {
	t.Parallel()
	server, client := dial(t, &googletest.Options{Fault: googletest.Script(nil, &googletest.Fault{Extra: -1})})
	req := adaptiveRequest(func(r *translatepb.AdaptiveMtTranslateRequest) {
		r.GlossaryConfig = &translatepb.AdaptiveMtTranslateRequest_GlossaryConfig{Glossary: parent + "/glossaries/g"}
	})
	resp, err := client.AdaptiveMtTranslate(header(t, "parent", parent), req)
	if err != nil {
		t.Fatal(err)
	}
	want := googletest.Token("خبر ثان")
	if resp.Translations[1].TranslatedText != want || resp.GlossaryTranslations[1].TranslatedText != googletest.GlossaryMark+want || resp.LanguageCode != "en" {
		t.Errorf("answer %v, want %s", resp, want)
	}
	if server.Texts() != 2 || server.Chars() != 14 || server.Paid()["خبر أول"] != 1 {
		t.Errorf("%d texts, %d chars, paid %v", server.Texts(), server.Chars(), server.Paid())
	}
	short, err := client.AdaptiveMtTranslate(header(t, "parent", parent), req)
	if err != nil || len(short.Translations) != 1 || len(short.GlossaryTranslations) != 1 {
		t.Errorf("one answer too few: %v, %v", short, err)
	}
}

func TestDatasets(t *testing.T) {
	t.Parallel()
	server, client := dial(t, &googletest.Options{Datasets: map[string]googletest.Dataset{"sport": {From: "en", To: "ar"}}})
	name := parent + "/adaptiveMtDatasets/sport"
	set, err := client.GetAdaptiveMtDataset(header(t, "name", name), &translatepb.GetAdaptiveMtDatasetRequest{Name: name})
	if err != nil || set.SourceLanguageCode != "en" || set.TargetLanguageCode != "ar" {
		t.Errorf("%v, %v", set, err)
	}
	none := parent + "/adaptiveMtDatasets/wire"
	if _, err := client.GetAdaptiveMtDataset(header(t, "name", none), &translatepb.GetAdaptiveMtDatasetRequest{Name: none}); status.Code(err) != codes.NotFound {
		t.Errorf("%v, want NOT_FOUND", err)
	}
	if server.Lookups() != 2 || server.Requests() != 0 {
		t.Errorf("%d lookups, %d requests", server.Lookups(), server.Requests())
	}
}
