package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
)

// TestNeed is a night worked out by hand.
func TestNeed(t *testing.T) {
	t.Parallel()
	l := Load{Stories: 1000, Sentences: 25, Chars: 139, Remembered: 0.2, Hours: 8 * time.Hour, Shard: 1, Repeats: 365}
	n := need(l, services[0], databases[1])
	want := Need{Jobs: 1000, Sentences: 25_000, New: 20_000, Chars: 2_780_000, Requests: 94, USD: 55.6,
		Memory: 9_700_000, Stories: 10_250_000, Lines: 28_200}
	n.USD = math.Round(100*n.USD) / 100
	if n != want {
		t.Errorf("got  %+v\nwant %+v", n, want)
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		texts, size, chars, want int
	}{{1024, 30_000, 139, 215}, {50, 28_000, 139, 50}, {1024, 30_000, 40_000, 1}, {1024, 30_000, 30_000, 1}} {
		if got := (Service{Texts: c.texts, Size: c.size}).fit(c.chars); got != c.want {
			t.Errorf("%d texts and %d characters hold %d sentences of %d, want %d", c.texts, c.size, got, c.chars, c.want)
		}
	}
}

// TestWalls: a load that is n times as large uses n times as much, and what it
// is said to be full at is where it is full.
func TestWalls(t *testing.T) {
	t.Parallel()
	l, s, h := quick()
	larger := l
	larger.Stories *= 10
	few, many := walls(l, s, h), walls(larger, s, h)
	for i := range few {
		if ratio := many[i].Used / few[i].Used; math.Abs(ratio-10) > 0.1 {
			t.Errorf("%s: ten times the load uses %.2f times as much", few[i].Name, ratio)
		}
	}
	least, _ := bound(l, s, h)
	twice, _ := bound(larger, s, h)
	if ratio := twice.Seconds() / least.Seconds(); math.Abs(ratio-10) > 0.1 {
		t.Errorf("ten times the load takes %.2f times as long", ratio)
	}
}

// TestColdIndex: the database is slower once its index does not fit into RAM.
func TestColdIndex(t *testing.T) {
	t.Parallel()
	l, _, h := quick()
	h.RAM = l.rows() * keyDisk
	if h.after(l) != h.Database {
		t.Error("an index that fits costs more")
	}
	h.RAM--
	if slow := h.after(l); slow.Lookup <= h.Database.Lookup || slow.Save <= h.Database.Save {
		t.Errorf("an index that does not fit costs nothing: %+v", slow)
	}
}

func TestQuantities(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{
		0: "0", 0.000123: "0.00012", 0.81: "0.81", 5: "5.0", 55.6: "56", 94: "94", 999: "999", 1234: "1,230", 2_780_000: "2,780,000", 1e9: "1,000,000,000",
	} {
		if got := quantity(x); got != want {
			t.Errorf("quantity(%v) is %q, want %q", x, got, want)
		}
	}
	for bytes, want := range map[float64]string{10_250_000: "10 MB", 7.3e9: "7.3 GB", 777e9: "777 GB", 8.5e12: "8.5 TB"} {
		if got := size(bytes); got != want {
			t.Errorf("size(%v) is %q, want %q", bytes, got, want)
		}
	}
}

func TestRefusedOptions(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"weekend":                     "no scenario",
		"--stories 0 night":           "1 or more",
		"--remembered 1 night":        "below 1",
		"--service babel night":       "none of those",
		"--chars 50000 night":         "room for one sentence",
		"--chars-per-minute 10 night": "fit into a minute",
		"--processes 2 night":         "one process",
		"--hours 0s night":            "a minute or more",
		"day night":                   "stands last",
		"--nonsense night":            "not defined",
	} {
		err := run(strings.Fields(line), &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run([]string{"figures"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"measured: ", "estimated", "assumed", "published"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("no figure is %s", word)
		}
	}
}
