package translator

import (
	"fmt"
	"math"
	"strconv"
)

// USD is an amount of money in millionths of a US dollar, so that sums are exact.
type USD int64

// Dollars converts an amount in dollars, rounded to the nearest millionth.
func Dollars(d float64) USD { return USD(math.Round(d * 1e6)) }

// String returns the amount with a dollar sign and at least two decimals: "$0.05", "$0.0042".
func (u USD) String() string {
	s := fmt.Sprintf("%d.%06d", abs(int64(u))/1e6, abs(int64(u))%1e6)
	for i := 0; i < 4 && s[len(s)-1] == '0'; i++ {
		s = s[:len(s)-1]
	}
	if u < 0 {
		return "-$" + s
	}
	return "$" + s
}

// Float returns the amount in dollars, for reports.
func (u USD) Float() float64 { return float64(u) / 1e6 }

// MarshalJSON writes dollars as a decimal number.
func (u USD) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, u.Float(), 'f', -1, 64), nil
}

// A Price is in dollars per million units of Traits.Size, as services print it.
type Price float64

// Valid tells whether p can be a price: 0 or more.
func (p Price) Valid() bool { return p >= 0 && !math.IsInf(float64(p), 0) }

// Of returns the cost of size units, rounded up to a millionth of a dollar.
func (p Price) Of(size int) USD { return USD(math.Ceil(float64(p)*float64(size) - 1e-9)) }

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
