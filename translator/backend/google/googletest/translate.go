package googletest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// projectNumber stands in answers where the request had the project's id, as
// Google normalises them.
const projectNumber = "123456789012"

// GlossaryMark begins every answer that went through a glossary, and no other.
const GlossaryMark = "[glossary] "

// Token is the default translation: a mark that two texts never share, and the
// number of words, as "EN<2cf24dba> 3".
func Token(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("EN<%x> %d", sum[:4], len(strings.Fields(text)))
}

// TranslateText answers one request as Google would, or as its fault says.
// Texts are paid for when a request is accepted, before its latency passes, so
// that a client that dies while waiting has paid.
func (s *Server) TranslateText(ctx context.Context, req *translatepb.TranslateTextRequest) (*translatepb.TranslateTextResponse, error) {
	n := s.enter(ctx, req)
	defer s.leave()
	if err := s.check(ctx, req); err != nil {
		return nil, err
	}
	return s.serve(ctx, n, req)
}

// serve answers request n, which is in order.
func (s *Server) serve(ctx context.Context, n int, req *translatepb.TranslateTextRequest) (*translatepb.TranslateTextResponse, error) {
	fault := s.opts.Fault(n, req)
	if fault == nil {
		fault = &Fault{}
	}
	if fault.Status == nil || fault.Paid {
		if err := s.pay(req.Contents); err != nil {
			return nil, err
		}
	}
	if err := sleep(ctx, s.opts.Latency+fault.Delay); err != nil {
		return nil, err
	}
	if fault.HangUp {
		s.hangUp(ctx)
	}
	if fault.Status != nil {
		return nil, fault.Status.Err()
	}
	if fault.Garbage != nil {
		return garbage(fault.Garbage), nil
	}
	return s.answer(req, fault), nil
}

// garbage returns a message that is written to the wire as raw: a protobuf
// keeps fields that it does not know as they are, and looks at none of them.
func garbage(raw []byte) *translatepb.TranslateTextResponse {
	resp := &translatepb.TranslateTextResponse{}
	resp.ProtoReflect().SetUnknown(raw)
	return resp
}

// pay counts texts against the quotas and then as paid for.
func (s *Server) pay(texts []string) error {
	size := sizeOf(texts)
	if refusal := s.take(size); refusal != nil {
		return refusal.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.texts += len(texts)
	s.counts.chars += size
	for _, text := range texts {
		s.counts.paid[text]++
	}
	return nil
}

func (s *Server) hangUp(ctx context.Context) {
	if p, ok := peer.FromContext(ctx); ok {
		s.listener.cut(p.Addr.String())
	}
}

func (s *Server) answer(req *translatepb.TranslateTextRequest, fault *Fault) *translatepb.TranslateTextResponse {
	answers := s.translations(req, "")
	resp := &translatepb.TranslateTextResponse{Translations: spoil(answers, req, fault)}
	if req.GlossaryConfig != nil {
		answers = s.translations(req, GlossaryMark)
		resp.GlossaryTranslations = spoil(answers, req, fault)
	}
	s.gave(resp)
	return resp
}

// gave counts what a response gives: with a glossary what went through it.
func (s *Server) gave(resp *translatepb.TranslateTextResponse) {
	answers := resp.GlossaryTranslations
	if answers == nil {
		answers = resp.Translations
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, answer := range answers {
		s.counts.back += utf8.RuneCountInString(answer.TranslatedText)
	}
}

func (s *Server) translations(req *translatepb.TranslateTextRequest, mark string) []*translatepb.Translation {
	answers := make([]*translatepb.Translation, len(req.Contents))
	for i, text := range req.Contents {
		translated := s.opts.Translate(text)
		if req.MimeType != "text/plain" {
			translated = entities.Replace(translated)
		}
		answers[i] = &translatepb.Translation{TranslatedText: mark + translated, Model: numbered(req.Model), GlossaryConfig: req.GlossaryConfig}
	}
	return answers
}

// entities are what Google writes for these characters in text/html answers.
var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// spoil does to the answers what the fault says.
func spoil(answers []*translatepb.Translation, req *translatepb.TranslateTextRequest, fault *Fault) []*translatepb.Translation {
	for _, i := range fault.Empty {
		if i < len(answers) {
			answers[i].TranslatedText = ""
		}
	}
	for i, answer := range answers {
		if fault.Model != "" {
			answer.Model = numbered(req.GetParent() + "/models/" + fault.Model)
		}
		if i < len(fault.Models) {
			answer.Model = fault.Models[i]
		}
	}
	for range fault.Extra {
		answers = append(answers, &translatepb.Translation{TranslatedText: "EN<surplus>"})
	}
	return answers[:len(answers)+min(0, max(fault.Extra, -len(answers)))]
}

// numbered puts the project's number in the place of its id.
func numbered(name string) string {
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 3 {
		return name
	}
	return parts[0] + "/" + projectNumber + "/" + parts[2]
}

func sizeOf(texts []string) int {
	size := 0
	for _, text := range texts {
		size += utf8.RuneCountInString(text)
	}
	return size
}

// sleep waits, or ends early with the status of a request that was given up.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}
