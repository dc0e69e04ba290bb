package google_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"dragoman/translator"
	"dragoman/translator/backend/google"
	"dragoman/translator/backend/google/googletest"
)

func detailed(t *testing.T, code codes.Code, message string, details ...protoadapt.MessageV1) *status.Status {
	t.Helper()
	st, err := status.New(code, message).WithDetails(details...)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func limit(unit, name string) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: "RATE_LIMIT_EXCEEDED", Metadata: map[string]string{"quota_limit": name, "quota_unit": unit}}
}

func reason(r string) *errdetails.ErrorInfo { return &errdetails.ErrorInfo{Reason: r} }

func retryIn(d time.Duration) *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(d)}
}

// TestStatuses sends every status over the wire. Each is one call.
func TestStatuses(t *testing.T) {
	t.Parallel()
	const quota = "Quota exceeded for quota metric 'v2 and v3 general model characters' and limit 'v2 and v3 general model characters"
	tests := map[string]struct {
		status    *status.Status
		kind      translator.Kind
		after     time.Duration
		maybePaid bool
		hint      string // part of it
	}{
		"per minute":                 {status: googletest.PerMinute(600, 7*time.Second), kind: translator.Throttled, after: 7 * time.Second, hint: "desk-1"},
		"per day":                    {status: googletest.PerDay(600), kind: translator.Exhausted, hint: "midnight"},
		"per minute, words only":     {status: status.New(codes.ResourceExhausted, quota+" per minute'"), kind: translator.Throttled},
		"per day, words only":        {status: status.New(codes.ResourceExhausted, quota+" per day'"), kind: translator.Exhausted},
		"per day, limit's name only": {status: detailed(t, codes.ResourceExhausted, "Quota exceeded.", limit("", "CharactersPerDayPerProject")), kind: translator.Exhausted},
		"per day, unit only":         {status: detailed(t, codes.ResourceExhausted, "Quota exceeded.", limit("1/d/{project}", "x")), kind: translator.Exhausted},
		"per day, violation only": {status: detailed(t, codes.ResourceExhausted, "Quota exceeded.", &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
			{QuotaId: "CharactersPerMinute"}, {Description: "Daily Limit exceeded"}}}), kind: translator.Exhausted},
		"details before words":      {status: detailed(t, codes.ResourceExhausted, "See the quota per day and per minute.", limit("1/min/{project}", "x"), retryIn(time.Second)), kind: translator.Throttled, after: time.Second},
		"no period named":           {status: status.New(codes.ResourceExhausted, "Resource has been exhausted (e.g. check quota)."), kind: translator.Throttled},
		"a quota of nothing":        {status: googletest.PerMinute(0, time.Second), kind: translator.Exhausted},
		"a wait of days":            {status: detailed(t, codes.ResourceExhausted, "Later.", retryIn(1e9*time.Second)), kind: translator.Exhausted},
		"a wait below zero":         {status: detailed(t, codes.ResourceExhausted, "Later.", retryIn(-time.Second)), kind: translator.Throttled},
		"403 by the minute":         {status: status.New(codes.PermissionDenied, "User Rate Limit Exceeded"), kind: translator.Throttled},
		"403 by the day":            {status: status.New(codes.PermissionDenied, "Daily Limit Exceeded"), kind: translator.Exhausted},
		"403 by its reason":         {status: detailed(t, codes.PermissionDenied, "Slow down.", reason("RATE_LIMIT_EXCEEDED")), kind: translator.Throttled},
		"401":                       {status: status.New(codes.Unauthenticated, "Request had invalid authentication credentials."), kind: translator.Denied, hint: "gcloud auth application-default login"},
		"403":                       {status: status.New(codes.PermissionDenied, "The caller does not have permission"), kind: translator.Denied, hint: "roles/cloudtranslate.user in project desk-1"},
		"API disabled":              {status: detailed(t, codes.PermissionDenied, "Cloud Translation API has not been used.", reason("SERVICE_DISABLED")), kind: translator.Denied, hint: "gcloud services enable translate.googleapis.com --project desk-1"},
		"billing disabled":          {status: detailed(t, codes.PermissionDenied, "No billing.", reason("BILLING_DISABLED")), kind: translator.Denied, hint: "billing account"},
		"quota project":             {status: detailed(t, codes.PermissionDenied, "Requires a quota project.", reason("USER_PROJECT_DENIED")), kind: translator.Denied, hint: "set-quota-project desk-1"},
		"no such project":           {status: detailed(t, codes.PermissionDenied, "Unknown.", reason("CONSUMER_INVALID")), kind: translator.Denied, hint: "check project"},
		"no token":                  {status: status.New(codes.Unauthenticated, "transport: per-RPC creds failed due to error: auth: cannot fetch token: dial tcp: lookup oauth2.googleapis.com: no such host"), kind: translator.Unavailable, hint: "token server"},
		"a token that is refused":   {status: status.New(codes.Unauthenticated, "transport: per-RPC creds failed due to error: auth: cannot fetch token: 400 invalid_grant"), kind: translator.Denied},
		"too long":                  {status: status.New(codes.InvalidArgument, "Text is too long."), kind: translator.TooLarge},
		"too many":                  {status: status.New(codes.InvalidArgument, "Too many text segments"), kind: translator.TooLarge},
		"payload":                   {status: status.New(codes.InvalidArgument, "Request payload size exceeds the limit: 204800 bytes."), kind: translator.TooLarge},
		"language":                  {status: status.New(codes.InvalidArgument, "Unsupported language pair."), kind: translator.Unsupported, hint: "docs/languages"},
		"location":                  {status: status.New(codes.InvalidArgument, "The 'global' location is not allowed in this context."), kind: translator.Invalid, hint: "same location"},
		"not found":                 {status: status.New(codes.NotFound, "Glossary not found."), kind: translator.Invalid, hint: "glossary"},
		"unimplemented":             {status: status.New(codes.Unimplemented, "unknown service"), kind: translator.Invalid, hint: "endpoint"},
		"precondition":              {status: status.New(codes.FailedPrecondition, "The model is not deployed."), kind: translator.Invalid},
		"unavailable":               {status: status.New(codes.Unavailable, "The service is currently unavailable."), kind: translator.Unavailable},
		"aborted":                   {status: status.New(codes.Aborted, "Aborted."), kind: translator.Unavailable},
		"internal":                  {status: status.New(codes.Internal, "Internal error encountered."), kind: translator.Unavailable, maybePaid: true},
		"unknown":                   {status: status.New(codes.Unknown, "?"), kind: translator.Unavailable, maybePaid: true},
		"the service's deadline":    {status: status.New(codes.DeadlineExceeded, "Deadline expired."), kind: translator.Unavailable, maybePaid: true},
		"cancelled by the service":  {status: status.New(codes.Canceled, "Cancelled."), kind: translator.Unavailable, maybePaid: true},
		"a field that is too large": {status: detailed(t, codes.InvalidArgument, "Invalid.", &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "contents", Description: "is too long"}}}), kind: translator.TooLarge},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, &googletest.Options{Fault: googletest.Always(googletest.Fault{Status: c.status})})
			e := failsAs(t, open(t, server, nil), c.kind)
			if e.After != c.after || e.MaybePaid != c.maybePaid {
				t.Errorf("after %v, maybe paid %v; want %v, %v", e.After, e.MaybePaid, c.after, c.maybePaid)
			}
			if !strings.Contains(e.Hint, c.hint) {
				t.Errorf("hint %q does not speak of %q", e.Hint, c.hint)
			}
			if n := server.Requests(); n != 1 {
				t.Errorf("%d calls, want 1", n)
			}
		})
	}
}

