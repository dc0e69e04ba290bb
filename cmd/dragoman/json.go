package main

import (
	"encoding/json"
	"io"
)

// writeJSON writes one value on a line of its own, readable Arabic included.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
