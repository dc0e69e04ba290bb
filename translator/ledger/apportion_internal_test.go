package ledger

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestApportion is what the method of the largest remainder promises: parts sum
// up exactly, each is its exact part rounded up or down, nothing of a weight
// of 0 costs anything, who asked for more never has less, and equals differ
// by 1 at most, the first having more.
func TestApportion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		total := rapid.OneOf(rapid.Int64Range(0, 50), rapid.Int64Range(0, math.MaxInt64)).Draw(r, "total")
		weights := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(0, 1<<40)), 1, 30).Draw(r, "weights")
		parts := apportion(total, weights)
		sum, all := new(big.Int), new(big.Int)
		for _, w := range weights {
			all.Add(all, big.NewInt(w))
		}
		for i, part := range parts {
			sum.Add(sum, big.NewInt(part))
			if all.Sign() > 0 && !isRounded(part, total, weights[i], all) {
				r.Fatalf("%d of %d is no part of %d in %v", part, total, weights[i], all)
			}
			for k := range i {
				if weights[k] > weights[i] && parts[k] < part || weights[k] < weights[i] && parts[k] > part ||
					weights[k] == weights[i] && parts[k] != part && parts[k] != part+1 {
					r.Fatalf("weights %v make %v", weights, parts)
				}
			}
		}
		if len(parts) != len(weights) || sum.Cmp(big.NewInt(total)) != 0 {
			r.Fatalf("%v sums up to %v, not to %d", parts, sum, total)
		}
	})
}

// isRounded tells whether part is total*weight/all, rounded up or down.
func isRounded(part, total, weight int64, all *big.Int) bool {
	product := new(big.Int).Mul(big.NewInt(total), big.NewInt(weight))
	down, left := new(big.Int).QuoRem(product, all, new(big.Int))
	up := new(big.Int).Add(down, big.NewInt(int64(left.Sign())))
	return big.NewInt(part).Cmp(down) == 0 || big.NewInt(part).Cmp(up) == 0
}

func TestApportionExamples(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		total   int64
		weights []int64
		want    []int64
	}{
		{100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{10, []int64{50, 30, 15, 5}, []int64{5, 3, 2, 0}}, // 5, 3, 1.5, 0.5: the first of equals
		{7, []int64{0, 2, 0}, []int64{0, 7, 0}},
		{7, []int64{0, 0}, []int64{4, 3}},
		{0, []int64{3, 4}, []int64{0, 0}},
		{5, nil, nil},
	} {
		if got := apportion(tt.total, tt.weights); !slices.Equal(got, tt.want) {
			t.Errorf("%d in %v is %v, want %v", tt.total, tt.weights, got, tt.want)
		}
	}
}