// TestQuotas uses quotas up in earnest instead of scripting their statuses.
func TestQuotas(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("ب", 60)
	minute := open(t, start(t, &googletest.Options{CharsPerMinute: 100, Minute: 2 * time.Second}), nil)
	if _, err := minute.Translate(t.Context(), ask(text)); err != nil {
		t.Fatal(err)
	}
	_, err := minute.Translate(t.Context(), ask(text))
	if translator.KindOf(err) != translator.Throttled {
		t.Fatalf("%v, want Throttled", err)
	}
	after := err.(*translator.Error).After
	if after <= 0 || after > 2*time.Second {
		t.Fatalf("after %v, want what is left of two seconds", after)
	}
	time.Sleep(after)
	if _, err := minute.Translate(t.Context(), ask(text)); err != nil {
		t.Errorf("after the wait: %v", err)
	}

	day := open(t, start(t, &googletest.Options{CharsPerDay: 100}), nil)
	if _, err := day.Translate(t.Context(), ask(text)); err != nil {
		t.Fatal(err)
	}
	if _, err := day.Translate(t.Context(), ask(text)); translator.KindOf(err) != translator.Exhausted {
		t.Errorf("%v, want Exhausted", err)
	}
}

// Our own deadline is no context error of the caller's.
func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	server := start(t, &googletest.Options{Latency: time.Hour})
	b := open(t, server, &google.Options{RequestTimeout: 300 * time.Millisecond})
	if e := failsAs(t, b, translator.Unavailable); !e.MaybePaid {
		t.Error("a request that was sent and not answered may be paid")
	}
	if server.Texts() != 1 {
		t.Errorf("%d texts paid, want 1", server.Texts())
	}
}

