package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/translate/apiv3/translatepb"
	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dragoman/translator/backend/google/googletest"
)

// jsonCommand is the script command "json FILE PATH VALUE": the value at a
// dotted path of the JSON in a file, or in stdout, is VALUE. "[!] json FILE
// PATH VALUE" says that it is not.
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH VALUE")
	}
	var v any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &v); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	for name := range strings.SplitSeq(args[1], ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(at) {
				ts.Fatalf("%s: no item %s in a list of %d", args[1], name, len(at))
			}
			v = at[i]
		default:
			ts.Fatalf("%s: nothing below %v", args[1], at)
		}
	}
	if got := fmt.Sprint(v); (got == args[2]) == neg {
		ts.Fatalf("%s is %s, want %s (not: %v)", args[1], got, args[2], neg)
	}
}

// googleCommand is the script command "google [FAULT]": it starts a service
// that speaks Google's protocol and points the google backend at it.
func googleCommand(ts *testscript.TestScript, neg bool, args []string) {
	opts := &googletest.Options{}
	for _, arg := range args {
		if err := setFault(opts, arg); err != nil {
			ts.Fatalf("%v", err)
		}
	}
	server, err := googletest.Start(opts)
	if err != nil {
		ts.Fatalf("%v", err)
	}
	ts.Defer(server.Stop)
	ts.Setenv("DRAGOMAN_BACKENDS_GOOGLE_PROJECT", "test")
	ts.Setenv("DRAGOMAN_BACKENDS_GOOGLE_INSECURE", "true")
	ts.Setenv("DRAGOMAN_BACKENDS_GOOGLE_ENDPOINT", server.Addr())
}

func setFault(opts *googletest.Options, name string) error {
	switch name {
	case "per-minute": // the first request is refused for a moment
		opts.Fault = googletest.Script(&googletest.Fault{Status: googletest.PerMinute(1000, 300*time.Millisecond)})
	case "per-day":
		opts.Fault = googletest.Always(googletest.Fault{Status: googletest.PerDay(1000)})
	case "denied":
		opts.Fault = googletest.Always(googletest.Fault{Status: status.New(codes.PermissionDenied, "Cloud Translation API has not been used in project test")})
	case "unavailable": // twice, and then no more
		busy := &googletest.Fault{Status: status.New(codes.Unavailable, "try again")}
		opts.Fault = googletest.Script(busy, busy)
	case "missing": // a text that mentions the bridge is never answered
		opts.Fault = func(_ int, req *translatepb.TranslateTextRequest) *googletest.Fault {
			var empty []int
			for i, text := range req.GetContents() {
				if strings.Contains(text, "الجسر") {
					empty = append(empty, i)
				}
			}
			return &googletest.Fault{Empty: empty}
		}
	default:
		return fmt.Errorf("no fault %q", name)
	}
	return nil
}
