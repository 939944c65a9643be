package sweep

import (
	"math"
	"testing"
)

func TestParseCount(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "17": 17, "128K": 128_000, "2.5M": 2_500_000, "1.28M": 1_280_000, "0.001K": 1, "34B": 34_000_000_000,
		"1e3": 1000, "2.3M": 2_300_000, "0.000007M": 7, "-5": -5, "1_000": 1000, "9007199254740992": 1 << 53,
	} {
		if got, err := parseCount(text); err != nil || got != want {
			t.Errorf("%s is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "K", "128k", "1KM", "1.5", "2.0005K", "1e-10", "1e-300", "nan", "inf", "1e30", "1e30B", "0x10", "9007199254.7409915K"} {
		if got, err := parseCount(text); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}

func TestMinusZeroIsZero(t *testing.T) {
	f, _ := lookupField("weight_decay")
	x, err := f.parse("-0")
	if err != nil || math.Signbit(x.(float64)) {
		t.Errorf("-0 is %v, %v: another run than 0", x, err)
	}
}
