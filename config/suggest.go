package config

import "strings"

// didYouMean returns "did you mean X?" for the nearest of the words, or
// otherwise.
func didYouMean(word string, words []string, otherwise string) string {
	if near := nearest(word, words); near != "" {
		return "did you mean " + near + "?"
	}
	return otherwise
}

// nearest returns the first of the words that is the fewest changes of a
// letter away, at most a third of the word's letters and three, or "".
func nearest(word string, words []string) string {
	word = strings.ToLower(word)
	best, least := "", max(1, min(3, len(word)/3))+1
	for _, w := range words {
		if diff := len(w) - len(word); diff >= least || -diff >= least {
			continue
		}
		if d := distance(word, strings.ToLower(w)); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance is the restricted Damerau-Levenshtein distance in bytes: insert,
// delete, replace, or swap two neighbours.
func distance(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			swap := 1
			if a[i-1] == b[j-1] {
				swap = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+swap)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
