package google

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dragoman/translator"
)

// failure turns a failed call into a *translator.Error, or returns the
// caller's own context error as it is.
func (b *Backend) failure(ctx context.Context, err error, seen *sight, req translator.Request) error {
	st, _ := status.FromError(err)
	if end := endOf(ctx, st.Code()); end != nil {
		return end
	}
	r := refusal{code: st.Code(), message: st.Message(), project: b.names.parent}
	if ae, ok := apierror.FromError(err); ok {
		r.details = ae.Details()
	}
	e := r.judge()
	e.Op = op
	e.Err = fmt.Errorf("%s: %s", codeName(r.code), clean(r.message, req.Texts))
	e.MaybePaid = e.MaybePaid || maybePaid(r.code, seen)
	if e.Kind == translator.Unsupported {
		e.Err = fmt.Errorf("%s: %w", req.Direction, e.Err)
	}
	return e
}

// closeCall is by how much the service may end a request before our own clock
// does: the caller's deadline travels with the request.
const closeCall = 100 * time.Millisecond

// endOf returns the caller's context error if a call ended because of it.
func endOf(ctx context.Context, code codes.Code) error {
	if !givenUp(code) {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < closeCall {
		return context.DeadlineExceeded
	}
	return nil
}

// givenUp tells whether a call may have ended because its context did.
func givenUp(code codes.Code) bool {
	return code == codes.Canceled || code == codes.DeadlineExceeded || code == codes.Unknown
}

// maybePaid tells whether a request may have been carried out although it
// failed. A request that never left was not. One that left and got no status
// may have been: the connection broke, or we stopped waiting. Where a status
// came, it decides: the service says of UNAVAILABLE and ABORTED that the
// request can be sent again, so it was not carried out (google.aip.dev/194);
// of the codes below it says nothing of how far it had come.
func maybePaid(code codes.Code, seen *sight) bool {
	if !seen.sent.Load() {
		return false
	}
	switch code {
	case codes.DeadlineExceeded, codes.Internal, codes.Unknown, codes.Canceled, codes.DataLoss:
		return true
	}
	return !seen.answered.Load()
}

// A refusal is what the service, or the client in its place, said instead of an
// answer.
type refusal struct {
	code    codes.Code
	message string
	details apierror.ErrDetails
	project string // "projects/P/locations/L"
}

// judge finds the kind of error and what the user can do about it.
func (r refusal) judge() *translator.Error {
	switch r.code {
	case codes.InvalidArgument, codes.OutOfRange:
		return r.badRequest()
	case codes.Unauthenticated, codes.PermissionDenied:
		return r.denied()
	case codes.ResourceExhausted:
		return r.exhausted()
	case codes.NotFound:
		return kind(translator.Invalid, "check project, location, model, glossary and dataset: one of them does not exist")
	case codes.Unimplemented:
		return kind(translator.Invalid, "check endpoint: what answers there is not Cloud Translation v3")
	case codes.FailedPrecondition, codes.AlreadyExists:
		return kind(translator.Invalid, "")
	case codes.Internal:
		return r.internal()
	}
	return kind(translator.Unavailable, "if it goes on, check the network, the endpoint and status.cloud.google.com")
}

func kind(k translator.Kind, hint string) *translator.Error {
	return &translator.Error{Kind: k, Hint: hint}
}

// badRequest sorts INVALID_ARGUMENT by its words: it has no finer code.
func (r refusal) badRequest() *translator.Error {
	words := strings.ToLower(r.message)
	for _, v := range r.details.BadRequest.GetFieldViolations() {
		words += "\n" + strings.ToLower(v.GetField()+": "+v.GetDescription())
	}
	switch {
	case containsAny(words, "too long", "too many", "too large", "codepoint", "code point", "payload size", "exceeds the limit", "exceeds the maximum"):
		return kind(translator.TooLarge, "")
	case strings.Contains(words, "language"):
		return kind(translator.Unsupported, "see cloud.google.com/translate/docs/languages, and the glossary's languages if there is one")
	}
	return kind(translator.Invalid, "check project, location, model, glossary, dataset and labels: models, glossaries and datasets must be in the same location")
}

// internal tells the client's own complaints from the service's INTERNAL.
func (r refusal) internal() *translator.Error {
	if strings.HasPrefix(r.message, "grpc: failed to unmarshal") {
		return &translator.Error{Kind: translator.Corrupt, MaybePaid: true, Hint: "check endpoint: its answers are not Cloud Translation's"}
	}
	return kind(translator.Unavailable, "")
}

func (r refusal) denied() *translator.Error {
	words := strings.ToLower(r.message)
	switch {
	case containsAny(words, "limit exceeded", "quota exceeded") || r.reason() == "RATE_LIMIT_EXCEEDED":
		return r.exhausted() // documented as 403: cloud.google.com/translate/quotas
	case strings.Contains(words, "per-rpc creds failed") && containsAny(words, "dial tcp", "no such host", "i/o timeout", "connection re"):
		return kind(translator.Unavailable, "Google's token server cannot be reached; check the network")
	}
	return kind(translator.Denied, r.deniedHint())
}

func (r refusal) reason() string { return r.details.ErrorInfo.GetReason() }

// deniedHint says what to do about the reasons that have a remedy of their own
// (google.golang.org/genproto ErrorReason), and the usual for all others.
func (r refusal) deniedHint() string {
	id := projectOf(r.project)
	switch r.reason() {
	case "SERVICE_DISABLED":
		return "enable the API: gcloud services enable translate.googleapis.com --project " + id
	case "BILLING_DISABLED":
		return "link a billing account to project " + id
	case "USER_PROJECT_DENIED":
		return "set the project that pays: gcloud auth application-default set-quota-project " + id
	case "CONSUMER_INVALID", "CONSUMER_SUSPENDED", "RESOURCE_PROJECT_INVALID":
		return "check project: Google does not know " + id + ", or has suspended it"
	}
	return credentialsHint(id)
}

func credentialsHint(project string) string {
	return "run gcloud auth application-default login, or let GOOGLE_APPLICATION_CREDENTIALS name a service account's file; " +
		"the account needs roles/cloudtranslate.user in project " + project + ", where the Cloud Translation API must be enabled"
}

// projectOf returns P of "projects/P/locations/L".
func projectOf(parent string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(parent, "projects/"), "/")
	return id
}

// codeName returns "RESOURCE_EXHAUSTED" of codes.ResourceExhausted, as Google's
// documentation writes it.
func codeName(code codes.Code) string {
	var s strings.Builder
	for i, r := range code.String() {
		if i > 0 && unicode.IsUpper(r) {
			s.WriteByte('_')
		}
		s.WriteRune(unicode.ToUpper(r))
	}
	return s.String()
}

func containsAny(s string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// maxMessage bounds in code points what is kept of a message from outside.
const maxMessage = 400

// clean makes a message from outside fit for an error: one line, without
// control characters, bounded, and without the texts of the story, which have
// no place in a log.
func clean(message string, texts []string) string {
	for _, text := range texts {
		if utf8.RuneCountInString(text) >= 8 { // shorter ones are words of any message
			message = strings.ReplaceAll(message, text, "[text]")
		}
	}
	message = strings.Join(strings.FieldsFunc(message, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf)
	}), " ")
	if message == "" {
		return "no reason given"
	}
	if utf8.RuneCountInString(message) > maxMessage {
		message = string([]rune(message)[:maxMessage]) + "…"
	}
	return message
}
