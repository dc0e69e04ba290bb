package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// A table is written with its columns under each other, the first to the left
// and the others to the right.
type table [][]string

func (t *table) row(cells ...string) { *t = append(*t, cells) }

func (t table) write(w io.Writer) {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range t {
		line := fmt.Sprintf("%-*s", widths[0], row[0])
		for i, cell := range row[1:] {
			line += fmt.Sprintf("  %*s", widths[i+1], cell)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// quantity writes a number with three digits that mean something.
func quantity(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x < 100:
		return strconv.FormatFloat(x, 'f', max(0, 1-int(math.Floor(math.Log10(x)))), 64)
	}
	step := math.Pow10(max(0, int(math.Floor(math.Log10(x)))-2))
	return whole(int(math.Round(x/step) * step))
}

// whole writes a number in groups of three digits.
func whole(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// size writes bytes.
func size(bytes float64) string {
	for _, unit := range []string{"MB", "GB"} {
		bytes /= 1000
		if bytes < 1e6 {
			return quantity(bytes/1000) + " " + unit
		}
	}
	return quantity(bytes/1e6) + " TB"
}

// share writes a part of something.
func share(x float64) string {
	if x > 0 && x < 0.01 {
		return strconv.FormatFloat(100*x, 'f', 2, 64) + " %"
	}
	return strconv.FormatFloat(100*x, 'f', 0, 64) + " %"
}

// long writes a time so that people see how long it is.
func long(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%.1f days", d.Hours()/24)
}
