// Package format puts pairs and stories into files, and reads pairs back.
//
// A [Format] is a value that says which files it makes and how. [Dir] is the
// folder they go to: a file appears in it whole or not at all. [Outputs] feeds
// every chosen format from one stream of stories and ends with a report.
//
// The bytes of a file depend on the pairs alone: the same input, memory and
// settings give the same files. Only report.json and report.html hold the time
// of the run. What each file holds is written in translator/docs/formats.md.
package format
