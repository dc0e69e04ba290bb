package format

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// maxName is how many bytes SafeName returns at most. With an ending such as
// ".en-GB.txt" and a temporary file's mark it stays under the 255 bytes that
// file systems take.
const maxName = 120

// hashSize is the length of the hash that SafeName appends: 60 bits.
const hashSize = 12

// SafeName returns a file name, without an ending, for a story's ID. It has
// only ASCII letters, digits, ".", "_" and "-", begins with neither dot nor
// dash, is no device of Windows, and stays inside any folder. An ID of lower
// case letters, digits and inner . _ - is its own name. Any other is changed
// ("/" to "-", the rest to "_") and gets "-" and a hash, so that two IDs never
// share a name, not even where files A and a are one.
func SafeName(id string) string {
	name := strings.Map(safeRune, id)
	changed := name != id || name != strings.ToLower(name) || looksHashed(name)
	if trimmed := strings.TrimRight(strings.TrimLeft(name, ".-"), "."); trimmed != name {
		name, changed = trimmed, true
	}
	if isDevice(name) {
		name, changed = "_"+name, true
	}
	if !changed && name != "" && len(name) <= maxName {
		return name
	}
	if name == "" {
		name = "_"
	}
	sum := sha256.Sum256([]byte(id))
	hash := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:hashSize]
	return name[:min(len(name), maxName-hashSize-1)] + "-" + hash
}

func safeRune(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
		return r
	case r == '/':
		return '-'
	}
	return '_'
}

// looksHashed tells a name that SafeName could have made: if it kept such an
// ID as it is, another ID could be given the same name.
func looksHashed(name string) bool {
	at := len(name) - hashSize - 1
	return at > 0 && name[at] == '-' && !strings.ContainsFunc(name[at+1:], func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '2' || r > '7')
	})
}

// isDevice tells the names that Windows gives to devices, whatever their ending.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(base) == 4 && (base[:3] == "com" || base[:3] == "lpt") && '0' <= base[3] && base[3] <= '9'
}
