package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"dragoman/config"
	"dragoman/translator/store/ram"
	"dragoman/translator/web"
)

// watchedShift returns a shift whose site can be built, and what it logs.
func watchedShift() (*shift, *observer.ObservedLogs) {
	core, logs := observer.New(zap.InfoLevel)
	return &shift{desk: &desk{cfg: &config.Config{}, log: zap.New(core), db: ram.New()}, metrics: web.NewMetrics(nil)}, logs
}

// A site that does not answer any more is told of at once, and nobody waits at its address.
func TestASiteThatFailsIsTold(t *testing.T) {
	t.Parallel()
	s, logs := watchedShift()
	none := filepath.Join(t.TempDir(), "gone.pem")
	s.cfg.Serve = config.Serve{Listen: "127.0.0.1:0", TLSCertFile: none, TLSKeyFile: none}
	end, err := s.watched(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if logs.FilterLevelExact(zap.ErrorLevel).Len() > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if logs.FilterLevelExact(zap.ErrorLevel).Len() != 1 {
		t.Errorf("logged %v", logs.All())
	}
	at := "http://" + logs.FilterMessage("to be watched").All()[0].ContextMap()["at"].(string)
	if resp, err := http.Get(at); err == nil {
		resp.Body.Close()
		t.Error("somebody answers", resp.Status)
	}
	if end() == nil {
		t.Error("it ends as if it had been watched")
	}
}

// The log tells a wrong password from a try that was not looked at.
func TestTriesAreToldApart(t *testing.T) {
	t.Parallel()
	s, logs := watchedShift()
	page := web.New(&web.Options{Metrics: s.metrics, User: "desk", Password: "correct horse", Denied: s.denied})
	for _, password := range []string{"1", "2", "3", "4", "5", "correct horse"} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.SetBasicAuth("desk", password)
		page.ServeHTTP(httptest.NewRecorder(), r)
	}
	wrong, throttled := logs.FilterMessage("a wrong name or password").Len(), logs.FilterMessageSnippet("not looked at").Len()
	if wrong != 5 || throttled != 1 || logs.Len() != 6 {
		t.Errorf("%d were wrong and %d not looked at: %v", wrong, throttled, logs.All())
	}
}
