package quality

import "unicode"

// findCase finds a translation that is all capitals, or has none, because the
// few Latin letters of its source are so: LibreTranslate takes a sentence of
// Arabic with "NATO" in it for one in capitals and writes the answer to match
// (translator/docs/backends.md). What the case was cannot be known any more.
func findCase(_ *Checker, p pair) string {
	if p.source.latin == 0 || p.source.arabic+p.source.other == 0 || p.target.latin <= p.source.latin {
		return "" // only a translation of some length says that it was not meant to be so
	}
	upper, lower := cases(p.source.text)
	if (upper == 0) == (lower == 0) {
		return ""
	}
	targetUpper, targetLower := cases(p.target.text)
	switch {
	case upper > 0 && targetLower == 0 && targetUpper > upper:
		return "all in capitals"
	case lower > 0 && targetUpper == 0 && targetLower > lower:
		return "no capital"
	}
	return ""
}

// cases counts capitals and small letters.
func cases(s string) (upper, lower int) {
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	return upper, lower
}
