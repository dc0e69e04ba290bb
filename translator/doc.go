// Package translator is Dragoman's vocabulary: the words that every other
// package speaks, and the contracts that drivers fulfil.
//
// The data flows one way:
//
//	article -> segment -> memory -> backend -> pairs -> format
//
// Machinery (memory, ledger, backend, pipeline, ...) and drivers
// (store/sqlite, backend/google, ...) import this package and not each other;
// they meet in cmd/dragoman. The package knows no database, no service and no
// file format, and imports nothing but the standard library and
// golang.org/x/text.
package translator
