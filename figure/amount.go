package figure

import (
	"math"
	"regexp"
	"strconv"
)

var amountAtEnd = regexp.MustCompile(`(\d+(?:\.\d+)?)([kKmMbB])$`)

// amount is the number in a label as "400M", "icons-6k" or "2e9"; 0 when there is none.
func amount(label string) float64 {
	if v, err := strconv.ParseFloat(label, 64); err == nil && finite(v) {
		return v
	}
	if m := amountAtEnd.FindStringSubmatch(label); m != nil {
		if v, err := strconv.ParseFloat(m[1], 64); err == nil {
			return v * map[string]float64{"k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "B": 1e9, "b": 1e9}[m[2]]
		}
	}
	return 0
}

// Amount writes a label that is a large number, as tables have it, with K, M or B.
func Amount(label string) string {
	if v, err := strconv.ParseFloat(label, 64); err == nil && finite(v) && math.Abs(v) >= 1000 {
		return counted(v, 3)
	}
	return label
}

// counted writes a number of samples to some digits, with K, M, B or T.
func counted(v float64, digits int) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "K"}} {
		if v >= 0.9995*u.size {
			return plain(rounded(v/u.size, digits)) + u.name
		}
	}
	return plain(rounded(v, digits))
}

func rounded(v float64, digits int) float64 {
	t, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return v
	}
	return t
}

// full is every digit of a number.
func full(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
