// Package quality says what makes a translation suspect, and what that calls
// for. Every check is a rule in one table (Rules) with a name, a meaning, its
// thresholds and a translator.Doubt. A Checker looks at one pair; Judge puts a
// Checker around a backend.
//
// The rules look for what goes wrong between a text and an engine: a sentence
// that was cut, skipped, echoed or refused, a figure that changed, a link that
// was lost. None of them knows whether a translation is good. A lost negation,
// a wrong name or a wrong sense cannot be seen from outside, and nothing here
// claims to see it.
package quality
