package web_test

import (
	"context"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"dragoman/translator/web"
)

// browser starts a headless Chromium, or skips the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed: the pages of the queue are not seen by a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1200, 900))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	ctx, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancelAllocator)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(cancelTab)
	if err := chromedp.Do(ctx); err != nil {
		t.Skipf("Chromium does not start: %v", err)
	}
	return ctx
}

// TestQueueInABrowser sees that River's pages come to life under our policy,
// which a browser alone enforces.
func TestQueueInABrowser(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	at := serve(t, &web.Options{Queue: queue(t, 3), User: user, Password: password})
	basic := &http.Request{Header: http.Header{}}
	basic.SetBasicAuth(user, password)
	const listen = `window.broken = []; addEventListener("securitypolicyviolation", e => broken.push(e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile));`
	headers := network.Headers{"Authorization": basic.Header.Get("Authorization")}
	_, err := chromedp.Call(ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers})
	if err != nil {
		t.Fatal(err)
	}
	_, err = chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: listen})
	if err != nil {
		t.Fatal(err)
	}
	err = chromedp.Do(ctx, chromedp.Navigate(at+"/queue/jobs?state=available"), chromedp.WaitVisible(`a[href*="/queue/jobs/1"]`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text, "story"); n < 3 {
		t.Errorf("%d of 3 jobs are shown:\n%s", n, text)
	}
	if strings.Contains(text, "4200") {
		t.Errorf("the list shows what is in the jobs:\n%s", text)
	}
	broken, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`broken`))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		if !strings.HasPrefix(b, "script-src eval ") { // tried, refused, done without
			t.Errorf("against the policy: %s", b)
		}
	}
}
