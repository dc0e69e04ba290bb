package web_test

import (
	"net/http"
	"strings"
	"testing"

	"dragoman/translator/web"
)

func TestQueueIsForThoseWhoKnowThePassword(t *testing.T) {
	t.Parallel()
	at := serve(t, &web.Options{Queue: queue(t, 3), User: user, Password: password})
	for name, change := range map[string]func(*http.Request){
		"nobody": nil, "wrong password": as(user, "incorrect"), "wrong user": as("root", password), "empty": as("", ""),
		"parts moved": as(user+password[:1], password[1:]),
		"no basic":    func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+password) },
	} {
		for _, path := range []string{"/queue/", "/queue/api/jobs", "/queue/favicon.ico", "/queue/api/health-checks/minimal"} {
			got := ask(t, http.MethodGet, at+path, func(r *http.Request) {
				if change != nil {
					change(r)
				}
			})
			denied := got.code == http.StatusUnauthorized || got.code == http.StatusTooManyRequests
			if !denied || strings.Contains(got.body, "River") || strings.Contains(got.body, "story") {
				t.Errorf("%s: %s answers %d: %.80s", name, path, got.code, got.body)
			}
		}
		if !strings.HasPrefix(get(t, at+"/queue/").header.Get("WWW-Authenticate"), "Basic ") {
			break // too many wrong ones by now, which TestWrongPasswordsAreSlow is about
		}
	}
}

func TestQueuePages(t *testing.T) {
	t.Parallel()
	at := serve(t, &web.Options{Queue: queue(t, 3), User: user, Password: password})
	page := ask(t, http.MethodGet, at+"/queue/", as(user, password))
	if page.code != 200 || !strings.Contains(page.body, "<title>River</title>") {
		t.Fatalf("the page is %d: %.200s", page.code, page.body)
	}
	for header, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
		"Content-Type": "text/html; charset=utf-8",
	} {
		if got := page.header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	jobs := ask(t, http.MethodGet, at+"/queue/api/jobs?state=available&limit=20", as(user, password))
	if jobs.code != 200 || strings.Count(jobs.body, `"kind":"story"`) != 3 {
		t.Errorf("the list is %d: %s", jobs.code, jobs.body)
	}
	if to := get(t, at+"/queue"); to.code != http.StatusUnauthorized { // ends at /queue/, where the password is asked for
		t.Errorf("/queue answers %d", to.code)
	}
}

func TestQueueIsChangedByCommandsAlone(t *testing.T) {
	t.Parallel()
	at := serve(t, &web.Options{Queue: queue(t, 1), User: user, Password: password})
	for _, path := range []string{
		"POST /api/jobs/cancel", "POST /api/jobs/delete", "POST /api/jobs/retry", "PATCH /api/queues/default", "DELETE /api/jobs/1", "PUT /api/queues/default/delete",
		"PUT /api/queues/default/pause", "PUT /api/queues/default/resume",
	} {
		method, path, _ := strings.Cut(path, " ")
		if got := ask(t, method, at+"/queue"+path, as(user, password)); got.code != http.StatusForbidden || !strings.Contains(got.body, "dragoman retry") {
			t.Errorf("%s %s answers %d: %s", method, path, got.code, got.body)
		}
	}
	job := ask(t, http.MethodGet, at+"/queue/api/jobs/1", as(user, password))
	if !strings.Contains(job.body, `"state":"available"`) {
		t.Errorf("the job has become %s", job.body)
	}
}

func TestOtherSitesCannotUseTheQueue(t *testing.T) {
	t.Parallel()
	at := serve(t, &web.Options{Queue: queue(t, 0), User: user, Password: password})
	for name, header := range map[string][2]string{
		"by fetch metadata": {"Sec-Fetch-Site", "cross-site"}, "by origin": {"Origin", "https://elsewhere.example"},
	} {
		got := ask(t, http.MethodPut, at+"/queue/api/queues/default/pause", func(r *http.Request) {
			r.SetBasicAuth(user, password)
			r.Header.Set(header[0], header[1])
		})
		if got.code != http.StatusForbidden || strings.Contains(got.body, "dragoman retry") { // which is told to our own pages
			t.Errorf("%s: %d %s", name, got.code, got.body)
		}
	}
}

func TestQueueWithoutAPassword(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]*web.Options{"with pages": {Queue: queue(t, 1)}, "as dragoman, which makes none then": {}} {
		at := serve(t, opts)
		for _, path := range []string{"/queue/", "/queue/api/jobs"} {
			for _, who := range []func(*http.Request){nil, as("dragoman", ""), as("", "")} {
				got := ask(t, http.MethodGet, at+path, who)
				if got.code != 404 || !strings.Contains(got.body, "DRAGOMAN_SERVE_PASSWORD") || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
					t.Errorf("%s: %s answers %d: %s", name, path, got.code, got.body)
				}
			}
		}
	}
}
