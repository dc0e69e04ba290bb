package score

import "math"

// exp and log round to the nearest number. The C library that Python uses does
// so nearly always, math.Exp and math.Log do not, and how they do depends on the
// processor. A figure would then differ from sacreBLEU's in its last digits.

// A wide number is hi+lo, where lo is less than half of hi's last place: some 106 bits.
type wide struct{ hi, lo float64 }

// sum is a+b, where a is not the smaller.
func sum(a, b float64) wide {
	hi := a + b
	return wide{hi, b - (hi - a)}
}

func (w wide) times(v wide) wide {
	hi := w.hi * v.hi
	return sum(hi, math.FMA(w.hi, v.hi, -hi)+(w.hi*v.lo+w.lo*v.hi))
}

// over divides by a whole number.
func (w wide) over(n float64) wide {
	hi := w.hi / n
	return sum(hi, (math.FMA(-hi, n, w.hi)+w.lo)/n)
}

// plus adds a number that is not smaller.
func (w wide) plus(x float64) wide {
	s := sum(x, w.hi)
	return sum(s.hi, s.lo+w.lo)
}

// ln2 is the natural logarithm of 2, to 106 bits.
var ln2 = wide{math.Ln2, 2.319046813846299558e-17}

// power returns e to the x as a wide number and a power of two that it is to be
// multiplied with. x is taken to where a short series is exact enough: less a
// multiple of ln 2, and a 64th of that, to be squared six times.
func power(x float64) (w wide, twos int) {
	k := math.Round(x / math.Ln2)
	whole := ln2.times(wide{-k, 0})
	r := sum(x, whole.hi) // exact: the two nearly cancel, or k is 0
	r = sum(r.hi, r.lo+whole.lo)
	r = wide{r.hi / 64, r.lo / 64}
	w = wide{1, 0}
	for n := 11.0; n >= 1; n-- {
		w = w.times(r).over(n).plus(1)
	}
	for range 6 {
		w = w.times(w)
	}
	return w, int(k)
}

// exp returns e to the x.
func exp(x float64) float64 {
	if !(math.Abs(x) < 700) {
		return math.Exp(x) // at the ends of what a number can be
	}
	w, twos := power(x)
	return math.Ldexp(w.hi, twos)
}

// log returns the natural logarithm of a positive number: math.Log's, and what
// is missing to it.
func log(x float64) float64 {
	y := math.Log(x)
	w, twos := power(-y)
	scaled := math.Ldexp(x, twos)
	hi := scaled * w.hi // x / e^y, nearly 1
	return y + ((hi - 1) + (math.FMA(scaled, w.hi, -hi) + scaled*w.lo))
}