func TestHangUp(t *testing.T) {
	t.Parallel()
	server := start(t, &googletest.Options{Fault: googletest.Always(googletest.Fault{HangUp: true})})
	if e := failsAs(t, open(t, server, nil), translator.Unavailable); !e.MaybePaid {
		t.Error("a request that was cut off may be paid")
	}
	if n := server.Requests(); n != 1 {
		t.Errorf("%d calls, want 1: a repeated one would be paid twice", n)
	}
}

// A request that found nobody cannot have been paid for.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := lis.Addr().String()
	if err := lis.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := google.New(t.Context(), &google.Options{Project: "desk-1", Endpoint: addr, Insecure: true})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if e := failsAs(t, b, translator.Unavailable); e.MaybePaid || e.Hint == "" {
		t.Errorf("maybe paid %v, hint %q; want false and some hint", e.MaybePaid, e.Hint)
	}
}

func TestWrongCount(t *testing.T) {
	t.Parallel()
	for _, extra := range []int{-1, 1, 5} {
		server := start(t, &googletest.Options{Fault: googletest.Always(googletest.Fault{Extra: extra})})
		if e := failsAs(t, open(t, server, nil), translator.Corrupt); !e.MaybePaid {
			t.Errorf("%+d answers: what was answered is paid", extra)
		}
	}
}

// TestHostileAnswers takes answers that no translation service gives.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	text := func(field byte, s string) []byte { return append([]byte{field<<3 | 2, byte(len(s))}, s...) }
	for name, raw := range map[string][]byte{
		"no protobuf":     []byte("<html><body>502 Bad Gateway</body></html>"),
		"cut off":         {1<<3 | 2, 200, 1, 'x'},
		"nothing":         {},
		"wrong wire type": {1 << 3, 7},
		"not UTF-8":       text(1, string(text(1, "\xff\xfe"))),
		"enormous":        append([]byte{15<<3 | 2, 0x80, 0x80, 0x80, 0x0a}, make([]byte, 20<<20)...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, &googletest.Options{Fault: googletest.Always(googletest.Fault{Garbage: raw})})
			e := failsAs(t, open(t, server, nil), translator.Corrupt)
			if !e.MaybePaid || len(e.Error()) > 1000 {
				t.Errorf("maybe paid %v, %d bytes of message", e.MaybePaid, len(e.Error()))
			}
		})
	}
}

// A message from outside may repeat the story, or try to draw on the terminal.
func TestErrorsHoldNoText(t *testing.T) {
	t.Parallel()
	const sentence = "فاز الفريق بالمباراة."
	message := "Cannot read:\n\x1b[31m" + sentence + "\u202e" + strings.Repeat(" and so on", 500)
	server := start(t, &googletest.Options{Fault: googletest.Always(refuse(codes.InvalidArgument, message))})
	e := failsAs(t, open(t, server, nil), translator.Invalid)
	shown := e.Error()
	if strings.Contains(shown, sentence) || strings.ContainsAny(shown, "\n\x1b\u202e") || len(shown) > 600 {
		t.Errorf("shown: %q", shown)
	}
	if !strings.Contains(shown, "INVALID_ARGUMENT: Cannot read: [31m[text]") {
		t.Errorf("the rest of the message is gone: %q", shown)
	}
}
