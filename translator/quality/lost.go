package quality

import "strings"

// findLost looks for what must come through letter by letter. Only a source
// with one of its signs is read for it.
func findLost(_ *Checker, p pair) string {
	if !mayHoldToken(p.source) {
		return ""
	}
	lost := ""
	tokens(p.source.text, func(token string) bool {
		if !holdsToken(p.target.text, token) {
			lost = token
		}
		return lost == ""
	})
	if lost == "" && hashtags(p.source.text) > hashtags(p.target.text) {
		return "a hashtag"
	}
	return lost
}

// mayHoldToken tells whether a text has a sign of a token. Colons and percent
// signs are in many that have none, so those are looked at.
func mayHoldToken(s side) bool {
	switch {
	case s.has(at | hash | brace | angle | joined):
		return true
	case s.has(colon) && strings.Contains(s.text, "://"):
		return true
	}
	for i := 0; s.has(percent) && i < len(s.text); i++ {
		if s.text[i] == '%' && placeholderAt(s.text, i) > 0 {
			return true
		}
	}
	return false
}

// holdsToken compares addresses without regard to case, as their hosts do.
func holdsToken(text, token string) bool {
	return strings.Contains(text, token) || strings.Contains(strings.ToLower(text), strings.ToLower(token))
}

// tokens calls yield with every token of a text that a translation must hold,
// until it returns false.
func tokens(text string, yield func(string) bool) {
	for i := 0; i < len(text); {
		n := tagAt(text, i)
		if n == 0 {
			n = placeholderAt(text, i)
		}
		if n > 0 {
			if !yield(text[i : i+n]) {
				return
			}
			i += n
			continue
		}
		end := wordEnd(text, i)
		if word := address(text[i:end]); word != "" && !yield(word) {
			return
		}
		i = max(end, i+1)
	}
}

// wordEnd returns where the ASCII characters from i on end that a tag, a
// placeholder or white space does not end.
func wordEnd(text string, i int) int {
	for i < len(text) && text[i] > ' ' && text[i] < 0x80 && text[i] != '<' && text[i] != '{' {
		if placeholderAt(text, i) > 0 {
			break
		}
		i++
	}
	return i
}

// tagAt returns the length of the tag of HTML or XML at i, or 0.
func tagAt(text string, i int) int {
	if text[i] != '<' || i+2 >= len(text) || !isASCIILetter(text[i+1]) && text[i+1] != '/' {
		return 0
	}
	end := strings.IndexAny(text[i+1:], "<>")
	if end < 1 || text[i+1+end] != '>' {
		return 0
	}
	return end + 2
}

// placeholderAt returns the length of the placeholder at i, or 0: {0}, {{name}},
// ${x}, %{x}, %s, %1$s, %(name)s.
func placeholderAt(text string, i int) int {
	switch rest := text[i:]; {
	case rest[0] == '{':
		return braced(rest)
	case len(rest) > 1 && (rest[0] == '$' || rest[0] == '%') && rest[1] == '{':
		if n := braced(rest[1:]); n > 0 {
			return n + 1
		}
	case rest[0] == '%' && (i == 0 || text[i-1] < '0' || text[i-1] > '9'):
		return verb(rest)
	}
	return 0
}

// longestToken is the bytes of the longest placeholder that is looked for.
const longestToken = 64

// braced returns the length of what braces hold, without white space.
func braced(text string) int {
	end := strings.IndexByte(text[:min(len(text), longestToken)], '}')
	if end < 2 || strings.ContainsAny(text[:end], " \n") {
		return 0
	}
	for end+1 < len(text) && text[end+1] == '}' {
		end++
	}
	return end + 1
}

// verb returns the length of a verb of printf, or 0.
func verb(text string) int {
	i := 1
	if i < len(text) && text[i] == '(' {
		end := strings.IndexByte(text[:min(len(text), longestToken)], ')')
		if end < 0 || strings.IndexByte(text[:end], ' ') >= 0 {
			return 0
		}
		i = end + 1
	} else {
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			i++
		}
		if i > 1 && (i == len(text) || text[i] != '$') {
			return 0
		}
		if i > 1 {
			i++
		}
	}
	if i < len(text) && strings.IndexByte("sdif@", text[i]) >= 0 && (i+1 == len(text) || !isASCIILetter(text[i+1])) {
		return i + 1
	}
	return 0
}

// address returns the URL, e-mail address, handle or host name of a word, or "".
func address(word string) string {
	word = strings.Trim(word, ".,;:!?()[]\"'*_")
	if i := strings.Index(word, "://"); i > 0 {
		for i > 0 && isASCIILetter(word[i-1]) {
			i--
		}
		return strings.TrimRight(word[i:], "/")
	}
	i := strings.IndexByte(word, '@')
	switch {
	case i >= 0 && i+2 < len(word) && isASCIILetter(word[i+1]):
		return word
	case strings.HasPrefix(word, "www."), isHost(word):
		return strings.TrimRight(word, "/")
	}
	return ""
}

// isHost tells a bare host name, which has small letters only: "U.S.", "a.m."
// and a missing space after a stop are none.
func isHost(word string) bool {
	host, _, _ := strings.Cut(word, "/")
	labels := 0
	for rest, more := host, true; more; labels++ {
		var label string
		label, rest, more = strings.Cut(rest, ".")
		if len(label) < 2 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
		if !more && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return labels > 1
}

// hashtags counts the hashtags of a text; their words may be translated.
func hashtags(text string) (n int) {
	for i := range len(text) - 1 {
		if text[i] == '#' && (isASCIILetter(text[i+1]) || text[i+1] >= 0x80) && (i == 0 || text[i-1] != '&' && !isASCIILetter(text[i-1]) && text[i-1] != '/') {
			n++
		}
	}
	return n
}
