package googletest

import (
	"context"
	"strings"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A Dataset is an Adaptive MT data set, which has one direction.
type Dataset struct {
	From, To string
	Garbage  []byte // sent as its description's bytes, a protobuf or not
}

// GetAdaptiveMtDataset describes a data set. It costs nothing, and no Fault
// concerns it.
func (s *Server) GetAdaptiveMtDataset(ctx context.Context, req *translatepb.GetAdaptiveMtDatasetRequest) (*translatepb.AdaptiveMtDataset, error) {
	s.mu.Lock()
	s.counts.lookups++
	s.mu.Unlock()
	if wrong := wrongHeader(ctx, "name", req.GetName()); wrong != "" {
		return nil, status.Error(codes.InvalidArgument, wrong)
	}
	set, err := s.dataset(req.GetName())
	if err != nil {
		return nil, err
	}
	described := &translatepb.AdaptiveMtDataset{}
	if set.Garbage != nil {
		described.ProtoReflect().SetUnknown(set.Garbage)
		return described, nil
	}
	described.Name, described.ExampleCount = numbered(req.Name), 5
	described.SourceLanguageCode, described.TargetLanguageCode = set.From, set.To
	return described, nil
}

// AdaptiveMtTranslate answers as TranslateText does, in the data set's
// direction: it has the same limits and faults, and a quota of requests.
func (s *Server) AdaptiveMtTranslate(ctx context.Context, req *translatepb.AdaptiveMtTranslateRequest) (*translatepb.AdaptiveMtTranslateResponse, error) {
	set, lookup := s.dataset(req.GetDataset())
	plain := plainRequest(req, set)
	n := s.enter(ctx, plain)
	defer s.leave()
	s.mu.Lock()
	s.counts.lastAdaptive = req
	s.mu.Unlock()
	if parent, _, _ := strings.Cut(req.GetDataset(), "/adaptiveMtDatasets/"); parent != req.GetParent() {
		return nil, status.Error(codes.InvalidArgument, "Invalid 'dataset'.; Location must match the parent's.")
	}
	if lookup != nil {
		return nil, lookup
	}
	if err := s.check(ctx, plain); err != nil {
		return nil, err
	}
	if wait := s.takeSecond(); wait > 0 {
		return nil, PerSecond(wait).Err()
	}
	resp, err := s.serve(ctx, n, plain)
	if err != nil {
		return nil, err
	}
	return adaptiveResponse(resp, set), nil
}

// dataset finds a data set by its full name.
func (s *Server) dataset(name string) (Dataset, error) {
	parent, id, ok := strings.Cut(name, "/adaptiveMtDatasets/")
	switch {
	case !ok || !parentName.MatchString(parent):
		return Dataset{}, status.Error(codes.InvalidArgument, "Invalid 'dataset'.; Invalid resource name.")
	case isGlobal(parent):
		return Dataset{}, status.Error(codes.InvalidArgument, "Invalid 'dataset'.; The 'global' location is not allowed in this context.")
	}
	set, ok := s.opts.Datasets[id]
	if !ok {
		return Dataset{}, status.Error(codes.NotFound, "Dataset not found.")
	}
	return set, nil
}

// takeSecond counts a request, or returns how long until it may come.
func (s *Server) takeSecond() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := s.second.wait(time.Now(), 1)
	if wait == 0 {
		s.second.used++
	}
	return wait
}

// plainRequest is what TranslateText would be asked in the place of req. The
// format is plain text where none is given, unlike there.
func plainRequest(req *translatepb.AdaptiveMtTranslateRequest, set Dataset) *translatepb.TranslateTextRequest {
	plain := &translatepb.TranslateTextRequest{
		Parent: req.GetParent(), Contents: req.GetContent(), MimeType: req.GetMimeType(),
		SourceLanguageCode: set.From, TargetLanguageCode: set.To,
	}
	if plain.MimeType == "" {
		plain.MimeType = "text/plain"
	}
	if g := req.GetGlossaryConfig(); g != nil {
		plain.GlossaryConfig = &translatepb.TranslateTextGlossaryConfig{
			Glossary: g.Glossary, IgnoreCase: g.IgnoreCase, ContextualTranslationEnabled: g.ContextualTranslationEnabled,
		}
	}
	return plain
}

func adaptiveResponse(resp *translatepb.TranslateTextResponse, set Dataset) *translatepb.AdaptiveMtTranslateResponse {
	adaptive := &translatepb.AdaptiveMtTranslateResponse{
		Translations: adaptiveTranslations(resp.Translations), GlossaryTranslations: adaptiveTranslations(resp.GlossaryTranslations),
		LanguageCode: set.To,
	}
	if raw := resp.ProtoReflect().GetUnknown(); raw != nil { // a garbage answer stays one
		adaptive.Reset()
		adaptive.ProtoReflect().SetUnknown(raw)
	}
	return adaptive
}

func adaptiveTranslations(answers []*translatepb.Translation) []*translatepb.AdaptiveMtTranslation {
	var adaptive []*translatepb.AdaptiveMtTranslation
	for _, answer := range answers {
		adaptive = append(adaptive, &translatepb.AdaptiveMtTranslation{TranslatedText: answer.TranslatedText})
	}
	return adaptive
}
