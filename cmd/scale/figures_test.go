package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/store/sqlite"
)

// BenchmarkMemoryBytes fills a store with sentences of the length that the
// scenarios have and reports the bytes of its file a sentence. It is a
// benchmark because its figure stands in figures.go; nothing here is timed.
func BenchmarkMemoryBytes(b *testing.B) {
	const rows, page = 200_000, 5000
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "memory.db")
		store, err := sqlite.Open(b.Context(), path, nil)
		if err != nil {
			b.Fatal(err)
		}
		for first := 0; first < rows; first += page {
			if err := store.Save(b.Context(), sentences(first, page)); err != nil {
				b.Fatal(err)
			}
		}
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/rows, "bytes/sentence")
	}
}

// sentences makes entries of 139 Arabic letters and 149 Latin ones, the
// lengths and the ratio of news.
func sentences(first, n int) []translator.Entry {
	dir := translator.Direction{From: translator.Arabic, To: translator.English}
	origin := translator.Origin{Kind: translator.Machine, Signature: "google|general/nmt", Time: time.Unix(1_795_000_000, 0)}
	entries := make([]translator.Entry, n)
	for i := range entries {
		source := fmt.Sprintf("%08d %s", first+i, strings.Repeat("أعلنت الهيئة ", 10))
		target := fmt.Sprintf("%08d %s", first+i, strings.Repeat("announced it ", 11))
		entries[i] = translator.Entry{
			Key: translator.KeyOf(dir, source), Direction: dir,
			Source: string([]rune(source)[:139]), Target: target[:149], Origin: origin,
		}
	}
	return entries
}
