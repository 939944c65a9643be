package sweep

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// How numbers may be written: 1000, 1_000, 0.5, 1e-3; a count also 128K, a warm-up also 5%.
// Hexadecimal and the like would be slips of the pen. schema.json holds the same patterns, for
// numbers in quotes and for readers of YAML 1.1, to whom 1e-3 is text.
const (
	digits  = `[0-9]+(_[0-9]+)*`
	decimal = `[-+]?(` + digits + `(\.(` + digits + `)?)?|\.` + digits + `)([eE][-+]?[0-9]+)?`
	percent = `(100(\.0*)?|[0-9]?[0-9](\.[0-9]*)?)%`

	realPattern   = `^` + decimal + `$`
	countPattern  = `^` + decimal + `[KMB]?$`
	warmupPattern = `^(` + decimal + `[KMB]?|` + percent + `)$`
)

var (
	isReal    = regexp.MustCompile(realPattern).MatchString
	isCount   = regexp.MustCompile(countPattern).MatchString
	isPercent = regexp.MustCompile(`^` + percent + `$`).MatchString
)

const (
	maxCount = 1 << 53         // what a float64 and so JSON can carry exactly
	ulp      = 1.0 / (1 << 52) // spacing of float64 relative to 1
)

func parseReal(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !isReal(text) {
		return 0, fmt.Errorf("%q is not a finite number", text)
	}
	return x + 0, nil // the sum is 0 for -0, which would be another run
}

// parseCount reads a whole number; K, M and B behind it are powers of 1000.
func parseCount(text string) (int64, error) {
	if !isCount(text) {
		return 0, fmt.Errorf("%q is not a whole number (K, M and B stand for powers of 1000)", text)
	}
	digits, unit := text, 1.0
	for suffix, factor := range map[string]float64{"K": 1e3, "M": 1e6, "B": 1e9} {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			digits, unit = rest, factor
		}
	}
	x, err := strconv.ParseFloat(digits, 64)
	n := math.Round(x * unit)
	if err != nil || math.Abs(n) > maxCount || outOfFloat(digits) {
		return 0, fmt.Errorf("%q is too large", text)
	}
	if math.Abs(n-x*unit) > ulp*math.Abs(x*unit) {
		return 0, fmt.Errorf("%q does not come to a whole number", text)
	}
	return int64(n), nil
}

// outOfFloat reports an integer beyond those that a float64 carries exactly.
func outOfFloat(digits string) bool {
	n, err := strconv.ParseInt(digits, 10, 64)
	return err == nil && (n > maxCount || n < -maxCount) || errors.Is(err, strconv.ErrRange)
}

// parseWarmup reads a number of steps as an int64, or a share of them as a string such as 5%.
func parseWarmup(text string) (any, error) {
	if isPercent(text) {
		x, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
		return strconv.FormatFloat(x, 'f', -1, 64) + "%", err
	}
	n, err := parseCount(text)
	if err != nil {
		return nil, fmt.Errorf("%q is neither a number of steps nor a share of them between 0%% and 100%%", text)
	}
	return n, nil
}
