// Package web shows a running process to those who watch it: /metrics for
// Prometheus, /healthz and /readyz for whoever starts and stops it, and River's
// own pages of the queue at /queue/ for people with a password.
//
// It is given what it shows as functions, and knows no store, no queue and no
// backend. Nothing it answers holds a sentence, a story's name, a credential or
// the text of an error: errors go to Options.Problem.
package web
