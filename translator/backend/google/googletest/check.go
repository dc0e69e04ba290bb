package googletest

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// The names of resources, from the protobuf's comments.
var (
	parentName   = regexp.MustCompile(`^projects/([^/]+)/locations/([^/]+)$`)
	modelName    = regexp.MustCompile(`^(projects/[^/]+/locations/[^/]+)/models/(general/(?:nmt|translation-llm)|[A-Za-z0-9_-]+)$`)
	glossaryName = regexp.MustCompile(`^(projects/[^/]+/locations/[^/]+)/glossaries/[A-Za-z0-9_-]+$`)
	labelKey     = regexp.MustCompile(`^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$`)
	labelValue   = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$`)
)

// languages are the codes that the stand-in takes, some of Google's list; a
// region after one of them passes too.
var languages = set("ar bn cs da de el en es fa fi fr he hi hu id it ja ko ms nl no pl pt ro ru sv sw th tr uk ur vi zh")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		m[word] = true
	}
	return m
}

// check refuses what Google refuses, with INVALID_ARGUMENT, in Google's words
// where they are known.
func (s *Server) check(ctx context.Context, req *translatepb.TranslateTextRequest) error {
	for _, wrong := range []string{
		wrongHeader(ctx, "parent", req.GetParent()), wrongParent(req), wrongModel(req), wrongGlossary(req),
		wrongLanguages(req), wrongMime(req), wrongLabels(req), s.wrongContents(req),
	} {
		if wrong != "" {
			return status.Error(codes.InvalidArgument, wrong)
		}
	}
	return nil
}

// wrongHeader wants the header that the official clients send and that
// Google's front ends route by.
func wrongHeader(ctx context.Context, key, value string) string {
	md, _ := metadata.FromIncomingContext(ctx)
	want := key + "=" + url.QueryEscape(value)
	if got := md.Get("x-goog-request-params"); len(got) != 1 || got[0] != want {
		return "Missing or wrong routing header x-goog-request-params."
	}
	return ""
}

func wrongParent(req *translatepb.TranslateTextRequest) string {
	if !parentName.MatchString(req.GetParent()) {
		return "Invalid 'parent'.; Invalid resource name."
	}
	return ""
}

func wrongModel(req *translatepb.TranslateTextRequest) string {
	if req.GetModel() == "" {
		return ""
	}
	m := modelName.FindStringSubmatch(req.GetModel())
	switch {
	case m == nil:
		return "Invalid 'model'.; Invalid resource name."
	case m[1] != req.GetParent():
		return "Invalid 'model'.; Location must match the parent's."
	case !strings.HasPrefix(m[2], "general/") && isGlobal(m[1]):
		return "Invalid 'model'.; The 'global' location is not allowed in this context."
	}
	return ""
}

func wrongGlossary(req *translatepb.TranslateTextRequest) string {
	if req.GetGlossaryConfig() == nil {
		return ""
	}
	m := glossaryName.FindStringSubmatch(req.GetGlossaryConfig().GetGlossary())
	switch {
	case m == nil:
		return "Invalid 'glossary_config.glossary'.; Invalid resource name."
	case isGlobal(m[1]) || isGlobal(req.GetParent()):
		return "Invalid 'glossary_config.glossary'.; The 'global' location is not allowed in this context."
	case m[1] != req.GetParent():
		return "Invalid 'glossary_config.glossary'.; Location must match the parent's."
	}
	return ""
}

func isGlobal(parent string) bool { return strings.HasSuffix(parent, "/locations/global") }

func wrongLanguages(req *translatepb.TranslateTextRequest) string {
	from, to := req.GetSourceLanguageCode(), req.GetTargetLanguageCode()
	switch {
	case !supported(to):
		return "Target language is invalid."
	case from != "" && !supported(from):
		return "Source language is invalid."
	case from == to:
		return "Unsupported language pair."
	}
	return ""
}

func supported(code string) bool {
	base, _, _ := strings.Cut(code, "-")
	return languages[base]
}

func wrongMime(req *translatepb.TranslateTextRequest) string {
	switch req.GetMimeType() {
	case "", "text/html", "text/plain":
		return ""
	}
	return "Unsupported 'mime_type'."
}

func wrongLabels(req *translatepb.TranslateTextRequest) string {
	for key, value := range req.GetLabels() {
		if !labelKey.MatchString(key) || !labelValue.MatchString(value) {
			return "Invalid 'labels'."
		}
	}
	return ""
}

func (s *Server) wrongContents(req *translatepb.TranslateTextRequest) string {
	switch texts := req.GetContents(); {
	case len(texts) == 0:
		return "Required field 'contents' is empty."
	case len(texts) > s.opts.MaxTexts:
		return "Too many text segments."
	case sizeOf(texts) > s.opts.MaxSize:
		return "Text is too long."
	}
	return ""
}
