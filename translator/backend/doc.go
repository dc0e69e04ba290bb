// Package backend feeds any translator.Backend: it packs texts from all
// callers into requests, bounds connections, keeps to a pace that it learns
// where it is not told, retries, pauses on a rate limit, halves a request that
// is refused until the one bad text stands alone, asks once more for what is
// doubted, and falls back from one backend to the next.
//
// Drivers live in the folders below and do none of this. What is done about
// each kind of error is written in one place, (*Client).judge.
//
// The usual chain, from the outside in:
//
//	Fallback(Link{Name, New(ledger.Meter(book, memory.Keep(store, Check(driver)), nil), nil).Translate}, ...)
//
// Check stands below Keep, so that no bad answer is remembered, and Keep below
// Meter, so that a settled line means answers that are saved.
package backend
